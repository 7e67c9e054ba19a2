//! The document of terms: over the API in both formats, and as the command writes it.

use std::{path::Path, process::Command};

use remit::{app::App, demo, graphql::Api};
use serde_json::{Value, json};

use crate::support::{NOW, Remit, both, code, fixtures};

/// Everything of a version that has a number, a name or a time.
const EVERYTHING: &str = "{ agreements(first: 50) { nodes { number title client { name } versions { version effectiveFrom effectiveUntil acceptedBy
    markdown: document html: document(format: HTML)
    services { clause quantity note service { code name } components { code name } unitPrice { amount } tier { name targets { within } } }
    exclusions { clause title reason service { name } }
    calendar { timeZone exceptions { date name } } tier { name targets { priority within businessDays attainmentPercent } credits { belowPercent creditPercent } creditCapPercent }
    extraHours { clause rates { code multiplier minimum increment hourly { amount } } roles { role hourly { amount } } included { perPeriod overageHourly { amount } } }
    responsibilities { clause duties exclusions } obligations { clause title code standard graceDays }
    performance { clause metric value unit } availability { clause subject percent maintenanceNotice maintenanceAllowance credits { belowPercent creditPercent } }
    recovery { clause fixWithin } backups { clause subject every retentionDays restoreTestEveryDays restoreWithin } } } } }";

/// A Markdown or HTML text without its marks, every blank one blank.
fn plain(text: &str) -> String {
    let (mut out, mut tag) = (String::new(), false);
    for sign in text.replace('\\', "").chars() {
        match sign {
            '<' => tag = true,
            '>' => {
                tag = false;
                out.push(' ');
            }
            sign if !tag => out.push(sign),
            _ => {}
        }
    }
    let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&"), ("**", "")];
    let out = entities.iter().fold(out, |out, (entity, sign)| out.replace(entity, sign));
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What the value of a field must be found as.
fn said(field: &str, text: &str) -> Vec<String> {
    let hours = |rest: &str| {
        let (hours, minutes) = rest.split_once('H').unwrap_or(("", rest));
        let minutes = minutes.trim_end_matches('M');
        [(hours, "hour"), (minutes, "minute")]
            .into_iter()
            .filter(|(n, _)| !n.is_empty())
            .map(|(n, unit)| format!("{n} {unit}"))
            .collect()
    };
    match (field, text.strip_prefix("PT")) {
        (_, Some(rest)) => hours(rest),
        ("amount", _) => {
            let (whole, cents) = text.split_once('.').map_or((text, String::new()), |(w, c)| (w, format!(".{c}")));
            let grouped = match whole.len() {
                4..=6 => format!("{},{}", &whole[..whole.len() - 3], &whole[whole.len() - 3..]),
                _ => whole.to_owned(),
            };
            vec![format!("{grouped}{cents}")]
        }
        ("percent" | "attainmentPercent" | "belowPercent" | "creditPercent" | "creditCapPercent", _) => {
            vec![format!("{text} %")]
        }
        ("multiplier", _) => vec![
            match text {
                "1" => "the role's hourly rate",
                "1.5" => "one and a half times",
                "2" => "twice",
                "2.5" => "two and a half times",
                other => return vec![format!("{other} times")],
            }
            .into(),
        ],
        ("effectiveFrom" | "effectiveUntil" | "date", _) => {
            let date: remit_domain::Date = text.parse().unwrap();
            vec![date.strftime("%-d %B %Y").to_string()]
        }
        // Followed by its title, not by the rest of a longer number.
        ("clause", _) => vec![format!("{text} ")],
        _ => vec![text.split_whitespace().collect::<Vec<_>>().join(" ")],
    }
}

/// Every leaf of an answer as field and text.
fn leaves(field: &str, value: &Value, found: &mut Vec<(String, String)>) {
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, value)| leaves(name, value, found)),
        Value::Array(items) => items.iter().for_each(|item| leaves(field, item, found)),
        Value::String(text) => found.push((field.into(), text.clone())),
        Value::Number(number) => found.push((field.into(), number.to_string())),
        Value::Null | Value::Bool(_) => {}
    }
}

/// Times are said with their clock: `4 business hours` is found as `4 hours`.
fn without_clock(text: &str) -> String {
    text.replace(" business hour", " hour")
}

/// What a version says from its first section on.
fn sections(markdown: &Value) -> String {
    let text = markdown.as_str().unwrap();
    text[text.find("## 1 ").unwrap()..].to_owned()
}

async fn document(remit: &Remit, number: &str, version: usize) -> Value {
    let query = "query ($n: String!) { agreement(by: {code: $n}) { versions { version document } } }";
    let versions = remit.admin("acme").ask_with(query, json!({"n": number})).await["agreement"]["versions"].clone();
    let found = versions.as_array().unwrap().iter().find(|terms| terms["version"] == json!(version)).unwrap();
    found["document"].clone()
}

/// Runs `remit document` as an operator does; what it printed.
fn command(remit: &Remit, folder: &Path, arguments: &[&str]) -> Result<String, String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_remit"));
    command.current_dir(folder).arg("document").args(arguments).args(["--database-url", remit.database_url()]);
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
}

both! {
    async fn a_client_reads_what_it_was_promised(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        fixtures::agreement_in_force(&admin, "MSA-1").await;
        let portal = remit.portal("acme", "NORTHWIND", "agreements:read");
        let terms = portal.ask("{ agreement(by: {code: \"MSA-1\"}) { terms { document html: document(format: HTML) same: document(format: MARKDOWN) } } }").await["agreement"]["terms"].clone();
        assert_eq!(terms["document"], terms["same"]);
        let text = terms["document"].as_str().unwrap();
        for line in [
            "# Managed services",
            "- **Provider:** acme",
            "- **Client:** Northwind (NORTHWIND)",
            "- **Accepted:** for the client by Northwind's board on 15 December 2025, 05:00 (America/New_York)",
            "#### 1.2.2 Spilled coffee",
            "- **Business hours:** Monday to Friday 08:00–17:00 (America/New_York)",
            "| 26 November 2026 | Thanksgiving | closed | yes |",
            "| 2.2.1 | P1 | Response | within 30 minutes around the clock | at any time | Target | 95 % |",
            "- After hours and weekends: one and a half times the role's hourly rate.",
            "- **engineer:** USD 225.00 an hour",
            "- **But:** once 4.1 “A backup disk” has not been met for 7 days: the provider is not liable for backup (BACKUP) and data loss",
            "- **Kept for:** 30 days",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
        let guide = include_str!("../docs/guide/portal.md");
        let piece = guide.split("```markdown\n").nth(1).unwrap().split("```").next().unwrap();
        assert!(text.contains(piece), "the guide for a portal shows another piece:\n{piece}");
        let page = terms["html"].as_str().unwrap();
        assert!(page.starts_with("<!DOCTYPE html>\n<html lang=\"en\">") && page.contains("<h4>1.2.2 Spilled coffee</h4>"));
        // Tables differ in their marks alone.
        let blank = |text: &str| text.chars().filter(|sign| !sign.is_whitespace() && !"#-|>".contains(*sign)).collect::<String>();
        let body = page.split_once("<main>").unwrap().1;
        assert_eq!(blank(&plain(body)), blank(&plain(text)));
    }

    async fn everything_that_was_agreed_is_in_both_formats(remit: Remit) {
        let api = Api::new(App::new(remit.store.clone())).unwrap();
        demo::fill(&api, NOW.parse().unwrap()).await.unwrap();
        let agreements = remit.admin(demo::PROVIDER).ask(EVERYTHING).await["agreements"]["nodes"].clone();
        let mut checked = 0;
        for agreement in agreements.as_array().unwrap() {
            for terms in agreement["versions"].as_array().unwrap() {
                let texts = ["markdown", "html"].map(|format| without_clock(&plain(terms[format].as_str().unwrap())));
                let mut wanted = Vec::new();
                leaves("", &json!([agreement["number"], agreement["title"], agreement["client"]]), &mut wanted);
                let mut said_of_terms = terms.clone();
                ["markdown", "html"].iter().for_each(|format| _ = said_of_terms.as_object_mut().unwrap().remove(*format));
                if let Some(calendar) = said_of_terms["calendar"].as_object_mut() {
                    let dates = calendar["exceptions"].as_array_mut().unwrap();
                    dates.retain(|date| reaches(terms, agreement, date["date"].as_str().unwrap()));
                }
                leaves("", &said_of_terms, &mut wanted);
                for (field, text) in wanted {
                    for part in said(&field, &text) {
                        let place = format!("{} version {}: {field} {part:?}", agreement["number"], terms["version"]);
                        assert!(texts.iter().all(|found| found.contains(&part)), "{place} is missing");
                        checked += 1;
                    }
                }
            }
        }
        assert!(checked > 2_000, "{checked}");
    }

    async fn a_draft_says_what_is_missing_and_only_staff_read_it(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        let create = json!({"number": "A", "title": "Care <b>& more</b>", "client": {"code": "NORTHWIND"}, "currency": "USD"});
        admin.done("createAgreement", create, "").await;
        let mut draft = fixtures::draft("A");
        draft["backups"] = json!([]);
        draft["exclusions"] = json!([{"title": "<script>alert(1)</script>", "reason": "# no\n- heading [x](y)"}]);
        let payload = admin.done("draftTerms", draft, "terms { document html: document(format: HTML) }").await;
        let (text, page) = (payload["terms"]["document"].as_str().unwrap(), payload["terms"]["html"].as_str().unwrap());
        assert!(text.contains("> **This is a draft.**") && text.contains("- **Chapter 7:** How often backups run is not said."), "{text}");
        assert!(text.contains("#### 1.2.1 \\<script\\>alert(1)\\</script\\>") && text.contains("\\# no\\\n  \\- heading \\[x\\](y)"), "{text}");
        assert!(page.contains("&lt;script&gt;") && !page.contains("<script") && page.contains("Care &lt;b&gt;&amp; more&lt;/b&gt;"));
        let query = "{ agreement(by: {code: \"A\"}) { versions { document } } }";
        let portal = remit.portal("acme", "NORTHWIND", "agreements:read");
        assert_eq!(portal.ask(query).await["agreement"]["versions"], json!([]));
        // The text says more than what was written: it needs its own scope also where it was written.
        let writer = remit.user("acme", "agreements:write");
        let mutation = "mutation { draftTerms(input: {agreement: {code: \"A\"}}) { terms { document } } }";
        assert_eq!(code(&writer.refused(mutation, json!({})).await[0]), "FORBIDDEN agreements:read");
        let mut whole = fixtures::draft("A");
        whole["exclusions"] = json!([{"title": "Toner", "reason": "Bought by the client."}]);
        admin.done("draftTerms", whole, "").await;
        admin.done("offerTerms", json!({"agreement": {"code": "A"}}), "").await;
        let offered = portal.ask(query).await["agreement"]["versions"][0]["document"].as_str().unwrap().to_owned();
        assert!(offered.contains("> **This is an offer.**") && !offered.contains("What is missing"));
    }

    async fn an_older_version_stays_as_it_was_agreed(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        fixtures::agreement_in_force(&admin, "A").await;
        let before = document(&remit, "A", 1).await;
        assert_eq!(before, document(&remit, "A", 1).await);
        let mut tier = fixtures::tier();
        tier["targets"][0]["within"] = json!("PT10M");
        admin.done("putSlaTier", tier, "").await;
        admin.done("putService", json!({"code": "CARE", "name": "Server care", "kind": "PACKAGE", "components": [{"code": "PATCHING"}]}), "").await;
        let of = || json!({"agreement": {"code": "A"}});
        let mut amend = of();
        (amend["effectiveFrom"], amend["tier"], amend["services"]) = (json!("2027-01-01"), json!({"code": "GOLD"}), json!([{"service": {"code": "CARE"}, "quantity": 3}]));
        admin.done("draftTerms", amend, "").await;
        admin.done("offerTerms", of(), "").await;
        admin.done("activateTerms", json!({"agreement": {"code": "A"}, "acceptedBy": "board"}), "").await;
        // Next year's holidays reach the new version and not the one that will have been replaced.
        let mut calendar = fixtures::calendar();
        calendar["exceptions"] = json!([{"date": "2026-11-26", "name": "Thanksgiving"}, {"date": "2027-11-25", "name": "Thanksgiving"}]);
        admin.done("putCalendar", calendar, "").await;
        let (old, new) = (document(&remit, "A", 1).await, document(&remit, "A", 2).await);
        assert_eq!(sections(&old), sections(&before));
        assert!(old.as_str().unwrap().contains("- **Replaced by:** version 2 from 1 January 2027"));
        assert!(new.as_str().unwrap().contains("within 10 minutes around the clock") && new.as_str().unwrap().contains("| 25 November 2027 |"));
    }

    async fn the_command_prints_the_text_and_writes_the_pdf(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        fixtures::agreement_in_force(&admin, "MSA-1").await;
        let folder = tempfile::tempdir().unwrap();
        let run = |arguments: &[&str]| command(&remit, folder.path(), arguments);
        let expected = sections(&document(&remit, "MSA-1", 1).await);
        assert_eq!(sections(&json!(run(&["MSA-1", "--provider", "acme"]).unwrap())), expected);
        assert!(run(&["MSA-1", "--provider", "acme", "--terms", "1", "--format", "html"]).unwrap().starts_with("<!DOCTYPE html>"));
        assert_eq!(run(&["MSA-1", "--provider", "acme", "--pdf", "a.pdf"]).unwrap(), "");
        assert_eq!(run(&["MSA-1", "--provider", "acme", "--pdf", "b.pdf", "--output", "a.md"]).unwrap(), "");
        let read = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
        assert_eq!(sections(&json!(String::from_utf8(read("a.md")).unwrap())), expected);
        assert!(read("a.pdf").starts_with(b"%PDF-") && read("a.pdf") == read("b.pdf"));
        for (arguments, error) in [
            (&["MSA-2", "--provider", "acme"][..], "acme has no agreement MSA-2 with terms"),
            (&["MSA-1", "--provider", "other"], "other has no agreement MSA-1 with terms"),
            (&["MSA-1", "--provider", "acme", "--terms", "7"], "acme has no agreement MSA-1 with a version 7"),
        ] {
            assert_eq!(run(arguments).unwrap_err(), format!("remit: {error}\n"));
        }
        let nowhere = Command::new(env!("CARGO_BIN_EXE_remit")).current_dir(folder.path()).args(["document", "A", "--provider", "acme", "--database-url", "sqlite://none.db"]).output().unwrap();
        assert_eq!(String::from_utf8(nowhere.stderr).unwrap(), "remit: there is no database none.db\n");
        assert!(!folder.path().join("none.db").exists());
        // The PDF's text can be selected: every word of the document is there, in its order.
        let pages = pdf_extract::extract_text_by_pages(folder.path().join("a.pdf")).unwrap();
        let letters = |text: &str| text.chars().filter(|sign| sign.is_alphanumeric()).collect::<String>();
        let said = letters(&pages.concat());
        for line in expected.lines().filter(|line| !line.starts_with('|')) {
            assert!(said.contains(&letters(&plain(line))), "{line}");
        }
        for (place, page) in pages.iter().enumerate() {
            assert!(page.contains(&format!("Page {} of {}", place + 1, pages.len())), "{page}");
        }
    }
}

/// Whether a date matters to a version: not before its first day, nor after its last or after it was replaced.
fn reaches(terms: &Value, agreement: &Value, date: &str) -> bool {
    let day = |field: &str| terms[field].as_str();
    let later =
        |other: &&Value| other["version"].as_i64() > terms["version"].as_i64() && !other["acceptedBy"].is_null();
    let later = agreement["versions"].as_array().unwrap().iter().filter(later);
    let next = later.min_by_key(|other| other["version"].as_i64()).and_then(|other| other["effectiveFrom"].as_str());
    day("effectiveFrom").is_none_or(|first| first <= date)
        && day("effectiveUntil").is_none_or(|last| date <= last)
        && next.is_none_or(|next| date < next)
}
