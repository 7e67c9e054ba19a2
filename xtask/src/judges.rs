//! The judges: other people's software that the tests hold Remit's answers against. They need Node or Chromium.

use std::path::PathBuf;
use std::process::Command;

use crate::args::Judges;
use crate::process::{Failure, on_path, require_success, workspace};

/// What the test run does about the judges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Judging {
    /// Their packages are fetched and the tests are told to use them.
    Ready,
    /// They were asked for, but the project has none.
    NoneExist,
    /// They were not asked for.
    LeftOut,
}

/// Fetches what the judges need, where they were asked for.
///
/// # Errors
/// When Node or npm is missing, or `npm ci` fails.
pub(crate) fn prepare(judges: Judges) -> Result<Judging, Failure> {
    if judges == Judges::LeaveOut {
        return Ok(Judging::LeftOut);
    }
    let folder = folder();
    if !folder.join("package.json").is_file() {
        return Ok(Judging::NoneExist);
    }
    if let Some(missing) = ["node", "npm"].into_iter().find(|program| !on_path(program)) {
        return Err(Failure::new(format!("the judges need {missing}, which is not on PATH; install Node 20 or newer")));
    }
    require_success(Command::new("npm").args(["ci", "--no-audit", "--no-fund"]).current_dir(folder))?;
    Ok(Judging::Ready)
}

fn folder() -> PathBuf {
    workspace().join("tests/judges")
}

impl Judging {
    /// Tells a test run, by `REMIT_TEST_JUDGES=1`, that the judges can be called; whatever was set before is taken away.
    pub(crate) fn tell(self, tests: &mut Command) {
        tests.env_remove("REMIT_TEST_JUDGES");
        if self == Self::Ready {
            tests.env("REMIT_TEST_JUDGES", "1");
        }
    }

    /// One line about what the run left out, after the tests' own output so that it is seen.
    pub(crate) fn say_what_was_not_run(self) {
        match self {
            Self::Ready => {}
            Self::NoneExist => println!("not run: the judges; there are none yet (no tests/judges/package.json)"),
            Self::LeftOut => {
                println!("not run: the judges (tests that need Node or Chromium); run cargo xtask test --judges");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::OsStr;

    fn told(judging: Judging) -> Option<String> {
        let mut tests = Command::new("true");
        judging.tell(&mut tests);
        let mut settings = tests.get_envs();
        settings.find_map(|(name, value)| (name == "REMIT_TEST_JUDGES").then_some(value)).flatten().map(text)
    }

    fn text(value: &OsStr) -> String {
        value.to_string_lossy().into_owned()
    }

    #[test]
    fn only_judges_that_are_ready_are_told_of() {
        assert_eq!(told(Judging::Ready), Some("1".to_owned()));
        assert_eq!(told(Judging::NoneExist), None);
        assert_eq!(told(Judging::LeftOut), None);
    }

    #[test]
    fn judges_not_asked_for_need_no_tools() {
        assert_eq!(prepare(Judges::LeaveOut).unwrap(), Judging::LeftOut);
    }
}
