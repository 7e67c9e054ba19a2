//! The documents say what is so: their examples are run, their tables are held against the code, their links lead somewhere.
//!
//! | file | has |
//! |---|---|
//! | this | the examples, asked |
//! | `blocks` | what stands in the fenced blocks of a document |
//! | `commands` | the commands, typed |
//! | `tables` | tables and links |
//!
//! An example is a `graphql` block behind a comment that names who asks: `<!-- as: psa -->`, or, where it is to be refused,
//! `<!-- as: psa, refused: FORBIDDEN agreements:read -->`. A `json` block headed `Variables` is sent along; a text in it that
//! ends in `…` stands for one that an answer before it had. A block headed `Answers` is what must come back; without one
//! nothing may be refused. Who asks has the token that the guide of that name makes. The examples of a document are run in
//! their order, at one provider with the fixtures' catalogue and the agreement MSA-1. What is sent to [`CRM`] arrives at a
//! receiver of the test before the next example is run.
//!
//! `REMIT_TEST_WRITE=1` writes what came back into the documents instead.

mod blocks;
mod commands;
mod tables;

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

use crate::{
    support::{Remit, User, both, code, fixtures, receiver::Receiver},
    webhooks::send_all,
};
use blocks::{Answers, examples, kinds};

/// Where the documents have webhooks sent to.
const CRM: &str = "https://crm.example/hooks/remit";

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
    let receiver = Receiver::start().await;
    let (mut asked, mut shown) = (Vec::new(), Vec::new());
    for mut example in examples(document, &before) {
        if before.contains(CRM) {
            send_all(remit, "acme").await;
        }
        let place = format!("{document}:{}", example.line);
        name_in(&mut example.variables, &asked);
        let query = example.query.replace(CRM, &receiver.url());
        let answer = user(remit, &example.user).send(&query, example.variables).await;
        match &example.refused {
            Some(expected) => assert_eq!(code(&answer["errors"][0]), *expected, "{place}: {answer:#}"),
            None => assert!(answer.get("errors").is_none(), "{place}: {answer:#}"),
        }
        let data: Value = serde_json::from_str(&answer["data"].to_string().replace(&receiver.url(), CRM)).unwrap();
        match example.answers {
            Some(answers) => shown.push((place, answers, data.clone())),
            None => assert!(!data.to_string().contains("\"errors\":[{"), "{place}: {data:#}"),
        }
        asked.push(data);
    }
    assert!(!asked.is_empty(), "{document} has no examples");
    hold(document, &before, shown);
}

/// Puts what answers had in the place of texts that end in `…`.
fn name_in(variables: &mut Value, asked: &[Value]) {
    match variables {
        Value::String(text) => {
            if let Some(begin) = text.strip_suffix('…') {
                let found = asked.iter().rev().find_map(|answer| beginning(answer, begin));
                *text = found.unwrap_or_else(|| panic!("no answer had {text}")).to_owned();
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| name_in(item, asked)),
        Value::Object(fields) => fields.values_mut().for_each(|field| name_in(field, asked)),
        _ => {}
    }
}

/// The first text in an answer that begins so.
fn beginning<'a>(answer: &'a Value, begin: &str) -> Option<&'a str> {
    match answer {
        Value::String(text) => text.starts_with(begin).then_some(text),
        Value::Array(items) => items.iter().find_map(|item| beginning(item, begin)),
        Value::Object(fields) => fields.values().find_map(|field| beginning(field, begin)),
        _ => None,
    }
}

/// Holds the answers that a document shows against what came back, or writes that down.
fn hold(document: &str, before: &str, shown: Vec<(String, Answers, Value)>) {
    let write = std::env::var_os("REMIT_TEST_WRITE").is_some();
    let mut lines: Vec<String> = before.lines().map(str::to_owned).collect();
    for (place, shown, data) in shown.into_iter().rev() {
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

/// Declares a test for each of these documents, and lists them.
macro_rules! true_documents {
    ($($name:ident: $document:literal,)+) => {
        /// The documents whose examples are run.
        const RUN: &[&str] = &[$($document),+];

        both! {
            $(async fn $name(remit: Remit) {
                run(&remit, $document).await;
            })+
        }
    };
}

true_documents! {
    the_readme_is_true: "README.md",
    the_guide_for_a_psa_is_true: "docs/guide/psa.md",
    the_guide_for_a_portal_is_true: "docs/guide/portal.md",
    the_guide_for_a_crm_is_true: "docs/guide/crm.md",
    the_guide_for_billing_is_true: "docs/guide/billing.md",
    the_guide_to_changes_is_true: "docs/guide/changes.md",
    the_guide_to_whole_lists_is_true: "docs/guide/bulk.md",
    the_guide_to_webhooks_is_true: "docs/guide/webhooks.md",
    the_guide_for_the_administrator_is_true: "docs/guide/administrator.md",
}

/// No query stands anywhere unasked, and no command untyped under another name.
#[test]
fn every_query_and_command_of_the_guides_is_run() {
    for document in documents() {
        let document = document.to_str().unwrap();
        for kind in kinds(&text(document)) {
            let is_run = match kind.as_str() {
                "graphql" => RUN.contains(&document),
                // JavaScript verifies a signature: what it says is tried out with the library itself, by a judge.
                "console" | "json" | "toml" | "text" | "markdown" | "js" => true,
                _ => !document.starts_with("docs/guide"),
            };
            assert!(is_run, "{document} has {kind} that is not run");
        }
    }
}
