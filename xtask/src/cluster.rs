//! A throw-away PostgreSQL: fast, unsafe with data, reachable from this machine only.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use crate::account::Account;
use crate::fetch;
use crate::leftovers::{self, Folder};
use crate::tools::{Doing, Result, command, output, say, target};

const SETTINGS: &str = "
listen_addresses = '127.0.0.1'
max_connections = 300
fsync = off
full_page_writes = off
synchronous_commit = off
";

/// A socket's path may have about 100 letters; the folder's name and the socket's need half of them.
const LONGEST_BASE: usize = 50;

/// A running cluster; dropping it ends it.
pub(crate) struct Cluster {
    port: u16,
    version: String,
    programs: PathBuf,
    _folder: Folder,
}

impl Cluster {
    /// Starts a cluster of its own for this run, and tidies up after runs that were killed.
    pub(crate) fn start() -> Result<Self> {
        let found = fetch::binaries()?;
        let account = Account::unprivileged()?;
        let base = base(account)?;
        for folder in leftovers::sweep(&base)? {
            say(&format!("removed what a killed run left: {}", folder.display()));
        }
        let folder = Folder::new(&base, account)?;
        let (programs, version) = usable(&found, account, &folder.path)?;
        let server = Server { account, programs: &programs, folder: &folder.path };
        server.create()?;
        let port = server.start()?;
        Ok(Self { port, version, programs: found, _folder: folder })
    }

    /// The address for the tests, which names no database.
    pub(crate) fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}", self.port)
    }

    /// The folder of its programs.
    pub(crate) fn programs(&self) -> &Path {
        &self.programs
    }

    /// One line that says which PostgreSQL this is.
    pub(crate) fn describe(&self) -> String {
        format!("PostgreSQL {} of {} on 127.0.0.1:{}", self.version, self.programs.display(), self.port)
    }
}

/// Starts a cluster, says where it and its programs are, and ends it when the standard input ends.
pub(crate) fn serve() -> Result<ExitCode> {
    let cluster = Cluster::start()?;
    say(&cluster.url());
    say(&cluster.programs().display().to_string());
    std::io::stdin().read_to_end(&mut Vec::new()).doing("the standard input")?;
    Ok(ExitCode::SUCCESS)
}

/// A temporary folder that the cluster's account reaches.
fn base(account: Account) -> Result<PathBuf> {
    let candidates = [std::env::temp_dir(), "/tmp".into()];
    let fits = |folder: &PathBuf| folder.as_os_str().len() <= LONGEST_BASE && account.enters(folder);
    candidates.into_iter().find(fits).ok_or_else(|| "PostgreSQL's account reaches no temporary folder".to_owned())
}

/// The programs and their version; a download the account cannot reach is copied next to its data.
fn usable(programs: &Path, account: Account, folder: &Path) -> Result<(PathBuf, String)> {
    let ask = |programs: &Path| output(account.command(&programs.join("postgres")).arg("--version").current_dir("/"));
    match ask(programs) {
        Ok(answer) => Ok((programs.to_path_buf(), version(&answer))),
        Err(_) if programs.starts_with(target()) => {
            let copy = folder.join("postgres");
            output(command("cp").arg("-RP").arg(programs.join("..")).arg(&copy))?;
            output(command("chmod").args(["-R", "a+rX"]).arg(&copy))?;
            let programs = copy.join("bin");
            let answer = ask(&programs)?;
            Ok((programs, version(&answer)))
        }
        Err(error) => Err(error),
    }
}

/// The version in `postgres (PostgreSQL) 15.14 (Debian ...)`.
fn version(answer: &str) -> String {
    answer.split_whitespace().nth(2).unwrap_or("of unknown version").to_owned()
}

struct Server<'a> {
    account: Account,
    programs: &'a Path,
    folder: &'a Path,
}

impl Server<'_> {
    fn program(&self, name: &str) -> Command {
        let mut command = self.account.command(&self.programs.join(name));
        command.current_dir(self.folder).env("LC_ALL", "C").stdin(Stdio::null());
        command.arg("-D").arg(self.folder.join("data"));
        command
    }

    fn create(&self) -> Result<()> {
        let options = ["--username=postgres", "--auth=trust", "-E", "UTF8", "--locale=C", "--no-sync"];
        output(self.program("initdb").args(options))?;
        let file = self.folder.join("data/postgresql.conf");
        let mut file = std::fs::OpenOptions::new().append(true).open(file).doing("postgresql.conf")?;
        file.write_all(settings(self.folder).as_bytes()).doing("postgresql.conf")
    }

    /// Starts the server and returns its port; one taken in the meantime by another program is given up.
    fn start(&self) -> Result<u16> {
        let mut failure = String::new();
        for _ in 0..3 {
            let port = free_port()?;
            match self.start_on(port) {
                Ok(()) => return Ok(port),
                Err(error) => failure = error,
            }
        }
        let log = std::fs::read_to_string(self.folder.join("log")).unwrap_or_default();
        Err(format!("PostgreSQL does not start: {failure}\n{log}"))
    }

    fn start_on(&self, port: u16) -> Result<()> {
        let mut start = self.program("pg_ctl");
        start.args(["start", "--wait", "--silent", "--timeout=60", "-o", &format!("-p {port}"), "-l"]);
        output(start.arg(self.folder.join("log"))).map(drop)
    }
}

fn settings(folder: &Path) -> String {
    let folder = folder.to_string_lossy().replace('\'', "''");
    format!("{SETTINGS}unix_socket_directories = '{folder}'\n")
}

fn free_port() -> Result<u16> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).doing("no free port")?;
    Ok(listener.local_addr().doing("no free port")?.port())
}

#[cfg(test)]
mod tests {
    use super::{settings, version};
    use std::path::Path;

    #[test]
    fn the_version_is_read() {
        assert_eq!(version("postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)\n"), "15.14");
        assert_eq!(version(""), "of unknown version");
    }

    #[test]
    fn the_socket_stays_in_the_folder() {
        assert!(settings(Path::new("/tmp/it's")).ends_with("unix_socket_directories = '/tmp/it''s'\n"));
    }
}
