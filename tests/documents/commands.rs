//! The commands of documents, typed in their order.
//!
//! `remit` is the program itself, on the server's database. `curl` is a request of the test's own, so that a machine without
//! it runs these too; the address is that of the test's server. `$TOKEN` has the scopes that the guide's own token has, and
//! is one that this server takes; `$URL`, `$CURSOR` and `$SECRET` are what was answered before.

use std::{collections::BTreeMap, fs, io::Read, path::Path, time::Duration};

use flate2::read::GzDecoder;
use reqwest::{Method, header::CONTENT_TYPE};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{
    blocks::{commands, examples, first},
    documents, text, user,
};
use crate::support::{Remit, both, command, fixtures, socket::EventStream};

/// What is taken from an answer: between these two it stands.
const LEARNT: [(&str, &str, &str); 3] =
    [("$SECRET", "client_secret=", "\n"), ("$CURSOR", "\"cursor\":\"", "\""), ("$URL", "\"url\":\"", "\"")];

/// Two rows of an incident, as the map of the guide reads them.
const INCIDENTS: &str = "number,opened_at,sys_updated_at,priority,ident_state
INC1,05/01/2026 09:00,05/01/2026 09:00,2,New
INC1,05/01/2026 09:00,05/01/2026 11:00,2,Resolved
";

/// Where the commands of a document are typed.
struct Terminal<'a> {
    remit: &'a Remit,
    folder: TempDir,
    /// What stands for what, `$TOKEN` for a token.
    variables: BTreeMap<&'static str, String>,
    settings: Vec<(String, String)>,
}

impl<'a> Terminal<'a> {
    /// One in a folder with the files that the document speaks of.
    async fn open(remit: &'a Remit, document: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let text = text(document);
        let mut terminal = Self { remit, folder, variables: BTreeMap::new(), settings: Vec::new() };
        let guide = Path::new(document).file_stem().unwrap().to_str().unwrap();
        let asker = if text.contains("\nremit token ") { user(remit, guide) } else { remit.admin("acme") };
        match guide {
            "bulk" => {
                let example = examples(document, &text).swap_remove(0);
                terminal.put("nightly.graphql", example.variables["query"].as_str().unwrap());
                terminal.learn(&asker.ask_with(&example.query, example.variables).await.to_string());
            }
            "ticket-import" => {
                terminal.put("incidents.toml", &first("toml", &text));
                terminal.put("incidents.csv", INCIDENTS);
            }
            "administrator" => {
                for calendar in ["bank-holidays.ics", "outlook.ics"] {
                    terminal.put(calendar, &super::text(&format!("tests/calendars/{calendar}")));
                }
            }
            _ => {}
        }
        terminal.variables.insert("$TOKEN", asker.token);
        terminal
    }

    fn put(&self, file: &str, content: &str) {
        fs::write(self.folder.path().join(file), content).unwrap();
    }

    fn learn(&mut self, answer: &str) {
        for (name, before, after) in LEARNT {
            if let Some(found) = answer.split(before).nth(1).and_then(|rest| rest.split(after).next()) {
                self.variables.insert(name, found.to_owned());
            }
        }
    }

    /// Runs a command.
    async fn run(&mut self, line: &str) {
        let named = self.variables.iter().fold(line.to_owned(), |line, (name, value)| line.replace(name, value));
        let words = command::words(&named);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        match words[..] {
            ["export", setting] => {
                let (name, value) = setting.split_once('=').unwrap();
                self.settings.push((name.to_owned(), value.to_owned()));
            }
            ["remit", "serve"] => {
                let log = command::serve_until(self.remit, self.settings.clone(), "serving").await;
                assert!(log.contains("serving"), "{log}");
            }
            ["remit", ref arguments @ ..] => {
                let printed = self.remit(arguments).await;
                self.learn(&printed);
            }
            ["curl", ref arguments @ ..] => {
                let answer = self.curl(arguments).await;
                self.learn(&answer);
            }
            _ => panic!("nobody knows how to run {line}"),
        }
    }

    /// What the program prints.
    async fn remit(&self, arguments: &[&str]) -> String {
        let folder = self.folder.path();
        let words = arguments.iter().map(|word| (*word).to_owned()).collect();
        let said = command::run(self.remit, folder.to_owned(), words).await;
        assert!(said.well, "{arguments:?}: {said:?}");
        match arguments {
            ["token", ..] => {
                let token = said.out.trim();
                assert_eq!((token.split('.').count(), token.lines().count()), (3, 1), "{token}");
            }
            ["export", "connection", .., file] => {
                let lines = fs::read_to_string(folder.join(file)).unwrap();
                assert!(lines.contains("\"number\":\"MSA-1\"") && lines.ends_with("{\"end\":true}\n"), "{lines}");
            }
            ["export", "charges", ..] => assert!(said.out.contains("MSA-1"), "{}", said.out),
            _ => {}
        }
        said.out
    }

    /// What the server answers; of a stream of events, the first.
    async fn curl(&self, arguments: &[&str]) -> String {
        let response = request(self.remit, arguments).send().await.unwrap();
        assert!(response.status().is_success(), "{arguments:?}: {}", response.status());
        let header = |name: &str| response.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
        if header("content-type").is_some_and(|kind| kind.starts_with("text/event-stream")) {
            return self.first_event(EventStream::of(response)).await;
        }
        let is_compressed = header("content-encoding").is_some();
        let bytes = response.bytes().await.unwrap();
        let mut answer = String::new();
        if is_compressed {
            GzDecoder::new(&bytes[..]).read_to_string(&mut answer).unwrap();
        } else {
            (&bytes[..]).read_to_string(&mut answer).unwrap();
        }
        assert!(!answer.contains("\"errors\":[{"), "{arguments:?}: {answer}");
        answer
    }

    /// The first event that comes while there are changes.
    async fn first_event(&self, mut stream: EventStream) -> String {
        let changes = async {
            for turn in 0.. {
                let client = json!({"code": "FABRIKAM", "name": format!("Fabrikam {turn}")});
                self.remit.admin("acme").done("putClient", client, "").await;
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        };
        let (name, data) = tokio::select! {
            event = stream.next() => event.unwrap(),
            () = changes => unreachable!("changes have no end"),
        };
        assert!(name == "next" && data["errors"] == Value::Null, "{name} {data}");
        data.to_string()
    }
}

/// What `curl` would ask a server with these arguments.
fn request(remit: &Remit, arguments: &[&str]) -> reqwest::RequestBuilder {
    let (mut headers, mut body, mut user, mut address) = (Vec::new(), None, None, None);
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        match *argument {
            "-N" | "--no-buffer" => {}
            "--compressed" => headers.push("Accept-Encoding: gzip"),
            "-H" => headers.push(arguments.next().unwrap()),
            "-d" => body = Some((*arguments.next().unwrap()).to_owned()),
            "-u" => user = arguments.next().unwrap().split_once(':'),
            flag if flag.starts_with('-') => panic!("nobody knows what {flag} means to curl"),
            there => address = Some(there.trim_start_matches("http://")),
        }
    }
    let (_, path) = address.unwrap().split_once('/').unwrap();
    let method = if body.is_some() { Method::POST } else { Method::GET };
    let mut request = remit.request(method, &format!("/{path}"));
    if body.is_some() && !headers.iter().any(|header| header.starts_with("Content-Type")) {
        request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    }
    for (name, value) in headers.iter().filter_map(|header| header.split_once(": ")) {
        request = request.header(name, value);
    }
    if let Some((name, password)) = user {
        request = request.basic_auth(name, Some(password));
    }
    request.body(body.unwrap_or_default())
}

both! {
    async fn the_commands_of_the_documents_do_what_they_say(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        fixtures::agreement_in_force(&admin, "MSA-1").await;
        let worked = json!({"ref": {"system": "psa", "id": "1"}, "agreement": {"code": "MSA-1"}, "role": "engineer",
            "startedAt": "2026-10-17T16:00:00Z", "endedAt": "2026-10-17T17:00:00Z"});
        admin.done("recordTimeEntries", json!({"entries": [worked]}), "").await;
        admin.done("closeBillingPeriod", json!({"agreement": {"code": "MSA-1"}, "from": "2026-10-01", "withEarlier": true}), "").await;
        let mut run = 0;
        for document in documents().into_iter().filter(|document| document.starts_with("docs")) {
            let document = document.to_str().unwrap();
            let commands = commands(&text(document));
            if commands.is_empty() {
                continue;
            }
            let mut terminal = Terminal::open(&remit, document).await;
            for line in &commands {
                terminal.run(line).await;
            }
            run += commands.len();
        }
        assert!(run > 30, "{run} commands");
    }
}
