//! Settings: from flags, else the environment, else `remit.toml`, else their defaults.
//!
//! Each is declared once, below; flag, variable, file key, help and reading follow from that. What is unknown or bad
//! stops the server with one line that names the setting and where it came from, and never shows a database's password.

mod database_url;
mod jwks_url;
mod kept;
mod outside;
mod requests;
mod source;
mod warnings;

use std::{
    env, fmt, fs, io,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use tracing_subscriber::{EnvFilter, filter::LevelFilter};

use crate::{
    auth::Leeway,
    graphql::ApiRules,
    http::HttpRules,
    outbound::{Networks, NetworksError},
};

pub use database_url::{DatabaseUrl, DatabaseUrlError};
pub use jwks_url::{JwksUrl, JwksUrlError};
pub use kept::{Kept, KeptError};
use outside::GivenOutside;
pub use outside::{KeySource, OutsideIssuer};
use requests::GivenRequests;
use source::{Given, Sources};
pub use source::{Origin, SettingError};
pub use warnings::{Warnings, WarningsError};

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
    max_body, "REMIT_MAX_BODY", "BYTES", "1048576",
        "The most bytes of a request's body";
    max_batch, "REMIT_MAX_BATCH", "COUNT", "10",
        "The most requests in a batch";
    max_characters, "REMIT_MAX_CHARACTERS", "COUNT", "65536",
        "The most characters of a document";
    max_tokens, "REMIT_MAX_TOKENS", "COUNT", "5000",
        "The most tokens of a document";
    max_depth, "REMIT_MAX_DEPTH", "COUNT", "15",
        "The most fields below each other";
    max_aliases, "REMIT_MAX_ALIASES", "COUNT", "50",
        "The most aliases in a document";
    max_directives, "REMIT_MAX_DIRECTIVES", "COUNT", "50",
        "The most directives in a document";
    max_selections, "REMIT_MAX_SELECTIONS", "COUNT", "10000",
        "The most selections of a document with its fragments written out";
    max_list, "REMIT_MAX_LIST", "COUNT", "500",
        "The most items of a list in an input";
    max_cost, "REMIT_MAX_COST", "COST", "500000",
        "The most that a request may cost, by the rule in the schema";
    token_budget, "REMIT_TOKEN_BUDGET", "COST", "as much as it likes",
        "What the requests of one token may cost in a minute";
    provider_budget, "REMIT_PROVIDER_BUDGET", "COST", "as much as it likes",
        "What all requests of one provider may cost in a minute";
    max_running, "REMIT_MAX_RUNNING", "COUNT", "16",
        "How many requests run at once, small ones counted half and large ones twice; the others wait, and providers take turns";
    max_waiting, "REMIT_MAX_WAITING", "COUNT", "512",
        "How many requests of one provider wait for their turn before more are sent away";
    max_connections, "REMIT_MAX_CONNECTIONS", "COUNT", "4096",
        "How many connections are held at once";
    deadline, "REMIT_DEADLINE", "TIME", "30s",
        "How long a request may take";
    document_cache, "REMIT_DOCUMENT_CACHE", "BYTES", "8388608",
        "The memory for documents that need not be read again";
    introspection, "REMIT_INTROSPECTION", "true|false", "true",
        "Whether queries may look at the schema";
    suggestions, "REMIT_SUGGESTIONS", "true|false", "false",
        "Whether a message about a name that is not there names the nearest that is";
    trusted_documents, "REMIT_TRUSTED_DOCUMENTS", "FILE", "none",
        "Documents that are known by their names, as a build tool writes them";
    trusted_only, "REMIT_TRUSTED_ONLY", "true|false", "false",
        "Whether no other documents are taken";
    cors_origins, "REMIT_CORS_ORIGINS", "ORIGINS", "none",
        "The origins whose pages may send requests, with commas between";
    compression, "REMIT_COMPRESSION", "true|false", "true",
        "Whether answers are compressed for callers that take that";
    changes_kept, "REMIT_CHANGES_KEPT", "TIME", "90d",
        "How long changes can be read: a number with s, m, h or d";
    webhooks, "REMIT_WEBHOOKS", "true|false", "true",
        "Whether this server delivers changes to webhooks";
    webhook_private_networks, "REMIT_WEBHOOK_PRIVATE_NETWORKS", "NETWORKS", "none",
        "Networks to which webhooks may go although they are not public, with commas between, such as 10.20.0.0/16";
    clock_warnings, "REMIT_CLOCK_WARNINGS", "PERCENTAGES", "50,75,90",
        "Of which shares of an SLA clock's time the change feed tells, in percent with commas between, or none";
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
    /// Whether that was said, or follows from where the database is.
    pub data_dir_is_given: bool,
    /// The issuer that tokens must name.
    pub issuer: String,
    /// The audience that tokens must name.
    pub audience: String,
    /// By how much the clocks of issuers may differ from the server's.
    pub clock_leeway: Leeway,
    /// The issuer that `issuer` names, if it is not the server itself.
    pub outside: Option<OutsideIssuer>,
    /// What the API takes.
    pub api: ApiRules,
    /// What HTTP takes.
    pub http: HttpRules,
    /// How long changes can be read.
    pub changes_kept: Kept,
    /// Whether this server delivers changes to webhooks.
    pub webhooks: Webhooks,
    /// Where webhooks may go although it is not public.
    pub webhook_private_networks: Networks,
    /// Of which shares of a clock's time the feed tells.
    pub clock_warnings: Warnings,
    /// What is logged, a filter that `tracing-subscriber` reads.
    pub log: String,
}

/// Whether a server delivers changes to webhooks. Of several on one database some may leave it to the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Webhooks {
    /// It does.
    Delivered,
    /// It leaves that to others.
    LeftToOthers,
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
        let data_dir_is_given = given.data_dir.is_given();
        let data_dir = match data_dir_is_given {
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
        let requests = GivenRequests {
            max_body: given.max_body,
            max_batch: given.max_batch,
            max_characters: given.max_characters,
            max_tokens: given.max_tokens,
            max_depth: given.max_depth,
            max_aliases: given.max_aliases,
            max_directives: given.max_directives,
            max_selections: given.max_selections,
            max_list: given.max_list,
            max_cost: given.max_cost,
            token_budget: given.token_budget,
            provider_budget: given.provider_budget,
            max_running: given.max_running,
            max_waiting: given.max_waiting,
            max_connections: given.max_connections,
            deadline: given.deadline,
            document_cache: given.document_cache,
            introspection: given.introspection,
            suggestions: given.suggestions,
            trusted_documents: given.trusted_documents,
            trusted_only: given.trusted_only,
            cors_origins: given.cors_origins,
            compression: given.compression,
        };
        let (api, http) = requests.read()?;
        Ok(Self {
            api,
            http,
            database_url,
            listen: given.listen.read(address)?,
            data_dir,
            data_dir_is_given,
            outside: outside.read(&issuer)?,
            issuer,
            audience: given.audience.read(name)?,
            clock_leeway: given.clock_leeway.read(str::parse)?,
            changes_kept: given.changes_kept.read(str::parse)?,
            webhooks: given.webhooks.read(webhooks)?,
            webhook_private_networks: given.webhook_private_networks.read(networks)?,
            clock_warnings: given.clock_warnings.read(str::parse)?,
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

fn webhooks(text: &str) -> Result<Webhooks, String> {
    match text {
        "true" => Ok(Webhooks::Delivered),
        "false" => Ok(Webhooks::LeftToOthers),
        _ => Err(format!("{text:?} is neither true nor false")),
    }
}

fn networks(text: &str) -> Result<Networks, NetworksError> {
    if text == "none" { Ok(Networks::default()) } else { text.parse() }
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
