//! The `remit` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    match remit::cli::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("remit: {error}");
            ExitCode::FAILURE
        }
    }
}
