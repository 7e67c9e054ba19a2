//! Secrets stay where they belong: none is in the log, in an answer to anybody else, in the metrics, in an export, or in
//! the database in the clear.
//!
//! The server runs as an operator runs it, with everything logged, and is given secrets at every door: right ones, wrong
//! ones, and ones in the wrong place.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, mpsc},
    thread,
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use reqwest::Method;
use sea_orm::{ConnectionTrait, Database, DbBackend, Statement};
use serde_json::{Value, json};

use crate::support::both;

/// A server started as a user starts it, and all that it says; gone when dropped.
struct Started {
    child: Child,
    said: Arc<Mutex<String>>,
    address: String,
}

impl Started {
    fn new(folder: &Path, database_url: &str) -> Self {
        let mut command = program(folder, database_url);
        command.arg("serve").env("REMIT_LOG", "trace").stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (said, (found, address)) = (Arc::new(Mutex::new(String::new())), mpsc::channel());
        let (lines, log) = (BufReader::new(child.stderr.take().unwrap()).lines(), Arc::clone(&said));
        thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                if let Some((_, rest)) = line.split_once("127.0.0.1:").filter(|_| line.contains("serving")) {
                    let port: String = rest.chars().take_while(char::is_ascii_digit).collect();
                    drop(found.send(format!("http://127.0.0.1:{port}")));
                }
                let mut log = log.lock().unwrap();
                log.push_str(&line);
                log.push('\n');
            }
        });
        let address = address.recv_timeout(Duration::from_secs(60)).expect("it serves");
        Self { child, said, address }
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn program(folder: &Path, database_url: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_remit"));
    command.current_dir(folder).env("REMIT_DATABASE_URL", database_url).env("REMIT_DATA_DIR", folder);
    command.env("REMIT_LISTEN", "127.0.0.1:0");
    command
}

/// What a command prints, both ways.
fn run(folder: &Path, database_url: &str, arguments: &[&str]) -> (String, String) {
    let output = program(folder, database_url).args(arguments).env("REMIT_LOG", "trace").output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let (out, error) = (text(output.stdout), text(output.stderr));
    assert!(output.status.success(), "{arguments:?}: {error}");
    (out, error)
}

/// Everything in the database, as text.
async fn contents(database_url: &str) -> String {
    let connection = Database::connect(database_url).await.unwrap();
    let backend = connection.get_database_backend();
    let tables = match backend {
        DbBackend::Postgres => {
            "SELECT table_name::text AS name FROM information_schema.tables WHERE table_schema = 'public'"
        }
        _ => "SELECT name FROM sqlite_master WHERE type = 'table'",
    };
    let mut all = String::new();
    for table in connection.query_all_raw(Statement::from_string(backend, tables)).await.unwrap() {
        let table: String = table.try_get("", "name").unwrap();
        let rows = match backend {
            DbBackend::Postgres => format!("SELECT t::text AS row FROM \"{table}\" t"),
            _ => {
                // An id is bytes, which are no text.
                let column = "'coalesce(iif(typeof(\"' || name || '\") = ''blob'', hex(\"' || name || '\"), \"' || name || '\"), '''')'";
                let columns = format!(
                    "SELECT group_concat({column}, ' || '' '' || ') AS all_columns FROM pragma_table_info('{table}')"
                );
                let found = connection.query_one_raw(Statement::from_string(backend, columns)).await.unwrap().unwrap();
                format!(
                    "SELECT CAST({} AS TEXT) AS row FROM \"{table}\"",
                    found.try_get::<String>("", "all_columns").unwrap()
                )
            }
        };
        for row in connection.query_all_raw(Statement::from_string(backend, rows)).await.unwrap() {
            all.push_str(&row.try_get::<String>("", "row").unwrap_or_default());
            all.push('\n');
        }
    }
    assert!(all.contains("acme"), "{all}");
    all
}

both! {
    async fn no_secret_is_told(remit: Remit) {
        let folder = tempfile::tempdir().unwrap();
        // The cluster of the tests asks for no password, so any will do.
        let database_url = remit.database_url().replace("@127.0.0.1", ":canary-database-password@127.0.0.1");
        let server = Started::new(folder.path(), &database_url);
        let admin = run(folder.path(), &database_url, &["token", "--provider", "acme", "--scope", &remit::auth::ScopeSet::all().to_string()]).0.trim().to_owned();
        let http = reqwest::Client::new();
        let post = async |token: &str, body: Value| {
            let request = http.post(format!("{}/graphql", server.address)).bearer_auth(token).json(&body);
            request.send().await.unwrap().text().await.unwrap()
        };
        let token_for = async |authorization: String, form: String| {
            let request = http.post(format!("{}/oauth/token", server.address)).header("authorization", authorization);
            request.header("content-type", "application/x-www-form-urlencoded").body(form).send().await.unwrap().text().await.unwrap()
        };
        let basic = |id: &str, secret: &str| format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")));

        // Secrets that the server gives out itself: shown once to whoever asked.
        let made = post(&admin, json!({"query": "mutation { putApiClient(input: {code: \"psa\", name: \"PSA\", scopes: [\"coverage:read\"]}) { secret } }"})).await;
        let secret = serde_json::from_str::<Value>(&made).unwrap()["data"]["putApiClient"]["secret"].as_str().unwrap().to_owned();
        let (by_command, said) = run(folder.path(), &database_url, &["client", "create", "crm", "--provider", "acme", "--scope", "clients:read"]);
        let other = by_command.lines().find_map(|line| line.strip_prefix("client_secret=")).unwrap().to_owned();
        let given: Value = serde_json::from_str(&token_for(basic("acme.psa", &secret), "grant_type=client_credentials".into()).await).unwrap();
        let token = given["access_token"].as_str().unwrap().to_owned();
        let private = STANDARD.encode(std::fs::read(folder.path().join("signing-key.der")).unwrap());
        let signature = |token: &str| token.rsplit('.').next().unwrap().to_owned();
        let mut secrets = vec![secret, other, signature(&token), signature(&admin), private];

        // Secrets of others that come to the wrong door, each with a word of its own.
        let mut answers = Vec::new();
        answers.push(post("canary-bearer", json!({"query": "{ viewer { subject } }"})).await);
        answers.push(post(&format!("{token}canary-tail"), json!({"query": "{ viewer { subject } }"})).await);
        answers.push(token_for(basic("acme.psa", "canary-basic"), "grant_type=client_credentials".into()).await);
        answers.push(token_for("Bearer canary-scheme".into(), "grant_type=client_credentials".into()).await);
        answers.push(token_for(String::new(), "grant_type=client_credentials&client_id=acme.psa&client_secret=canary-form".into()).await);
        answers.push(token_for(String::new(), "grant_type=password&username=u&password=canary-password".into()).await);
        answers.push(token_for(basic("acme.canary-id", "x"), "grant_type=client_credentials&scope=canary-scope".into()).await);
        answers.push(http.get(format!("{}/graphql?query=%7Bviewer%7Bsubject%7D%7D&access_token=canary-url", server.address)).send().await.unwrap().text().await.unwrap());
        answers.push(http.post(format!("{}/graphql", server.address)).header("authorization", "canary-header").body("canary-body").send().await.unwrap().text().await.unwrap());
        let told = |text: &str| -> Option<String> {
            let canaries = text.split("canary-").skip(1).map(|rest| rest.chars().take_while(char::is_ascii_alphabetic).collect::<String>());
            // What is no secret may be repeated to whoever sent it: the word that is no scope, and the name that is no client's.
            canaries.into_iter().find(|word| !["scope", "id"].contains(&word.as_str()))
        };
        for answer in &answers {
            assert_eq!(told(answer), None, "{answer}");
        }
        // What is asked is the caller's own affair, and so is what is wrong with it.
        post(&token, json!({"query": "query ($by: Ref!) { client(by: $by) { name } }", "variables": {"by": {"code": "canary-variable"}}})).await;
        post(&admin, json!({"query": "mutation { putClient(input: {code: \"C\", name: \"canary-name\", timeZone: \"Nowhere\"}) { client { id } } }"})).await;
        post(&admin, json!({"query": "{ canary-document }"})).await;

        // Whoever may see everything sees none of them, and neither does an export.
        let everything = "{ apiClients { nodes { clientId secrets { createdAt expiresAt lastUsedAt } } } audit { nodes { event detail actor { subject clientId jti } } } changes { nodes { event } } }";
        let seen = post(&admin, json!({"query": everything})).await;
        assert!(!seen.contains("\"errors\""), "{seen}");
        let listed = run(folder.path(), &database_url, &["client", "list", "--provider", "acme"]);
        let metrics = http.request(Method::GET, format!("{}/metrics", server.address)).send().await.unwrap().text().await.unwrap();
        let database = contents(&database_url).await;
        let log = server.said.lock().unwrap().clone();
        assert!(log.contains("a token was given") && log.contains("no token was given"), "{log}");
        secrets.push("canary-database-password".into());
        let places = [("an answer", &seen), ("a list", &listed.0), ("a command's log", &said), ("a command's log", &listed.1), ("the metrics", &metrics), ("the database", &database), ("the log", &log)];
        for (place, text) in places {
            for secret in &secrets {
                let end = secret.len().min(24);
                assert!(!text.contains(&secret[..end]), "{} is in {place}", &secret[..end]);
            }
            assert_eq!(told(text), None, "in {place}");
        }
    }
}
