//! The commands.

mod access;
mod bulk;
mod charges;
mod document;
mod files;
mod import;

use std::{
    io::{self, Write},
    net::SocketAddr,
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

use clap::{Args, Parser, Subcommand, error::ErrorKind};
use remit_domain::Timestamp;
use tokio::{
    net::TcpListener,
    runtime::Runtime,
    select,
    sync::watch,
    task::{JoinHandle, spawn_blocking},
    time::sleep,
};

use crate::{
    app::App,
    auth::{ClientCode, Issuer, ProviderCode, ScopeSet, SigningKey, TokenIssuer, TokenRequest, Ttl, Verifier},
    config::{Flags, KeySource, Settings, Webhooks},
    demo,
    events::{
        Upkeep,
        delivery::{Delivery, deliver},
        keep_house, watch_clocks,
    },
    graphql::{self, Api},
    http::{Server, TokenEndpoint, serve_on},
    jwks::{OutsideKeys, keep_fresh},
    outbound::{GuardedClient, OutboundError},
    store::{Store, StoreError},
    telemetry, webhooks,
};

/// What went wrong, in one line.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// The system of record for the agreements between managed service providers and their clients.
#[derive(Debug, Parser)]
#[command(name = "remit", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the API, bringing the database to the newest step first.
    Serve {
        /// Use a throw-away database filled with a believable provider, and print tokens and a query to try.
        #[arg(long)]
        demo: bool,
        #[command(flatten)]
        flags: Flags,
    },
    /// Print a token signed with the server's own key.
    Token(TokenArgs),
    /// Let software get tokens from this server by an id and a secret.
    #[command(subcommand)]
    Client(access::Client),
    /// Take tokens no more that hold still.
    Revoke(access::RevokeArgs),
    /// Print the document of an agreement's terms, or write it as PDF.
    Document(document::DocumentArgs),
    /// Bring the database to the newest step.
    Migrate {
        #[command(flatten)]
        flags: Flags,
    },
    /// Print the schema in GraphQL's schema language.
    Schema,
    /// Write what is kept as files.
    #[command(subcommand)]
    Export(files::Export),
    /// Say what an agreement's file leaves unsaid or says badly.
    Check(files::CheckArgs),
    /// Bring an agreement to what a file says.
    Apply(files::ApplyArgs),
    /// Take in what is kept elsewhere.
    #[command(subcommand)]
    Import(import::Import),
}

#[derive(Debug, Args)]
struct TokenArgs {
    /// The provider whose objects the token reaches.
    #[arg(long)]
    provider: ProviderCode,
    /// What it allows, separated by blanks: "agreements:read coverage:read".
    #[arg(long)]
    scope: ScopeSet,
    /// Bind it to the client with this code.
    #[arg(long)]
    client: Option<ClientCode>,
    /// Who asks with it.
    #[arg(long, default_value = "operator")]
    subject: String,
    /// How long it is good: 90s, 30m, 1h, 7d.
    #[arg(long, default_value = "1h")]
    ttl: Ttl,
    #[command(flatten)]
    flags: Flags,
}

/// Runs the command that the process was started with; the code that the process ends with.
///
/// # Errors
/// What went wrong, in one line.
pub fn run() -> Result<ExitCode, Failure> {
    match Cli::try_parse() {
        Ok(cli) => Runtime::new()?.block_on(obey(cli.command)).map_err(with_reason),
        Err(wrong) if wrong.use_stderr() && wrong.kind() != ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            eprintln!("remit: {}", in_one_line(&wrong));
            Ok(ExitCode::from(2))
        }
        Err(help) => help.exit(),
    }
}

/// What is wrong with the command line. What the parser adds, the usage and the like, stands in the help.
fn in_one_line(wrong: &clap::Error) -> String {
    let text = wrong.to_string();
    let what: Vec<&str> = text.lines().map(str::trim).take_while(|line| !line.is_empty()).collect();
    let what = what.join(" ");
    format!("{} (see --help)", what.strip_prefix("error: ").unwrap_or(&what))
}

async fn obey(command: Command) -> Result<ExitCode, Failure> {
    match command {
        Command::Import(import) => return import.run(Timestamp::now()).await,
        Command::Serve { demo: false, flags } => serve(&Settings::load(flags)?).await?,
        Command::Serve { demo: true, flags } => serve_demo(Settings::load(flags)?).await?,
        Command::Token(args) => token(args)?,
        Command::Client(client) => client.run(Timestamp::now()).await?,
        Command::Revoke(args) => access::revoke(args, Timestamp::now()).await?,
        Command::Document(args) => document::document(args).await?,
        Command::Migrate { flags } => migrate(&Settings::load(flags)?).await?,
        Command::Export(export) => export.run(Timestamp::now()).await?,
        Command::Check(args) => files::check(args, Timestamp::now()).await?,
        Command::Apply(args) => files::apply(args, Timestamp::now()).await?,
        Command::Schema => write_out(&graphql::sdl())?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Writes to the standard output; whoever reads it may stop at any place.
fn write_out(text: &str) -> io::Result<()> {
    match io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

async fn serve(settings: &Settings) -> Result<(), Failure> {
    telemetry::init(&settings.log);
    let (outbound, stop) = (outbound(settings), Stop::new());
    let prepared = select! {
        prepared = prepare_patiently(settings) => prepared,
        () = stop.heard() => return Ok(()),
    };
    let (store, key) = prepared?;
    let say = |address| tracing::info!(%address, "serving");
    listen(settings, app(settings, store), (&key, outbound), say, &stop).await
}

/// The same, waiting for a database that cannot be reached yet: after a power cut all start at once.
async fn prepare_patiently(settings: &Settings) -> Result<(Store, Arc<SigningKey>), Failure> {
    loop {
        match prepare(settings).await {
            Err(failure) if is_out_of_reach(&failure) => {
                let (database, failure) = (settings.database_url_redacted(), with_reason(failure));
                tracing::warn!(%database, reason = %failure, "the database cannot be reached yet");
                sleep(BEFORE_ANOTHER_TRY).await;
            }
            prepared => return prepared,
        }
    }
}

/// The failure, with what the database or the system says of it.
fn with_reason(failure: Failure) -> Failure {
    match failure.downcast_ref::<StoreError>().and_then(StoreError::reason) {
        Some(reason) => format!("{failure}: {reason}").into(),
        None => failure,
    }
}

/// How long to wait before a database is tried again.
const BEFORE_ANOTHER_TRY: Duration = Duration::from_millis(500);

fn is_out_of_reach(failure: &Failure) -> bool {
    let of_store = failure.downcast_ref::<StoreError>();
    of_store.is_some_and(|failure| matches!(failure, StoreError::Unavailable(_)) && !failure.is_of_settings())
}

/// The same on a database that is gone when the server stops, and its key too, unless it was said where that is kept. An outside
/// issuer knows nothing of it.
async fn serve_demo(settings: Settings) -> Result<(), Failure> {
    telemetry::init(&settings.log);
    let folder = demo::Folder::new()?;
    let database_url = format!("sqlite://{}", folder.path().join("demo.db").display()).parse()?;
    let data_dir = if settings.data_dir_is_given { settings.data_dir } else { folder.path().to_owned() };
    let settings = Settings { database_url, data_dir, outside: None, ..settings };
    let (outbound, stop) = (outbound(&settings), Stop::new());
    let filled = async {
        let (store, key) = prepare(&settings).await?;
        let api = Api::new(app(&settings, store.clone()))?;
        demo::fill(&api, Timestamp::now()).await?;
        Ok::<_, Failure>((store, key))
    };
    let (store, key) = select! {
        filled = filled => filled?,
        () = stop.heard() => return Ok(()),
    };
    let welcome = demo::welcome(&key, &settings, Timestamp::now())?;
    // Where nobody reads it, the server is there all the same.
    let say = |address| drop(write_out(&welcome.at(address)));
    listen(&settings, app(&settings, store), (&key, outbound), say, &stop).await
}

/// What calls other servers, as it is being made.
type Outbound = JoinHandle<Result<GuardedClient, OutboundError>>;

/// Begins to make what calls other servers. The certificates that it trusts are files, which are read meanwhile.
fn outbound(settings: &Settings) -> Outbound {
    let networks = settings.webhook_private_networks.clone();
    spawn_blocking(move || GuardedClient::new(networks, webhooks::TIMEOUT))
}

/// The use cases as the settings have them.
fn app(settings: &Settings, store: Store) -> App {
    App::new(store).warning_at(settings.clock_warnings.percentages())
}

/// Opens the database. That the folder of its file is not there is a mistake, which no waiting mends.
async fn open(settings: &Settings) -> Result<Store, Failure> {
    match settings.database_url.directory().filter(|folder| !folder.is_dir()) {
        Some(folder) => Err(format!("REMIT_DATABASE_URL: there is no folder {}", folder.display()).into()),
        None => Ok(Store::open(settings.database_url.expose()).await?),
    }
}

/// Opens what a server stands on: a migrated database and its signing key.
async fn prepare(settings: &Settings) -> Result<(Store, Arc<SigningKey>), Failure> {
    let store = open(settings).await?;
    store.migrate().await?;
    Ok((store, Arc::new(SigningKey::open_or_create(&settings.data_dir)?)))
}

/// Serves, keeps house and delivers until it is told to stop.
async fn listen(
    settings: &Settings,
    app: App,
    (key, outbound): (&Arc<SigningKey>, Outbound),
    say: impl FnOnce(SocketAddr),
    stop: &Stop,
) -> Result<(), Failure> {
    let known = async {
        let outside = outside_keys(settings).await?;
        app.learn_revocations().await?;
        Ok::<_, Failure>((outside, outbound.await??))
    };
    let (outside, outbound) = select! {
        known = known => known?,
        () = stop.heard() => return Ok(()),
    };
    tokio::spawn(app.clone().watch_revocations());
    let verifier = Arc::new(verifier(settings, key, outside.as_deref()).heeding(app.revocations()));
    let issuer = settings.own_issuer().map(|name| TokenIssuer::new(Arc::clone(key), name, &settings.audience));
    let server = Server {
        api: Api::by(app.delivering(outbound), settings.api.clone())?,
        verifier,
        outside,
        jwks: key.jwks(),
        tokens: issuer.map(TokenEndpoint::new),
        rules: settings.http.clone(),
        clock: Timestamp::now,
    };
    let unheard = |error| format!("REMIT_LISTEN: {}: {error}", settings.listen);
    let listener = TcpListener::bind(settings.listen).await.map_err(unheard)?;
    say(listener.local_addr()?);
    let store = server.api.app().store().clone();
    let changes_kept = settings.changes_kept.duration();
    tokio::spawn(watch_clocks(Arc::clone(server.api.app()), Timestamp::now));
    tokio::spawn(keep_house(Upkeep { store: store.clone(), clock: Timestamp::now, changes_kept }));
    let stopped = stop.heard();
    tokio::spawn(async move {
        stopped.await;
        store.stop_following();
    });
    let delivery = Delivery { api: server.api.clone(), clock: Arc::new(Timestamp::now) };
    let delivering = (settings.webhooks == Webhooks::Delivered).then(|| tokio::spawn(deliver(delivery, stop.heard())));
    serve_on(listener, server, Box::pin(stop.heard())).await;
    if let Some(delivering) = delivering {
        delivering.await?;
    }
    Ok(())
}

/// Begins to keep an outside issuer's keys. A URL may be out of reach for now; a file is at hand, or named wrongly.
async fn outside_keys(settings: &Settings) -> Result<Option<Arc<OutsideKeys>>, Failure> {
    let Some(outside) = &settings.outside else { return Ok(None) };
    let keys = OutsideKeys::new(outside.keys.clone())?;
    if let KeySource::File(_) = outside.keys {
        keys.load(Timestamp::now().as_second()).await?;
    }
    tokio::spawn(keep_fresh(Arc::clone(&keys), || Timestamp::now().as_second()));
    Ok(Some(keys))
}

/// Trusts the issuer outside, if there is one, and the server itself by the name that the settings give it.
fn verifier(settings: &Settings, key: &SigningKey, keys: Option<&OutsideKeys>) -> Verifier {
    let outside = settings.outside.as_ref().zip(keys);
    let outside = outside.map(|(o, keys)| Issuer::outside(&settings.issuer, o.dialect.clone(), keys.ring()));
    let own = settings.own_issuer().map(|name| Issuer::own(name, key));
    Verifier::trusting(outside.into_iter().chain(own), &settings.audience, settings.clock_leeway)
}

/// Whether the server was told to stop, from when this is made: what was said before somebody asks is heard.
struct Stop(watch::Receiver<bool>);

impl Stop {
    fn new() -> Self {
        let (stop, stopped) = watch::channel(false);
        tokio::spawn(async move {
            stop_signal().await;
            stop.send_replace(true);
        });
        Self(stopped)
    }

    fn heard(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut stopped = self.0.clone();
        async move { drop(stopped.wait_for(|stopped| *stopped).await) }
    }
}

/// Waits for Ctrl-C or SIGTERM.
async fn stop_signal() {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminated) = signal(SignalKind::terminate()) {
            tokio::select! { _ = interrupted => {}, _ = terminated.recv() => {} }
            return;
        }
    }
    drop(interrupted.await);
}

fn token(args: TokenArgs) -> Result<(), Failure> {
    let settings = Settings::load(args.flags)?;
    let issuer = settings.own_issuer().ok_or_else(|| not_taken(&settings))?;
    let key = SigningKey::open_or_create(&settings.data_dir)?;
    let request = TokenRequest {
        provider: args.provider,
        scopes: args.scope,
        client: args.client,
        subject: args.subject,
        client_id: "remit-cli".into(),
        ttl: args.ttl,
        cut: None,
    };
    let token = request.sign(&key, issuer, &settings.audience, Timestamp::now().as_second())?;
    Ok(write_out(&format!("{token}\n"))?)
}

fn not_taken(settings: &Settings) -> String {
    let issuer = &settings.issuer;
    format!("the server takes tokens of {issuer:?} alone; set REMIT_OWN_ISSUER to have it take its own beside them")
}

async fn migrate(settings: &Settings) -> Result<(), Failure> {
    telemetry::init(&settings.log);
    open(settings).await?.migrate().await?;
    Ok(write_out(&format!("{} has the newest tables\n", settings.database_url_redacted()))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistake_in_the_command_line_is_said_in_one_line() {
        for (line, expected) in [
            ("remit serve --bogus", "unexpected argument '--bogus' found (see --help)"),
            ("remit sreve", "unrecognized subcommand 'sreve' (see --help)"),
            (
                "remit token",
                "the following required arguments were not provided: --provider <PROVIDER> --scope <SCOPE> (see --help)",
            ),
        ] {
            let wrong = Cli::try_parse_from(line.split(' ')).unwrap_err();
            assert_eq!(in_one_line(&wrong), expected);
        }
    }
}
