//! The settings of what is taken: bounds, budgets, documents.

use std::{fs, ops::RangeInclusive, time::Duration};

use super::{Given, SettingError, path};
use crate::{
    graphql::{
        AdmissionRules, ApiRules,
        request::{DocumentRules, Limits, TrustedDocuments},
    },
    http::HttpRules,
};

/// What was given of them, not yet read.
pub(super) struct GivenRequests {
    pub(super) max_body: Given,
    pub(super) max_batch: Given,
    pub(super) max_characters: Given,
    pub(super) max_tokens: Given,
    pub(super) max_depth: Given,
    pub(super) max_aliases: Given,
    pub(super) max_directives: Given,
    pub(super) max_selections: Given,
    pub(super) max_list: Given,
    pub(super) max_cost: Given,
    pub(super) token_budget: Given,
    pub(super) provider_budget: Given,
    pub(super) max_running: Given,
    pub(super) max_waiting: Given,
    pub(super) max_connections: Given,
    pub(super) deadline: Given,
    pub(super) document_cache: Given,
    pub(super) introspection: Given,
    pub(super) suggestions: Given,
    pub(super) trusted_documents: Given,
    pub(super) trusted_only: Given,
    pub(super) cors_origins: Given,
    pub(super) compression: Given,
}

/// Numbers that a bound can be. The upper ends are what a server of ordinary size survives.
const COUNT: RangeInclusive<u64> = 1..=1_000_000;
const BYTES: RangeInclusive<u64> = 1_024..=1_073_741_824;
const COST: RangeInclusive<u64> = 1..=1_000_000_000_000;
/// The engine descends once per level, and its stack has an end.
const DEPTH: RangeInclusive<u64> = 1..=30;

impl GivenRequests {
    pub(super) fn read(self) -> Result<(ApiRules, HttpRules), SettingError> {
        let limits = Limits {
            characters: count(self.max_characters, COUNT)?,
            tokens: count(self.max_tokens, COUNT)?,
            depth: count(self.max_depth, DEPTH)?,
            aliases: count(self.max_aliases, COUNT)?,
            directives: count(self.max_directives, COUNT)?,
            selections: self.max_selections.read(|text| number(text, COUNT))?,
            list: count(self.max_list, COUNT)?,
            cost: self.max_cost.read(|text| number(text, COST))?,
            kept_documents: self.document_cache.read(|text| number(text, BYTES))?,
            ..Limits::default()
        };
        let documents = DocumentRules {
            limits,
            no_introspection: !self.introspection.read(flag)?,
            suggestions: self.suggestions.read(flag)?,
            trusted: trusted(self.trusted_documents, self.trusted_only)?,
        };
        let admission = AdmissionRules {
            token_budget: budget(self.token_budget)?,
            provider_budget: budget(self.provider_budget)?,
            running: count(self.max_running, COUNT)?,
            waiting: count(self.max_waiting, COUNT)?,
        };
        let http = HttpRules {
            body: count(self.max_body, BYTES)?,
            batch: count(self.max_batch, COUNT)?,
            connections: count(self.max_connections, COUNT)?,
            compress: self.compression.read(flag)?,
            origins: origins(self.cors_origins)?,
            ..HttpRules::default()
        };
        Ok((ApiRules { documents, admission, deadline: self.deadline.read(time)? }, http))
    }
}

fn count(given: Given, within: RangeInclusive<u64>) -> Result<usize, SettingError> {
    given.read(|text| number(text, within).map(|number| usize::try_from(number).unwrap_or(usize::MAX)))
}

fn number(text: &str, within: RangeInclusive<u64>) -> Result<u64, String> {
    let number = text.parse().ok().filter(|number| within.contains(number));
    number.ok_or_else(|| format!("{text:?} is not a whole number from {} to {}", within.start(), within.end()))
}

fn budget(given: Given) -> Result<Option<u64>, SettingError> {
    if given.is_given() { given.read(|text| number(text, COST)).map(Some) } else { Ok(None) }
}

fn flag(text: &str) -> Result<bool, String> {
    match text {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(format!("{text:?} is neither true nor false")),
    }
}

/// A time such as `30s` or `5m`, up to an hour.
fn time(text: &str) -> Result<Duration, String> {
    let wrong = || format!("{text:?} is not a time such as 30s or 5m, from 1s to 60m");
    let (digits, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or_else(wrong)?;
    let each = match unit {
        "s" => 1,
        "m" => 60,
        _ => return Err(wrong()),
    };
    let seconds = digits.parse::<u32>().ok().and_then(|count| count.checked_mul(each));
    seconds.filter(|seconds| (1..=3600).contains(seconds)).map(|s| Duration::from_secs(s.into())).ok_or_else(wrong)
}

fn trusted(file: Given, only: Given) -> Result<TrustedDocuments, SettingError> {
    let exclusive = only.read(flag)?;
    if !file.is_given() {
        return match exclusive {
            true => Err(file.refused("trusted_only is true, and no file of trusted documents is given")),
            false => Ok(TrustedDocuments::default()),
        };
    }
    let documents = file.read(|text| {
        let path = path(text).map_err(str::to_owned)?;
        let text = fs::read_to_string(&path).map_err(|error| format!("{path:?} cannot be read: {error}"))?;
        TrustedDocuments::read(&text).map_err(|problem| format!("{path:?}: {problem}"))
    })?;
    Ok(if exclusive { documents.exclusive() } else { documents })
}

fn origins(given: Given) -> Result<Vec<String>, SettingError> {
    if !given.is_given() {
        return Ok(Vec::new());
    }
    given.read(|text| text.split(',').map(|origin| self::origin(origin.trim())).collect())
}

/// A scheme, a host and perhaps a port, as a browser sends it; never `*`.
fn origin(text: &str) -> Result<String, String> {
    let parsed = url::Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    let whole = parsed.filter(|url| url.origin().ascii_serialization() == text);
    whole.map(|_| text.to_owned()).ok_or_else(|| format!("{text:?} is not an origin such as https://portal.example"))
}

#[cfg(test)]
mod tests {
    use super::super::{Flags, Settings};
    use super::*;

    /// The settings that a file of one line gives.
    fn resolve(line: &str) -> Result<Settings, String> {
        let file = Some(("remit.toml".into(), line.to_owned()));
        Settings::resolve(Flags::default(), [], file).map_err(|error| error.to_string())
    }

    #[test]
    fn every_bound_can_be_set() {
        let bounds = "max_body = '2048'\nmax_batch = '2'\nmax_characters = '3'\nmax_tokens = '4'\nmax_depth = '5'\nmax_aliases = '6'
            max_directives = '7'\nmax_selections = '8'\nmax_list = '9'\nmax_cost = '10'\ntoken_budget = '11'\nprovider_budget = '12'
            max_running = '13'\nmax_waiting = '14'\nmax_connections = '15'\ndeadline = '2m'\ndocument_cache = '4096'
            introspection = 'false'\nsuggestions = 'true'\ncompression = 'false'\ncors_origins = 'https://a.example, http://localhost:3000'";
        let settings = resolve(bounds).unwrap();
        let limits = Limits {
            characters: 3,
            tokens: 4,
            depth: 5,
            aliases: 6,
            directives: 7,
            selections: 8,
            list: 9,
            cost: 10,
            kept_documents: 4096,
            ..Limits::default()
        };
        let trusted = TrustedDocuments::default();
        let documents = DocumentRules { limits, no_introspection: true, suggestions: true, trusted };
        let admission = AdmissionRules { token_budget: Some(11), provider_budget: Some(12), running: 13, waiting: 14 };
        assert_eq!(settings.api, ApiRules { documents, admission, deadline: Duration::from_secs(120) });
        let origins = vec!["https://a.example".to_owned(), "http://localhost:3000".to_owned()];
        let http =
            HttpRules { body: 2048, batch: 2, connections: 15, compress: false, origins, ..HttpRules::default() };
        assert_eq!(settings.http, http);
    }

    #[test]
    fn trusted_documents_come_from_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("trusted.json");
        fs::write(&file, r#"{"a": "{ viewer { subject } }"}"#).unwrap();
        let line = format!("trusted_documents = '{}'\ntrusted_only = 'true'", file.display());
        let read = TrustedDocuments::read(r#"{"a": "{ viewer { subject } }"}"#).unwrap();
        assert_eq!(resolve(&line).unwrap().api.documents.trusted, read.exclusive());
        fs::write(&file, "[]").unwrap();
        let refused = resolve(&line).unwrap_err();
        assert!(refused.ends_with("trusted.json\": it is not a JSON object"), "{refused}");
    }

    #[test]
    fn a_bound_that_cannot_be_is_named() {
        for (line, problem) in [
            ("max_depth = '0'", "\"0\" is not a whole number from 1 to 30"),
            ("max_depth = '31'", "\"31\" is not a whole number from 1 to 30"),
            ("max_body = '1.5'", "\"1.5\" is not a whole number from 1024 to 1073741824"),
            ("token_budget = ''", "\"\" is not a whole number from 1 to 1000000000000"),
            ("deadline = '0s'", "\"0s\" is not a time such as 30s or 5m, from 1s to 60m"),
            ("deadline = '2h'", "\"2h\" is not a time such as 30s or 5m, from 1s to 60m"),
            ("deadline = ''", "\"\" is not a time such as 30s or 5m, from 1s to 60m"),
            ("introspection = 'no'", "\"no\" is neither true nor false"),
            ("cors_origins = '*'", "\"*\" is not an origin such as https://portal.example"),
            (
                "cors_origins = 'https://a.example/'",
                "\"https://a.example/\" is not an origin such as https://portal.example",
            ),
            ("trusted_documents = ''", "it is empty"),
        ] {
            let name = line.split(' ').next().unwrap();
            assert_eq!(resolve(line), Err(format!("key {name} in \"remit.toml\": {problem}")));
        }
        let alone = resolve("trusted_only = 'true'").unwrap_err();
        assert!(alone.ends_with("trusted_only is true, and no file of trusted documents is given"), "{alone}");
    }
}
