//! What stands in the fenced blocks of a document.

use serde_json::{Value, json};

/// A fenced block: what stands behind the fence, the line before it that is no comment, who is said to ask, and its lines.
struct Block<'a> {
    kind: &'a str,
    heading: &'a str,
    asker: Option<&'a str>,
    lines: &'a [&'a str],
    /// The place of the first of them, counted from 0.
    from: usize,
}

/// A query of a document, with what is to come of it.
#[derive(Debug)]
pub(super) struct Example {
    pub(super) line: usize,
    pub(super) user: String,
    pub(super) refused: Option<String>,
    pub(super) query: String,
    pub(super) variables: Value,
    pub(super) answers: Option<Answers>,
}

/// The answer that a document shows, and the lines it stands on, counted from 0.
#[derive(Debug)]
pub(super) struct Answers {
    pub(super) data: Value,
    pub(super) from: usize,
    pub(super) to: usize,
}

fn blocks<'a>(lines: &'a [&'a str]) -> Vec<Block<'a>> {
    let (mut found, mut asker, mut heading, mut at) = (Vec::new(), None, "", 0);
    while at < lines.len() {
        let line = lines[at].trim();
        if let Some(kind) = line.strip_prefix("```") {
            let (from, is_end) = (at + 1, |line: &&str| line.trim() == "```");
            let length = lines[from..].iter().position(is_end).expect("a block that ends");
            let lines = &lines[from..from + length];
            found.push(Block { kind, heading, asker: asker.take(), lines, from });
            (heading, at) = ("", from + length);
        } else if let Some(comment) = line.strip_prefix("<!-- as: ") {
            asker = Some(comment.trim_end_matches("-->").trim());
        } else if !line.is_empty() {
            heading = line;
        }
        at += 1;
    }
    found
}

/// The queries of a document.
pub(super) fn examples(document: &str, text: &str) -> Vec<Example> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found: Vec<Example> = Vec::new();
    for Block { kind, heading, asker, lines, from } in blocks(&lines) {
        let json =
            || serde_json::from_str(&lines.join("\n")).unwrap_or_else(|error| panic!("{document}:{from}: {error}"));
        match (kind, heading, found.last_mut()) {
            ("graphql", ..) => {
                let asker = asker.unwrap_or_else(|| panic!("{document}:{from}: nobody is said to ask this"));
                let (user, refused) = asker.split_once(", refused: ").map_or((asker, None), |(u, r)| (u, Some(r)));
                let (user, refused) = (user.to_owned(), refused.map(str::to_owned));
                let query = lines.join("\n");
                found.push(Example { line: from, user, refused, query, variables: json!({}), answers: None });
            }
            ("json", "Variables", Some(example)) => example.variables = json(),
            ("json", "Answers", Some(example)) => {
                example.answers = Some(Answers { data: json(), from, to: from + lines.len() });
            }
            _ => {}
        }
    }
    found
}

/// The commands of a document, each on one line.
pub(super) fn commands(text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().collect();
    let consoles = blocks(&lines).into_iter().filter(|block| block.kind == "console");
    let typed = consoles.flat_map(|block| {
        let text = block.lines.join("\n").replace("\\\n", " ");
        text.lines().map(str::to_owned).collect::<Vec<_>>()
    });
    typed.collect()
}

/// What stands in the first block of a kind.
pub(super) fn first(kind: &str, text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let block = blocks(&lines).into_iter().find(|block| block.kind == kind);
    block.unwrap_or_else(|| panic!("there is no {kind}")).lines.join("\n")
}

/// What blocks of a document are said to be.
pub(super) fn kinds(text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().collect();
    blocks(&lines).into_iter().map(|block| block.kind.to_owned()).collect()
}
