//! `cargo xtask schema`: schema.graphql is the schema the server serves.

use std::process::{ExitCode, Stdio};

use crate::tools::{Doing, Result, cargo, root, say};

const FILE: &str = "schema.graphql";

/// The test that compares the two.
const TEST: &str = "contract::the_file_is_the_schema_that_is_served";

/// Compares the file with the server's schema, or rewrites it.
pub(crate) fn run(write: bool) -> Result<ExitCode> {
    if write {
        std::fs::write(root().join(FILE), served()?).doing(FILE)?;
        say(&format!("{FILE} is written"));
        return Ok(ExitCode::SUCCESS);
    }
    // As the tests are built: whoever has run them has nothing to build.
    let mut test = cargo();
    test.args(["test", "--workspace", "--quiet", "--test", "api", "--", "--exact", TEST]);
    let status = test.status().doing("cannot run cargo")?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
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
