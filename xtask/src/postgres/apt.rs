//! PostgreSQL from Debian's own package.

use std::process::Command;

use super::account::own_user;
use crate::process::{Failure, on_path, output_of};

/// Installs the package `postgresql` with apt-get, as root or with passwordless sudo, never asking.
///
/// # Errors
/// When there is no apt-get or no right to use it, or it fails.
pub(super) fn install() -> Result<(), Failure> {
    if !on_path("apt-get") {
        return Err(Failure::new("no apt-get on PATH"));
    }
    let sudo = needs_sudo()?;
    println!("installing PostgreSQL with apt-get");
    // An outside list that cannot be fetched fails the update; whether the package can be had, the second step tells.
    let update = output_of(apt_get(sudo).arg("update"));
    let install = output_of(apt_get(sudo).args(["install", "--yes", "--no-install-recommends", "postgresql"]));
    match (install, update) {
        (Ok(_), _) => Ok(()),
        (Err(reason), Ok(_)) => Err(reason),
        (Err(reason), Err(before)) => Err(Failure::new(format!("{before}\n{reason}"))),
    }
}

/// How apt-get gets its rights.
#[derive(Debug, Clone, Copy)]
enum Sudo {
    Needed,
    NotNeeded,
}

fn needs_sudo() -> Result<Sudo, Failure> {
    if own_user()? == 0 {
        return Ok(Sudo::NotNeeded);
    }
    match output_of(Command::new("sudo").args(["-n", "true"])) {
        Ok(_) => Ok(Sudo::Needed),
        Err(_) => Err(Failure::new("apt-get needs root or passwordless sudo")),
    }
}

fn apt_get(sudo: Sudo) -> Command {
    let mut words = vec!["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"];
    if let Sudo::Needed = sudo {
        words.splice(0..0, ["sudo", "-n"]);
    }
    let mut command = Command::new(words.remove(0));
    command.args(words);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(sudo: Sudo) -> Vec<String> {
        let command = apt_get(sudo);
        std::iter::once(command.get_program())
            .chain(command.get_args())
            .map(|word| word.to_string_lossy().into())
            .collect()
    }

    #[test]
    fn sudo_never_asks() {
        assert_eq!(words(Sudo::NotNeeded), ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
        assert_eq!(words(Sudo::Needed), ["sudo", "-n", "env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
    }
}
