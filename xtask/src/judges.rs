//! The judges: tests that need Node and Chromium.

use crate::tools::{Doing, Result, command, output, root, status};

/// Makes the judges ready: Node and npm are there, and their packages are installed.
pub(crate) fn prepare() -> Result<()> {
    for program in ["node", "npm"] {
        output(command(program).arg("--version")).doing("the judges need Node and npm")?;
    }
    let folder = root().join("tests/judges");
    if !folder.join("package.json").is_file() {
        return Ok(());
    }
    status(command("npm").args(["ci", "--no-audit", "--no-fund"]).current_dir(&folder)).doing("tests/judges")
}
