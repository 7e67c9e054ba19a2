//! What the columns and values of a log mean, as its map says.

use std::{collections::BTreeMap, fmt};

use remit_domain::{
    ticket::Happening,
    time_form::TimeForm,
    words::{Priority, WaitingReason, Word},
};
use serde::Deserialize;

use crate::{app::AskedAgreement, store::Handle};

/// The entry of a table that stands for every value which has none of its own.
const ANY: &str = "*";

/// What the columns and values of a log mean.
#[derive(Clone, Debug)]
pub struct Map {
    pub(super) system: String,
    pub(super) owner: Option<AskedAgreement>,
    pub(super) columns: Columns,
    pub(super) times: TimeForm,
    unknown: Vec<String>,
    priorities: BTreeMap<String, Priority>,
    states: BTreeMap<String, State>,
    services: Option<BTreeMap<String, String>>,
    clients: Option<BTreeMap<String, String>>,
    agreements: Option<BTreeMap<String, String>>,
}

/// Why a map cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct MapError(String);

/// The map as its file writes it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    system: String,
    agreement: Option<String>,
    client: Option<String>,
    #[serde(default = "utc")]
    zone: String,
    time: Option<String>,
    #[serde(default = "nothing")]
    unknown: Vec<String>,
    columns: Columns,
    priorities: BTreeMap<String, String>,
    #[serde(default)]
    states: BTreeMap<String, String>,
    services: Option<BTreeMap<String, String>>,
    clients: Option<BTreeMap<String, String>>,
    agreements: Option<BTreeMap<String, String>>,
}

/// The headings of the columns that are read.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Columns {
    /// What the source calls the ticket.
    pub(super) ticket: String,
    /// When it was opened.
    pub(super) opened: String,
    /// Since when the row is so.
    pub(super) at: String,
    /// Its priority.
    pub(super) priority: String,
    pub(super) state: Option<String>,
    pub(super) title: Option<String>,
    pub(super) service: Option<String>,
    pub(super) client: Option<String>,
    pub(super) agreement: Option<String>,
    pub(super) channel: Option<String>,
    pub(super) responded: Option<String>,
    pub(super) planned: Option<String>,
    pub(super) worked_around: Option<String>,
    pub(super) resolved: Option<String>,
    pub(super) cancelled: Option<String>,
}

fn utc() -> String {
    "UTC".into()
}

fn nothing() -> Vec<String> {
    vec![String::new()]
}

/// What is so while a ticket has a state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct State {
    /// What has come by then.
    pub(super) reached: Vec<Reached>,
    /// What it waits for.
    pub(super) waits: Option<WaitingReason>,
    /// How it has ended.
    pub(super) ended: Option<Ended>,
}

/// What comes once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reached {
    Responded,
    Planned,
    WorkedAround,
}

/// How a ticket has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    Resolved,
    Cancelled,
}

impl Reached {
    pub(super) const fn happening(self) -> Happening {
        match self {
            Self::Responded => Happening::Responded,
            Self::Planned => Happening::Planned,
            Self::WorkedAround => Happening::WorkedAround,
        }
    }
}

impl Ended {
    pub(super) const fn happening(self) -> Happening {
        match self {
            Self::Resolved => Happening::Resolved,
            Self::Cancelled => Happening::Cancelled,
        }
    }
}

impl Map {
    /// Reads a map in TOML.
    ///
    /// # Errors
    /// [`MapError`] with what is wrong, and where.
    pub fn read(text: &str) -> Result<Self, MapError> {
        let written: Written = toml::from_str(text).map_err(|error| MapError(error.to_string().trim().to_owned()))?;
        let times =
            TimeForm::new(written.time.as_deref(), &written.zone).map_err(|error| MapError(error.to_string()))?;
        let own = |agreement: &Option<String>, client: &Option<String>| match (agreement, client) {
            (Some(code), None) => Ok(Some(AskedAgreement::Agreement(Handle::Code(code.clone())))),
            (None, Some(code)) => Ok(Some(AskedAgreement::Client(Handle::Code(code.clone())))),
            (None, None) => Ok(None),
            (Some(_), Some(_)) => Err(MapError("agreement and client: only one of them can be said".into())),
        };
        let owner = own(&written.agreement, &written.client)?;
        let of_columns = own(&written.columns.agreement, &written.columns.client)?;
        if owner.is_some() == of_columns.is_some() {
            let text = "whose the tickets are is said once: by agreement, client, columns.agreement or columns.client";
            return Err(MapError(text.into()));
        }
        let priority = |(value, word): (String, String)| Ok((value, word_of("priorities", &word)?));
        let state = |(value, text): (String, String)| Ok((value, State::read(&text)?));
        Ok(Self {
            system: written.system,
            owner,
            columns: written.columns,
            times,
            unknown: written.unknown,
            priorities: written.priorities.into_iter().map(priority).collect::<Result<_, MapError>>()?,
            states: written.states.into_iter().map(state).collect::<Result<_, MapError>>()?,
            services: written.services,
            clients: written.clients,
            agreements: written.agreements,
        })
    }

    /// A value, unless it says that nothing is known.
    pub(super) fn known<'a>(&self, value: &'a str) -> Option<&'a str> {
        let value = value.trim();
        (!self.unknown.iter().any(|unknown| unknown == value)).then_some(value)
    }

    pub(super) fn priority(&self, value: &str) -> Result<Priority, String> {
        looked_up(&self.priorities, "priorities", value).copied()
    }

    pub(super) fn state(&self, value: &str) -> Result<&State, String> {
        looked_up(&self.states, "states", value)
    }

    pub(super) fn service<'a>(&'a self, value: &'a str) -> Result<&'a str, String> {
        code(self.services.as_ref(), "services", value)
    }

    pub(super) fn client<'a>(&'a self, value: &'a str) -> Result<&'a str, String> {
        code(self.clients.as_ref(), "clients", value)
    }

    pub(super) fn agreement<'a>(&'a self, value: &'a str) -> Result<&'a str, String> {
        code(self.agreements.as_ref(), "agreements", value)
    }
}

/// What a table says of a value; without a table it is its own code.
fn code<'a>(table: Option<&'a BTreeMap<String, String>>, name: &str, value: &'a str) -> Result<&'a str, String> {
    table.map_or(Ok(value), |table| looked_up(table, name, value).map(String::as_str))
}

fn looked_up<'a, T>(table: &'a BTreeMap<String, T>, name: &str, value: &str) -> Result<&'a T, String> {
    table.get(value).or_else(|| table.get(ANY)).ok_or_else(|| format!("{value:?} is not among the map's {name}"))
}

impl State {
    /// Reads what is so, separated by commas: `RESPONDED, WAITING CLIENT`.
    fn read(text: &str) -> Result<Self, MapError> {
        let mut state = Self::default();
        for part in text.split(',').map(str::trim) {
            match part.split_once(' ') {
                Some(("WAITING", reason)) => state.waits = Some(word_of("states", reason.trim())?),
                None if part == "OPEN" => {}
                None if part == "RESPONDED" => state.reached.push(Reached::Responded),
                None if part == "PLANNED" => state.reached.push(Reached::Planned),
                None if part == "WORKED_AROUND" => state.reached.push(Reached::WorkedAround),
                None if part == "RESOLVED" => state.ended = Some(Ended::Resolved),
                None if part == "CANCELLED" => state.ended = Some(Ended::Cancelled),
                _ => {
                    let words = "OPEN, RESPONDED, PLANNED, WORKED_AROUND, WAITING with a reason, RESOLVED or CANCELLED";
                    return Err(MapError(format!("states: {part:?} is none of {words}")));
                }
            }
        }
        Ok(state)
    }
}

fn word_of<W: Word + fmt::Display>(table: &str, text: &str) -> Result<W, MapError> {
    let words = || W::WORDS.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let found = W::WORDS.iter().copied().find(|word| word.text() == text);
    found.ok_or_else(|| MapError(format!("{table}: {text:?} is none of {}", words())))
}
