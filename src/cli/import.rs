//! `remit import`: what is kept elsewhere.

mod report;
mod tickets;
mod values;

use std::{collections::BTreeMap, fs, ops::RangeInclusive, path::PathBuf, process::ExitCode};

use clap::{Args, Subcommand, ValueEnum};
use remit_domain::{
    Date, Timestamp,
    calendar::{Clash, Exception, Hours, Stretch, closing, opening, wall_of},
    holidays::{Choice, Days, Opening, Pick, Region},
    text::Code,
};

use super::{Failure, files::meant};
use crate::{
    app::{self, App, Doing, ImportExceptions, NewCalendar, UserError, UserErrorCode},
    auth::{Caller, ProviderCode},
    config::{Flags, Settings},
    ical::{self, Taken},
    store::Store,
    telemetry,
};
use values::{Week, Years};

/// The largest file that is read, in bytes: some hundred thousand events.
const FILE_MAX: u64 = 32 * 1024 * 1024;

#[derive(Debug, Subcommand)]
pub(super) enum Import {
    /// Take public holidays, or the days of an iCalendar file, into a calendar's exceptions.
    Calendar(Box<CalendarArgs>),
    /// Take in tickets from the event log of another system, a CSV file with a row for each change of a ticket.
    ///
    /// Ends with code 0 when every row was taken, with 3 when some were rejected and the others taken, and with 1 when the
    /// import could not be done or did not come to its end.
    Tickets(Box<tickets::TicketsArgs>),
}

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("source").required(true).args(["file", "holidays"]))]
pub(super) struct CalendarArgs {
    /// The iCalendar file.
    file: Option<PathBuf>,
    /// Instead of a file, the public holidays of a country or a part of one: US, DE-BY, GB-SCT.
    #[arg(long, value_name = "REGION")]
    holidays: Option<Region>,
    /// The calendar's code.
    #[arg(long)]
    code: Code,
    /// The provider whose calendar it is. Left out: the only one there is.
    #[arg(long)]
    provider: Option<ProviderCode>,
    /// Which years: 2026 or 2026-2028. Left out: this one and the next two.
    #[arg(long)]
    years: Option<Years>,
    /// A day with hours of its own: 2026-12-24=08:00-12:00, 12-24=08:00-12:00 for every year, or a holiday's NAME=…
    #[arg(long, value_name = "DAY=HOURS")]
    open: Vec<Opening>,
    /// The same, with hours that count as holiday hours.
    #[arg(long, value_name = "DAY=HOURS")]
    worked: Vec<Opening>,
    /// A day on which you work as usual: its date, 12-24 for every year, or a holiday's name.
    #[arg(long, value_name = "DAY")]
    except: Vec<Pick>,
    /// A holiday that only some places of the region keep, by its name.
    #[arg(long, value_name = "NAME", conflicts_with = "file")]
    with: Vec<String>,
    /// Holidays on the day that the law moves them to if they fall on a weekend; so it is unless you say otherwise.
    #[arg(long, conflicts_with = "file")]
    observed: bool,
    /// Holidays on their own day, moved or not; with --observed both.
    #[arg(long, conflicts_with = "file")]
    actual: bool,
    /// What events of a file mean that last part of a day.
    #[arg(long, conflicts_with = "holidays")]
    timed: Option<Timed>,
    /// Take no event that is shown as free.
    #[arg(long, conflicts_with = "holidays")]
    busy_only: bool,
    /// Where a date has an exception already, put the new one in its place.
    #[arg(long)]
    replace: bool,
    /// Say what would change, and write nothing.
    #[arg(long)]
    dry_run: bool,
    /// Make the calendar if it is not there, in this zone: Europe/Berlin.
    #[arg(long, value_name = "ZONE", requires = "weekly")]
    time_zone: Option<String>,
    /// Its weekly hours: "MON-FRI 09:00-17:00, SAT 10:00-14:00".
    #[arg(long, value_name = "HOURS", requires = "time_zone")]
    weekly: Option<Week>,
    /// Its name. Left out: its code.
    #[arg(long, requires = "time_zone")]
    name: Option<String>,
    #[command(flatten)]
    flags: Flags,
}

/// What an event means that lasts part of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Timed {
    /// It is taken from the weekly hours of its date.
    Closes,
    /// It is the hours of its date.
    Opens,
}

impl Import {
    /// Does it, as of `now`; the code that the process ends with.
    ///
    /// # Errors
    /// What went wrong, in one line.
    pub(super) async fn run(self, now: Timestamp) -> Result<ExitCode, Failure> {
        match self {
            Self::Calendar(args) => calendar(*args, now).await.map(|()| ExitCode::SUCCESS),
            Self::Tickets(args) => tickets::tickets(*args, now).await,
        }
    }
}

async fn calendar(args: CalendarArgs, now: Timestamp) -> Result<(), Failure> {
    let settings = Settings::load(args.flags.clone())?;
    telemetry::init(&settings.log);
    let source = args.source(now)?;
    let import = args.import()?;
    let store = Store::open(settings.database_url.expose()).await?;
    if import.doing == Doing::Done {
        store.migrate().await?;
    }
    let provider = meant(&store, args.provider.clone()).await?;
    let app = App::new(store);
    let session = app.session(Caller::operator(provider, now.as_second()), now).await?;
    let (code, doing) = (import.code.clone(), import.doing);
    let mut left_out = Vec::new();
    let coming = |hours: &Hours| source.exceptions(hours, &mut left_out).map_err(refusal);
    let imported = app.import_exceptions(&session, import, coming).await.map_err(|failure| one_line(failure, doing))?;
    print!("{}{}", source.heading(), report::spelled(&code, &imported, &left_out, doing));
    Ok(())
}

impl CalendarArgs {
    fn import(&self) -> Result<ImportExceptions, Failure> {
        let name = self.name.clone().unwrap_or_else(|| self.code.to_string());
        remit_domain::text::named(&name, remit_domain::text::NAME_MAX).map_err(|error| format!("--name {error}"))?;
        let made = self.time_zone.clone().zip(self.weekly.clone());
        Ok(ImportExceptions {
            code: self.code.clone(),
            new: made.map(|(zone, week)| NewCalendar { name, zone, weekly: week.0 }),
            clash: if self.replace { Clash::Replace } else { Clash::Keep },
            doing: if self.dry_run { Doing::Told } else { Doing::Done },
        })
    }

    fn source(&self, now: Timestamp) -> Result<Source, Failure> {
        let this_year = wall_of(now, "UTC").map_or(1970, remit_domain::DateTime::year);
        let years = self.years.clone().map_or(this_year..=this_year + 2, |years| years.0);
        let worked = self.worked.iter().cloned().map(|opening| Opening { holiday: true, ..opening });
        let openings = self.open.iter().cloned().chain(worked).collect();
        let choice = Choice { except: self.except.clone(), openings };
        let from = match (&self.file, self.holidays) {
            (Some(path), _) => {
                let taken = if self.busy_only { Taken::Busy } else { Taken::All };
                From::File { text: read(path)?, path: path.clone(), timed: self.timed, taken }
            }
            (None, Some(region)) => {
                let known = region.local();
                if let Some(unknown) = self.with.iter().find(|name| !known.contains(&name.as_str())) {
                    let known = if known.is_empty() { "none".into() } else { known.join(", ") };
                    return Err(
                        format!("{unknown:?} is no holiday of some places in {region}; there are: {known}").into()
                    );
                }
                let days = match (self.observed, self.actual) {
                    (true, true) => Days::Both,
                    (false, true) => Days::Actual,
                    (_, false) => Days::Observed,
                };
                From::Region { region, days, with: self.with.clone() }
            }
            (None, None) => return Err("a file or --holidays is needed".into()),
        };
        Ok(Source { years, choice, from })
    }
}

fn read(path: &PathBuf) -> Result<String, Failure> {
    let failed = |error: std::io::Error| format!("{}: {error}", path.display());
    if fs::metadata(path).map_err(failed)?.len() > FILE_MAX {
        return Err(format!("{}: larger than {} MiB", path.display(), FILE_MAX >> 20).into());
    }
    let bytes = fs::read(path).map_err(failed)?;
    String::from_utf8(bytes).map_err(|_| format!("{}: is not UTF-8: save it as UTF-8", path.display()).into())
}

/// Where exceptions come from.
struct Source {
    years: RangeInclusive<i16>,
    choice: Choice,
    from: From,
}

enum From {
    Region { region: Region, days: Days, with: Vec<String> },
    File { path: PathBuf, text: String, timed: Option<Timed>, taken: Taken },
}

impl Source {
    /// What it is, where its days are from, and what it does not hold.
    fn heading(&self) -> String {
        let (first, last) = (self.years.start(), self.years.end());
        match &self.from {
            From::File { path, .. } => format!("{}, {first} to {last}\n", path.display()),
            From::Region { region, with, .. } => report::heading(*region, &self.years, with),
        }
    }

    /// The exceptions of a calendar with such hours.
    ///
    /// - `left_out`: takes what was passed over, and why.
    fn exceptions(&self, hours: &Hours, left_out: &mut Vec<String>) -> Result<Vec<Exception>, String> {
        let Self { years, choice, from } = self;
        match from {
            From::Region { region, days, with } => {
                let with: Vec<&str> = with.iter().map(String::as_str).collect();
                let days = region.holidays(years.clone(), *days, &with);
                let known: Vec<(Date, &str)> = days.iter().map(|day| (day.date, day.name.as_str())).collect();
                choice.require_known(&known).map_err(|error| error.to_string())?;
                Ok(choice.exceptions(&days, years, hours))
            }
            From::File { path, text, timed, taken } => {
                let named = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
                let found = ical::read(text, hours.zone(), years, *taken).map_err(|error| named(&error))?;
                left_out.extend(found.left_out);
                let whole = found.days.iter().map(|day| (day.date, day.name.as_str()));
                let parts = found.stretches.iter().map(|(_, part)| (part.from.date(), part.name.as_str()));
                choice.require_known(&whole.chain(parts).collect::<Vec<_>>()).map_err(|error| named(&error))?;
                let is_in = |(_, part): &(usize, Stretch)| !choice.leaves_out(part.from.date(), &part.name);
                let stretches: Vec<(usize, Stretch)> = found.stretches.into_iter().filter(is_in).collect();
                let days = choice.exceptions(&found.days, years, hours);
                with_parts(days, stretches, *timed, hours).map_err(|error| named(&error))
            }
        }
    }
}

/// Days with the exceptions that parts of days are; a day that is closed stays closed, unless the part opens it.
fn with_parts(
    days: Vec<Exception>,
    parts: Vec<(usize, Stretch)>,
    timed: Option<Timed>,
    hours: &Hours,
) -> Result<Vec<Exception>, String> {
    let mut dates: BTreeMap<Date, Exception> = days.into_iter().map(|day| (day.date, day)).collect();
    let (lines, stretches): (Vec<usize>, Vec<Stretch>) = parts.into_iter().unzip();
    let (found, opens) = match (timed, stretches.first()) {
        (_, None) => (Vec::new(), false),
        (Some(Timed::Closes), _) => (closing(&stretches, hours).map_err(|error| error.to_string())?, false),
        (Some(Timed::Opens), _) => (opening(&stretches).map_err(|error| error.to_string())?, true),
        (None, Some(first)) => {
            let (line, name, more) = (lines.first().copied().unwrap_or_default(), &first.name, stretches.len() - 1);
            let more = if more == 0 { String::new() } else { format!(", and {more} more") };
            return Err(format!(
                "line {line}: {name:?} lasts part of a day ({} to {}){more}: say what that means by --timed closes or \
                 --timed opens, or leave it out by --except {name:?}",
                first.from, first.to
            ));
        }
    };
    for part in found {
        match dates.get_mut(&part.date) {
            None => {
                dates.insert(part.date, part);
            }
            Some(day) if opens && day.periods.is_empty() => *day = Exception { name: day.name.clone(), ..part },
            Some(_) => {}
        }
    }
    Ok(dates.into_values().collect())
}

fn refusal(message: String) -> UserError {
    UserError::new(UserErrorCode::Invalid, &[], message)
}

fn one_line(failure: app::Failure, doing: Doing) -> Failure {
    match failure {
        // It changes nothing, so it does not bring the database to the newest step either.
        app::Failure::Fault(error) if doing == Doing::Told => {
            format!("{error}; a dry run needs a database that `remit migrate` has brought to the newest step").into()
        }
        app::Failure::Fault(error) => error.into(),
        app::Failure::Refused(errors) => {
            let hint = |error: &UserError| match error.code {
                UserErrorCode::NotFound => ": make it by putCalendar, or give --time-zone and --weekly",
                _ => "",
            };
            errors.iter().map(|error| format!("{}{}", error.message, hint(error))).collect::<Vec<_>>().join("; ").into()
        }
    }
}
