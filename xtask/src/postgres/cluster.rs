//! A PostgreSQL cluster that lives as long as a value.

use std::fs::{self, DirBuilder, File, Permissions};
use std::net::TcpListener;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::account::Account;
use super::folder::{Folder, random_hex};
use super::server::Server;
use crate::process::{Failure, While, output_of};

/// Speed before safety: nothing in it is worth keeping.
const SETTINGS: [&str; 9] = [
    "listen_addresses=127.0.0.1",
    "fsync=off",
    "full_page_writes=off",
    "synchronous_commit=off",
    "max_connections=300",
    "shared_buffers=128MB",
    "logging_collector=off",
    "timezone=UTC",
    "log_timezone=UTC",
];

const USER: &str = "remit";
const START_LIMIT: Duration = Duration::from_secs(60);
const STOP_LIMIT: Duration = Duration::from_secs(20);
const PORT_TRIES: u32 = 5;

/// A running cluster, listening on 127.0.0.1 only; dropping it stops it and removes its folder.
#[derive(Debug)]
pub(crate) struct Cluster {
    postgres: Child,
    folder: Folder,
    port: u16,
    password: String,
}

impl Cluster {
    /// Makes a cluster in the folder (UTF-8, C locale, a password of its own) and waits until it answers.
    ///
    /// # Errors
    /// When `initdb` fails or the server does not come up; the sentence ends with its log.
    pub(super) fn start(server: &Server, account: &Account, folder: Folder) -> Result<Self, Failure> {
        let password = random_hex::<16>()?;
        init(server, account, folder.path(), &password)?;
        for _ in 0..PORT_TRIES {
            let port = free_port()?;
            let mut postgres = launch(server, account, folder.path(), port)?;
            match wait_until_ready(&mut postgres, folder.path())? {
                Start::Ready => return Ok(Self { postgres, folder, port, password }),
                Start::PortTaken => {}
            }
        }
        Err(Failure::new(format!("{PORT_TRIES} free ports in a row were taken by others before PostgreSQL got them")))
    }

    /// The host and port it listens on.
    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// The URL of its superuser, without a database name.
    pub(crate) fn url(&self) -> String {
        format!("postgres://{USER}:{}@{}", self.password, self.address())
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.folder.release();
        let limit = Instant::now() + STOP_LIMIT;
        while Instant::now() < limit {
            match self.postgres.try_wait() {
                Ok(None) => sleep(Duration::from_millis(20)),
                Ok(Some(_)) | Err(_) => return,
            }
        }
        end(&mut self.postgres);
    }
}

fn init(server: &Server, account: &Account, folder: &Path, password: &str) -> Result<(), Failure> {
    for inner in ["data", "socket"] {
        let inner = folder.join(inner);
        DirBuilder::new().mode(0o700).create(&inner).during(|| format!("making {}", inner.display()))?;
        account.give(&inner)?;
    }
    let secret = folder.join("password");
    write_secret(&secret, password)?;
    account.give(&secret)?;
    let mut initdb = account.command(server.bin.join("initdb"));
    initdb.arg("--pgdata").arg(folder.join("data")).arg("--pwfile").arg(&secret);
    initdb.args(["--username", USER, "--encoding=UTF8", "--no-locale", "--no-sync"]);
    // The password is sent in the clear, over loopback: a debug build takes tens of milliseconds for each SCRAM log-in.
    output_of(initdb.args(["--auth=password", "--no-instructions"]))?;
    fs::remove_file(&secret).during(|| format!("removing {}", secret.display()))
}

fn write_secret(file: &Path, secret: &str) -> Result<(), Failure> {
    let write = || {
        File::create(file)?.set_permissions(Permissions::from_mode(0o600))?;
        fs::write(file, secret)
    };
    write().during(|| format!("writing {}", file.display()))
}

/// A port that was free a moment ago.
fn free_port() -> Result<u16, Failure> {
    let address = TcpListener::bind(("127.0.0.1", 0)).and_then(|listener| listener.local_addr());
    Ok(address.during(|| "looking for a free port on 127.0.0.1".to_owned())?.port())
}

fn launch(server: &Server, account: &Account, folder: &Path, port: u16) -> Result<Child, Failure> {
    let log = log_file(folder);
    let file = File::create(&log).during(|| format!("making {}", log.display()))?;
    let copy = file.try_clone().during(|| format!("opening {}", log.display()))?;
    let mut postgres = postgres(server, account, folder, port);
    postgres.stdin(Stdio::null()).stdout(file).stderr(copy);
    // An interrupt from the keyboard is for the tests; what stops the server is the folder's reaper.
    postgres.process_group(0);
    postgres.spawn().during(|| format!("starting {}", server.bin.join("postgres").display()))
}

fn postgres(server: &Server, account: &Account, folder: &Path, port: u16) -> Command {
    let mut postgres = account.command(server.bin.join("postgres"));
    postgres.arg("-D").arg(folder.join("data")).arg("-k").arg(folder.join("socket"));
    postgres.arg("-p").arg(port.to_string());
    for setting in SETTINGS {
        postgres.args(["-c", setting]);
    }
    postgres
}

/// How an attempt to start ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Start {
    Ready,
    PortTaken,
}

fn wait_until_ready(postgres: &mut Child, folder: &Path) -> Result<Start, Failure> {
    let limit = Instant::now() + START_LIMIT;
    while Instant::now() < limit {
        if says_ready(folder) {
            return Ok(Start::Ready);
        }
        if postgres.try_wait().during(|| "waiting for postgres".to_owned())?.is_some() {
            return why_it_ended(&read_log(folder));
        }
        sleep(Duration::from_millis(20));
    }
    end(postgres);
    Err(Failure::new(format!("PostgreSQL was not ready after {START_LIMIT:?}\n{}", read_log(folder))))
}

/// The eighth line of `postmaster.pid` is the server's own word on its state.
fn says_ready(folder: &Path) -> bool {
    let state = fs::read_to_string(folder.join("data/postmaster.pid")).unwrap_or_default();
    state.lines().nth(7).is_some_and(|line| line.trim() == "ready")
}

fn why_it_ended(log: &str) -> Result<Start, Failure> {
    if log.contains("Address already in use") {
        return Ok(Start::PortTaken);
    }
    Err(Failure::new(format!("PostgreSQL did not start\n{log}")))
}

fn log_file(folder: &Path) -> std::path::PathBuf {
    folder.join("postgres.log")
}

fn read_log(folder: &Path) -> String {
    fs::read_to_string(log_file(folder)).unwrap_or_default()
}

/// Ends a server that does not end by itself; its own children notice and follow.
fn end(postgres: &mut Child) {
    if let Err(error) = postgres.kill().and_then(|()| postgres.wait()) {
        eprintln!("xtask: PostgreSQL (process {}) may be left running: {error}", postgres.id());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_is_tried_again_and_all_else_is_an_error_with_the_log() {
        let taken = "LOG:  could not bind IPv4 address \"127.0.0.1\": Address already in use";
        assert_eq!(why_it_ended(taken).unwrap(), Start::PortTaken);
        assert!(why_it_ended("FATAL:  no").unwrap_err().to_string().contains("FATAL:  no"));
    }

    #[test]
    fn a_free_port_can_be_bound() {
        assert!(TcpListener::bind(("127.0.0.1", free_port().unwrap())).is_ok());
    }

    #[test]
    fn a_folder_without_a_server_is_not_ready() {
        assert!(!says_ready(Path::new("/nonexistent")));
    }
}
