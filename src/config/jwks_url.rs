//! Where an issuer publishes its keys.

use std::{fmt, str::FromStr};

use url::{Host, Url};

/// The URL of a key set: over TLS, or on this machine, since whoever can change the answer can make tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JwksUrl(Url);

/// Why the text is no URL to fetch keys from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JwksUrlError {
    /// Not a URL.
    #[error("it is not a URL ({0})")]
    NotAUrl(url::ParseError),
    /// Neither https nor, on this machine, http.
    #[error("it does not begin with https://, and only a loopback address may be asked by http://")]
    Insecure,
    /// A user or a password, which a log would show.
    #[error("it has a user or a password in it; keys are public and need none")]
    Credentials,
    /// A fragment, which no server is ever sent.
    #[error("it has a # in it")]
    Fragment,
}

impl JwksUrl {
    /// The URL's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Whether it leads to this machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        match self.0.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        }
    }
}

impl FromStr for JwksUrl {
    type Err = JwksUrlError;
    fn from_str(text: &str) -> Result<Self, JwksUrlError> {
        let url = Self(Url::parse(text).map_err(JwksUrlError::NotAUrl)?);
        let secure = url.0.scheme() == "https" || (url.0.scheme() == "http" && url.is_loopback());
        if !secure {
            return Err(JwksUrlError::Insecure);
        }
        if !url.0.username().is_empty() || url.0.password().is_some() {
            return Err(JwksUrlError::Credentials);
        }
        if url.0.fragment().is_some() { Err(JwksUrlError::Fragment) } else { Ok(url) }
    }
}

/// Without its parameters, for the log.
impl fmt::Display for JwksUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str().split('?').next().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_over_tls_or_from_this_machine() {
        for text in [
            "https://login.example/common/discovery/v2.0/keys?appid=1",
            "https://10.0.0.7:8443/certs",
            "http://127.0.0.1:8080/certs",
            "http://127.8.9.1/certs",
            "http://[::1]/certs",
            "http://localhost:8080/realms/msp/protocol/openid-connect/certs",
        ] {
            assert_eq!(text.parse::<JwksUrl>().map(|url| url.as_str().to_owned()).as_deref(), Ok(text));
        }
        use JwksUrlError::{Credentials, Fragment, Insecure, NotAUrl};
        for (text, error) in [
            ("", NotAUrl(url::ParseError::RelativeUrlWithoutBase)),
            ("/keys.json", NotAUrl(url::ParseError::RelativeUrlWithoutBase)),
            ("https://", NotAUrl(url::ParseError::EmptyHost)),
            ("http://login.example/keys", Insecure),
            ("http://localhost.example/keys", Insecure),
            ("http://127.0.0.1.example/keys", Insecure),
            ("http://10.0.0.7/keys", Insecure),
            ("http://0.0.0.0/keys", Insecure),
            ("file:///etc/keys.json", Insecure),
            ("ftp://localhost/keys", Insecure),
            ("https://u@login.example/keys", Credentials),
            ("https://:p@login.example/keys", Credentials),
            ("https://login.example/keys#a", Fragment),
        ] {
            assert_eq!(text.parse::<JwksUrl>(), Err(error), "{text}");
        }
        let shown: JwksUrl = "https://login.example/keys?appid=1".parse().unwrap();
        assert_eq!(shown.to_string(), "https://login.example/keys");
    }
}
