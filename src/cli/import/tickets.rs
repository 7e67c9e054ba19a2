//! `remit import tickets`: the tickets of another system, from its event log.

use std::{fs::File, path::PathBuf, process::ExitCode};

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use remit_domain::Timestamp;

use super::super::{Failure, app, files::meant};
use crate::{
    auth::{Caller, ProviderCode},
    config::{Flags, Settings},
    store::Store,
    telemetry,
    ticket_log::{self, Line, Map, Rejected, Tally, Watch},
};

/// What the command ends with when some rows were rejected; the others are taken.
const SOME_REJECTED: u8 = 3;

#[derive(Debug, Args)]
pub(in crate::cli) struct TicketsArgs {
    /// The CSV file: a head, then a row for each change of a ticket, those of a ticket together.
    file: PathBuf,
    /// What its columns and values mean, in TOML.
    #[arg(long, value_name = "FILE")]
    map: PathBuf,
    /// The provider whose tickets they are. Left out: the only one there is.
    #[arg(long)]
    provider: Option<ProviderCode>,
    /// Pass over what stands above this line, which is the first of a ticket.
    #[arg(long, value_name = "LINE")]
    from_line: Option<Line>,
    #[command(flatten)]
    flags: Flags,
}

/// Imports, shows how far it is, and names the rows that are rejected; the code that the process ends with.
pub(super) async fn tickets(args: TicketsArgs, now: Timestamp) -> Result<ExitCode, Failure> {
    let settings = Settings::load(args.flags)?;
    telemetry::init(&settings.log);
    let named = |path: &PathBuf, error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let text = std::fs::read_to_string(&args.map).map_err(|error| named(&args.map, &error))?;
    let map = Map::read(&text).map_err(|error| named(&args.map, &error))?;
    let file = File::open(&args.file).map_err(|error| named(&args.file, &error))?;
    let length = file.metadata().map_err(|error| named(&args.file, &error))?.len();
    let store = Store::open(settings.database_url.expose()).await?;
    store.migrate().await?;
    let provider = meant(&store, args.provider).await?;
    let app = app(&settings, store);
    let session = app.session(Caller::operator(provider, now.as_second()), now).await?;
    let mut shown = Shown::new(length)?;
    let done = ticket_log::import(&app, &session, (file, &map), args.from_line, &mut shown).await;
    shown.bar.finish_and_clear();
    let tally = done.map_err(|error| named(&args.file, &error))?;
    println!("{}", spelled(&tally));
    Ok(if tally.rejected == 0 { ExitCode::SUCCESS } else { SOME_REJECTED.into() })
}

/// An import as an operator sees it: how far it is on a terminal, and what is rejected in any case.
struct Shown {
    bar: ProgressBar,
}

impl Shown {
    fn new(length: u64) -> Result<Self, Failure> {
        let style = ProgressStyle::with_template("{bar:30} {percent:>3} %  {msg}, {eta} left")?;
        Ok(Self { bar: ProgressBar::new(length).with_style(style) })
    }
}

impl Watch for Shown {
    fn rejected(&mut self, Rejected { line, why }: Rejected) {
        self.bar.suspend(|| println!("line {line}: {why}"));
    }

    fn written(&mut self, bytes: u64, tally: &Tally) {
        self.bar.set_position(bytes);
        self.bar.set_message(format!("{} tickets", tally.created + tally.updated + tally.unchanged));
    }
}

fn spelled(tally: &Tally) -> String {
    let Tally { rows, rejected, created, updated, unchanged } = tally;
    let tickets = created + updated + unchanged;
    let code = if *rejected == 0 { String::new() } else { format!(" (exit code {SOME_REJECTED})") };
    format!(
        "{tickets} tickets: {created} created, {updated} updated, {unchanged} unchanged; {rows} rows read, {rejected} \
         rejected{code}"
    )
}
