//! What documents say in tables is what the code has, and their links lead somewhere.

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

use super::{documents, root, text};

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
