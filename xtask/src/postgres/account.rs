//! Who runs PostgreSQL: it refuses to be run by root.

use std::ffi::OsStr;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use crate::process::{Failure, While, output_of};

/// The account that PostgreSQL's programs run as.
#[derive(Debug)]
pub(super) enum Account {
    /// Our own, which is not root.
    Own,
    /// An existing unprivileged one, because ours is root.
    Other {
        /// Its user id.
        user: u32,
        /// Its main group's id.
        group: u32,
    },
}

/// The accounts root may lend, the best first.
const UNPRIVILEGED: [&str; 4] = ["postgres", "_postgres", "nobody", "daemon"];

impl Account {
    /// Our own account, or for root the first of the usual unprivileged ones.
    ///
    /// # Errors
    /// When root's machine has none of them.
    pub(super) fn find() -> Result<Self, Failure> {
        if own_user()? != 0 {
            return Ok(Self::Own);
        }
        UNPRIVILEGED.into_iter().find_map(named).ok_or_else(|| {
            let names = UNPRIVILEGED.join(", ");
            Failure::new(format!("PostgreSQL does not run as root, and none of these accounts exists: {names}"))
        })
    }

    /// A program run by this account, away from folders it may not enter.
    ///
    /// Root's supplementary groups are dropped with its user id.
    pub(super) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir("/");
        if let Self::Other { user, group } = self {
            command.uid(*user).gid(*group).env_remove("HOME");
        }
        command
    }

    /// Makes this account the owner of a file or folder of ours.
    pub(super) fn give(&self, path: &Path) -> Result<(), Failure> {
        match self {
            Self::Own => Ok(()),
            Self::Other { user, group } => {
                chown(path, Some(*user), Some(*group)).during(|| format!("giving away {}", path.display()))
            }
        }
    }
}

/// The user id this program runs as.
pub(super) fn own_user() -> Result<u32, Failure> {
    id(&["-u"]).ok_or_else(|| Failure::new("`id -u` does not say who runs this"))
}

fn named(name: &str) -> Option<Account> {
    Some(Account::Other { user: id(&["-u", name])?, group: id(&["-g", name])? })
}

fn id(args: &[&str]) -> Option<u32> {
    output_of(Command::new("id").args(args)).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_never_run_by_root() {
        let account = Account::find().unwrap();
        let user = output_of(account.command("id").arg("-u")).unwrap();
        assert_ne!(user, "0");
        if let Account::Other { group, .. } = account {
            assert_eq!(output_of(account.command("id").arg("-G")).unwrap(), group.to_string());
        }
    }

    #[test]
    fn a_made_up_account_is_not_found() {
        assert!(named("remit-no-such-account").is_none());
    }
}
