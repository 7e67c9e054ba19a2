//! `cargo xtask schema`: schema.graphql is the schema the server serves.

use std::process::{ExitCode, Stdio};

use crate::tools::{Doing, Result, cargo, root, say};

const FILE: &str = "schema.graphql";

/// Compares the file with the server's schema, or rewrites it.
pub(crate) fn run(write: bool) -> Result<ExitCode> {
    let served = served()?;
    let path = root().join(FILE);
    if write {
        std::fs::write(&path, served).doing(FILE)?;
        say(&format!("{FILE} is written"));
        return Ok(ExitCode::SUCCESS);
    }
    let hint = "cargo xtask schema --write writes it";
    let kept = std::fs::read_to_string(&path).doing(format!("{FILE} ({hint})"))?;
    match first_difference(&kept, &served) {
        None => Ok(ExitCode::SUCCESS),
        Some(difference) => Err(format!("{FILE} is not the server's schema; {hint}\n{difference}")),
    }
}

fn served() -> Result<String> {
    let mut remit = cargo();
    remit.args(["run", "--quiet", "-p", "remit", "--", "schema"]).stderr(Stdio::inherit());
    let done = remit.output().doing("cannot run cargo")?;
    if !done.status.success() {
        return Err(format!("`remit schema` failed ({})", done.status));
    }
    String::from_utf8(done.stdout).doing("`remit schema`")
}

/// Where two texts part, with both lines.
fn first_difference(kept: &str, served: &str) -> Option<String> {
    if kept == served {
        return None;
    }
    let (mut old, mut new) = (kept.split('\n'), served.split('\n'));
    for number in 1.. {
        let (old, new) = (old.next(), new.next());
        if old != new {
            let line = |line: Option<&str>| line.map_or("(the end)".to_owned(), |line| format!("`{line}`"));
            return Some(format!("line {number}: the file has {}, the server {}", line(old), line(new)));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::first_difference;

    #[test]
    fn the_first_differing_line_is_named() {
        let say = |kept, served| first_difference(kept, served).unwrap_or_default();
        assert_eq!(first_difference("a\nb\n", "a\nb\n"), None);
        assert_eq!(say("a\nb\nc\n", "a\nx\ny\n"), "line 2: the file has `b`, the server `x`");
        assert_eq!(say("a\n", "a\nb\n"), "line 2: the file has ``, the server `b`");
        assert_eq!(say("a\n", "a"), "line 2: the file has ``, the server (the end)");
    }
}
