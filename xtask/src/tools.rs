//! Running programs, with errors that name the program.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A failure is a sentence for the person at the terminal.
pub(crate) type Result<T> = std::result::Result<T, String>;

/// Puts what was being done in front of an error.
pub(crate) trait Doing<T> {
    fn doing(self, what: impl std::fmt::Display) -> Result<T>;
}

impl<T, E: std::fmt::Display> Doing<T> for std::result::Result<T, E> {
    fn doing(self, what: impl std::fmt::Display) -> Result<T> {
        self.map_err(|error| format!("{what}: {error}"))
    }
}

/// Prints a line; a reader that went away must not change how the run ends.
pub(crate) fn say(line: &str) {
    writeln!(std::io::stdout(), "{line}").ok();
}

/// The top of the workspace.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// Where cargo builds, and where downloads are kept.
pub(crate) fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => std::path::absolute(&folder).unwrap_or_else(|_| folder.into()),
        None => root().join("target"),
    }
}

/// A program free of the settings that `cargo run` and PostgreSQL's clients would leak into it.
pub(crate) fn command(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        if leaks(&name.to_string_lossy()) {
            command.env_remove(&name);
        }
    }
    command
}

fn leaks(name: &str) -> bool {
    name.starts_with("PG") || name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")
}

/// The cargo that runs us, at the top of the workspace.
pub(crate) fn cargo() -> Command {
    let mut cargo = command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root());
    cargo
}

/// Runs a program to its end and returns what it printed; its complaint is the error.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let done = command.output().doing(format!("cannot run {name}"))?;
    if done.status.success() { Ok(text(&done.stdout)) } else { Err(complaint(&name, &done)) }
}

/// Runs a program to its end, its output going to the terminal.
pub(crate) fn status(command: &mut Command) -> Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    let status = command.status().doing(format!("cannot run {name}"))?;
    if status.success() { Ok(()) } else { Err(format!("{name} failed ({status})")) }
}

fn complaint(name: &str, done: &Output) -> String {
    let said = format!("{}{}", text(&done.stdout), text(&done.stderr));
    format!("{name} failed ({}): {}", done.status, said.trim())
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::{command, leaks, output};

    #[test]
    fn a_failing_program_is_quoted() {
        let error = output(command("sh").args(["-c", "echo no room >&2; exit 3"])).unwrap_err();
        assert!(error.starts_with("sh failed") && error.ends_with("no room"), "{error}");
        let error = output(&mut command("remit-no-such-program")).unwrap_err();
        assert!(error.starts_with("cannot run remit-no-such-program"), "{error}");
    }

    #[test]
    fn settings_of_other_clusters_do_not_leak() {
        assert!(leaks("PGHOST") && leaks("CARGO_PKG_NAME") && leaks("CARGO_MANIFEST_DIR"));
        assert!(!leaks("PATH") && !leaks("CARGO_TARGET_DIR") && !leaks("CARGO"));
    }
}
