//! The program itself, run as an operator runs it: killed, stopped, started again.

use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc,
    time::Duration,
};

use remit::auth::{ProviderCode, ScopeSet, SigningKey, TokenRequest};
use remit_domain::Timestamp;
use reqwest::StatusCode;
use serde_json::{Value, json};

/// How long a server may take to be ready; a machine that is busy with other tests is slow.
const READY_WITHIN: Duration = Duration::from_secs(60);

/// Where servers keep what they keep.
pub(crate) struct Site {
    pub(crate) folder: PathBuf,
    pub(crate) database: String,
    /// Where it listens.
    pub(crate) listen: String,
    /// What the server is started by, when not by itself: `sh -c "…"`.
    pub(crate) by: Option<String>,
}

/// A running server. Dropped, it is killed.
pub(crate) struct Process {
    child: Child,
    user: User,
}

/// Somebody who asks a server, for as long as it answers.
#[derive(Clone)]
pub(crate) struct User {
    pub(crate) address: SocketAddr,
    http: reqwest::Client,
    pub(crate) token: String,
}

impl Site {
    pub(crate) fn new(folder: &Path, database: impl Into<String>) -> Self {
        Self { folder: folder.to_owned(), database: database.into(), listen: "127.0.0.1:0".into(), by: None }
    }

    /// A command of the program, on this site's database.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let program = env!("CARGO_BIN_EXE_remit");
        let mut command = match &self.by {
            Some(by) => {
                let mut shell = Command::new("sh");
                shell.args(["-c", &format!("{by}; exec \"$0\" \"$@\""), program]);
                shell
            }
            None => Command::new(program),
        };
        command.args(arguments).current_dir(&self.folder).env("REMIT_DATABASE_URL", &self.database);
        command.env("REMIT_DATA_DIR", &self.folder).env("REMIT_LISTEN", &self.listen);
        command
    }

    /// Starts a server and waits until it says where it serves.
    pub(crate) async fn start(&self) -> Process {
        let mut child = self.command(&["serve"]).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let log = BufReader::new(child.stderr.take().unwrap());
        let (say, said) = mpsc::channel();
        // Read to the end, so that the server never waits for somebody to read its log.
        std::thread::spawn(move || {
            let mut before = String::new();
            for line in log.lines().map_while(Result::ok) {
                if let Some((_, address)) = line.split_once("address=") {
                    let plain: String =
                        address.chars().take_while(|c| c.is_ascii_digit() || ".:".contains(*c)).collect();
                    say.send(Ok(plain.parse().unwrap())).ok();
                }
                before.push_str(&line);
                before.push('\n');
            }
            say.send(Err(before)).ok();
        });
        let address = tokio::task::spawn_blocking(move || said.recv_timeout(READY_WITHIN)).await.unwrap();
        let address = address.expect("a server in time").unwrap_or_else(|log| panic!("the server has ended:\n{log}"));
        Process { child, user: User { address, http: reqwest::Client::new(), token: self.token() } }
    }

    fn token(&self) -> String {
        let key = SigningKey::open_or_create(&self.folder).unwrap();
        let request = TokenRequest {
            provider: ProviderCode::new("acme").unwrap(),
            scopes: ScopeSet::all(),
            client: None,
            subject: "tester".into(),
            client_id: "tests".into(),
            ttl: "1h".parse().unwrap(),
            cut: None,
        };
        request.sign(&key, "remit", "remit", Timestamp::now().as_second()).unwrap()
    }
}

impl Process {
    /// Ends it as a power cut would.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Sends it a signal by name.
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    /// Waits until it has ended by itself.
    pub(crate) async fn ended(mut self) -> std::process::ExitStatus {
        tokio::task::spawn_blocking(move || self.child.wait().unwrap()).await.unwrap()
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Somebody who asks beside others.
    pub(crate) fn handle(&self) -> User {
        self.user.clone()
    }

    /// Sends a document; none when no answer came.
    pub(crate) async fn send(&self, query: &str, variables: Value) -> Option<(StatusCode, Value)> {
        self.user.send(query, variables).await
    }

    /// Whether it says that it can serve.
    pub(crate) async fn is_ready(&self) -> bool {
        let User { address, http, .. } = &self.user;
        let asked = http.get(format!("http://{address}/readyz")).timeout(Duration::from_secs(5));
        asked.send().await.is_ok_and(|answer| answer.status().is_success())
    }
}

impl User {
    /// Sends a document; none when no answer came.
    pub(crate) async fn send(&self, query: &str, variables: Value) -> Option<(StatusCode, Value)> {
        self.send_with(None, query, variables).await
    }

    /// The same under a key.
    pub(crate) async fn send_keyed(&self, key: &str, query: &str, variables: Value) -> Option<(StatusCode, Value)> {
        self.send_with(Some(key), query, variables).await
    }

    async fn send_with(&self, key: Option<&str>, query: &str, variables: Value) -> Option<(StatusCode, Value)> {
        let mut request = self.http.post(format!("http://{}/graphql", self.address)).bearer_auth(&self.token);
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        let response = request.json(&json!({"query": query, "variables": variables})).send().await.ok()?;
        let status = response.status();
        Some((status, response.json().await.ok()?))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
