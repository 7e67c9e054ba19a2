//! Agreements as files: written, checked and applied by commands, as an operator runs them.

use std::path::Path;

use serde_json::json;

use crate::support::{
    Remit, both,
    command::{self, Said, words},
    fixtures,
};

async fn run(remit: &Remit, folder: &Path, line: &str) -> Said {
    command::run(remit, folder.to_owned(), words(line)).await
}

#[track_caller]
fn well(said: Said) -> String {
    assert!(said.well, "{said:?}");
    said.out
}

async fn agreement(remit: &Remit) -> tempfile::TempDir {
    let admin = remit.admin("acme");
    fixtures::catalogue(&admin).await;
    fixtures::agreement_in_force(&admin, "MSA-1").await;
    tempfile::tempdir().unwrap()
}

both! {
    async fn an_agreement_is_written_and_applying_it_changes_nothing(remit: Remit) {
        let folder = agreement(&remit).await;
        for format in ["toml", "json"] {
            let written = well(run(&remit, folder.path(), &format!("export agreement MSA-1 --provider acme --format {format} --output a.{format}")).await);
            assert_eq!(written, "");
            let said = well(run(&remit, folder.path(), &format!("apply a.{format}")).await);
            assert!(said.starts_with("nothing changes\n"), "{said}");
            let with = well(run(&remit, folder.path(), &format!("export agreement MSA-1 --provider acme --with-catalogue --format {format}")).await);
            std::fs::write(folder.path().join("with.txt"), &with).unwrap();
            let said = well(run(&remit, folder.path(), "apply with.txt").await);
            assert!(said.starts_with("nothing changes\n"), "{said}");
        }
        let text = std::fs::read_to_string(folder.path().join("a.toml")).unwrap();
        for line in ["provider = \"acme\"", "number = \"MSA-1\"", "client = \"NORTHWIND\"", "[terms]", "effectiveFrom = \"2026-01-01\"", "calendar = \"OFFICE\"", "tier = \"GOLD\"",
            "[[terms.services]]", "service = \"HELPDESK\"", "quantity = 25", "[[terms.extraHours.rates]]", "gatesServices = [\"BACKUP\"]"] {
            assert!(text.lines().any(|found| found == line), "{line:?} is not in\n{text}");
        }
        let revision = remit.admin("acme").ask("{ agreement(by: {code: \"MSA-1\"}) { revision versions { version } } }").await;
        assert_eq!(revision["agreement"], json!({"revision": 4, "versions": [{"version": 1}]}));
    }

    async fn a_changed_file_is_planned_then_applied_as_the_next_version(remit: Remit) {
        let folder = agreement(&remit).await;
        let text = well(run(&remit, folder.path(), "export agreement MSA-1 --provider acme").await);
        let changed = text.replace("quantity = 25", "quantity = 30").replace("effectiveFrom = \"2026-01-01\"", "effectiveFrom = 2027-01-01");
        std::fs::write(folder.path().join("a.toml"), changed).unwrap();
        let plan = "~ terms.effectiveFrom: \"2026-01-01\" -> \"2027-01-01\"\n~ terms.services[0].quantity: 25 -> 30\n";
        let admin = remit.admin("acme");
        let versions = "{ agreement(by: {code: \"MSA-1\"}) { versions { version status effectiveFrom services { quantity } } } }";
        let before = admin.ask(versions).await;
        let dry = well(run(&remit, folder.path(), "apply a.toml --dry-run").await);
        assert!(dry.starts_with(&format!("{plan}nothing is written: this is a dry run\n")), "{dry}");
        assert_eq!(admin.ask(versions).await, before);
        let done = well(run(&remit, folder.path(), "apply a.toml").await);
        assert!(done.starts_with(&format!("{plan}done\n")) && done.contains("ready: nothing keeps it from being offered"), "{done}");
        let after = admin.ask(versions).await;
        assert_eq!(after["agreement"]["versions"][0], json!({"version": 2, "status": "DRAFT", "effectiveFrom": "2027-01-01", "services": [{"quantity": 30}, {"quantity": 1}]}));
        let again = well(run(&remit, folder.path(), "apply a.toml").await);
        assert!(again.starts_with("nothing changes\n"), "{again}");
        // What is gone from the file is cleared.
        let text = well(run(&remit, folder.path(), "export agreement MSA-1 --provider acme --format json").await);
        let mut file: serde_json::Value = serde_json::from_str(&text).unwrap();
        file["terms"].as_object_mut().unwrap().remove("availability");
        std::fs::write(folder.path().join("a.json"), file.to_string()).unwrap();
        let cleared = well(run(&remit, folder.path(), "apply a.json").await);
        assert!(cleared.starts_with("- terms.availability = [") && cleared.contains("\ndone\n"), "{cleared}");
    }

    async fn title_and_references_are_applied_and_what_cannot_change_is_found_before(remit: Remit) {
        let folder = agreement(&remit).await;
        let text = well(run(&remit, folder.path(), "export agreement MSA-1 --provider acme --with-catalogue").await);
        let write = |text: String| std::fs::write(folder.path().join("a.toml"), text).unwrap();
        let head = "title = \"Managed services\"\n";
        assert!(text.contains(head), "{text}");
        write(text.replace(head, "title = \"Care\"\nexternalRefs = [{ system = \"crm\", id = \"7\" }]\n"));
        let said = well(run(&remit, folder.path(), "apply a.toml").await);
        assert!(said.contains("~ title: \"Managed services\" -> \"Care\"\n") && said.contains("+ externalRefs = ") && said.contains("\ndone\n"), "{said}");
        assert!(well(run(&remit, folder.path(), "apply a.toml").await).starts_with("nothing changes\n"));
        let admin = remit.admin("acme");
        let stands = "{ agreement(by: {code: \"MSA-1\"}) { title externalRefs { id } versions { version } } service(by: {code: \"HELPDESK\"}) { name } }";
        let before = admin.ask(stands).await;
        assert_eq!(before["agreement"], json!({"title": "Care", "externalRefs": [{"id": "7"}], "versions": [{"version": 1}]}));
        // What is gone from the file is cleared, but for the title, which an agreement has to have.
        write(text.replace(head, "title = \"Care\"\n"));
        assert!(well(run(&remit, folder.path(), "apply a.toml").await).starts_with("- externalRefs = "));
        write(text.replace(head, ""));
        let untitled = run(&remit, folder.path(), "apply a.toml").await;
        assert!(!untitled.well && untitled.error.contains("title"), "{untitled:?}");
        // Nothing is written of a file that is refused, nor of what it brings along.
        let renamed = text.replace("name = \"helpdesk\"", "name = \"Help desk\"");
        let other = renamed.replace("currency = \"USD\"", "currency = \"EUR\"");
        write(other);
        for command in ["apply a.toml --dry-run", "apply a.toml"] {
            let refused = run(&remit, folder.path(), command).await;
            assert!(!refused.well && refused.error.contains("currency: agreement MSA-1 has another, for good"), "{refused:?}");
        }
        admin.done("draftTerms", json!({"agreement": {"code": "MSA-1"}, "effectiveFrom": "2027-01-01"}), "").await;
        admin.done("offerTerms", json!({"agreement": {"code": "MSA-1"}}), "").await;
        write(renamed.replace("quantity = 25", "quantity = 30"));
        let refused = run(&remit, folder.path(), "apply a.toml").await;
        assert!(!refused.well && refused.error.contains("terms: an offer stands open"), "{refused:?}");
        assert_eq!(admin.ask("{ service(by: {code: \"HELPDESK\"}) { name } }").await["service"], before["service"]);
    }

    async fn a_file_makes_everything_on_an_empty_database(remit: Remit) {
        let folder = agreement(&remit).await;
        let text = well(run(&remit, folder.path(), "export agreement MSA-1 --provider acme --with-catalogue").await);
        std::fs::write(folder.path().join("a.toml"), &text).unwrap();
        let planned = well(run(&remit, folder.path(), "apply a.toml --provider zenith --dry-run").await);
        assert!(planned.contains("+ number = \"MSA-1\"") && planned.contains("+ catalogue.services.CARE = "), "{planned}");
        assert_eq!(remit.admin("zenith").ask("{ agreements { totalCount } services { totalCount } }").await, json!({"agreements": {"totalCount": 0}, "services": {"totalCount": 0}}));
        well(run(&remit, folder.path(), "apply a.toml --provider zenith").await);
        let made = well(run(&remit, folder.path(), "export agreement MSA-1 --provider zenith --with-catalogue").await);
        assert_eq!(made.replace("zenith", "acme"), text);
        let again = well(run(&remit, folder.path(), "apply a.toml --provider zenith").await);
        assert!(again.starts_with("nothing changes\n"), "{again}");
    }

    async fn a_file_is_checked_without_a_database_and_with_one(remit: Remit) {
        let folder = agreement(&remit).await;
        let whole = well(run(&remit, folder.path(), "export agreement MSA-1 --provider acme --with-catalogue").await);
        std::fs::write(folder.path().join("whole.toml"), whole.replace("provider = \"acme\"\n", "")).unwrap();
        let nowhere = "--database-url sqlite://none.db";
        let said = well(run(&remit, folder.path(), &format!("check whole.toml {nowhere}")).await);
        assert_eq!(said, "NO_END note SERVICES at effectiveUntil: There is neither a last day nor a renewal. Set `effectiveUntil` or a `renewal`, or mean it.\nready as far as the file tells: without the terms before, TERMS_OVERLAP and INDEXATION_EXCEEDED are not looked for\n");
        assert!(!folder.path().join("none.db").exists());
        // Names that the file does not bring along are looked up at its provider.
        let bare = well(run(&remit, folder.path(), "export agreement MSA-1 --provider acme").await);
        std::fs::write(folder.path().join("bare.toml"), &bare).unwrap();
        well(run(&remit, folder.path(), "check bare.toml").await);
        let lost = run(&remit, folder.path(), &format!("check bare.toml {nowhere}")).await;
        assert!(!lost.well && lost.error.contains("client: no such client (NOT_FOUND)"), "{lost:?}");
        // What is not ready says so, and ends in failure.
        let mut gaps: serde_json::Value = serde_json::from_str(&well(run(&remit, folder.path(), "export agreement MSA-1 --provider acme --format json").await)).unwrap();
        gaps["terms"].as_object_mut().unwrap().remove("backups");
        std::fs::write(folder.path().join("gaps.json"), gaps.to_string()).unwrap();
        let gaps = run(&remit, folder.path(), "check gaps.json").await;
        assert!(!gaps.well && gaps.out.contains("NO_BACKUP blocks AVAILABILITY at backups: How often backups run is not said. Add a backup commitment.\nnot ready\n"), "{gaps:?}");
    }

    async fn what_follows_from_the_terms_before_is_found_before_anything_is_written(remit: Remit) {
        let folder = agreement(&remit).await;
        let admin = remit.admin("acme");
        let versions = "{ agreement(by: {code: \"MSA-1\"}) { revision versions { version status } } }";
        let capped = json!({"index": "Consumer prices", "appliesTo": ["FEES"], "capPercent": "3", "everyMonths": 12});
        // The terms in force get a cap: from the third version on, it is held against.
        admin.done("draftTerms", json!({"agreement": {"code": "MSA-1"}, "effectiveFrom": "2026-02-01", "indexation": capped}), "").await;
        admin.done("offerTerms", json!({"agreement": {"code": "MSA-1"}}), "").await;
        admin.done("activateTerms", json!({"agreement": {"code": "MSA-1"}, "acceptedBy": "Northwind"}), "").await;
        let before = admin.ask(versions).await;
        let text = well(run(&remit, folder.path(), "export agreement MSA-1 --provider acme").await);
        std::fs::write(folder.path().join("same.toml"), &text).unwrap();
        well(run(&remit, folder.path(), "check same.toml").await);
        let sooner = text.replace("quantity = 25", "quantity = 30");
        let dearer = sooner.replace("2026-02-01", "2027-02-01").replace("amount = \"18.50\"", "amount = \"25.90\"");
        assert_ne!(dearer, sooner.replace("2026-02-01", "2027-02-01"));
        for (file, text, found) in [
            ("sooner.toml", sooner, "TERMS_OVERLAP blocks SERVICES at effectiveFrom: "),
            ("dearer.toml", dearer, "INDEXATION_EXCEEDED note SERVICES at services.0.unitPrice: "),
        ] {
            std::fs::write(folder.path().join(file), text).unwrap();
            let blocks = found.contains("blocks");
            let checked = run(&remit, folder.path(), &format!("check {file}")).await;
            assert!(checked.well != blocks && checked.out.contains(found), "{checked:?}");
            let planned = well(run(&remit, folder.path(), &format!("apply {file} --dry-run")).await);
            assert!(planned.contains(found) && planned.contains("not ready") == blocks, "{planned}");
            assert_eq!(admin.ask(versions).await, before, "nothing of it was written");
        }
        // So is it while another offer stands open.
        well(run(&remit, folder.path(), "apply dearer.toml").await);
        admin.done("offerTerms", json!({"agreement": {"code": "MSA-1"}}), "").await;
        let offered = admin.ask(versions).await;
        let checked = run(&remit, folder.path(), "check sooner.toml").await;
        assert!(!checked.well && checked.out.contains("TERMS_OVERLAP blocks"), "{checked:?}");
        assert_eq!(admin.ask(versions).await, offered);
    }

    async fn the_only_provider_need_not_be_named(remit: Remit) {
        let folder = agreement(&remit).await;
        let text = well(run(&remit, folder.path(), "export agreement MSA-1").await);
        std::fs::write(folder.path().join("a.toml"), text.replace("provider = \"acme\"\n", "")).unwrap();
        for line in ["check a.toml", "apply a.toml --dry-run", "document MSA-1 --pdf", "import calendar --holidays US --years 2027 --code OFFICE --dry-run"] {
            well(run(&remit, folder.path(), line).await);
        }
        assert!(std::fs::read(folder.path().join("MSA-1.pdf")).unwrap().starts_with(b"%PDF-"));
        remit.admin("zenith").done("putClient", json!({"code": "X", "name": "X"}), "").await;
        for line in ["export agreement MSA-1", "apply a.toml", "document MSA-1 --pdf", "import calendar --holidays US --years 2027 --code OFFICE"] {
            let refused = run(&remit, folder.path(), line).await;
            assert!(!refused.well && refused.error.contains("whose? Say --provider: there are acme, zenith"), "{line}: {refused:?}");
        }
    }

    async fn what_is_wrong_is_said_with_its_place_and_nothing_is_written(remit: Remit) {
        let folder = agreement(&remit).await;
        let text = well(run(&remit, folder.path(), "export agreement MSA-1 --provider acme").await);
        let revision = "{ agreement(by: {code: \"MSA-1\"}) { revision pending { id } } }";
        let before = remit.admin("acme").ask(revision).await;
        for (from, to, said) in [
            ("quantity = 25", "quantity = 0", "terms.services.0.quantity: must be from 1 to 2147483647, not 0 (INVALID)"),
            ("quantity = 25", "quantiti = 25", "terms.services.0.quantiti"),
            ("service = \"HELPDESK\"", "service = \"NOPE\"", "terms.services.0.service: no such Service (NOT_FOUND)"),
            ("service = \"HELPDESK\"", "service = ", "TOML parse error at line"),
            ("[terms]", "[termz]", "has no \"termz\""),
            ("number = \"MSA-1\"", "", "number: the agreement's number is missing"),
        ] {
            std::fs::write(folder.path().join("a.toml"), text.replace(from, to)).unwrap();
            let refused = run(&remit, folder.path(), "apply a.toml").await;
            assert!(!refused.well && refused.error.contains(said), "{to}: {refused:?}");
        }
        std::fs::write(folder.path().join("a.json"), "[1, 2").unwrap();
        let refused = run(&remit, folder.path(), "apply a.json").await;
        assert!(!refused.well && !refused.error.contains("TOML") && refused.error.contains("line 1 column"), "{refused:?}");
        assert_eq!(remit.admin("acme").ask(revision).await, before);
        for (line, said) in [
            ("export agreement NOPE --provider acme", "acme has no agreement NOPE"),
            ("export agreement MSA-1 --provider acme --terms 7", "acme has no agreement MSA-1 with a version 7"),
            ("apply none.toml", "none.toml: "),
            ("check none.toml", "none.toml: "),
        ] {
            let refused = run(&remit, folder.path(), line).await;
            assert!(!refused.well && refused.error.contains(said), "{line}: {refused:?}");
        }
    }

    async fn the_file_of_the_guide_does_what_it_says(remit: Remit) {
        let folder = agreement(&remit).await;
        let guide = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/guide/administrator.md")).unwrap();
        let file = guide.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
        std::fs::write(folder.path().join("new.toml"), file).unwrap();
        let said = well(run(&remit, folder.path(), "apply new.toml").await);
        assert!(said.contains("+ number = \"MSA-8\"\n") && said.contains("\ndone\nNOTHING_EXCLUDED blocks SERVICES"), "{said}");
        assert!(!run(&remit, folder.path(), "check new.toml").await.well);
    }
}
