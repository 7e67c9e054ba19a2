//! `cargo xtask test`: every test, with a PostgreSQL of its own.

use std::{env, num::NonZero, process::ExitCode, thread};

use crate::cluster::Cluster;
use crate::examples;
use crate::judges;
use crate::tools::{Doing, Result, cargo, say};

/// Where the tests find PostgreSQL.
const POSTGRES: &str = "REMIT_TEST_POSTGRES";

/// Where the tests find the program that starts another one.
const XTASK: &str = "REMIT_TEST_XTASK";

/// Where the tests find the Python that has what the example needs.
const PYTHON: &str = "REMIT_TEST_PYTHON";

/// The command that starts a cluster for as long as its standard input is open; not for people.
pub(crate) const CLUSTER: &str = "cluster";

/// How many tests run at once, for whoever has not said so.
const THREADS: &str = "RUST_TEST_THREADS";

const NOT_RUN: &str = "not run: the judges (tests that need Node, Python or Chromium); run cargo xtask test --judges";

/// Runs the tests; the exit code is theirs.
pub(crate) fn run(with_judges: bool, args: &[String]) -> Result<ExitCode> {
    let mut test_args = test_args(args);
    let mut python = None;
    if with_judges {
        judges::prepare()?;
        python = Some(examples::prepare()?);
        test_args = judges::among(test_args);
    }
    let cluster = Cluster::start()?;
    say(&cluster.describe());
    let xtask = env::current_exe().doing("the running program")?;
    let mut tests = cargo();
    tests.args(test_args).env(POSTGRES, cluster.url()).env(XTASK, xtask);
    if env::var_os(THREADS).is_none() {
        tests.env(THREADS, at_once().to_string());
    }
    tests.envs(python.map(|python| (PYTHON, python)));
    let status = tests.status().doing("cannot run cargo")?;
    drop(cluster);
    if !with_judges {
        say(NOT_RUN);
    }
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}

/// One test more than there are cores: each waits for a database or a time, about a fifth of its own.
fn at_once() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get) + 1
}

/// Cargo's arguments: the whole workspace, unless packages are named, which `--workspace` would override.
fn test_args(args: &[String]) -> Vec<&str> {
    let ours = args.iter().map(String::as_str).take_while(|arg| *arg != "--");
    let named = ours.clone().any(names_package);
    let scope = if named { None } else { Some("--workspace") };
    let first = std::iter::once("test").chain(scope).chain(["--no-fail-fast"]);
    first.chain(args.iter().map(String::as_str)).collect()
}

fn names_package(arg: &str) -> bool {
    arg.starts_with("--package") || (arg.starts_with("-p") && !arg.starts_with("--"))
}

#[cfg(test)]
mod tests {
    use super::test_args;

    fn line(args: &[&str]) -> String {
        let args: Vec<String> = args.iter().map(|arg| (*arg).to_owned()).collect();
        test_args(&args).join(" ")
    }

    #[test]
    fn the_whole_workspace_is_tested_unless_a_package_is_named() {
        assert_eq!(line(&[]), "test --workspace --no-fail-fast");
        assert_eq!(line(&["-p", "xtask", "name"]), "test --no-fail-fast -p xtask name");
        assert_eq!(line(&["--package=xtask"]), "test --no-fail-fast --package=xtask");
        assert_eq!(line(&["--", "-p"]), "test --workspace --no-fail-fast -- -p");
    }
}
