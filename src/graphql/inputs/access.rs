//! API clients, and the revoking of tokens.

use async_graphql::{InputObject, MaybeUndefined, OneofObject};
use remit_domain::{Timestamp, text};

use super::{Ref, given, handle, lifecycle::said, name, optional};
use crate::{
    app::{Problems, PutApiClient, Revoke, RevokedTokens, RotateApiClient, UserErrorCode},
    auth::{ApiClientId, MOST_NAME_CHARS, ProviderCode, Scope, ScopeSet},
    graphql::{
        ids::Kind,
        scalars::{DateTime, Duration},
    },
};

/// How long old secrets are taken beside a new one when nothing is said.
const OVERLAP: remit_domain::Duration = remit_domain::Duration::from_hours(24);

/// An API client to be made or changed, found by its code. Nobody grants what they do not have: your own token has each
/// of the scopes that it has and is to have.
#[derive(Debug, InputObject)]
pub(crate) struct PutApiClientInput {
    /// The code: 1 to 64 letters, digits, `.`, `_` and `-`. It never changes.
    code: String,
    /// The name. Needed for a new one.
    name: Option<String>,
    /// What its tokens may allow, all of it. Needed for a new one.
    scopes: Option<Vec<String>>,
    /// The one client that its tokens are to be bound to.
    client: MaybeUndefined<Ref>,
    /// How long a token holds, from PT1M to PT24H. Left out on creation: PT1H.
    token_ttl: MaybeUndefined<Duration>,
    /// From when on it gets no tokens.
    expires_at: MaybeUndefined<DateTime>,
    /// Whether it gets no tokens; those that it has are then revoked.
    disabled: MaybeUndefined<bool>,
}

impl PutApiClientInput {
    pub(crate) fn read(self, p: &mut Problems, provider: &ProviderCode) -> Option<PutApiClient> {
        let id = p.take("code", ApiClientId::new(provider.clone(), self.code));
        let title = optional(self.name, |text| name(p, "name", text));
        let scopes = optional(self.scopes, |list| p.at("scopes", |p| scopes(p, list)));
        let client = match self.client {
            MaybeUndefined::Undefined => Some(None),
            MaybeUndefined::Null => Some(Some(None)),
            MaybeUndefined::Value(client) => {
                p.at("client", |p| handle(p, client, Kind::Client)).map(|client| Some(Some(client)))
            }
        };
        let hour = || Duration(remit_domain::Duration::from_hours(1));
        // What is out of range, or no whole number, is refused by the use case.
        let seconds = |Duration(ttl): Duration| {
            let whole = ttl.micros() % 1_000_000 == 0;
            u32::try_from(ttl.micros() / 1_000_000).ok().filter(|_| whole).unwrap_or_default()
        };
        Some(PutApiClient {
            id: id?,
            name: title?,
            scopes: scopes?,
            client: client?,
            token_seconds: given(self.token_ttl, hour).map(seconds),
            expires_at: match self.expires_at {
                MaybeUndefined::Undefined => None,
                MaybeUndefined::Null => Some(None),
                MaybeUndefined::Value(DateTime(at)) => Some(Some(at)),
            },
            disabled: given(self.disabled, || false),
        })
    }
}

/// Scopes by their words.
fn scopes(p: &mut Problems, list: Vec<String>) -> Option<ScopeSet> {
    Some(p.each(list, |p, word| p.check(word.parse::<Scope>()))?.into_iter().collect())
}

/// Another secret for an API client.
#[derive(Debug, InputObject)]
pub(crate) struct RotateApiClientInput {
    /// Which.
    api_client: Ref,
    /// How long the secrets that it has are taken still, up to PT720H. Left out: PT24H.
    overlap: Option<Duration>,
}

impl RotateApiClientInput {
    pub(crate) fn read(self, p: &mut Problems) -> Option<RotateApiClient> {
        let api_client = p.at("apiClient", |p| handle(p, self.api_client, Kind::ApiClient))?;
        Some(RotateApiClient { api_client, overlap: self.overlap.map_or(OVERLAP, |overlap| overlap.0) })
    }
}

/// Which tokens are meant.
#[derive(Debug, OneofObject)]
pub(crate) enum TokensInput {
    /// The one with this id.
    Jti(String),
    /// All of this subject.
    Subject(String),
    /// All of this software.
    ClientId(String),
}

/// Tokens that are to be taken no more.
#[derive(Debug, InputObject)]
pub(crate) struct RevokeTokensInput {
    /// Which.
    tokens: TokensInput,
    /// Of a subject's or a software's only those that were issued before. Left out: all that there are. Five minutes from
    /// now at the latest, for an issuer whose clock is ahead.
    issued_before: Option<DateTime>,
    /// Why.
    reason: String,
}

impl RevokeTokensInput {
    pub(crate) fn read(self, p: &mut Problems) -> Option<Revoke> {
        let before = self.issued_before.map(|at| at.0);
        let what = p.at("tokens", |p| tokens(p, self.tokens, before));
        if matches!(what, Some(RevokedTokens::Token(_))) && before.is_some() {
            let text = "a token that is named by its id needs no instant";
            p.at("issuedBefore", |p| p.refuse(UserErrorCode::Invalid, text));
        }
        let reason = said(p, "reason", self.reason);
        Some(Revoke { what: what?, reason: reason? })
    }
}

fn tokens(p: &mut Problems, tokens: TokensInput, before: Option<Timestamp>) -> Option<RevokedTokens> {
    let mut claim = |field: &str, value: String| p.take(field, text::named(&value, MOST_NAME_CHARS)).map(|()| value);
    match tokens {
        TokensInput::Jti(jti) => claim("jti", jti).map(RevokedTokens::Token),
        TokensInput::Subject(name) => claim("subject", name).map(|name| RevokedTokens::Subject(name, before)),
        TokensInput::ClientId(name) => claim("clientId", name).map(|name| RevokedTokens::Software(name, before)),
    }
}
