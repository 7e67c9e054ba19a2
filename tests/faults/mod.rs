//! What breaks around the server: after each, every acknowledged write is there once, and the server answers without help.
//!
//! Each test ends by itself, touches nothing but its own processes, and runs on both databases where it applies.

pub(crate) mod process;
mod proxy;

use std::time::Duration;

use process::{Process, Site};
use proxy::Wire;
use sea_orm::{ConnectionTrait, Database, DbBackend, Statement};
use serde_json::{Value, json};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};

use crate::support::{Backend, Remit, code, fixtures, socket::Socket};

/// Runs a test on both databases; it is given a folder and a database of its own.
macro_rules! on_both {
    ($($(#[$meta:meta])* async fn $name:ident($site:ident: Site) $body:block)+) => {
        $($(#[$meta])* mod $name {
            use super::*;

            async fn conversation($site: Site) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                let folder = tempfile::tempdir().unwrap();
                conversation(Site::new(folder.path(), "sqlite://kept.db")).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                let folder = tempfile::tempdir().unwrap();
                let database = crate::support::empty_database(Backend::Postgres).await;
                conversation(Site::new(folder.path(), database.url())).await;
            }
        })+
    };
}

const PUT: &str = "mutation ($code: String!) { putClient(input: {code: $code, name: \"A client\"}) { client { code } errors { code } } }";

const CREATE: &str = "mutation ($number: String!) { createAgreement(input: {number: $number, title: \"T\", client: {code: \"A\"}, currency: \"EUR\"}) { errors { code } } }";

/// Every code of a client that there is, in order.
async fn codes(server: &Process) -> Vec<String> {
    let mut all = Vec::new();
    let mut after = Value::Null;
    loop {
        let query = "query ($after: String) { clients(first: 500, after: $after) { nodes { code } pageInfo { hasNextPage endCursor } } }";
        let (_, answer) = server.send(query, json!({"after": after})).await.expect("an answer");
        let page = &answer["data"]["clients"];
        all.extend(page["nodes"].as_array().unwrap().iter().map(|node| node["code"].as_str().unwrap().to_owned()));
        if page["pageInfo"]["hasNextPage"] != true {
            return all;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

/// How many changes the feed has of clients that came into being, by code.
async fn created(server: &Process) -> Vec<String> {
    let mut all = Vec::new();
    let mut after = Value::Null;
    loop {
        let query = "query ($after: String) { changes(first: 500, after: $after, types: [CLIENT]) { nodes { kind subject { ... on Client { code } } } pageInfo { hasNextPage endCursor } } }";
        let (_, answer) = server.send(query, json!({"after": after})).await.expect("an answer");
        let page = &answer["data"]["changes"];
        let nodes = page["nodes"].as_array().unwrap_or_else(|| panic!("{answer}"));
        let new = nodes.iter().filter(|change| change["kind"] == "CREATED");
        all.extend(new.map(|change| change["subject"]["code"].as_str().unwrap().to_owned()));
        if page["pageInfo"]["hasNextPage"] != true {
            return all;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

/// Four who write without end; each tells the codes that were acknowledged.
fn writers(server: &Process, round: usize) -> JoinSet<Vec<String>> {
    let mut writers = JoinSet::new();
    for writer in 0..4 {
        let handle = server.handle();
        writers.spawn(async move {
            let mut acknowledged = Vec::new();
            for n in 0.. {
                let code = format!("R{round}-W{writer}-{n}");
                match handle.send(PUT, json!({"code": code})).await {
                    Some((_, answer)) if answer["data"]["putClient"]["client"]["code"] == code => {
                        acknowledged.push(code);
                    }
                    Some((_, answer)) => panic!("refused: {answer}"),
                    None => break,
                }
            }
            acknowledged
        });
    }
    writers
}

on_both! {
    async fn a_killed_server_has_lost_nothing_and_doubled_nothing(site: Site) {
        let mut acknowledged = Vec::new();
        for round in 0..5 {
            let server = site.start().await;
            let mut writers = writers(&server, round);
            sleep(Duration::from_millis(150 + 130 * round as u64)).await;
            server.kill();
            while let Some(codes) = writers.join_next().await {
                acknowledged.extend(codes.unwrap());
            }
        }
        let server = site.start().await;
        let there = codes(&server).await;
        let lost: Vec<&String> = acknowledged.iter().filter(|code| there.binary_search(code).is_err()).collect();
        assert!(acknowledged.len() >= 20, "only {} were acknowledged", acknowledged.len());
        assert_eq!(lost, Vec::<&String>::new());
        let mut told = created(&server).await;
        told.sort();
        assert_eq!(told, there, "what is there is in the feed, each once");
    }

    async fn what_is_sent_again_with_its_key_after_a_kill_is_answered_as_it_was_or_would_have_been(site: Site) {
        // Done twice, it would be refused the second time.
        let rename = "mutation ($number: String!, $title: String!, $revision: Int!) { updateAgreement(input: {agreement: {code: $number}, title: $title, revision: $revision}) {
            agreement { title revision } errors { code } } }";
        let asks = |number: &str, revision: usize| json!({"number": number, "title": format!("Title {revision}"), "revision": revision});
        let (mut unanswered, mut answered) = (0, 0);
        for round in 0..5 {
            let server = site.start().await;
            server.send(PUT, json!({"code": "A"})).await.unwrap();
            let mut writers = JoinSet::new();
            for writer in 0..4 {
                let (handle, number) = (server.handle(), format!("R{round}-W{writer}"));
                handle.send(CREATE, json!({"number": number})).await.unwrap();
                writers.spawn(async move {
                    let mut answers = Vec::new();
                    loop {
                        let revision = answers.len() + 1;
                        let answer = handle.send_keyed(&format!("{number} {revision}"), rename, asks(&number, revision)).await;
                        let is_over = answer.is_none();
                        answers.push(answer.map(|(_, answer)| answer["data"].clone()));
                        if is_over {
                            return (number, answers);
                        }
                    }
                });
            }
            sleep(Duration::from_millis(250 + 130 * round as u64)).await;
            server.kill();
            let server = site.start().await;
            while let Some(sent) = writers.join_next().await {
                let (number, answers) = sent.unwrap();
                let count = answers.len();
                for (revision, before) in (1..).zip(answers) {
                    let key = format!("{number} {revision}");
                    let (_, again) = server.handle().send_keyed(&key, rename, asks(&number, revision)).await.unwrap();
                    let agreement = json!({"title": format!("Title {revision}"), "revision": revision + 1});
                    assert_eq!(again["data"]["updateAgreement"], json!({"agreement": agreement, "errors": []}), "{again}");
                    match before {
                        Some(before) => assert_eq!(again["data"], before),
                        None => unanswered += 1,
                    }
                    answered += 1;
                }
                let query = "query ($number: String!) { agreement(by: {code: $number}) { revision } }";
                let (_, answer) = server.send(query, json!({"number": number})).await.unwrap();
                assert_eq!(answer["data"]["agreement"]["revision"], count + 1, "each was done once");
            }
            server.kill();
        }
        assert!(unanswered == 20 && answered >= 40, "{unanswered} of {answered} were not answered at first");
    }

    async fn a_stopped_server_finishes_what_it_has_begun(site: Site) {
        let server = site.start().await;
        let mut writers = writers(&server, 0);
        sleep(Duration::from_millis(600)).await;
        server.signal("TERM");
        let mut acknowledged = Vec::new();
        while let Some(codes) = writers.join_next().await {
            acknowledged.extend(codes.unwrap());
        }
        assert!(server.ended().await.success());
        let server = site.start().await;
        let there = codes(&server).await;
        acknowledged.sort();
        assert!(acknowledged.len() >= 8, "only {} were acknowledged", acknowledged.len());
        assert_eq!(there, acknowledged, "each was answered, and nothing was done without an answer");
    }

    async fn an_interrupted_migration_is_finished_by_the_next_start(site: Site) {
        for after in [1, 5, 10, 20, 30, 45, 60, 80, 110, 150] {
            let mut child = site.command(&["migrate"]).spawn().unwrap();
            sleep(Duration::from_millis(after)).await;
            child.kill().unwrap();
            child.wait().unwrap();
        }
        let server = site.start().await;
        assert!(server.is_ready().await);
        let (_, answer) = server.send(PUT, json!({"code": "A"})).await.unwrap();
        assert_eq!(answer["data"]["putClient"]["client"]["code"], "A");
    }
}

/// What the server says while it cannot reach its database, and how soon it is itself again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_goes_and_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let database = crate::support::empty_database(Backend::Postgres).await;
    let target = database.url().rsplit_once('@').unwrap().1.split('/').next().unwrap().to_owned();
    let wire = Wire::to(target).await;
    let site = Site::new(folder.path(), wire.url(database.url()));

    // Down at the start: it waits.
    wire.cut();
    let starting = tokio::spawn({
        let site = Site::new(folder.path(), wire.url(database.url()));
        async move { site.start().await }
    });
    sleep(Duration::from_secs(2)).await;
    assert!(!starting.is_finished(), "it has given up");
    wire.mend();
    let server = starting.await.unwrap();
    let (_, answer) = server.send(PUT, json!({"code": "FIRST"})).await.unwrap();
    assert_eq!(answer["data"]["putClient"]["client"]["code"], "FIRST", "{answer}");

    for outage in ["cut", "held"] {
        if outage == "cut" {
            wire.cut();
        } else {
            wire.hold();
        }
        let begun = Instant::now();
        let (_, answer) = server.send("{ clients { nodes { code } } }", json!({})).await.expect("an answer");
        assert!(["UNAVAILABLE", "TIMEOUT"].contains(&code(&answer["errors"][0]).as_str()), "{outage}: {answer}");
        assert!(begun.elapsed() < Duration::from_secs(40));
        let asked = Instant::now();
        assert!(!server.is_ready().await, "{outage}: it says that it can serve");
        assert!(asked.elapsed() < Duration::from_secs(4), "{outage}: whoever asks whether it is ready is not answered");
        wire.mend();
        let begun = Instant::now();
        while !server.is_ready().await {
            assert!(begun.elapsed() < Duration::from_secs(30), "{outage}: it does not come back");
            sleep(Duration::from_millis(50)).await;
        }
        assert_eq!(codes(&server).await, ["FIRST"], "{outage}");
    }
    drop(site);
}

/// A log that cannot be written to takes nothing along.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_is_full_stops_nothing() {
    let folder = tempfile::tempdir().unwrap();
    // Where it serves cannot be read of its log: a port that was free a moment ago.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut site = Site::new(folder.path(), format!("sqlite://{}", folder.path().join("r.db").display()));
    site.listen = free.to_string();
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let mut child = site.command(&["serve"]).stdout(std::process::Stdio::null()).stderr(full).spawn().unwrap();
    let healthy = async || reqwest::get(format!("http://{free}/healthz")).await.is_ok();
    let begun = Instant::now();
    while !healthy().await {
        assert!(begun.elapsed() < Duration::from_secs(30) && child.try_wait().unwrap().is_none(), "it does not serve");
        sleep(Duration::from_millis(50)).await;
    }
    // An attempt in vain is a line of the log.
    let vain = "grant_type=client_credentials&client_id=a.b&client_secret=x";
    let ask = reqwest::Client::new().post(format!("http://{free}/oauth/token"));
    let answer = ask.header("content-type", "application/x-www-form-urlencoded").body(vain).send().await.unwrap();
    assert_eq!((answer.status().as_u16(), healthy().await), (401, true));
    child.kill().unwrap();
    child.wait().unwrap();
}

/// A demo that is stopped while it is filled leaves nothing behind.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_demo_that_is_stopped_at_once_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let mut demo = std::process::Command::new(env!("CARGO_BIN_EXE_remit"));
    demo.args(["serve", "--demo"]).env("TMPDIR", folder.path()).env("REMIT_LISTEN", "127.0.0.1:0");
    let mut demo = demo.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()).spawn().unwrap();
    let left = || std::fs::read_dir(folder.path()).unwrap().count();
    let begun = Instant::now();
    while left() == 0 {
        assert!(begun.elapsed() < Duration::from_secs(30), "it does not begin");
        sleep(Duration::from_millis(1)).await;
    }
    // It has begun to listen for signals when it has a database.
    sleep(Duration::from_millis(100)).await;
    std::process::Command::new("kill").args(["-TERM", &demo.id().to_string()]).status().unwrap();
    let ended = tokio::task::spawn_blocking(move || demo.wait().unwrap()).await.unwrap();
    assert_eq!((ended.code(), left()), (Some(0), 0));
}

/// A database that lets nobody in is no database that is still to come: the server says so and ends.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_is_not_there_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let database = crate::support::empty_database(Backend::Postgres).await;
    let url = format!("{}_that_nobody_made", database.url());
    for command in ["migrate", "serve"] {
        let mut command = Site::new(folder.path(), url.as_str()).command(&[command]);
        let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(
            !output.status.success() && said.lines().last().unwrap().ends_with("_that_nobody_made\" does not exist"),
            "{said}"
        );
    }
}

/// Who listens is not told that his token is bad because the database cannot be reached to look whose it is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_database_is_said_to_who_listens() {
    let remit = Remit::start(Backend::Postgres).await;
    fixtures::catalogue(&remit.admin("acme")).await;
    let target = remit.database_url().rsplit_once('@').unwrap().1.split('/').next().unwrap().to_owned();
    let wire = Wire::to(target).await;
    let behind = remit.on(wire.url(remit.database_url())).await;
    let portal = behind.portal("acme", "NORTHWIND", "agreements:read");
    let mut socket = Socket::acknowledged(&behind, &portal.token).await;
    wire.cut();
    socket.subscribe("a", "subscription { agreementChanged { id } }", json!({})).await;
    let said = socket.hear().await;
    assert_eq!(
        (&said["id"], &said["type"], code(&said["payload"][0]).as_str()),
        (&json!("a"), &json!("error"), "UNAVAILABLE"),
        "{said}"
    );
    let mut another = Socket::open(&behind, Some("graphql-transport-ws")).await;
    let payload = json!({"authorization": format!("Bearer {}", portal.token)});
    another.say(json!({"type": "connection_init", "payload": payload})).await;
    assert_eq!(another.closed().await, (1013, "Try again later".into()));
    wire.mend();
    // The same socket is good again without help.
    let begun = Instant::now();
    loop {
        socket.subscribe("b", "{ viewer { provider } }", json!({})).await;
        let said = socket.hear().await;
        if said["type"] == "next" {
            assert_eq!(said["payload"]["data"]["viewer"]["provider"], "acme", "{said}");
            return;
        }
        assert_eq!(code(&said["payload"][0]), "UNAVAILABLE", "{said}");
        assert!(begun.elapsed() < Duration::from_secs(30), "it does not come back");
        sleep(Duration::from_millis(50)).await;
    }
}

/// PostgreSQL ends connections that are kept, as after a restart: who reads does not notice.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_postgresql_ends_are_replaced() {
    const END_ALL: &str = "SELECT count(pg_terminate_backend(pid)) AS ended FROM pg_stat_activity \
        WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE '%\"client\".\"code\"%'";
    let remit = Remit::start(Backend::Postgres).await;
    let admin = remit.admin("acme");
    admin.done("putClient", json!({"code": "FIRST", "name": "First"}), "").await;
    let beside = Database::connect(remit.database_url()).await.unwrap();
    let ask = async || admin.ask("{ clients { nodes { code } } }").await;
    for _ in 0..3 {
        let asked = [ask().await, ask().await];
        assert!(asked.iter().all(|found| found["clients"]["nodes"][0]["code"] == "FIRST"), "{asked:?}");
        let statement = Statement::from_string(DbBackend::Postgres, END_ALL);
        let ended: i64 = beside.query_one_raw(statement).await.unwrap().unwrap().try_get("", "ended").unwrap();
        assert_eq!(ended, 1, "one connection is kept for one reader");
    }
}

/// The disk is full for a while: what was acknowledged is there, and writing goes on when there is room again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_refuses_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut site = Site::new(folder.path(), "sqlite://kept.db");
    site.start().await.kill();
    // A file may grow to about a megabyte more; then writing fails as on a full disk.
    site.by = Some("trap '' XFSZ; ulimit -S -f 3000".to_owned());
    let server = site.start().await;
    let name = "x".repeat(190);
    let put = "mutation ($code: String!, $name: String!) { putClient(input: {code: $code, name: $name}) { client { code } errors { code } } }";
    let (mut acknowledged, mut refused) = (Vec::new(), None);
    for n in 0..20_000 {
        let client = format!("C{n:05}");
        let (_, answer) = server.send(put, json!({"code": client, "name": name})).await.expect("an answer");
        if answer["data"]["putClient"]["client"]["code"] == client {
            acknowledged.push(client);
        } else {
            refused = Some(code(&answer["errors"][0]));
            break;
        }
    }
    assert_eq!(refused.as_deref(), Some("UNAVAILABLE"), "after {}", acknowledged.len());
    assert_eq!(codes(&server).await, acknowledged, "it still reads");
    let freed =
        std::process::Command::new("prlimit").args(["--pid", &server.id().to_string(), "--fsize=unlimited"]).status();
    assert!(freed.unwrap().success());
    let begun = Instant::now();
    loop {
        let (_, answer) = server.send(put, json!({"code": "D", "name": name})).await.expect("an answer");
        if answer["data"]["putClient"]["client"]["code"] == "D" {
            break;
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "{answer}");
        sleep(Duration::from_millis(100)).await;
    }
    acknowledged.push("D".into());
    assert_eq!(codes(&server).await, acknowledged);
}

/// Two servers on one PostgreSQL: neither loses what the other was told, and one draft has one revision at a time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_servers_on_one_database_are_one() {
    let one = Remit::start(Backend::Postgres).await;
    let other = one.beside().await;
    let (here, there) = (one.admin("acme"), other.admin("acme"));
    fixtures::catalogue(&here).await;
    here.done(
        "createAgreement",
        json!({"number": "A", "title": "A", "client": {"code": "NORTHWIND"}, "currency": "USD"}),
        "",
    )
    .await;
    let mut draft = json!({"agreement": {"code": "A"}});
    for round in 0..10 {
        let revision =
            there.ask("{ agreement(by: {code: \"A\"}) { revision } }").await["agreement"]["revision"].clone();
        draft["revision"] = revision.clone();
        let change = |service: &str| {
            let mut draft = draft.clone();
            draft["services"] = json!([{"service": {"code": service}, "quantity": round + 1}]);
            draft
        };
        let selection = "agreement { revision }";
        let both = tokio::join!(
            here.call("draftTerms", change("CARE"), selection),
            there.call("draftTerms", change("HELPDESK"), selection)
        );
        let taken = [&both.0, &both.1].into_iter().filter(|payload| payload["errors"] == json!([])).count();
        let stale =
            [&both.0, &both.1].into_iter().filter(|payload| payload["errors"][0]["code"] == "STALE_REVISION").count();
        assert_eq!((taken, stale), (1, 1), "{both:?}");
    }
}
