//! The examples: programs of other languages, which the judges' run tries out too.

use std::path::PathBuf;

use crate::fetch::by_apt;
use crate::judges::{install, is_installed};
use crate::tools::{Doing, Result, command, output, root, status, target};

/// Debian's Python comes without what makes an environment of a project's own.
const DEBIAN: &str = "\
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends python3 python3-venv";

/// Makes the examples ready, each with the packages that it was tried with; the Python that has them.
pub(crate) fn prepare() -> Result<PathBuf> {
    install(&root().join("examples/typescript"))?;
    python()
}

/// An environment with the packages of the Python example, made anew where they have changed.
fn python() -> Result<PathBuf> {
    let list = root().join("examples/python/requirements.txt");
    let wanted = std::fs::read_to_string(&list).doing(list.display())?;
    let folder = target().join("xtask/python");
    let (python, installed) = (folder.join("bin/python"), folder.join("requirements.txt"));
    if is_installed(&installed, &wanted) && python.exists() {
        return Ok(python);
    }
    let mut make = command("python3");
    make.args(["-m", "venv", "--clear"]).arg(&folder);
    if output(&mut make).is_err() {
        by_apt("Python", DEBIAN).doing(NEEDED)?;
        output(&mut make).doing(NEEDED)?;
    }
    let mut pip = command(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--requirement"]);
    status(pip.arg(&list)).doing("examples/python")?;
    std::fs::write(&installed, wanted).doing(installed.display())?;
    Ok(python)
}

const NEEDED: &str = "the examples need Python 3 with venv";
