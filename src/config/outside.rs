//! The settings of an issuer outside.

use std::{fmt, path::PathBuf};

use super::{Given, JwksUrl, SettingError, name, path};
use crate::auth::{ClaimNames, Dialect, JtiRule, ScopeForm};

/// Claims whose meaning is fixed (RFC 7519 §4.1); none of them can be taken for another.
const FIXED_CLAIMS: [&str; 6] = ["iss", "aud", "exp", "nbf", "iat", "jti"];

/// Where keys are published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeySource {
    /// At a URL.
    Url(JwksUrl),
    /// In a file.
    File(PathBuf),
}

/// For the log: a URL without its parameters.
impl fmt::Display for KeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url(url) => url.fmt(f),
            Self::File(path) => fmt::Debug::fmt(path, f),
        }
    }
}

/// An issuer that is not the server itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutsideIssuer {
    /// Where its keys are published.
    pub keys: KeySource,
    /// How it writes its tokens.
    pub dialect: Dialect,
    /// The name by which the server's own tokens are taken beside it; none if they are not.
    pub own_issuer: Option<String>,
}

/// What was given of it, not yet read.
pub(super) struct GivenOutside {
    pub(super) jwks_url: Given,
    pub(super) jwks_file: Given,
    pub(super) own_issuer: Given,
    /// In the order of [`ClaimNames`].
    pub(super) claims: [Given; 4],
    pub(super) accept_typ: Given,
    pub(super) require_jti: Given,
}

impl GivenOutside {
    /// The issuer, if there is one. Without keys, what else was given is an error: its giver believes it to act.
    ///
    /// - `issuer`: the name that its tokens have.
    pub(super) fn read(self, issuer: &str) -> Result<Option<OutsideIssuer>, SettingError> {
        let keys = match (self.jwks_url.is_given(), self.jwks_file.is_given()) {
            (true, true) => {
                let problem = format!("it cannot be given beside {}", self.jwks_url.origin());
                return Err(self.jwks_file.refused(problem));
            }
            (true, false) => KeySource::Url(self.jwks_url.read(str::parse)?),
            (false, true) => KeySource::File(self.jwks_file.read(path)?),
            (false, false) => {
                let rest = self.claims.into_iter().chain([self.own_issuer, self.accept_typ, self.require_jti]);
                let mut idle = rest.filter(Given::is_given);
                let problem = "it is about an outside issuer, and neither jwks_url nor jwks_file is given";
                return idle.next().map_or(Ok(None), |given| Err(given.refused(problem)));
            }
        };
        let own_issuer = self.own_issuer.is_given().then(|| self.own_issuer.read(|text| own_name(text, issuer)));
        let dialect = Dialect {
            claims: claim_names(self.claims)?,
            types: self.accept_typ.read(str::parse)?,
            jti: self.require_jti.read(jti_rule)?,
            scope: ScopeForm::TextOrList,
        };
        Ok(Some(OutsideIssuer { keys, dialect, own_issuer: own_issuer.transpose()? }))
    }
}

fn own_name(text: &str, issuer: &str) -> Result<String, &'static str> {
    if text == issuer {
        return Err("it is the name of the outside issuer, whose tokens could not be told from the server's own");
    }
    name(text)
}

/// The names, all different.
fn claim_names(given: [Given; 4]) -> Result<ClaimNames, SettingError> {
    let mut names: Vec<String> = Vec::with_capacity(given.len());
    for given in given {
        let name = given.read(|text| claim_name(text, &names))?;
        names.push(name);
    }
    let mut names = names.into_iter();
    let mut next = || names.next().unwrap_or_default();
    Ok(ClaimNames { provider: next(), client: next(), scope: next(), client_id: next() })
}

fn claim_name(text: &str, taken: &[String]) -> Result<String, String> {
    if FIXED_CLAIMS.contains(&text) {
        return Err(format!("the claim {text} has a meaning of its own"));
    }
    if taken.iter().any(|name| name == text) {
        return Err(format!("the claim {text:?} is named for something else already"));
    }
    name(text).map_err(str::to_owned)
}

fn jti_rule(text: &str) -> Result<JtiRule, String> {
    match text {
        "true" => Ok(JtiRule::Required),
        "false" => Ok(JtiRule::Optional),
        _ => Err(format!("{text:?} is neither true nor false")),
    }
}
