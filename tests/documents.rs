//! The documents say what is so: their examples are run, their tables are held against the code, their links lead somewhere.
//!
//! An example is a `graphql` block behind a comment that names who asks: `<!-- as: psa -->`, or, where it is to be refused,
//! `<!-- as: psa, refused: FORBIDDEN agreements:read -->`. A `json` block headed `Variables` is sent along; one headed
//! `Answers` is what must come back. Who asks has the token that the guide of that name makes. The examples of a document
//! are run in their order, at one provider with the fixtures' catalogue and the agreement MSA-1.
//!
//! `REMIT_TEST_WRITE=1` writes what came back into the documents instead.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use async_graphql::parser::{
    parse_schema,
    types::{TypeKind, TypeSystemDefinition},
};
use remit_domain::{coverage::ReasonCode, readiness::RULES};
use serde_json::{Value, json};

use crate::support::{Remit, User, both, code, command, fixtures};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn text(document: &str) -> String {
    fs::read_to_string(root().join(document)).unwrap_or_else(|error| panic!("{document}: {error}"))
}

/// Every document, by its path from the root.
fn documents() -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> =
        ["README.md", "ARCHITECTURE.md", "CHANGELOG.md", "examples/README.md"].map(PathBuf::from).to_vec();
    let mut folders = vec![PathBuf::from("docs")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root().join(&folder)).unwrap().map(Result::unwrap) {
            let path = folder.join(entry.file_name());
            match path.extension() {
                _ if entry.path().is_dir() => folders.push(path),
                Some(extension) if extension == "md" => found.push(path),
                _ => {}
            }
        }
    }
    found
}

/// A query of a document, with what is to come of it.
#[derive(Debug)]
struct Example {
    line: usize,
    user: String,
    refused: Option<String>,
    query: String,
    variables: Value,
    answers: Option<Answers>,
}

/// The answer that a document shows, and the lines it stands on, counted from 0.
#[derive(Debug)]
struct Answers {
    data: Value,
    from: usize,
    to: usize,
}

fn examples(document: &str, text: &str) -> Vec<Example> {
    let lines: Vec<&str> = text.lines().collect();
    let (mut found, mut asker, mut heading): (Vec<Example>, _, _) = (Vec::new(), None, "");
    let mut at = 0;
    while at < lines.len() {
        let line = lines[at].trim();
        let Some(kind) = line.strip_prefix("```") else {
            if let Some(comment) = line.strip_prefix("<!-- as: ") {
                asker = Some(comment.trim_end_matches("-->").trim());
            } else if !line.is_empty() {
                heading = line;
            }
            at += 1;
            continue;
        };
        let length = lines[at + 1..].iter().position(|line| line.trim() == "```").expect("a block that ends");
        let (from, to) = (at + 1, at + 1 + length);
        let block = lines[from..to].join("\n");
        let json = || serde_json::from_str(&block).unwrap_or_else(|error| panic!("{document}:{from}: {error}"));
        match (kind, heading, found.last_mut()) {
            ("graphql", ..) => {
                let asker = asker.take().unwrap_or_else(|| panic!("{document}:{from}: nobody is said to ask this"));
                let (user, refused) = asker.split_once(", refused: ").map_or((asker, None), |(u, r)| (u, Some(r)));
                let (user, refused) = (user.to_owned(), refused.map(str::to_owned));
                found.push(Example { line: from, user, refused, query: block, variables: json!({}), answers: None });
            }
            ("json", "Variables", Some(example)) => example.variables = json(),
            ("json", "Answers", Some(example)) => example.answers = Some(Answers { data: json(), from, to }),
            _ => {}
        }
        heading = "";
        at = to + 1;
    }
    found
}

/// Who has the token that the guide of that name makes.
fn user<'a>(remit: &'a Remit, name: &str) -> User<'a> {
    let guide = text(&format!("docs/guide/{name}.md"));
    let command = guide.lines().find(|line| line.starts_with("remit token ")).expect("a guide that makes a token");
    let quoted = command.split('"').nth(1).expect("scopes in quotes");
    match command.split_once("--client ") {
        Some((_, client)) => remit.portal("acme", client.trim(), quoted),
        None => remit.user("acme", quoted),
    }
}

async fn run(remit: &Remit, document: &str) {
    let admin = remit.admin("acme");
    fixtures::catalogue(&admin).await;
    fixtures::agreement_in_force(&admin, "MSA-1").await;
    let before = text(document);
    let mut lines: Vec<String> = before.lines().map(str::to_owned).collect();
    let examples = examples(document, &before);
    assert!(!examples.is_empty(), "{document} has no examples");
    let mut answered = Vec::new();
    for example in examples {
        let place = format!("{document}:{}", example.line);
        let answer = user(remit, &example.user).send(&example.query, example.variables).await;
        match &example.refused {
            Some(expected) => assert_eq!(code(&answer["errors"][0]), *expected, "{place}: {answer:#}"),
            None => assert!(answer.get("errors").is_none(), "{place}: {answer:#}"),
        }
        answered.extend(example.answers.map(|shown| (place, shown, answer["data"].clone())));
    }
    let write = std::env::var_os("REMIT_TEST_WRITE").is_some();
    for (place, shown, data) in answered.into_iter().rev() {
        if write {
            lines.splice(shown.from..shown.to, spelled(&data, 0).lines().map(str::to_owned));
        } else {
            assert_eq!(shown.data, data, "{place}: the document shows another answer");
        }
    }
    if write {
        fs::write(root().join(document), lines.join("\n") + "\n").unwrap();
    }
}

/// JSON with as much on a line as fits.
fn spelled(value: &Value, indent: usize) -> String {
    let flat = value.to_string().replace("\":", "\": ").replace(",\"", ", \"").replace("},{", "}, {");
    if indent + flat.len() <= 112 {
        return flat;
    }
    let pad = " ".repeat(indent + 2);
    let (open, items, close) = match value {
        Value::Array(items) => ("[", items.iter().map(|item| spelled(item, indent + 2)).collect(), "]"),
        Value::Object(fields) => {
            let field = |(name, value): (&String, &Value)| format!("\"{name}\": {}", spelled(value, indent + 2));
            ("{", fields.iter().map(field).collect::<Vec<_>>(), "}")
        }
        _ => return flat,
    };
    format!("{open}\n{pad}{}\n{}{close}", items.join(&format!(",\n{pad}")), " ".repeat(indent))
}

both! {
    async fn the_readme_is_true(remit: Remit) {
        run(&remit, "README.md").await;
    }

    async fn the_guide_for_a_psa_is_true(remit: Remit) {
        run(&remit, "docs/guide/psa.md").await;
    }

    async fn the_guide_for_a_portal_is_true(remit: Remit) {
        run(&remit, "docs/guide/portal.md").await;
    }

    async fn the_guide_for_a_crm_is_true(remit: Remit) {
        run(&remit, "docs/guide/crm.md").await;
    }

    async fn the_guide_for_billing_is_true(remit: Remit) {
        run(&remit, "docs/guide/billing.md").await;
    }

    async fn the_guide_to_changes_is_true(remit: Remit) {
        run(&remit, "docs/guide/changes.md").await;
    }

    async fn the_guide_to_whole_lists_is_true(remit: Remit) {
        run(&remit, "docs/guide/bulk.md").await;
    }

    async fn the_guide_to_webhooks_is_true(remit: Remit) {
        run(&remit, "docs/guide/webhooks.md").await;
    }

    async fn the_guide_for_the_administrator_is_true(remit: Remit) {
        run(&remit, "docs/guide/administrator.md").await;
    }
}

both! {
    async fn the_tokens_of_the_guides_are_made(remit: Remit) {
        let folder = tempfile::tempdir().unwrap();
        for guide in ["administrator", "billing", "bulk", "crm", "portal", "psa"] {
            let text = text(&format!("docs/guide/{guide}.md"));
            let line = text.lines().find_map(|line| line.strip_prefix("remit ").filter(|line| line.starts_with("token "))).unwrap();
            let said = command::run(&remit, folder.path().to_owned(), command::words(line)).await;
            assert!(said.well, "{guide}: {said:?}");
            let token = said.out.trim().to_owned();
            assert_eq!((token.split('.').count(), token.lines().count()), (3, 1), "{guide}: {token}");
        }
    }

    async fn the_exports_of_the_guide_are_written(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        fixtures::agreement_in_force(&admin, "MSA-1").await;
        let folder = tempfile::tempdir().unwrap();
        let guide = text("docs/guide/bulk.md");
        let shown = &examples("docs/guide/bulk.md", &guide)[0].variables["query"];
        let query = shown.as_str().unwrap();
        fs::write(folder.path().join("nightly.graphql"), query).unwrap();
        let mut written = 0;
        for line in guide.lines().filter_map(|line| line.strip_prefix("remit export ")) {
            let arguments = ["export".to_owned()].into_iter().chain(command::words(line)).collect();
            let said = command::run(&remit, folder.path().to_owned(), arguments).await;
            assert!(said.well, "{line}: {said:?}");
            let lines = fs::read_to_string(folder.path().join(command::words(line).last().unwrap())).unwrap();
            assert!(lines.contains("\"number\":\"MSA-1\"") && lines.ends_with("{\"end\":true}\n"), "{line}: {lines}");
            written += 1;
        }
        assert_eq!(written, 2);
    }

    async fn the_settings_of_the_guide_start_a_server(remit: Remit) {
        let guide = text("docs/guide/administrator.md");
        let exported = guide.lines().filter_map(|line| line.strip_prefix("export ")?.split_once('='));
        let settings: Vec<(String, String)> = exported.map(|(name, value)| (name.into(), value.into())).collect();
        assert!(settings.len() > 3 && guide.contains("\nremit serve\n"), "{settings:?}");
        let log = command::serve_until(&remit, settings, "serving").await;
        assert!(log.contains("serving"), "{log}");
    }
}

/// The rows of a document's tables that begin with a code.
fn coded_rows(document: &str) -> Vec<String> {
    text(document).lines().filter(|line| line.starts_with("| `")).map(str::to_owned).collect()
}

#[test]
fn the_page_on_readiness_lists_every_rule_and_no_other() {
    let blocking = |blocks: bool| if blocks { "yes" } else { "no" };
    let row = |rule: &remit_domain::readiness::Rule| {
        let (section, blocks) = (rule.section.as_str(), blocking(rule.blocking));
        format!("| `{}` | {section} | {blocks} | {} | {} |", rule.code, rule.meaning, rule.hint)
    };
    let expected: Vec<String> = RULES.iter().map(row).collect();
    assert_eq!(coded_rows("docs/rules/readiness.md"), expected, "\n{}\n", expected.join("\n"));
}

#[test]
fn every_code_of_an_answer_is_explained() {
    let explained = |document: &str| -> BTreeSet<String> {
        coded_rows(document).iter().map(|row| row.split('`').nth(1).unwrap().to_owned()).collect()
    };
    let reasons = ReasonCode::ALL.iter().map(|code| code.as_str().to_owned()).collect();
    assert_eq!(explained("docs/rules/coverage.md"), reasons);
    let (refusals, design) = (values_of("UserErrorCode"), explained("docs/api-design.md"));
    let missing: Vec<&String> = refusals.difference(&design).collect();
    assert!(missing.is_empty() && !refusals.is_empty(), "docs/api-design.md does not explain {missing:?}");
}

#[test]
fn every_event_is_explained() {
    let explained = text("docs/rules/feed.md");
    let is_event = |word: &&str| {
        let part = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphabetic());
        word.split_once('.')
            .is_some_and(|(object, what)| part(object) && part(what) && *object == object.to_lowercase())
    };
    let mut events = BTreeSet::new();
    for entry in
        fs::read_dir(root().join("src/app")).unwrap().map(Result::unwrap).filter(|entry| entry.path().is_file())
    {
        let code = fs::read_to_string(entry.path()).unwrap();
        events.extend(code.split('"').skip(1).step_by(2).filter(is_event).map(str::to_owned));
    }
    let missing: Vec<&String> = events.iter().filter(|event| !explained.contains(&format!("`{event}`"))).collect();
    assert!(missing.is_empty() && events.len() > 10, "docs/rules/feed.md does not explain {missing:?}");
}

/// The values of an enum of the schema.
fn values_of(name: &str) -> BTreeSet<String> {
    let schema = parse_schema(remit::graphql::sdl()).unwrap();
    let values = schema.definitions.into_iter().find_map(|definition| match definition {
        TypeSystemDefinition::Type(found) if found.node.name.node == name => match found.node.kind {
            TypeKind::Enum(kind) => {
                Some(kind.values.into_iter().map(|value| value.node.value.node.to_string()).collect())
            }
            _ => None,
        },
        _ => None,
    });
    values.unwrap_or_else(|| panic!("the schema has no enum {name}"))
}

#[test]
fn links_lead_into_the_project() {
    let home = root().canonicalize().unwrap();
    let mut broken = Vec::new();
    for document in documents() {
        let text = text(document.to_str().unwrap());
        let links: Vec<&str> = text.split("](").skip(1).filter_map(|rest| rest.split(')').next()).collect();
        for link in links.iter().filter(|link| !link.starts_with("https://") && !link.starts_with('#')) {
            let file = link.split('#').next().unwrap();
            let target = root().join(&document).parent().unwrap().join(file).canonicalize();
            let leads = |target: PathBuf| {
                let heading = link.split_once('#').map(|(_, heading)| heading);
                target.starts_with(&home) && heading.is_none_or(|heading| has_heading(&target, heading))
            };
            if !target.is_ok_and(leads) {
                broken.push(format!("{}: {link}", document.display()));
            }
        }
        // What is outside the project cannot be read by whoever has only the project.
        if text.matches("../").count() != links.iter().map(|link| link.matches("../").count()).sum::<usize>() {
            broken.push(format!("{} names a folder above without a link", document.display()));
        }
    }
    assert_eq!(broken, Vec::<String>::new());
}

/// Whether a document has a heading that a link's fragment means: small letters, blanks as hyphens.
fn has_heading(document: &Path, fragment: &str) -> bool {
    let kept = |letter: &char| letter.is_alphanumeric() || matches!(letter, ' ' | '-');
    let slug = |line: &str| line.trim_matches(['#', ' ']).to_lowercase().chars().filter(kept).collect::<String>();
    let text = fs::read_to_string(document).unwrap();
    text.lines().any(|line| line.starts_with('#') && slug(line).replace(' ', "-") == fragment)
}
