//! The `remit` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    match remit::cli::run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("remit: {error}");
            ExitCode::FAILURE
        }
    }
}
