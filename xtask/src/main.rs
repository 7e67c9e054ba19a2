//! The project's own commands. `cargo xtask help` lists them.
//!
//! `cargo xtask test` runs every test on SQLite and on PostgreSQL and does its own set-up: it finds PostgreSQL's programs
//! or installs them, starts a throw-away cluster and stops it however the run ends. It uses the standard library alone,
//! so that it is built in a moment on a fresh machine.
//!
//! To add a command: a variant and a line of help in [`args`], a module with a `run`, an arm in [`run`].

mod args;
mod judges;
mod postgres;
mod process;
mod schema;
mod suite;

use std::process::ExitCode;

use args::Command;
use process::Failure;

fn main() -> ExitCode {
    match Command::parse(std::env::args().skip(1)).and_then(|command| run(&command)) {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("xtask: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: &Command) -> Result<ExitCode, Failure> {
    match command {
        Command::Help => {
            print!("{}", args::HELP);
            Ok(ExitCode::SUCCESS)
        }
        Command::Test { judges, cargo_args } => suite::run(*judges, cargo_args),
        Command::Schema(task) => schema::run(*task),
    }
}
