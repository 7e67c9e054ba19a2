//! The judges: tests that need Node, Python and Chromium, which `cargo test` passes over unless told otherwise.

use std::path::Path;

use crate::tools::{Doing, Result, command, output, root, status};

/// What the judges' packages are fetched by.
const LOCK: &str = "package-lock.json";

/// Makes the judges ready: Node and npm are there, and their packages are installed as the lock file says.
pub(crate) fn prepare() -> Result<()> {
    for program in ["node", "npm"] {
        output(command(program).arg("--version")).doing("the judges need Node and npm")?;
    }
    install(&root().join("tests/judges"))
}

/// Installs a folder's packages as its lock file says, unless they are.
pub(crate) fn install(folder: &Path) -> Result<()> {
    let lock = std::fs::read_to_string(folder.join(LOCK)).doing(folder.join(LOCK).display())?;
    let installed = folder.join("node_modules").join(LOCK);
    if is_installed(&installed, &lock) {
        return Ok(());
    }
    status(command("npm").args(["ci", "--ignore-scripts"]).current_dir(folder)).doing(folder.display())?;
    std::fs::write(&installed, lock).doing(installed.display())
}

/// Whether the packages that were fetched last are those of this lock file.
pub(crate) fn is_installed(installed: &Path, lock: &str) -> bool {
    std::fs::read_to_string(installed).is_ok_and(|kept| kept == lock)
}

/// Cargo's arguments with the judges among the tests: they are the ignored ones.
pub(crate) fn among(mut args: Vec<&str>) -> Vec<&str> {
    if !args.contains(&"--") {
        args.push("--");
    }
    args.push("--include-ignored");
    args
}

#[cfg(test)]
mod tests {
    use super::{among, is_installed};

    #[test]
    fn the_judges_are_the_ignored_tests() {
        assert_eq!(among(vec!["test"]), ["test", "--", "--include-ignored"]);
        assert_eq!(among(vec!["test", "--", "name"]), ["test", "--", "name", "--include-ignored"]);
    }

    #[test]
    fn packages_of_another_lock_are_not_those() {
        let kept = std::env::temp_dir().join(format!("remit-lock-{}", std::process::id()));
        std::fs::write(&kept, "one").unwrap();
        let found = [is_installed(&kept, "one"), is_installed(&kept, "two")];
        std::fs::remove_file(&kept).unwrap();
        assert_eq!((found, is_installed(&kept, "one")), ([true, false], false));
    }
}
