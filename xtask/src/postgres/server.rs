//! PostgreSQL's programs on this machine.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use super::account::Account;
use crate::process::{Failure, output_of, path_folders};

/// The oldest major version the tests are run on: older ones are out of support.
pub(super) const OLDEST_MAJOR: u32 = 14;

/// An installation that has `initdb` and `postgres`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Server {
    /// The folder of its programs.
    pub(super) bin: PathBuf,
    /// What its `postgres` says it is.
    pub(super) version: Version,
}

/// A version such as 15.14; of a beta the minor is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version {
    major: u32,
    minor: u32,
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

impl Server {
    /// The installation in this folder.
    ///
    /// # Errors
    /// When a program is missing, or the account cannot run it, or it does not say its version.
    pub(super) fn at(bin: &Path, account: &Account) -> Result<Self, Failure> {
        output_of(account.command(bin.join("initdb")).arg("--version"))?;
        let said = output_of(account.command(bin.join("postgres")).arg("--version"))?;
        let version = parse_version(&said).ok_or_else(|| Failure::new(format!("`{said}` names no version")))?;
        Ok(Self { bin: bin.to_owned(), version })
    }
}

/// The newest installation the account can run; of equal versions the one that PATH names.
///
/// # Errors
/// When there is none, or none new enough.
pub(super) fn find(account: &Account) -> Result<Server, Failure> {
    let servers = folders().iter().filter_map(|bin| Server::at(bin, account).ok()).collect();
    choose(servers)
}

fn choose(servers: Vec<Server>) -> Result<Server, Failure> {
    let newest = servers.into_iter().reduce(|best, next| if next.version > best.version { next } else { best });
    match newest {
        Some(server) if server.version.major >= OLDEST_MAJOR => Ok(server),
        Some(Server { bin, version }) => Err(Failure::new(format!("{} is only {version}", bin.display()))),
        None => Err(Failure::new("no initdb and postgres on PATH or in the usual folders")),
    }
}

/// Reads `postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)`.
fn parse_version(said: &str) -> Option<Version> {
    let number = said.split_once("(PostgreSQL) ")?.1.split_whitespace().next()?;
    let mut parts = number.split(|c: char| !c.is_ascii_digit());
    let major = parts.next()?.parse().ok()?;
    let minor = if number.contains('.') { parts.next()?.parse().ok()? } else { 0 };
    Some(Version { major, minor })
}

/// Parents, the beginning of a version's folder in them, and where its programs are from there.
const USUAL: [(&str, &str, &str); 9] = [
    ("/usr/lib/postgresql", "", "bin"),                          // Debian
    ("/usr", "pgsql-", "bin"),                                   // postgresql.org's RPMs
    ("/usr/lib", "postgresql", "bin"),                           // SUSE
    ("/usr/libexec", "postgresql", ""),                          // Alpine
    ("/opt/homebrew/opt", "postgresql", "bin"),                  // Homebrew on Apple silicon
    ("/usr/local/opt", "postgresql", "bin"),                     // Homebrew on Intel
    ("/home/linuxbrew/.linuxbrew/opt", "postgresql", "bin"),     // Homebrew on Linux
    ("/Applications/Postgres.app/Contents/Versions", "", "bin"), // Postgres.app
    ("/usr/local", "pgsql", "bin"),                              // built from source
];

/// The folders that hold both programs, each once, those of PATH first.
fn folders() -> Vec<PathBuf> {
    let usual = USUAL.iter().flat_map(|(parent, prefix, bin)| versions_in(Path::new(parent), prefix, bin));
    let mut folders: Vec<PathBuf> = Vec::new();
    for folder in path_folders().into_iter().chain(usual) {
        // PATH may hold links to the programs; their own folder is where they are.
        let own =
            fs::canonicalize(folder.join("postgres")).ok().and_then(|program| program.parent().map(Path::to_owned));
        if let Some(own) = own.filter(|own| !folders.contains(own) && own.join("initdb").is_file()) {
            folders.push(own);
        }
    }
    folders
}

fn versions_in(parent: &Path, prefix: &str, bin: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    entries
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(prefix))
        .map(|entry| entry.path().join(bin))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(bin: &str, major: u32, minor: u32) -> Server {
        Server { bin: bin.into(), version: Version { major, minor } }
    }

    #[test]
    fn versions_as_they_are_said() {
        let cases = [
            ("postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)", Some((15, 14))),
            ("postgres (PostgreSQL) 18.0", Some((18, 0))),
            ("postgres (PostgreSQL) 17.2 (Homebrew)", Some((17, 2))),
            ("postgres (PostgreSQL) 19beta2", Some((19, 0))),
            ("postgres (PostgreSQL) 9.6.24", Some((9, 6))),
            ("postgres (PostgreSQL) devel", None),
            ("cockroach 24.1", None),
        ];
        for (said, version) in cases {
            assert_eq!(parse_version(said), version.map(|(major, minor)| Version { major, minor }), "{said}");
        }
    }

    #[test]
    fn the_newest_wins_and_paths_own_among_equals() {
        let newest = choose(vec![server("path", 15, 4), server("a", 9, 6), server("b", 17, 2), server("c", 17, 2)]);
        assert_eq!(newest.unwrap(), server("b", 17, 2));
        assert_eq!(choose(vec![server("path", 15, 10), server("a", 15, 9)]).unwrap(), server("path", 15, 10));
    }

    #[test]
    fn none_or_only_old_ones_are_an_error_that_says_which() {
        assert!(choose(vec![]).unwrap_err().to_string().contains("PATH"));
        assert_eq!(choose(vec![server("/old", 9, 6)]).unwrap_err().to_string(), "/old is only 9.6");
    }
}
