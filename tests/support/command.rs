//! The program, run as an operator runs it, beside a server on the same database.

use std::{
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Command, Stdio},
};

use super::Remit;

/// What a command said, and whether it did what it was to do.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) well: bool,
    /// What it ended with; none: a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) error: String,
}

/// Runs `remit` with these arguments in a folder, on the server's database.
pub(crate) async fn run(remit: &Remit, folder: PathBuf, arguments: Vec<String>) -> Said {
    let url = remit.database_url().to_owned();
    let run = move || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_remit"));
        command.args(arguments).current_dir(folder).env("REMIT_DATABASE_URL", url).env("REMIT_LOG", "error");
        let output = command.output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Said {
            well: output.status.success(),
            code: output.status.code(),
            out: text(output.stdout),
            error: text(output.stderr),
        }
    };
    tokio::task::spawn_blocking(run).await.unwrap()
}

/// Starts `remit serve` with these settings on the server's database, until its log has a word or it ends; the log.
pub(crate) async fn serve_until(remit: &Remit, settings: Vec<(String, String)>, word: &'static str) -> String {
    let url = remit.database_url().to_owned();
    let run = move || {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_remit"));
        command.arg("serve").current_dir(folder.path()).envs(settings);
        command.env("REMIT_DATABASE_URL", url).env("REMIT_LISTEN", "127.0.0.1:0").env("REMIT_DATA_DIR", folder.path());
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut log = String::new();
        for line in BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok) {
            log.push_str(&line);
            if line.contains(word) {
                break;
            }
        }
        child.kill().unwrap();
        child.wait().unwrap();
        log
    };
    tokio::task::spawn_blocking(run).await.unwrap()
}

/// Words between blanks; quotes of either kind hold blanks together.
pub(crate) fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote, mut begun) = (Vec::new(), String::new(), None, false);
    for letter in line.chars() {
        match (letter, quote) {
            ('"' | '\'', None) => (quote, begun) = (Some(letter), true),
            (_, Some(open)) if open == letter => quote = None,
            (' ', None) => {
                if begun {
                    words.push(std::mem::take(&mut word));
                }
                begun = false;
            }
            (other, _) => {
                word.push(other);
                begun = true;
            }
        }
    }
    if begun {
        words.push(word);
    }
    words
}
