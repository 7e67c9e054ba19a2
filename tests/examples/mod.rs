//! The programs in `examples`, run against a server: `cargo xtask test --judges` fetches what they need.

mod mirror;
mod portal;

use std::path::PathBuf;

/// The folder of an example.
fn folder(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("examples").join(name)
}
