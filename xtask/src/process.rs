//! Other programs, the project's folders, and the one error of this crate.

use std::ffi::OsStr;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Why a command could not do its work: a sentence for the person at the terminal.
#[derive(Debug)]
pub(crate) struct Failure(String);

impl Failure {
    /// A failure with its sentence.
    pub(crate) fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failure {}

/// Says what was being done when an operating system's error came.
pub(crate) trait While<T> {
    /// The same result, its error reading "`doing`: the error".
    fn during(self, doing: impl FnOnce() -> String) -> Result<T, Failure>;
}

impl<T> While<T> for io::Result<T> {
    fn during(self, doing: impl FnOnce() -> String) -> Result<T, Failure> {
        self.map_err(|error| Failure::new(format!("{}: {error}", doing())))
    }
}

/// The workspace's folder.
pub(crate) fn workspace() -> &'static Path {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask)
}

/// The folder that build products go to and `cargo clean` empties.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace().join("target"), |folder| workspace().join(folder))
}

/// `cargo`, the one that runs this program, in the workspace's folder.
pub(crate) fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(workspace());
    cargo
}

/// The folders of PATH, in its order.
pub(crate) fn path_folders() -> Vec<PathBuf> {
    std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect()).unwrap_or_default()
}

/// Whether a program of this name is on PATH.
pub(crate) fn on_path(program: &str) -> bool {
    path_folders().iter().any(|folder| folder.join(program).is_file())
}

/// What a program writes to its standard output, trimmed.
///
/// # Errors
/// When it cannot be started or ends with an error; the sentence holds what it said.
pub(crate) fn output_of(command: &mut Command) -> Result<String, Failure> {
    let output = command.output().during(|| name_of(command))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    } else {
        Err(Failure::new(format!("{} failed ({})\n{}", name_of(command), output.status, said(&output))))
    }
}

/// Runs a program whose output goes to the terminal.
///
/// # Errors
/// When it cannot be started or ends with an error.
pub(crate) fn require_success(command: &mut Command) -> Result<(), Failure> {
    let status = command.status().during(|| name_of(command))?;
    if status.success() { Ok(()) } else { Err(Failure::new(format!("{} failed ({status})", name_of(command)))) }
}

fn name_of(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}

fn said(output: &Output) -> String {
    let all = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    String::from_utf8_lossy(&all).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_is_trimmed_and_an_error_says_what_the_program_said() {
        assert_eq!(output_of(Command::new("sh").args(["-c", "echo ' one '"])).unwrap(), "one");
        let refusal = output_of(Command::new("sh").args(["-c", "echo why >&2; exit 3"])).unwrap_err().to_string();
        assert!(refusal.contains("why") && refusal.contains('3'), "{refusal}");
    }

    #[test]
    fn the_shell_is_on_path_and_a_made_up_program_is_not() {
        assert!(on_path("sh"));
        assert!(!on_path("remit-no-such-program"));
    }

    #[test]
    fn the_workspace_holds_this_crate() {
        assert!(workspace().join("xtask/Cargo.toml").is_file());
    }
}
