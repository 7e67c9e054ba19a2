//! The account PostgreSQL runs as: it refuses to run as root.

use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use crate::tools::{Doing, Result, command, output};

/// Accounts root may hand the cluster to, best first.
const ACCOUNTS: [&str; 2] = ["postgres", "nobody"];

/// Who runs the cluster: ourselves, or for root the user and group given.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Account {
    switch: Option<(u32, u32)>,
}

/// Whether we are root.
pub(crate) fn is_root() -> Result<bool> {
    Ok(id(&["-u"])? == 0)
}

/// The number of the user we are.
pub(crate) fn own() -> Result<u32> {
    id(&["-u"])
}

impl Account {
    /// Ourselves, unless we are root.
    pub(crate) fn unprivileged() -> Result<Self> {
        if !is_root()? {
            return Ok(Self { switch: None });
        }
        let found = ACCOUNTS.iter().find_map(|name| Some((id(&["-u", name]).ok()?, id(&["-g", name]).ok()?)));
        let switch = found.ok_or("PostgreSQL refuses to run as root, and there is no account postgres or nobody")?;
        Ok(Self { switch: Some(switch) })
    }

    /// A program to be run by this account.
    pub(crate) fn command(self, program: &Path) -> Command {
        let mut command = command(program);
        if let Some((user, group)) = self.switch {
            command.uid(user).gid(group).env("HOME", "/");
        }
        command
    }

    /// Makes this account the owner of a file or folder.
    pub(crate) fn own(self, path: &Path) -> Result<()> {
        let Some((user, group)) = self.switch else { return Ok(()) };
        chown(path, Some(user), Some(group)).doing(path.display())
    }

    /// Whether this account can enter a folder.
    pub(crate) fn enters(self, folder: &Path) -> bool {
        output(self.command(Path::new("test")).arg("-x").arg(folder).current_dir("/")).is_ok()
    }
}

fn id(args: &[&str]) -> Result<u32> {
    output(command("id").args(args))?.trim().parse().doing("id")
}

#[cfg(test)]
mod tests {
    use super::{Account, is_root};
    use std::path::Path;

    #[test]
    fn the_cluster_is_never_run_by_root() {
        let account = Account::unprivileged().unwrap();
        assert_eq!(account.switch.is_some(), is_root().unwrap());
        assert!(account.switch.is_none_or(|(user, _)| user != 0));
        assert!(account.enters(Path::new("/")) && !account.enters(Path::new("/no/such/folder")));
    }
}
