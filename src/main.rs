//! The `remit` command.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    match remit::cli::run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("remit: {error}");
            ExitCode::FAILURE
        }
    }
}
