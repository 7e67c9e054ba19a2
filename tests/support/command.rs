//! The program, run as an operator runs it, beside a server on the same database.

use std::{path::PathBuf, process::Command};

use super::Remit;

/// What a command said, and whether it did what it was to do.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) well: bool,
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
        Said { well: output.status.success(), out: text(output.stdout), error: text(output.stderr) }
    };
    tokio::task::spawn_blocking(run).await.unwrap()
}

/// Words between blanks; quotes hold blanks together.
pub(crate) fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted, mut begun) = (Vec::new(), String::new(), false, false);
    for letter in line.chars() {
        match letter {
            '"' => (quoted, begun) = (!quoted, true),
            ' ' if !quoted => {
                if begun {
                    words.push(std::mem::take(&mut word));
                }
                begun = false;
            }
            other => {
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
