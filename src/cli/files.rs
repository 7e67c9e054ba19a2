//! `remit export agreement`, `remit check` and `remit apply`: agreements as files.

use std::{
    ffi::OsStr,
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use clap::{Args, Subcommand, ValueEnum};
use remit_domain::Timestamp;

use super::Failure;
use crate::{
    auth::ProviderCode,
    config::{Flags, Settings},
    files::{self, AgreementFile, Form, Source},
    store::Store,
};

/// What can be written as files.
#[derive(Debug, Subcommand)]
pub(super) enum Export {
    /// Write an agreement in names and codes.
    Agreement(ExportArgs),
    /// Write a month's charges in the form that a billing system takes.
    Charges(super::charges::ExportCharges),
    /// Write a whole list of the API as JSON Lines, going on where a run before was stopped.
    Connection(super::bulk::ExportConnection),
}

#[derive(Debug, Args)]
pub(super) struct ExportArgs {
    /// The agreement's number.
    number: String,
    /// The provider whose agreement it is. Left out: the only one there is.
    #[arg(long)]
    provider: Option<ProviderCode>,
    /// The number of the version. Left out: the newest that was not withdrawn.
    #[arg(long, value_name = "VERSION")]
    terms: Option<u32>,
    /// Bring along the services, tiers, calendars and the client that it names, as they are now.
    #[arg(long)]
    with_catalogue: bool,
    /// How it is written.
    #[arg(long, value_enum, default_value_t = Format::Toml)]
    format: Format,
    /// Write to this file and not to the standard output.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    flags: Flags,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// TOML.
    Toml,
    /// JSON.
    Json,
}

#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    /// The agreement's file, TOML or JSON.
    file: PathBuf,
    /// The provider in whose catalogue names are looked up that the file does not bring along. Left out: the file's own,
    /// else the only one there is.
    #[arg(long)]
    provider: Option<ProviderCode>,
    #[command(flatten)]
    flags: Flags,
}

#[derive(Debug, Args)]
pub(super) struct ApplyArgs {
    /// The agreement's file, TOML or JSON.
    file: PathBuf,
    /// The provider. Left out: the file's own, else the only one there is.
    #[arg(long)]
    provider: Option<ProviderCode>,
    /// Say what would change, and change nothing.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    flags: Flags,
}

impl Export {
    /// Writes what is asked for.
    ///
    /// # Errors
    /// What went wrong, in one line.
    pub(super) async fn run(self, now: Timestamp) -> Result<(), Failure> {
        let args = match self {
            Self::Agreement(args) => args,
            Self::Charges(charges) => return charges.run(now).await,
            Self::Connection(connection) => return connection.run(Timestamp::now).await,
        };
        let store = existing(args.flags).await?;
        let provider = meant(&store, args.provider).await?;
        let source = Source::new(store, provider, now).await?;
        let file = files::export(&source, &args.number, args.terms, args.with_catalogue).await?;
        let form = match args.format {
            Format::Toml => Form::Toml,
            Format::Json => Form::Json,
        };
        let text = file.write(form);
        match &args.output {
            Some(path) => fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()).into()),
            None => Ok(std::io::stdout().write_all(text.as_bytes())?),
        }
    }
}

/// Prints what a file's agreement leaves unsaid or says badly.
///
/// # Errors
/// What went wrong; also when the agreement is not ready.
pub(super) async fn check(args: CheckArgs, now: Timestamp) -> Result<(), Failure> {
    let file = read(&args.file)?;
    let named = provider(args.provider, &file)?;
    // Names that the file does not bring along are looked up where there is a database to look in.
    let source = match existing(args.flags).await {
        Ok(store) => match meant(&store, named.clone()).await {
            Ok(provider) => Some(Source::new(store, provider, now).await?),
            Err(_) => None,
        },
        Err(_) => None,
    };
    let readiness = files::check(&file, source.as_ref(), named.unwrap_or(ProviderCode::new("check")?), now).await?;
    println!("{readiness}");
    if readiness.ready { Ok(()) } else { Err(format!("{} is not ready", args.file.display()).into()) }
}

/// Brings an agreement to what a file says.
///
/// # Errors
/// What went wrong; then nothing was written.
pub(super) async fn apply(args: ApplyArgs, now: Timestamp) -> Result<(), Failure> {
    let file = read(&args.file)?;
    let named = provider(args.provider, &file)?;
    let store = existing(args.flags).await?;
    let provider = meant(&store, named).await?;
    let source = Source::new(store, provider, now).await?;
    let applied = files::apply(&file, &source, !args.dry_run).await?;
    print!("{}", applied.plan);
    let done = match (applied.plan.is_empty(), args.dry_run) {
        (true, _) => "nothing changes",
        (false, true) => "nothing is written: this is a dry run",
        (false, false) => "done",
    };
    println!("{done}\n{}", applied.readiness);
    Ok(())
}

fn read(path: &Path) -> Result<AgreementFile, Failure> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let form = match path.extension().and_then(OsStr::to_str) {
        Some("json") => Some(Form::Json),
        Some("toml") => Some(Form::Toml),
        _ => None,
    };
    AgreementFile::read(&text, form).map_err(|error| format!("{}: {error}", path.display()).into())
}

fn provider(given: Option<ProviderCode>, file: &AgreementFile) -> Result<Option<ProviderCode>, Failure> {
    match given {
        Some(provider) => Ok(Some(provider)),
        None => Ok(file.provider.as_deref().map(ProviderCode::new).transpose()?),
    }
}

/// The provider that is meant: the one that was named, else the only one that the database has.
///
/// # Errors
/// When there is none, or more than one.
pub(super) async fn meant(store: &Store, named: Option<ProviderCode>) -> Result<ProviderCode, Failure> {
    const SHOWN: u64 = 10;
    if let Some(provider) = named {
        return Ok(provider);
    }
    let known = store.first_providers(SHOWN).await?;
    match known.as_slice() {
        [only] => Ok(ProviderCode::new(only)?),
        [] => Err("the database has no provider yet: say --provider".into()),
        several => Err(format!("whose? Say --provider: there are {}", several.join(", ")).into()),
    }
}

/// The database, which must be there with the newest tables.
pub(super) async fn existing(flags: Flags) -> Result<Store, Failure> {
    let settings = Settings::load(flags)?;
    if let Some(file) = settings.database_url.file().filter(|file| !file.exists()) {
        // Opening would make it.
        return Err(format!("there is no database {}", file.display()).into());
    }
    let store = Store::open(settings.database_url.expose()).await?;
    if !store.is_ready().await {
        return Err(format!("{} has not the newest tables: run remit migrate", settings.database_url_redacted()).into());
    }
    Ok(store)
}
