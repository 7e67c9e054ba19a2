//! The `remit` command.

use std::process::ExitCode;

/// An answer is made of many small pieces; with the system's allocator it takes a sixth longer.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match remit::cli::run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("remit: {error}");
            ExitCode::FAILURE
        }
    }
}
