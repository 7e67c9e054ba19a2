//! A throw-away cluster's folder: whatever becomes of the run, the cluster ends and its folder goes.
//!
//! A run holds the lock of its folder and a pipe to a small watcher (`xtask watch FOLDER`). The pipe closes when
//! the run ends, be it by an interrupt or a kill, and the watcher tidies up. Should the watcher be killed too,
//! the next run finds a lock that nobody holds.

use std::fs::{File, Permissions};
use std::io::Read;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use crate::account::{self, Account};
use crate::tools::{Doing, Result, output};

/// The command that waits for a run to end; not for people.
pub(crate) const WATCH: &str = "watch";

const PREFIX: &str = "remit-test-postgres-";
const LOCK: &str = "lock";

/// A folder that is gone, with the cluster in it, once this is dropped.
pub(crate) struct Folder {
    pub(crate) path: PathBuf,
    watcher: Child,
    _lock: File,
}

impl Folder {
    /// A new folder below `base` that `account` owns.
    pub(crate) fn new(base: &Path, account: Account) -> Result<Self> {
        let (path, lock) = locked(base)?;
        let made = std::fs::create_dir(&path)
            .and_then(|()| std::fs::set_permissions(&path, Permissions::from_mode(0o700)))
            .doing(path.display());
        let watcher = made.and_then(|()| account.own(&path)).and_then(|()| watcher(&path));
        match watcher {
            Ok(watcher) => Ok(Self { path, watcher, _lock: lock }),
            Err(error) => {
                std::fs::remove_dir(&path).ok();
                std::fs::remove_file(path.with_extension(LOCK)).ok();
                Err(error)
            }
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(self.watcher.stdin.take());
        let tidied = self.watcher.wait().is_ok_and(|status| status.success());
        if !tidied && let Err(error) = end(&self.path) {
            eprintln!("xtask: {error}");
        }
    }
}

/// A name that is ours: its lock file is new and nobody else took it.
fn locked(base: &Path) -> Result<(PathBuf, File)> {
    for attempt in 0..100 {
        let path = base.join(format!("{PREFIX}{}-{attempt}", std::process::id()));
        let lock = path.with_extension(LOCK);
        let Ok(file) = File::create_new(&lock) else { continue };
        // Another run's sweep may have taken the file between the two calls.
        if file.try_lock().is_ok() && lock.exists() {
            return Ok((path, file));
        }
    }
    Err(format!("cannot make a folder in {}", base.display()))
}

fn watcher(folder: &Path) -> Result<Child> {
    let program = std::env::current_exe().doing("the running program")?;
    let mut watcher = Command::new(program);
    watcher.arg(WATCH).arg(folder).current_dir("/").stdin(Stdio::piped()).stdout(Stdio::null());
    watcher.process_group(0).spawn().doing("cannot start the watcher")
}

/// Waits until the run that started us is over, then ends its cluster.
pub(crate) fn watch(folder: &Path) -> Result<ExitCode> {
    let named = folder.file_name().is_some_and(|name| name.to_string_lossy().starts_with(PREFIX));
    if !named {
        return Err(format!("{} is not a folder of the tests", folder.display()));
    }
    std::io::stdin().read_to_end(&mut Vec::new()).doing("the pipe")?;
    end(folder).map(|()| ExitCode::SUCCESS)
}

/// Ends the clusters below `base` whose runs are over; returns their folders.
pub(crate) fn sweep(base: &Path) -> Result<Vec<PathBuf>> {
    let own = account::own()?;
    let entries = std::fs::read_dir(base).doing(base.display())?;
    let mut ended = Vec::new();
    for entry in entries.flatten().filter(|entry| is_lock(&entry.file_name().to_string_lossy())) {
        let ours = entry.metadata().is_ok_and(|lock| lock.is_file() && lock.uid() == own);
        if ours && File::open(entry.path()).is_ok_and(|lock| lock.try_lock().is_ok()) {
            let folder = entry.path().with_extension("");
            end(&folder)?;
            ended.push(folder);
        }
    }
    Ok(ended)
}

fn is_lock(name: &str) -> bool {
    name.starts_with(PREFIX) && name.ends_with(".lock")
}

/// Ends the cluster in a folder, if one runs, and removes the folder and its lock.
fn end(folder: &Path) -> Result<()> {
    if let Some(pid) = server(folder) {
        for (signal, seconds) in [("QUIT", 10), ("KILL", 5)] {
            output(Command::new("sh").args(["-c", "kill -s \"$0\" \"$1\" || :", signal, &pid.to_string()]))?;
            if stopped(pid, folder, Duration::from_secs(seconds)) {
                break;
            }
        }
    }
    remove(folder)?;
    std::fs::remove_file(folder.with_extension(LOCK)).ok();
    Ok(())
}

fn stopped(pid: u32, folder: &Path, limit: Duration) -> bool {
    let start = Instant::now();
    while runs(pid, folder) {
        if start.elapsed() > limit {
            return false;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    true
}

/// The running server that a folder's pid file names.
fn server(folder: &Path) -> Option<u32> {
    let file = std::fs::read_to_string(folder.join("data/postmaster.pid")).ok()?;
    pid(&file).filter(|pid| runs(*pid, folder))
}

fn pid(file: &str) -> Option<u32> {
    file.lines().next()?.trim().parse().ok().filter(|pid| *pid > 1)
}

/// Whether a process still is the server of that folder, which its command line names.
fn runs(pid: u32, folder: &Path) -> bool {
    let line = match std::fs::read(format!("/proc/{pid}/cmdline")) {
        Ok(line) => String::from_utf8_lossy(&line).into_owned(),
        Err(_) if Path::new("/proc/self").exists() => return false,
        Err(_) => output(Command::new("ps").args(["-o", "args=", "-p", &pid.to_string()])).unwrap_or_default(),
    };
    line.contains(&*folder.join("data").to_string_lossy())
}

/// Removes a folder; processes on their way out may still write to it for a moment.
fn remove(folder: &Path) -> Result<()> {
    let start = Instant::now();
    loop {
        match std::fs::remove_dir_all(folder) {
            Ok(()) => return Ok(()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && !folder.exists() => return Ok(()),
            Err(error) if start.elapsed() > Duration::from_secs(5) => {
                return Err(format!("cannot remove {}: {error}", folder.display()));
            }
            Err(_) => std::thread::sleep(Duration::from_millis(50)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{is_lock, pid, runs};
    use std::path::Path;

    #[test]
    fn the_pid_file_names_the_server() {
        assert_eq!(pid("4711\n/tmp/x/data\n"), Some(4711));
        assert_eq!([pid(""), pid("-1\n"), pid("0\n"), pid("1\n"), pid("x\n")], [None; 5]);
    }

    #[test]
    fn a_process_that_is_not_the_folders_server_is_left_alone() {
        assert!(!runs(std::process::id(), Path::new("/tmp/remit-test-postgres-1-0")));
    }

    #[test]
    fn only_our_locks_are_looked_at() {
        assert!(is_lock("remit-test-postgres-1-0.lock"));
        assert!(!is_lock("remit-test-postgres-1-0") && !is_lock("other.lock"));
    }
}
