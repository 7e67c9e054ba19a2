//! `cargo xtask test`: every test, on both databases.

use std::process::{Command, ExitCode};

use crate::args::Judges;
use crate::judges;
use crate::postgres;
use crate::process::{Failure, While, cargo};

/// Runs the tests against a throw-away PostgreSQL cluster and answers with their exit code.
///
/// The cluster is stopped before this returns.
///
/// # Errors
/// When the judges' tools or a PostgreSQL cluster cannot be had: the tests have then not run.
pub(crate) fn run(judges: Judges, cargo_args: &[String]) -> Result<ExitCode, Failure> {
    let judging = judges::prepare(judges)?;
    let cluster = postgres::start()?;
    let mut tests = cargo_test(cargo_args);
    tests.env("REMIT_TEST_POSTGRES", cluster.url());
    judging.tell(&mut tests);
    let status = tests.status().during(|| "cargo test".to_owned())?;
    drop(cluster);
    judging.say_what_was_not_run();
    Ok(exit_code(status.code()))
}

fn cargo_test(extra: &[String]) -> Command {
    let mut tests = cargo();
    tests.arg("test");
    if !names_packages(extra) {
        tests.arg("--workspace");
    }
    tests.arg("--no-fail-fast").args(extra);
    tests
}

/// Whether the arguments choose packages themselves: cargo ignores `-p` beside `--workspace`.
fn names_packages(cargo_args: &[String]) -> bool {
    let of_cargo = cargo_args.iter().take_while(|arg| *arg != "--");
    of_cargo.into_iter().any(|arg| arg.starts_with("-p") || arg.starts_with("--package"))
}

/// The code to leave with; tests ended by a signal have none and count as failed.
fn exit_code(code: Option<i32>) -> ExitCode {
    code.and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(extra: &str) -> Vec<String> {
        let extra: Vec<String> = extra.split_whitespace().map(String::from).collect();
        cargo_test(&extra).get_args().map(|arg| arg.to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn all_packages_unless_some_are_named() {
        assert_eq!(words(""), ["test", "--workspace", "--no-fail-fast"]);
        assert_eq!(words("calendar"), ["test", "--workspace", "--no-fail-fast", "calendar"]);
        assert_eq!(words("-p remit"), ["test", "--no-fail-fast", "-p", "remit"]);
        assert_eq!(words("--package=remit"), ["test", "--no-fail-fast", "--package=remit"]);
        assert_eq!(words("-- -p"), ["test", "--workspace", "--no-fail-fast", "--", "-p"]);
    }

    #[test]
    fn the_tests_code_is_kept_and_a_signal_fails() {
        assert_eq!(exit_code(Some(0)), ExitCode::SUCCESS);
        assert_eq!(exit_code(Some(101)), ExitCode::from(101));
        assert_eq!(exit_code(None), ExitCode::FAILURE);
    }
}
