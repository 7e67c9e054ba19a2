//! Finding PostgreSQL's server programs on this machine.

use std::cmp::Reverse;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// The programs a throw-away cluster needs.
const PROGRAMS: [&str; 3] = ["initdb", "pg_ctl", "postgres"];

/// Folders with one entry per version: the parent, how an entry's name starts, what follows.
const VERSIONED: [(&str, &str, &str); 3] =
    [("/usr/lib/postgresql", "", "bin"), ("/usr", "pgsql-", "bin"), ("/opt/homebrew/opt", "postgresql", "bin")];

/// The folder of an installed PostgreSQL: that of the PATH, else the newest in a usual place.
pub(crate) fn installed() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    on_path(&path).or_else(|| usual_places().into_iter().find(|folder| complete(folder)))
}

fn on_path(path: &OsStr) -> Option<PathBuf> {
    std::env::split_paths(path).find(|folder| folder.is_absolute() && complete(folder))
}

/// Whether a folder holds every program a cluster needs.
pub(crate) fn complete(folder: &Path) -> bool {
    PROGRAMS.iter().all(|program| folder.join(program).is_file())
}

fn usual_places() -> Vec<PathBuf> {
    let mut places = Vec::new();
    for (parent, prefix, inner) in VERSIONED {
        let found = newest_first(entries(Path::new(parent), prefix));
        places.extend(found.into_iter().map(|name| Path::new(parent).join(name).join(inner)));
    }
    places.push("/usr/local/pgsql/bin".into());
    places
}

fn entries(parent: &Path, prefix: &str) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(parent) else { return Vec::new() };
    let names = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
    names.filter(|name| name.starts_with(prefix)).collect()
}

fn newest_first(mut names: Vec<String>) -> Vec<String> {
    names.sort_by_key(|name| Reverse(version(name)));
    names
}

/// The numbers in a name, so that 9.6 < 15 < 17.
fn version(name: &str) -> Vec<u32> {
    name.split(|letter: char| !letter.is_ascii_digit()).filter_map(|digits| digits.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::{newest_first, on_path, version};
    use std::ffi::OsStr;

    #[test]
    fn the_newest_version_comes_first() {
        let names = ["9.6", "15", "17", "16"].map(str::to_owned).to_vec();
        assert_eq!(newest_first(names), ["17", "16", "15", "9.6"]);
        let names = ["postgresql", "postgresql@9.6", "postgresql@17"].map(str::to_owned).to_vec();
        assert_eq!(newest_first(names), ["postgresql@17", "postgresql@9.6", "postgresql"]);
        assert_eq!(version("pgsql-16"), [16]);
    }

    #[test]
    fn a_folder_without_the_server_is_passed_over() {
        assert_eq!(on_path(OsStr::new("/nowhere:.:")), None);
    }
}
