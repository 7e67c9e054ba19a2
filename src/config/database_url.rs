//! Which database, without giving its password away.

use std::{fmt, path::PathBuf, str::FromStr};

use url::Url;

/// A database's URL. Shown (also in debug form) without user, password and parameters.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl {
    text: String,
    shown: String,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Sqlite,
    Postgres,
}

/// Why the text is no database's URL. Says nothing of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DatabaseUrlError {
    /// Another scheme, or none.
    #[error("it does not begin with sqlite:, postgres: or postgresql:")]
    Scheme,
    /// SQLite without a file.
    #[error("it names no file after sqlite:")]
    NoFile,
    /// PostgreSQL without a host.
    #[error("it names no host after postgres://")]
    NoHost,
    /// An `@` behind the host: most likely a password with `/`, `?` or `#` in it, which would be taken for the host.
    #[error("it has an @ after the host; in a password write / as %2F, ? as %3F, # as %23, and @ as %40 anywhere")]
    StrayAt,
    /// A parameter that PostgreSQL's driver would pass over, and tell the log of with its value.
    #[error("it has a parameter that is none of {}", PARAMETERS.join(", "))]
    Parameter,
    /// Not a URL.
    #[error("it is not a URL ({0}); what is not a letter or digit is written as % and two hexadecimal digits")]
    NotAUrl(url::ParseError),
}

impl FromStr for DatabaseUrl {
    type Err = DatabaseUrlError;
    fn from_str(text: &str) -> Result<Self, DatabaseUrlError> {
        let (scheme, _) = text.split_once(':').ok_or(DatabaseUrlError::Scheme)?;
        let kind = match scheme {
            "sqlite" => Kind::Sqlite,
            "postgres" | "postgresql" => Kind::Postgres,
            _ => return Err(DatabaseUrlError::Scheme),
        };
        let url = Url::parse(text).map_err(DatabaseUrlError::NotAUrl)?;
        let shown = match kind {
            Kind::Sqlite if sqlite_file(text).0.is_empty() => return Err(DatabaseUrlError::NoFile),
            Kind::Sqlite => text.to_owned(),
            Kind::Postgres => shown(&url)?,
        };
        if kind == Kind::Postgres && !url.query_pairs().all(|(name, _)| is_parameter(&name)) {
            return Err(DatabaseUrlError::Parameter);
        }
        Ok(Self { text: text.to_owned(), shown, kind })
    }
}

impl DatabaseUrl {
    /// The whole URL, password included: for the database's driver, never for logs or messages.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// Whether it is an SQLite database, else a PostgreSQL one.
    #[must_use]
    pub fn is_sqlite(&self) -> bool {
        self.kind == Kind::Sqlite
    }

    /// The SQLite database's file; none for PostgreSQL and for a database in memory.
    #[must_use]
    pub fn file(&self) -> Option<PathBuf> {
        let (file, parameters) = sqlite_file(&self.text);
        let in_memory = file == ":memory:" || parameters.split('&').any(|parameter| parameter == "mode=memory");
        (self.is_sqlite() && !in_memory).then(|| PathBuf::from(percent_decoded(file)))
    }

    /// The directory the SQLite database's file lies in; none for PostgreSQL and for a database in memory.
    #[must_use]
    pub fn directory(&self) -> Option<PathBuf> {
        let parent = self.file()?.parent()?.to_owned();
        Some(if parent.as_os_str().is_empty() { PathBuf::from(".") } else { parent })
    }
}

/// What PostgreSQL's driver reads of a URL behind the `?`; `options[name]` sets what the server calls so.
const PARAMETERS: [&str; 14] = [
    "application_name",
    "dbname",
    "host",
    "hostaddr",
    "options",
    "options[…]",
    "password",
    "port",
    "sslcert",
    "sslkey",
    "sslmode",
    "sslrootcert",
    "statement-cache-capacity",
    "user",
];

fn is_parameter(name: &str) -> bool {
    PARAMETERS.contains(&name) || (name.starts_with("options[") && name.ends_with(']'))
}

/// What the driver takes for the file, still percent-encoded, and for the parameters.
fn sqlite_file(text: &str) -> (&str, &str) {
    let rest = text.trim_start_matches("sqlite://").trim_start_matches("sqlite:");
    rest.split_once('?').unwrap_or((rest, ""))
}

/// Scheme, host, port and database: all that is certainly no secret.
fn shown(url: &Url) -> Result<String, DatabaseUrlError> {
    let behind_host = [Some(url.path()), url.query(), url.fragment()];
    if behind_host.into_iter().flatten().any(|part| part.contains('@')) {
        return Err(DatabaseUrlError::StrayAt);
    }
    let host = url.host_str().filter(|host| !host.is_empty()).ok_or(DatabaseUrlError::NoHost)?;
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    Ok(format!("{}://{host}{port}{}", url.scheme(), url.path()))
}

/// The text with each `%` and two hexadecimal digits replaced by the byte they stand for.
fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('%') {
        bytes.extend(before.as_bytes());
        let digits = behind.get(..2).filter(|two| two.bytes().all(|digit| digit.is_ascii_hexdigit()));
        match digits.and_then(|two| u8::from_str_radix(two, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &behind[2..];
            }
            None => {
                bytes.push(b'%');
                rest = behind;
            }
        }
    }
    bytes.extend(rest.as_bytes());
    String::from_utf8_lossy(&bytes).into_owned()
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.shown, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_shown_without_what_is_secret() {
        let check = |text: &str, shown: &str| {
            let url: DatabaseUrl = text.parse().unwrap();
            assert_eq!((url.to_string().as_str(), url.expose()), (shown, text));
            assert_eq!(format!("{url:?}"), format!("{shown:?}"));
        };
        check("sqlite://remit.db", "sqlite://remit.db");
        check("sqlite::memory:", "sqlite::memory:");
        check("postgres://db.example/remit", "postgres://db.example/remit");
        check("postgresql://u:s3cret@db.example:5433/remit", "postgresql://db.example:5433/remit");
        check("postgres://u:s%40c%2Fret@db/remit", "postgres://db/remit");
        check("postgres://u:a@b@db/remit", "postgres://db/remit");
        check("postgres://db/remit?user=u&password=s3cret#s3cret", "postgres://db/remit");
        check("postgres://u:p@[::1]:5432/remit", "postgres://[::1]:5432/remit");
    }

    #[test]
    fn what_is_no_database_is_refused_without_being_shown() {
        use DatabaseUrlError::{NoFile, NoHost, NotAUrl, Parameter, Scheme, StrayAt};
        let port = NotAUrl(url::ParseError::InvalidPort);
        let check = |text: &str, error| assert_eq!(text.parse::<DatabaseUrl>(), Err(error), "{text:?}");
        for text in ["", "remit.db", "mysql://u:p@db/remit", "SQLite://remit.db", "/var/remit.db", " sqlite://a"] {
            check(text, Scheme);
        }
        check("sqlite:", NoFile);
        check("sqlite://?mode=memory", NoFile);
        check("sqlite://my file.db", NotAUrl(url::ParseError::InvalidDomainCharacter));
        check("postgres:remit", NoHost);
        check("postgres:///remit", NoHost);
        check("postgres://db:99999/remit", port);
        check("postgres://u:s3/cret@db/remit", port);
        check("postgres://u:53/cret@db/remit", StrayAt);
        check("postgres://u:53?cret@db/remit", StrayAt);
        check("postgres://u:53#cret@db/remit", StrayAt);
        for text in ["postgres://db/remit?passwrod=s3cret", "postgres://db/remit?sslmode=require&sslpassword=s3cret"] {
            check(text, Parameter);
        }
        assert!(DatabaseUrlError::Parameter.to_string().contains("sslmode"));
        "postgres://db/remit?options[search_path]=a&sslmode=require".parse::<DatabaseUrl>().unwrap();
    }

    #[test]
    fn the_directory_of_the_file_is_known() {
        let check = |text: &str, directory: Option<&str>| {
            assert_eq!(text.parse::<DatabaseUrl>().unwrap().directory(), directory.map(PathBuf::from), "{text}");
        };
        check("sqlite://remit.db", Some("."));
        check("sqlite:remit.db?mode=rwc", Some("."));
        check("sqlite://data/remit.db", Some("data"));
        check("sqlite:///var/lib/remit/remit.db?mode=rwc", Some("/var/lib/remit"));
        check("sqlite:///var/my%20data/a%3Fb/remit.db", Some("/var/my data/a?b"));
        check("sqlite:///100%/%zz/%ü/r.db", Some("/100%/%zz/%ü"));
        check("sqlite::memory:", None);
        check("sqlite://shared?mode=memory&cache=shared", None);
        check("postgres://db/remit", None);
    }
}
