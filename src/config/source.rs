//! Where settings come from, and what can be wrong with them.

use std::{collections::BTreeMap, fmt, path::PathBuf};

/// Variables named like this are settings, or mistakes.
pub(super) const OUR_VARIABLES: &str = "REMIT_";

/// Save these, which the tests use.
const TEST_VARIABLES: &str = "REMIT_TEST_";

/// Where a setting came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The flag of this name, without its dashes in front.
    Flag(String),
    /// The environment variable of this name.
    Variable(String),
    /// The key of the settings file.
    File {
        /// The settings file.
        path: PathBuf,
        /// The key in it.
        key: String,
    },
    /// Nobody gave it.
    Default(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(name) => write!(f, "flag --{name}"),
            Self::Variable(name) => write!(f, "environment variable {}", name.escape_debug()),
            Self::File { path, key } => write!(f, "key {} in {path:?}", key.escape_debug()),
            Self::Default(name) => write!(f, "the default of {name}"),
        }
    }
}

/// Why the server does not start. Each is one line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingError {
    /// There is no such setting.
    #[error("{0} is not a setting of Remit")]
    Unknown(Origin),
    /// The value is not one that the setting takes.
    #[error("{origin}: {problem}")]
    Bad {
        /// Which setting, and where it came from.
        origin: Origin,
        /// What is wrong.
        problem: String,
    },
    /// The settings file cannot be read, or is not TOML.
    #[error("the settings file {path:?} cannot be read: {problem}")]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong, without anything of the file's text.
        problem: String,
    },
}

/// One setting's text and where it came from.
pub(super) struct Given {
    text: String,
    origin: Origin,
}

impl Given {
    pub(super) const fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Whether anybody gave it.
    pub(super) const fn is_given(&self) -> bool {
        !matches!(self.origin, Origin::Default(_))
    }

    /// The error that it cannot be as it was given.
    pub(super) fn refused(self, problem: impl Into<String>) -> SettingError {
        SettingError::Bad { origin: self.origin, problem: problem.into() }
    }

    /// The setting's value by `read`, whose error becomes the problem told.
    pub(super) fn read<T, E: fmt::Display>(self, read: impl FnOnce(&str) -> Result<T, E>) -> Result<T, SettingError> {
        read(&self.text).map_err(|error| SettingError::Bad { problem: error.to_string(), origin: self.origin })
    }
}

/// What environment and file have left to give.
pub(super) struct Sources {
    env: BTreeMap<String, String>,
    path: PathBuf,
    file: toml::Table,
}

impl Sources {
    pub(super) fn new(
        env: impl IntoIterator<Item = (String, String)>,
        file: Option<(PathBuf, String)>,
    ) -> Result<Self, SettingError> {
        let ours = |name: &str| name.starts_with(OUR_VARIABLES) && !name.starts_with(TEST_VARIABLES);
        let env = env.into_iter().filter(|(name, _)| ours(name)).collect();
        let (path, text) = file.unwrap_or_default();
        match text.parse() {
            Ok(file) => Ok(Self { env, path, file }),
            Err(error) => Err(SettingError::File { problem: told(&error, &text), path }),
        }
    }

    /// Takes the setting out of both sources, so that what is left in the end is unknown.
    pub(super) fn take(
        &mut self,
        key: &'static str,
        variable: &str,
        flag: Option<String>,
        default: &str,
    ) -> Result<Given, SettingError> {
        let in_env = self.env.remove(variable);
        let in_file = self.take_from_file(key)?;
        let in_flags = flag.map(|text| Given { text, origin: Origin::Flag(key.replace('_', "-")) });
        Ok(in_flags
            .or_else(|| in_env.map(|text| Given { text, origin: Origin::Variable(variable.into()) }))
            .or(in_file)
            .unwrap_or_else(|| Given { text: default.into(), origin: Origin::Default(key) }))
    }

    fn take_from_file(&mut self, key: &str) -> Result<Option<Given>, SettingError> {
        let Some(value) = self.file.remove(key) else { return Ok(None) };
        let origin = self.in_file(key);
        match value {
            toml::Value::String(text) => Ok(Some(Given { text, origin })),
            _ => Err(SettingError::Bad { origin, problem: "it is not text in quotes".into() }),
        }
    }

    /// Nothing may be left: it would be a setting that its giver believes to act.
    pub(super) fn require_empty(&self) -> Result<(), SettingError> {
        let in_env = self.env.keys().next().map(|name| Origin::Variable(name.clone()));
        let left = in_env.or_else(|| self.file.keys().next().map(|key| self.in_file(key)));
        left.map_or(Ok(()), |origin| Err(SettingError::Unknown(origin)))
    }

    fn in_file(&self, key: &str) -> Origin {
        Origin::File { path: self.path.clone(), key: key.to_owned() }
    }
}

/// The error with its line; the library's own display would show the line's text, and a password with it.
fn told(error: &toml::de::Error, text: &str) -> String {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    format!("line {line} is not TOML")
}
