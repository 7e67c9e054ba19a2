//! A folder that is gone when the demo ends.

use std::path::{Path, PathBuf};

use crate::store::Uuid;

/// A folder of its own below the system's temporary one, removed when dropped.
#[derive(Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// Makes a folder that nobody else has.
    ///
    /// # Errors
    /// When the temporary folder cannot be written to.
    pub fn new() -> std::io::Result<Self> {
        let path = std::env::temp_dir().join(format!("remit-demo-{}", Uuid::now_v7().simple()));
        std::fs::create_dir(&path)?;
        Ok(Self(path))
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}
