//! The project's own commands: `cargo xtask test` and `cargo xtask schema`.
//!
//! They run on Linux and macOS and use nothing but the standard library.

mod account;
mod cluster;
mod examples;
mod fetch;
mod find;
mod judges;
mod leftovers;
mod schema;
mod suite;
mod tools;

use std::path::Path;
use std::process::ExitCode;

use tools::Result;

const USAGE: &str = "\
usage: cargo xtask COMMAND

  test [--judges] [-- ARGS]  run the tests with a throw-away PostgreSQL; ARGS go to cargo test
  schema [--write]           compare schema.graphql with the schema the server serves, or rewrite it";

/// What the command line asks for.
#[derive(Debug, PartialEq)]
enum Task {
    Test { judges: bool, args: Vec<String> },
    Schema { write: bool },
    Cluster,
    Watch { folder: String },
    Help,
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match parse(&args).and_then(perform) {
        Ok(code) => code,
        Err(message) => {
            eprintln!("xtask: {message}");
            ExitCode::FAILURE
        }
    }
}

fn perform(task: Task) -> Result<ExitCode> {
    match task {
        Task::Test { judges, args } => suite::run(judges, &args),
        Task::Schema { write } => schema::run(write),
        Task::Cluster => cluster::serve(),
        Task::Watch { folder } => leftovers::watch(Path::new(&folder)),
        Task::Help => {
            println!("{USAGE}");
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn parse(args: &[String]) -> Result<Task> {
    let Some((name, rest)) = args.split_first() else {
        return Err(format!("no command given\n{USAGE}"));
    };
    match (name.as_str(), rest) {
        ("test", _) => parse_test(rest),
        ("schema", []) => Ok(Task::Schema { write: false }),
        ("schema", [flag]) if flag == "--write" => Ok(Task::Schema { write: true }),
        (suite::CLUSTER, []) => Ok(Task::Cluster),
        (leftovers::WATCH, [folder]) => Ok(Task::Watch { folder: folder.clone() }),
        ("help" | "--help" | "-h", _) => Ok(Task::Help),
        _ => Err(format!("cannot understand `{}`\n{USAGE}", args.join(" "))),
    }
}

fn parse_test(rest: &[String]) -> Result<Task> {
    let end = rest.iter().position(|arg| arg == "--").unwrap_or(rest.len());
    let args = rest.get(end + 1..).unwrap_or_default().to_vec();
    let mut judges = false;
    for flag in &rest[..end] {
        match flag.as_str() {
            "--judges" => judges = true,
            "--help" | "-h" => return Ok(Task::Help),
            _ => return Err(format!("test does not know `{flag}`; arguments for cargo test come after `--`\n{USAGE}")),
        }
    }
    Ok(Task::Test { judges, args })
}

#[cfg(test)]
mod parsing {
    use super::{Task, parse};

    fn task(line: &str) -> Result<Task, String> {
        parse(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn everything_after_the_dashes_goes_to_cargo() {
        let args = ["-p", "remit", "--", "name"].map(str::to_owned).to_vec();
        assert_eq!(task("test --judges -- -p remit -- name"), Ok(Task::Test { judges: true, args }));
        assert_eq!(task("test"), Ok(Task::Test { judges: false, args: Vec::new() }));
        assert_eq!(task("test --"), Ok(Task::Test { judges: false, args: Vec::new() }));
    }

    #[test]
    fn an_argument_in_the_wrong_place_is_refused() {
        assert!(task("test -p remit").unwrap_err().contains("after `--`"));
        assert!(task("schema --wirte").unwrap_err().contains("schema --wirte"));
        assert!(task("").unwrap_err().contains("usage"));
    }

    #[test]
    fn the_schema_is_compared_unless_told_to_write() {
        assert_eq!(task("schema"), Ok(Task::Schema { write: false }));
        assert_eq!(task("schema --write"), Ok(Task::Schema { write: true }));
    }
}
