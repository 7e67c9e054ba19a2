//! `remit client` and `remit revoke`: which software gets tokens here, and whose tokens are taken no more.

use std::fmt::Write as _;

use clap::{Args, Subcommand};
use remit_domain::{
    Duration, Timestamp,
    text::{self, TextError},
    time::parse_instant,
};

use super::{Failure, files::existing};
use crate::{
    app::{self, App, PutApiClient, Revoke, RevokedTokens, RotateApiClient, Session},
    auth::{ApiClientId, ApiSecret, Caller, MOST_NAME_CHARS, ProviderCode, ScopeSet, Ttl},
    config::Flags,
    store::{ApiClientRecord, Handle, SecretRecord, Window},
};

/// What can be done with the API clients, which get their tokens at `/oauth/token`.
#[derive(Debug, Subcommand)]
pub(super) enum Client {
    /// Make an API client and print its id and secret, or change what it may have.
    Create(CreateArgs),
    /// Print another secret; those that it has are taken for a while still.
    Rotate(RotateArgs),
    /// Print the API clients, and when each was used last.
    List(ListArgs),
    /// Give it no more tokens, and revoke those that it has.
    Disable(NamedArgs),
    /// Give it tokens again.
    Enable(NamedArgs),
}

#[derive(Debug, Args)]
pub(super) struct CreateArgs {
    #[command(flatten)]
    named: NamedArgs,
    /// What it is. Left out: its code.
    #[arg(long, value_parser = name)]
    name: Option<String>,
    /// What its tokens may allow, separated by blanks: "tickets:write coverage:read".
    #[arg(long)]
    scope: ScopeSet,
    /// Bind its tokens to the client with this code.
    #[arg(long)]
    client: Option<String>,
    /// How long a token holds, from 1m to 24h.
    #[arg(long, default_value = "1h")]
    token_ttl: Ttl,
    /// From when on it gets no tokens: 2027-01-01T00:00:00Z.
    #[arg(long, value_parser = instant)]
    expires: Option<Timestamp>,
}

#[derive(Debug, Args)]
pub(super) struct RotateArgs {
    #[command(flatten)]
    named: NamedArgs,
    /// How long the secrets that it has are taken still, up to 30d.
    #[arg(long, default_value = "24h", value_parser = overlap)]
    overlap: Duration,
}

#[derive(Debug, Args)]
pub(super) struct NamedArgs {
    /// The API client's code: its id is the provider's code, a dot, and this.
    code: String,
    #[command(flatten)]
    at: ListArgs,
}

#[derive(Debug, Args)]
pub(super) struct ListArgs {
    /// The provider whose API clients they are.
    #[arg(long)]
    provider: ProviderCode,
    #[command(flatten)]
    flags: Flags,
}

#[derive(Debug, Args)]
#[group(id = "tokens", required = true, multiple = false, args = ["jti", "subject", "client_id"])]
pub(super) struct RevokeArgs {
    /// The provider whose tokens they are.
    #[arg(long)]
    provider: ProviderCode,
    /// The one token with this id.
    #[arg(long, value_parser = name_in_token)]
    jti: Option<String>,
    /// All tokens of this subject.
    #[arg(long, value_parser = name_in_token)]
    subject: Option<String>,
    /// All tokens of this software.
    #[arg(long, value_parser = name_in_token)]
    client_id: Option<String>,
    /// Of those only what was issued before: 2026-11-23T12:00:00Z. Left out: all that there are.
    #[arg(long, value_parser = instant, conflicts_with = "jti")]
    issued_before: Option<Timestamp>,
    /// Why.
    #[arg(long, value_parser = reason)]
    reason: String,
    #[command(flatten)]
    flags: Flags,
}

/// What a token may call somebody or something, as far as the API takes it.
fn name_in_token(text: &str) -> Result<String, TextError> {
    text::named(text, MOST_NAME_CHARS).map(|()| text.to_owned())
}

fn reason(said: &str) -> Result<String, TextError> {
    text::named(said.trim(), text::CLAUSE_MAX)?;
    text::prose(said, text::CLAUSE_MAX).map(|()| said.to_owned())
}

fn name(text: &str) -> Result<String, TextError> {
    text::named(text, text::NAME_MAX).map(|()| text.to_owned())
}

fn instant(text: &str) -> Result<Timestamp, String> {
    parse_instant(text).map_err(|error| error.to_string())
}

/// A time as the other commands have it, which may be none at all.
fn overlap(text: &str) -> Result<Duration, String> {
    if text == "0s" {
        return Ok(Duration::ZERO);
    }
    let ttl: Ttl = text.parse().map_err(|_| "a whole number with s, m, h or d, such as 24h".to_owned())?;
    Ok(Duration::from_micros(i64::from(ttl.seconds()) * 1_000_000))
}

/// A refusal in one line.
fn refused(failure: app::Failure) -> Failure {
    match failure {
        app::Failure::Fault(fault) => fault.into(),
        app::Failure::Refused(errors) => {
            let lines: Vec<String> = errors.into_iter().map(|error| error.message).collect();
            lines.join("; ").into()
        }
    }
}

impl ListArgs {
    async fn open(&self, now: Timestamp) -> Result<(App, Session), Failure> {
        let app = App::new(existing(self.flags.clone()).await?);
        let session = app.session(Caller::operator(self.provider.clone(), now.as_second()), now).await?;
        Ok((app, session))
    }
}

impl NamedArgs {
    fn id(&self) -> Result<ApiClientId, Failure> {
        Ok(ApiClientId::new(self.at.provider.clone(), self.code.as_str())?)
    }

    /// Changes nothing of the API client.
    fn as_it_is(&self) -> Result<PutApiClient, Failure> {
        let id = self.id()?;
        Ok(PutApiClient {
            id,
            name: None,
            scopes: None,
            client: None,
            token_seconds: None,
            expires_at: None,
            disabled: None,
        })
    }

    async fn switch(&self, disabled: bool, now: Timestamp) -> Result<(), Failure> {
        let (app, session) = self.at.open(now).await?;
        if app.store().find_api_clients(&session.scope, &[Handle::Code(self.code.clone())]).await?.is_empty() {
            return Err(format!("{} has no API client {}", self.at.provider, self.code).into());
        }
        let put = PutApiClient { disabled: Some(disabled), ..self.as_it_is()? };
        app.put_api_client(&session, put).await.map_err(refused)?;
        let said = if disabled { "is disabled, and its tokens are revoked" } else { "gets tokens" };
        println!("{} {said}", self.id()?);
        Ok(())
    }
}

impl Client {
    /// Does it.
    ///
    /// # Errors
    /// What went wrong, in one line.
    pub(super) async fn run(self, now: Timestamp) -> Result<(), Failure> {
        match self {
            Self::Create(args) => create(&args, now).await,
            Self::Rotate(args) => rotate(&args, now).await,
            Self::List(args) => list(&args, now).await,
            Self::Disable(args) => args.switch(true, now).await,
            Self::Enable(args) => args.switch(false, now).await,
        }
    }
}

async fn create(args: &CreateArgs, now: Timestamp) -> Result<(), Failure> {
    let (app, session) = args.named.at.open(now).await?;
    let put = PutApiClient {
        name: Some(args.name.clone().unwrap_or_else(|| args.named.code.clone())),
        scopes: Some(args.scope),
        client: Some(args.client.clone().map(Handle::Code)),
        token_seconds: Some(args.token_ttl.seconds()),
        expires_at: Some(args.expires),
        ..args.named.as_it_is()?
    };
    let (_, secret) = app.put_api_client(&session, put).await.map_err(refused)?;
    print_secret(&args.named.id()?, secret.as_ref());
    Ok(())
}

async fn rotate(args: &RotateArgs, now: Timestamp) -> Result<(), Failure> {
    let (app, session) = args.named.at.open(now).await?;
    let rotate = RotateApiClient { api_client: Handle::Code(args.named.code.clone()), overlap: args.overlap };
    let (_, secret) = app.rotate_api_client(&session, rotate).await.map_err(refused)?;
    print_secret(&args.named.id()?, Some(&secret));
    Ok(())
}

/// In the form of settings, so that it can be put into a file of them.
fn print_secret(id: &ApiClientId, secret: Option<&ApiSecret>) {
    println!("client_id={id}");
    match secret {
        Some(secret) => println!("client_secret={}", secret.expose()),
        None => eprintln!("its secret was shown when it was made; `remit client rotate` makes another"),
    }
}

async fn list(args: &ListArgs, now: Timestamp) -> Result<(), Failure> {
    let (app, session) = args.open(now).await?;
    let mut after = None;
    loop {
        let window = Window { limit: 500, after: after.take(), before: None, from_end: false };
        let page = app.store().page_api_clients(&session.scope, &window).await?;
        let ids: Vec<_> = page.items.iter().map(|record| record.id).collect();
        let secrets = app.store().api_secrets(&session.scope, &ids).await?;
        for record in &page.items {
            print!("{}", spelled(&args.provider, record, secrets.get(&record.id).map_or(&[], Vec::as_slice), now));
        }
        after = page.items.last().filter(|_| page.more).map(|record| record.code.clone());
        if after.is_none() {
            return Ok(());
        }
    }
}

fn spelled(provider: &ProviderCode, record: &ApiClientRecord, secrets: &[SecretRecord], now: Timestamp) -> String {
    let state = match record.expires_at {
        _ if record.disabled_at.is_some() => "disabled".into(),
        Some(end) if end <= now => "expired".into(),
        Some(end) => format!("until {end}"),
        None => "active".into(),
    };
    let mut text = format!("{provider}.{}  {state}\n  {}; scopes: {}\n", record.code, record.name, record.scopes);
    for secret in secrets.iter().filter(|secret| secret.is_taken(now)) {
        let used = secret.last_used_at.map_or("never used".into(), |at| format!("last used {at}"));
        let ends = secret.expires_at.map_or(String::new(), |end| format!(", taken until {end}"));
        let _ = writeln!(text, "  secret of {}: {used}{ends}", secret.created_at);
    }
    text
}

/// Revokes tokens.
///
/// # Errors
/// What went wrong, in one line.
pub(super) async fn revoke(args: RevokeArgs, now: Timestamp) -> Result<(), Failure> {
    let what = match (args.jti, args.subject, args.client_id) {
        (Some(jti), ..) => RevokedTokens::Token(jti),
        (_, Some(subject), _) => RevokedTokens::Subject(subject, args.issued_before),
        (.., client_id) => RevokedTokens::Software(client_id.unwrap_or_default(), args.issued_before),
    };
    let at = ListArgs { provider: args.provider, flags: args.flags };
    let (app, session) = at.open(now).await?;
    app.revoke(&session, Revoke { what, reason: args.reason }).await.map_err(refused)?;
    println!("revoked; every server heeds it within 10 seconds");
    Ok(())
}
