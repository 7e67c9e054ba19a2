//! Which layer may name what. The rules stand in ARCHITECTURE.md.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// A crate, and the only part of the server that may name it.
const NAMED_BY: &[(&str, &str)] = &[
    ("sea_orm", "src/store"),
    ("remit_entity", "src/store"),
    ("remit_migration", "src/store"),
    ("apollo_compiler", "src/graphql/request"),
    ("async_graphql", "src/graphql"),
    ("async_graphql_value", "src/graphql"),
    ("axum", "src/http"),
    ("hyper", "src/http"),
    ("hyper_util", "src/http"),
    ("tower_http", "src/http"),
    ("jsonwebtoken", "src/auth"),
    ("krilla", "src/pdf"),
    ("reqwest", "src/outbound"),
    ("ipnet", "src/outbound"),
    ("rrule", "src/ical"),
    ("csv", "src/ticket_log"),
    ("indicatif", "src/cli"),
];

/// A part of the server, and what lies outside it.
const OUTSIDE: &[(&str, &[&str])] = &[
    ("src/store", &["crate::app", "crate::graphql", "crate::http", "crate::cli"]),
    ("src/app", &["crate::graphql", "crate::http", "crate::cli"]),
    ("src/auth", &["crate::store", "crate::app", "crate::graphql", "crate::http", "crate::cli", "crate::jwks"]),
    (
        "src/outbound",
        &["crate::store", "crate::app", "crate::auth", "crate::graphql", "crate::http", "crate::cli", "crate::config"],
    ),
    ("src/jwks", &["crate::store", "crate::app", "crate::graphql", "crate::http", "crate::cli"]),
    ("src/graphql", &["crate::http", "crate::cli"]),
    ("src/http", &["crate::cli"]),
    ("src/ticket_log", &["crate::graphql", "crate::http", "crate::cli"]),
    ("src/ical", &["crate::store", "crate::app", "crate::graphql", "crate::http", "crate::cli"]),
];

/// What pure rules never name.
const IMPURE: [&str; 9] =
    ["tokio", "sea_orm", "async_graphql", "axum", "std::fs", "std::net", "std::io", "SystemTime", "Timestamp::now"];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The sources below a folder, with their paths from the top; tests left out.
fn sources(folder: &str) -> Vec<(String, String)> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    walk(&root().join(folder), &mut found);
    found.sort();
    let relative = |path: &PathBuf| path.strip_prefix(root()).unwrap().display().to_string();
    let code = |text: String| text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default().to_owned();
    let read = |path: PathBuf| (relative(&path), code(fs::read_to_string(&path).unwrap()));
    found.into_iter().map(read).filter(|(path, _)| !path.contains("/tests")).collect()
}

/// The lines of code that hold a word on its own, `path:line`; comments left out.
fn naming(sources: &[(String, String)], word: &str) -> Vec<String> {
    let is_part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let mut found = Vec::new();
    for (path, text) in sources {
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")) {
            let hit = line.match_indices(word).any(|(place, _)| {
                let after = line[place + word.len()..].chars().next();
                !is_part(line[..place].chars().next_back()) && !is_part(after)
            });
            if hit {
                found.push(format!("{path}:{}: {}", number + 1, line.trim()));
            }
        }
    }
    found
}

fn nothing() -> Vec<String> {
    Vec::new()
}

#[test]
fn each_library_is_named_by_its_own_layer_only() {
    let sources = sources("src");
    for &(library, layer) in NAMED_BY {
        let elsewhere: Vec<String> =
            naming(&sources, library).into_iter().filter(|line| !line.starts_with(&format!("{layer}/"))).collect();
        assert_eq!(elsewhere, nothing(), "only {layer} may name {library}");
        assert_ne!(naming(&sources, library), nothing(), "{library} is not used any more");
    }
}

#[test]
fn dependencies_point_inward() {
    for &(layer, outside) in OUTSIDE {
        let sources = sources(layer);
        for module in outside {
            assert_eq!(naming(&sources, module), nothing(), "{layer} may not know {module}");
        }
    }
}

#[test]
fn the_rules_are_pure() {
    let sources = sources("domain/src");
    for word in IMPURE {
        assert_eq!(naming(&sources, word), nothing(), "domain may not name {word}");
    }
    for word in ["unwrap", "expect", "panic", "todo", "unimplemented", "unreachable"] {
        let calls: Vec<String> =
            naming(&sources, word).into_iter().filter(|line| line.contains(&format!("{word}("))).collect();
        assert_eq!(calls, nothing(), "nothing in domain panics");
    }
}

#[test]
fn only_entry_points_read_the_clock() {
    let readers = naming(&sources("src"), "Timestamp::now");
    let elsewhere: Vec<&String> =
        readers.iter().filter(|line| !line.starts_with("src/cli/") && !line.starts_with("src/http")).collect();
    assert_eq!(elsewhere, Vec::<&String>::new());
    assert_eq!(naming(&sources("src"), "SystemTime"), nothing());
}

#[test]
fn a_file_can_be_read_in_one_sitting() {
    let all = ["src", "domain/src", "entity/src", "migration/src", "xtask/src"].map(sources).concat();
    let long: Vec<String> = all
        .iter()
        .map(|(path, text)| (path, text.lines().count()))
        .filter(|(_, lines)| *lines > 450)
        .map(|(path, lines)| format!("{path}: {lines} lines"))
        .collect();
    assert_eq!(long, nothing());
}
