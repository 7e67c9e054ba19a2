//! `remit export connection`: a whole list as JSON Lines, as `/bulk` serves it.

use std::{
    fs::{self, File},
    io::{self, BufRead as _, BufReader, BufWriter, Seek as _, SeekFrom, Write},
    path::{Path, PathBuf},
    time::Duration,
};

use clap::Args;
use remit_domain::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};
use tokio::time::sleep;

use super::{
    Failure,
    files::{existing, meant},
};
use crate::{
    app::App,
    auth::{Caller, ProviderCode},
    config::Flags,
    graphql::{Api, BulkExport, EXPORT_PAGE, ExportPage, Then, request::hash},
};

#[derive(Debug, Args)]
pub(super) struct ExportConnection {
    /// The list's name in the API, such as `agreements`, for all that its items say themselves; or a file with a query of
    /// one list, such as `{ agreements { nodes { number terms { version } } } }`.
    what: String,
    /// The provider whose list it is. Left out: the only one there is.
    #[arg(long)]
    provider: Option<ProviderCode>,
    /// The values of the query's variables, as a JSON object.
    #[arg(long, value_name = "JSON", value_parser = variables)]
    variables: Option<Map<String, Value>>,
    /// How many items are read at once.
    #[arg(long, default_value_t = EXPORT_PAGE, value_parser = clap::value_parser!(u64).range(1..=500))]
    page_size: u64,
    /// Write to this file, which is there only once it is whole: until then its lines are in FILE.….part, and the same
    /// command goes on with them. Left out: the standard output.
    #[arg(long, visible_alias = "out", value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    flags: Flags,
}

fn variables(text: &str) -> Result<Map<String, Value>, String> {
    serde_json::from_str(text).map_err(|error| format!("it is no JSON object: {error}"))
}

impl ExportConnection {
    /// Writes the list, page by page, and goes on where a run before was stopped.
    ///
    /// # Errors
    /// What went wrong, in one line. What was written stays to go on with.
    pub(super) async fn run(self, clock: fn() -> Timestamp) -> Result<(), Failure> {
        let store = existing(self.flags).await?;
        let provider = meant(&store, self.provider).await?;
        let api = Api::new(App::new(store))?;
        let query = match api.export_of(&self.what) {
            Some(query) => query,
            None => fs::read_to_string(&self.what)
                .map_err(|error| format!("{:?} is no list of the API, and as a file: {error}", self.what))?,
        };
        let export = BulkExport::new(query, self.variables.unwrap_or_default(), self.page_size);
        api.check_export(&export).map_err(|refused| said(&refused.body))?;
        let mut out = match self.output {
            Some(file) => Output::of_file(file, &format!("{provider} {}", export.handle()))?,
            None => Output::Standard(io::stdout()),
        };
        let mut after = out.after();
        loop {
            let session = api.app().session(Caller::operator(provider.clone(), clock().as_second()), clock()).await?;
            let ExportPage { lines, then } = api.export_page(session, &export, after.as_deref()).await;
            out.write(lines.as_bytes())?;
            match then {
                Then::Page(cursor) => after = Some(cursor),
                Then::Wait(seconds) => sleep(Duration::from_secs(seconds)).await,
                Then::Whole => return out.finish(),
                Then::Broken(last) => return Err(said(&last).into()),
            }
        }
    }
}

/// The first message of an answer that has errors.
fn said(answer: &str) -> String {
    let answer: Value = serde_json::from_str(answer).unwrap_or_default();
    answer["errors"][0]["message"].as_str().unwrap_or("something went wrong").to_owned()
}

/// Where the lines go.
enum Output {
    Standard(io::Stdout),
    File(Part),
}

/// A file that is not whole yet.
struct Part {
    out: BufWriter<File>,
    path: PathBuf,
    /// What it is called once it is whole.
    whole: PathBuf,
    /// The cursor that it ends with.
    after: Option<String>,
}

/// What of a line says how far a file has come.
#[derive(Debug, Deserialize)]
struct Line {
    cursor: Option<String>,
}

impl Output {
    /// - `of`: what is exported; a part of something else is not gone on with.
    fn of_file(whole: PathBuf, of: &str) -> Result<Self, Failure> {
        let mark = hash(of).iter().take(4).fold(String::new(), |mark, byte| format!("{mark}{byte:02x}"));
        let mut path = whole.clone().into_os_string();
        path.push(format!(".{mark}.part"));
        let path = PathBuf::from(path);
        let failed = |error: io::Error| format!("{}: {error}", path.display());
        let (out, after) = resumed(&path).map_err(failed)?;
        if after.is_some() {
            eprintln!("going on with {}", path.display());
        }
        Ok(Self::File(Part { out: BufWriter::new(out), path, whole, after }))
    }

    fn after(&self) -> Option<String> {
        match self {
            Self::Standard(_) => None,
            Self::File(part) => part.after.clone(),
        }
    }

    fn write(&mut self, lines: &[u8]) -> io::Result<()> {
        match self {
            Self::Standard(out) => out.write_all(lines),
            Self::File(part) => {
                part.out.write_all(lines)?;
                // So that little is read again after a kill.
                part.out.flush()
            }
        }
    }

    fn finish(self) -> Result<(), Failure> {
        match self {
            Self::Standard(mut out) => out.flush()?,
            Self::File(part) => {
                part.out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
                fs::rename(part.path, part.whole)?;
            }
        }
        Ok(())
    }
}

/// A file to go on with, at the end of its last whole line with a cursor, and that cursor; none: from the beginning.
fn resumed(path: &Path) -> io::Result<(File, Option<String>)> {
    let mut file = File::options().read(true).write(true).create(true).truncate(false).open(path)?;
    if file.try_lock().is_err() {
        return Err(io::Error::other("another export is writing it"));
    }
    let (mut length, mut place, mut after) = (0, 0, None);
    let mut lines = BufReader::new(&file);
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line)? > 0 && line.ends_with(b"\n") {
        let Ok(Line { cursor }) = serde_json::from_slice(&line) else { break };
        place += line.len() as u64;
        if cursor.is_some() {
            (length, after) = (place, cursor);
        }
        line.clear();
    }
    file.set_len(length)?;
    file.seek(SeekFrom::End(0))?;
    Ok((file, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is left of a file's text, and the cursor to go on behind.
    fn left(text: &str) -> (String, Option<String>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("part");
        fs::write(&path, text).unwrap();
        let (_, after) = resumed(&path).unwrap();
        (fs::read_to_string(&path).unwrap(), after)
    }

    #[test]
    fn a_file_is_gone_on_with_behind_its_last_whole_line() {
        const BEGUN: &str = "{\"changes\":\"c\"}\n{\"cursor\":\"a\",\"node\":{\"n\":1}}\n";
        for torn in ["", "{\"cur", "{\"cursor\":\"b\",\"node\":{\"n\":2}}", "\0\0\0\n", "{\"end\":true}\n"] {
            assert_eq!(left(&format!("{BEGUN}{torn}")), (BEGUN.to_owned(), Some("a".to_owned())), "{torn:?}");
        }
        for nothing in ["", "{\"changes\":\"c\"}\n", "{\"chan", "\0"] {
            assert_eq!(left(nothing), (String::new(), None), "the first line comes with the first page");
        }
    }

    #[test]
    fn two_do_not_write_one_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("part");
        let first = resumed(&path).unwrap();
        assert_eq!(resumed(&path).unwrap_err().to_string(), "another export is writing it");
        drop(first);
        assert!(resumed(&path).is_ok());
    }
}
