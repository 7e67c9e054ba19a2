//! The cluster's folder, which never outlives its run for long.
//!
//! A small shell script, the reaper, waits beside us for the end of its standard input. That end comes when the folder
//! is dropped, and also when this program is interrupted or killed; the reaper then stops the PostgreSQL that runs in
//! the folder and removes it. Should the reaper die too, the next run finds the folder's lock free and does the same.

use std::fs::{self, DirBuilder, File, Permissions};
use std::io::{self, Read};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::account::own_user;
use crate::process::{Failure, While};

const PREFIX: &str = "remit-pg-";
const LOCK: &str = "lock";

/// `$1` is the folder. A process is only stopped when it was started for that folder: the number may be another's by now.
const REAPER: &str = r#"
trap '' HUP INT TERM
read -r _
pidfile=$1/data/postmaster.pid
if [ -e "$pidfile" ]; then
    read -r pid <"$pidfile"
    case $( (tr '\0' ' ' <"/proc/$pid/cmdline" || ps -o args= -p "$pid") 2>/dev/null) in
    *"$1/"*)
        kill -QUIT "$pid"
        tries=0
        while [ -e "$pidfile" ] && [ "$tries" -lt 100 ]; do
            sleep 0.1
            tries=$((tries + 1))
        done
        ;;
    esac
fi
rm -rf "$1" || { sleep 1; rm -rf "$1"; }
"#;

/// A locked folder with its reaper.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    reaper: Child,
    /// Held, never read: the system lets go of it when this program ends in whatever way.
    _lock: File,
}

impl Folder {
    /// A new folder that others may pass through and only we may write to.
    ///
    /// # Errors
    /// When the temporary folder cannot be written to, or there is no shell.
    pub(super) fn create() -> Result<Self, Failure> {
        let path = parent().join(format!("{PREFIX}{}", random_hex::<4>()?));
        DirBuilder::new().mode(0o700).create(&path).during(|| format!("making {}", path.display()))?;
        let reaper = reap(&path, Stdio::piped())?;
        let lock = lock(&path).during(|| format!("locking {}", path.display()))?;
        let folder = Self { path, reaper, _lock: lock };
        // Not by `mode` above, from which a strict umask takes the right to pass.
        let passable = Permissions::from_mode(0o711);
        fs::set_permissions(&folder.path, passable).during(|| format!("opening {}", folder.path.display()))?;
        Ok(folder)
    }

    /// Where it is: an absolute path, short enough for a socket in it.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Tells the reaper to begin, without waiting for its end.
    pub(super) fn release(&mut self) {
        drop(self.reaper.stdin.take());
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        self.release();
        match self.reaper.wait() {
            Ok(status) if status.success() => {}
            trouble => eprintln!("xtask: {} may be left behind ({trouble:?})", self.path.display()),
        }
    }
}

/// Stops and removes the clusters of runs that ended together with their reaper.
///
/// # Errors
/// When an abandoned folder cannot be dealt with.
pub(super) fn remove_abandoned() -> Result<(), Failure> {
    let own = own_user()?;
    let parent = parent();
    let entries = fs::read_dir(&parent).during(|| format!("reading {}", parent.display()))?;
    let paths = entries.flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with(PREFIX));
    for path in paths.map(|entry| entry.path()) {
        // Anyone may put things into the temporary folder; only our own folders are ours to remove.
        if fs::symlink_metadata(&path).is_ok_and(|folder| folder.is_dir() && folder.uid() == own) {
            remove_if_abandoned(&path)?;
        }
    }
    Ok(())
}

fn remove_if_abandoned(path: &Path) -> Result<(), Failure> {
    let _lock = match File::open(path.join(LOCK)) {
        Ok(lock) if lock.try_lock().is_ok() => Some(lock),
        Err(error) if error.kind() == io::ErrorKind::NotFound && is_older_than_a_minute(path) => None,
        _ => return Ok(()),
    };
    println!("removing {}, which a killed run left", path.display());
    let status = reap(path, Stdio::null())?.wait().during(|| format!("removing {}", path.display()))?;
    if status.success() { Ok(()) } else { Err(Failure::new(format!("{} cannot be removed", path.display()))) }
}

/// A folder without a lock is a moment old, or its run was killed in that moment.
fn is_older_than_a_minute(path: &Path) -> bool {
    let made = fs::metadata(path).and_then(|folder| folder.modified());
    made.is_ok_and(|made| made.elapsed().is_ok_and(|age| age > Duration::from_secs(60)))
}

fn reap(folder: &Path, until: Stdio) -> Result<Child, Failure> {
    let mut reaper = Command::new("sh");
    reaper.args(["-c", REAPER, "remit-reaper"]).arg(folder).current_dir("/");
    // In a process group of its own it is not interrupted from the keyboard together with us.
    reaper.stdin(until).stdout(Stdio::null()).process_group(0);
    reaper.spawn().during(|| "starting sh".to_owned())
}

/// Locked first, then named: a lock that can be seen is held as long as its owner lives.
fn lock(folder: &Path) -> io::Result<File> {
    let unnamed = folder.join("lock.new");
    let lock = File::create(&unnamed)?;
    lock.lock()?;
    fs::rename(unnamed, folder.join(LOCK))?;
    Ok(lock)
}

/// The temporary folder, unless its name leaves no room for that of a socket (103 bytes in all).
fn parent() -> PathBuf {
    let usual = std::env::temp_dir();
    if usual.is_absolute() && usual.as_os_str().len() <= 60 { usual } else { PathBuf::from("/tmp") }
}

/// Twice `BYTES` random hexadecimal digits.
///
/// # Errors
/// When the system gives no random bytes.
pub(super) fn random_hex<const BYTES: usize>() -> Result<String, Failure> {
    let mut bytes = [0_u8; BYTES];
    File::open("/dev/urandom")
        .and_then(|mut random| random.read_exact(&mut bytes))
        .during(|| "/dev/urandom".to_owned())?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    #[test]
    fn a_dropped_folder_is_gone() {
        let folder = Folder::create().unwrap();
        let path = folder.path().to_owned();
        fs::create_dir(path.join("data")).unwrap();
        assert!(path.is_dir());
        drop(folder);
        assert!(!path.exists());
    }

    #[test]
    fn a_folder_in_use_is_kept_and_an_abandoned_one_removed() {
        let folder = Folder::create().unwrap();
        remove_if_abandoned(folder.path()).unwrap();
        assert!(folder.path().is_dir());
        let left = parent().join(format!("remit-test-of-xtask-{}", random_hex::<4>().unwrap()));
        fs::create_dir(&left).unwrap();
        remove_if_abandoned(&left).unwrap();
        assert!(left.is_dir(), "without a lock it may be being made");
        drop(lock(&left).unwrap());
        // A program that another test is just starting may hold the lock for a moment.
        let limit = Instant::now() + Duration::from_secs(10);
        while left.exists() && Instant::now() < limit {
            remove_if_abandoned(&left).unwrap();
        }
        assert!(!left.exists());
    }

    #[test]
    fn a_process_of_another_folder_is_not_stopped() {
        let folder = Folder::create().unwrap();
        fs::create_dir(folder.path().join("data")).unwrap();
        let mut bystander = Command::new("sleep").arg("60").spawn().unwrap();
        fs::write(folder.path().join("data/postmaster.pid"), format!("{}\n", bystander.id())).unwrap();
        drop(folder);
        assert!(bystander.try_wait().unwrap().is_none());
        bystander.kill().unwrap();
        bystander.wait().unwrap();
    }

    #[test]
    fn random_digits_differ() {
        let (one, other) = (random_hex::<16>().unwrap(), random_hex::<16>().unwrap());
        assert_eq!(one.len(), 32);
        assert_ne!(one, other);
    }
}
