//! Settings: from flags, else the environment, else `remit.toml`, else their defaults.
//!
//! Each is declared once, below; flag, variable, file key, help and reading follow from that. What is unknown or bad
//! stops the server with one line that names the setting and where it came from, and never shows a database's password.

mod database_url;
mod jwks_url;
mod kept;
mod outside;
mod source;

use std::{
    env, fmt, fs, io,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use tracing_subscriber::{EnvFilter, filter::LevelFilter};

use crate::auth::Leeway;

pub use database_url::{DatabaseUrl, DatabaseUrlError};
pub use jwks_url::{JwksUrl, JwksUrlError};
pub use kept::{Kept, KeptError};
use outside::GivenOutside;
pub use outside::{KeySource, OutsideIssuer};
use source::{Given, Sources};
pub use source::{Origin, SettingError};

/// The settings file that is read if it is there and no other is named.
const DEFAULT_FILE: &str = "remit.toml";

/// Declares the settings: field (also the file's key), environment variable, value name, default and help.
macro_rules! settings {
    ($($name:ident, $env:literal, $value:literal, $default:literal, $help:literal;)+) => {
        /// The settings as flags.
        #[derive(Clone, Default, clap::Args)]
        pub struct Flags {
            $(
                #[doc = $help]
                #[arg(long, value_name = $value, help = concat!($help, " [env: ", $env, "] [default: ", $default, "]"))]
                pub $name: Option<String>,
            )+
            /// The settings file; remit.toml in the working directory is read if it is there
            #[arg(long, value_name = "FILE")]
            pub config: Option<PathBuf>,
        }

        /// Every setting as it was given, not yet read.
        struct AsGiven { $($name: Given),+ }

        impl AsGiven {
            fn gather(flags: Flags, sources: &mut Sources) -> Result<Self, SettingError> {
                Ok(Self { $($name: sources.take(stringify!($name), $env, flags.$name, $default)?),+ })
            }
        }
    };
}

settings! {
    database_url, "REMIT_DATABASE_URL", "URL", "sqlite://remit.db",
        "The database: sqlite://FILE or postgres://USER:PASSWORD@HOST/NAME";
    listen, "REMIT_LISTEN", "ADDRESS", "127.0.0.1:8080",
        "The address and port to serve on";
    data_dir, "REMIT_DATA_DIR", "DIR", "beside the SQLite database, else the working directory",
        "Where the signing key is kept";
    issuer, "REMIT_ISSUER", "NAME", "remit",
        "The issuer that tokens must name";
    audience, "REMIT_AUDIENCE", "NAME", "remit",
        "The audience that tokens must name";
    clock_leeway, "REMIT_CLOCK_LEEWAY", "TIME", "30s",
        "By how much the clocks of issuers may differ from the server's, up to 5m";
    jwks_url, "REMIT_JWKS_URL", "URL", "no outside issuer",
        "Where an outside issuer publishes its keys; tokens are then its own, and --issuer is its name";
    jwks_file, "REMIT_JWKS_FILE", "FILE", "no outside issuer",
        "The same keys in a file, in place of a URL";
    own_issuer, "REMIT_OWN_ISSUER", "NAME", "beside an outside issuer, the server's own tokens are not taken",
        "Beside an outside issuer, the name by which tokens of the server's own key are taken too";
    claim_provider, "REMIT_CLAIM_PROVIDER", "CLAIM", "provider",
        "What the outside issuer calls the claim with the tenant";
    claim_client, "REMIT_CLAIM_CLIENT", "CLAIM", "client",
        "What the outside issuer calls the claim with the client that a token is bound to";
    claim_scope, "REMIT_CLAIM_SCOPE", "CLAIM", "scope",
        "What the outside issuer calls the claim with the scopes";
    claim_client_id, "REMIT_CLAIM_CLIENT_ID", "CLAIM", "client_id",
        "What the outside issuer calls the claim with the calling software";
    accept_typ, "REMIT_ACCEPT_TYP", "TYPES", "at+jwt",
        "Which types of tokens the outside issuer may send: at+jwt, JWT, none, with commas between";
    require_jti, "REMIT_REQUIRE_JTI", "true|false", "true",
        "Whether tokens of the outside issuer must have a jti";
    changes_kept, "REMIT_CHANGES_KEPT", "TIME", "90d",
        "How long changes can be read: a number with s, m, h or d";
    log, "REMIT_LOG", "FILTER", "info",
        "What is logged: a level, or target=level pairs with commas between";
}

/// Only which flags are there: a database's URL may hold its password.
impl fmt::Debug for Flags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Flags").field("config", &self.config).finish_non_exhaustive()
    }
}

/// What the server runs by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The database.
    pub database_url: DatabaseUrl,
    /// The address and port to serve on.
    pub listen: SocketAddr,
    /// Where the signing key is kept.
    pub data_dir: PathBuf,
    /// The issuer that tokens must name.
    pub issuer: String,
    /// The audience that tokens must name.
    pub audience: String,
    /// By how much the clocks of issuers may differ from the server's.
    pub clock_leeway: Leeway,
    /// The issuer that `issuer` names, if it is not the server itself.
    pub outside: Option<OutsideIssuer>,
    /// How long changes can be read.
    pub changes_kept: Kept,
    /// What is logged, a filter that `tracing-subscriber` reads.
    pub log: String,
}

impl Settings {
    /// The settings of this process: `flags`, its environment, and the file named by `--config` or else `remit.toml`.
    ///
    /// # Errors
    /// [`SettingError`], also when the named file is not there or a file cannot be read.
    pub fn load(flags: Flags) -> Result<Self, SettingError> {
        let file = read_file(flags.config.as_deref())?;
        Self::resolve(flags, environment()?, file)
    }

    /// The settings these sources give; of each the first source that has it decides.
    ///
    /// - `env`: every variable; those not named `REMIT_…`, and `REMIT_TEST_…`, are none of ours.
    /// - `file`: the settings file's path, for messages, and its text.
    ///
    /// # Errors
    /// [`SettingError`] when a name is unknown, in any source, or the value that decides is bad.
    pub fn resolve(
        flags: Flags,
        env: impl IntoIterator<Item = (String, String)>,
        file: Option<(PathBuf, String)>,
    ) -> Result<Self, SettingError> {
        let mut sources = Sources::new(env, file)?;
        let given = AsGiven::gather(flags, &mut sources)?;
        sources.require_empty()?;
        let database_url: DatabaseUrl = given.database_url.read(str::parse)?;
        let data_dir = match given.data_dir.is_given() {
            true => given.data_dir.read(path)?,
            false => database_url.directory().unwrap_or_else(|| PathBuf::from(".")),
        };
        let issuer = given.issuer.read(name)?;
        let outside = GivenOutside {
            jwks_url: given.jwks_url,
            jwks_file: given.jwks_file,
            own_issuer: given.own_issuer,
            claims: [given.claim_provider, given.claim_client, given.claim_scope, given.claim_client_id],
            accept_typ: given.accept_typ,
            require_jti: given.require_jti,
        };
        Ok(Self {
            database_url,
            listen: given.listen.read(address)?,
            data_dir,
            outside: outside.read(&issuer)?,
            issuer,
            audience: given.audience.read(name)?,
            clock_leeway: given.clock_leeway.read(str::parse)?,
            changes_kept: given.changes_kept.read(str::parse)?,
            log: given.log.read(log_filter)?,
        })
    }

    /// The issuer that the server's own tokens name; none if they are not taken beside those of an outside issuer.
    #[must_use]
    pub fn own_issuer(&self) -> Option<&str> {
        match &self.outside {
            None => Some(&self.issuer),
            Some(outside) => outside.own_issuer.as_deref(),
        }
    }

    /// The database's URL without user, password and parameters, for logs and messages.
    #[must_use]
    pub fn database_url_redacted(&self) -> String {
        self.database_url.to_string()
    }
}

fn read_file(named: Option<&Path>) -> Result<Option<(PathBuf, String)>, SettingError> {
    let path = named.unwrap_or(Path::new(DEFAULT_FILE));
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some((path.to_owned(), text))),
        Err(error) if named.is_none() && error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(SettingError::File { path: path.to_owned(), problem: error.to_string() }),
    }
}

/// This process's variables named `REMIT_…`; others may be whatever they like, these must be text.
fn environment() -> Result<Vec<(String, String)>, SettingError> {
    let ours = env::vars_os().map(|(name, value)| (name.to_string_lossy().into_owned(), value));
    ours.filter(|(name, _)| name.starts_with(source::OUR_VARIABLES))
        .map(|(name, value)| match value.into_string() {
            Ok(value) => Ok((name, value)),
            Err(_) => Err(SettingError::Bad { origin: Origin::Variable(name), problem: "it is not UTF-8".into() }),
        })
        .collect()
}

fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| format!("{text:?} is not an address and a port such as 127.0.0.1:8080"))
}

fn path(text: &str) -> Result<PathBuf, &'static str> {
    if text.is_empty() { Err("it is empty") } else { Ok(PathBuf::from(text)) }
}

fn name(text: &str) -> Result<String, &'static str> {
    if text.is_empty() {
        return Err("it is empty");
    }
    if text.trim() != text || text.chars().any(char::is_control) {
        return Err("it has spaces around it or control characters in it");
    }
    Ok(text.to_owned())
}

/// A filter that is understood. A bare word must be a level: the library would take a misspelt one for a target.
fn log_filter(text: &str) -> Result<String, String> {
    let is_clear =
        |part: &str| part.contains(['=', '[', ']']) || (!part.is_empty() && part.parse::<LevelFilter>().is_ok());
    if text.split(',').all(is_clear) && EnvFilter::try_new(text).is_ok() {
        return Ok(text.to_owned());
    }
    Err(format!("{text:?} is not a log filter such as info or warn,remit=debug"))
}

#[cfg(test)]
mod tests;
