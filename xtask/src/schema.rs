//! `cargo xtask schema`: `schema.graphql` says what the server serves.

use std::fs;
use std::process::{ExitCode, Stdio};

use crate::args::SchemaTask;
use crate::process::{Failure, While, cargo, output_of, workspace};

/// Compares `schema.graphql` with what `remit schema` prints, or rewrites it.
///
/// Drift is answered with exit code 1 and the first line that differs.
///
/// # Errors
/// When the server cannot be built, or the file cannot be read or written.
pub(crate) fn run(task: SchemaTask) -> Result<ExitCode, Failure> {
    let served = format!("{}\n", output_of(cargo().args(SERVED).stderr(Stdio::inherit()))?);
    let file = workspace().join("schema.graphql");
    match task {
        SchemaTask::Write => {
            fs::write(&file, served).during(|| format!("writing {}", file.display()))?;
            println!("schema.graphql is what the server serves");
            Ok(ExitCode::SUCCESS)
        }
        SchemaTask::Compare => {
            let kept = fs::read_to_string(&file)
                .during(|| format!("{} (`cargo xtask schema --write` makes it)", file.display()))?;
            Ok(judge(&kept, &served))
        }
    }
}

const SERVED: [&str; 6] = ["run", "--quiet", "-p", "remit", "--", "schema"];

fn judge(kept: &str, served: &str) -> ExitCode {
    match find_drift(kept, served) {
        None => {
            println!("schema.graphql is what the server serves");
            ExitCode::SUCCESS
        }
        Some(drift) => {
            eprintln!(
                "{drift}\nschema.graphql is not what the server serves; `cargo xtask schema --write` rewrites it"
            );
            ExitCode::FAILURE
        }
    }
}

/// The first line that differs, as a unified diff would show it; line ends and those at the very end do not count.
fn find_drift(kept: &str, served: &str) -> Option<String> {
    let (mut kept, mut served) = (kept.trim_end().lines(), served.trim_end().lines());
    for line in 1_usize.. {
        match (kept.next(), served.next()) {
            (None, None) => return None,
            (old, new) if old == new => {}
            (old, new) => return Some(show(line, old, new)),
        }
    }
    None
}

fn show(line: usize, kept: Option<&str>, served: Option<&str>) -> String {
    let mut shown = format!("--- schema.graphql\n+++ remit schema\n@@ line {line} @@");
    for (sign, text) in [('-', kept), ('+', served)] {
        if let Some(text) = text {
            shown.push_str(&format!("\n{sign}{text}"));
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drift(kept: &str, served: &str) -> String {
        find_drift(kept, served).unwrap_or_default()
    }

    #[test]
    fn equal_schemas_do_not_drift() {
        assert_eq!(drift("type Query\n", "type Query\n"), "");
        assert_eq!(drift("type Query\r\n", "type Query"), "");
    }

    #[test]
    fn the_first_line_that_differs_is_shown() {
        let shown = drift("type A {\n  a: Int\n  b: Int\n}", "type A {\n  a: Int!\n  b: Int!\n}");
        assert!(shown.ends_with("@@ line 2 @@\n-  a: Int\n+  a: Int!"), "{shown}");
    }

    #[test]
    fn a_line_that_one_side_lacks_is_drift() {
        assert!(drift("a", "a\nb").ends_with("@@ line 2 @@\n+b"));
        assert!(drift("a\nb", "a").ends_with("@@ line 2 @@\n-b"));
    }
}
