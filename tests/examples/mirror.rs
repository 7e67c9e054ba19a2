//! The Python example: a copy of all agreements. Writers go on while it and the server are killed, each several times.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Command},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use sea_orm::{ConnectionTrait, Database, DbBackend, Statement};
use serde_json::{Value, json};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};

use super::folder;
use crate::{
    faults::process::{Process, Site, User},
    support::{Backend, empty_database},
};

/// How many agreements there are before the mirror begins: more than it puts down at once.
const BEFORE: usize = 300;
/// How often each of the two is killed.
const KILLS: usize = 4;

/// The mirror, run as its user runs it. Dropped, it is killed.
struct Mirror {
    child: Child,
}

impl Mirror {
    /// - `copy`: where the copy is; what it says goes to a file beside it.
    fn start(copy: &Path, server: &Process) -> Self {
        let python = std::env::var("REMIT_TEST_PYTHON").expect("run this test with `cargo xtask test --judges`");
        let said = File::options().create(true).append(true).open(copy.with_extension("said")).unwrap();
        let errors = said.try_clone().unwrap();
        let user = server.handle();
        let mut command = Command::new(python);
        command.arg(folder("python").join("mirror.py")).arg(copy).stdout(said).stderr(errors);
        command.env("REMIT_URL", format!("http://{}", user.address)).env("REMIT_TOKEN", &user.token);
        Self { child: command.spawn().unwrap() }
    }

    fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }
}

impl Drop for Mirror {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// What the copy holds, by id.
async fn copied(copy: &Path) -> BTreeMap<String, Value> {
    let url = format!("sqlite://{}?mode=rw", copy.display());
    let Ok(database) = Database::connect(url).await else { return BTreeMap::new() };
    let all = Statement::from_string(DbBackend::Sqlite, "SELECT id, body FROM agreement");
    // There may be no table yet.
    let rows = database.query_all_raw(all).await.unwrap_or_default();
    let row = |row: &sea_orm::QueryResult| {
        let body: String = row.try_get("", "body").unwrap();
        (row.try_get("", "id").unwrap(), serde_json::from_str(&body).unwrap())
    };
    let found = rows.iter().map(row).collect();
    database.close().await.unwrap();
    found
}

/// What the server says, by id: the same fields as the example takes.
async fn kept(server: &Process) -> BTreeMap<String, Value> {
    let program = fs::read_to_string(folder("python").join("mirror.py")).unwrap();
    let fields = program.split("AGREEMENT = \"\"\"").nth(1).unwrap().split("\"\"\"").next().unwrap();
    let query = format!(
        "query ($after: String) {{ agreements(first: 500, after: $after) {{ nodes {{ {fields} }} pageInfo {{ hasNextPage endCursor }} }} }}"
    );
    let (mut all, mut after) = (BTreeMap::new(), Value::Null);
    loop {
        let (_, answer) = server.send(&query, json!({"after": after})).await.expect("an answer");
        let page = &answer["data"]["agreements"];
        let nodes = page["nodes"].as_array().unwrap_or_else(|| panic!("{answer}"));
        all.extend(nodes.iter().map(|node| (node["id"].as_str().unwrap().to_owned(), node.clone())));
        if page["pageInfo"]["hasNextPage"] != true {
            return all;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

const CREATE: &str = "createAgreement(input: {number: \"NUMBER\", title: \"Begun\", client: {code: \"A\"}, currency: \"EUR\"}) { errors { code } }";

async fn fill(server: &Process) {
    server
        .send("mutation { putClient(input: {code: \"A\", name: \"A\"}) { errors { code } } }", json!({}))
        .await
        .unwrap();
    for from in (0..BEFORE).step_by(50) {
        let create = (from..from + 50).map(|n| format!("m{n}: {}", CREATE.replace("NUMBER", &format!("N{n:04}"))));
        let document = format!("mutation {{ {} }}", create.collect::<Vec<_>>().join(" "));
        let (_, answer) = server.send(&document, json!({})).await.unwrap();
        assert!(answer.get("errors").is_none(), "{answer}");
    }
}

/// Three who write for as long as they are let, whether the server is there or not: new agreements, and changes of old ones.
fn writers(user: &User, stop: &Arc<AtomicBool>) -> JoinSet<usize> {
    let mut writers = JoinSet::new();
    for writer in 0..3 {
        let (user, stop) = (user.clone(), Arc::clone(stop));
        writers.spawn(async move {
            let mut done = 0;
            for n in (0..).take_while(|_| !stop.load(Ordering::SeqCst)) {
                let old = format!("N{:04}", (n * 7 + writer * 31) % BEFORE);
                let document = match n % 3 {
                    0 => format!("mutation {{ {} }}", CREATE.replace("NUMBER", &format!("W{writer}-{n}"))),
                    1 => format!("mutation {{ updateAgreement(input: {{agreement: {{code: \"{old}\"}}, title: \"By {writer} at {n}\"}}) {{ errors {{ code }} }} }}"),
                    _ => format!("mutation {{ draftTerms(input: {{agreement: {{code: \"{old}\"}}, effectiveFrom: \"2027-01-01\"}}) {{ errors {{ code }} }} }}"),
                };
                match user.send(&document, json!({})).await {
                    Some((_, answer)) if answer.get("errors").is_none() => done += 1,
                    _ => sleep(Duration::from_millis(50)).await,
                }
                sleep(Duration::from_millis(20)).await;
            }
            done
        });
    }
    writers
}

/// How many lines of what the mirror has said begin so.
fn count(copy: &Path, beginning: &str) -> usize {
    said(copy).lines().filter(|line| line.starts_with(beginning)).count()
}

fn said(copy: &Path) -> String {
    fs::read_to_string(copy.with_extension("said")).unwrap()
}

/// Waits until the mirror has said that it follows the feed more often than before.
async fn follows(mirror: &mut Mirror, copy: &Path, before: usize) {
    let until = Instant::now() + Duration::from_secs(60);
    while count(copy, "following from") <= before {
        assert!(Instant::now() < until && mirror.is_running(), "{}", said(copy));
        sleep(Duration::from_millis(5)).await;
    }
}

async fn survives(mut site: Site) {
    // The mirror and the writers find the server again where it was.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    site.listen = port.to_string();
    let copy: PathBuf = site.folder.join("agreements.db");
    let mut server = site.start().await;
    fill(&server).await;
    let stop = Arc::new(AtomicBool::new(false));
    let writers = writers(&server.handle(), &stop);
    let mut mirror = Mirror::start(&copy, &server);
    // The first time when something is there: in the middle of the export, if it is not quicker.
    let until = Instant::now() + Duration::from_secs(60);
    while copied(&copy).await.is_empty() {
        assert!(Instant::now() < until && mirror.is_running(), "{}", said(&copy));
    }
    for round in 0..KILLS {
        drop(mirror);
        let before = count(&copy, "following from");
        mirror = Mirror::start(&copy, &server);
        follows(&mut mirror, &copy, before).await;
        sleep(Duration::from_millis(130 * round as u64)).await;
        server.kill();
        sleep(Duration::from_millis(300)).await;
        let before = count(&copy, "following from");
        server = site.start().await;
        follows(&mut mirror, &copy, before).await;
    }
    stop.store(true, Ordering::SeqCst);
    let written: usize = writers.join_all().await.into_iter().sum();
    let expected = kept(&server).await;
    let until = Instant::now() + Duration::from_secs(60);
    let mut found = copied(&copy).await;
    while found != expected {
        assert!(Instant::now() < until, "{} of {} agreements\n{}", found.len(), expected.len(), said(&copy));
        sleep(Duration::from_millis(100)).await;
        found = copied(&copy).await;
    }
    assert!(written > 20 && expected.len() > BEFORE, "{written} writes");
    // It went on with its place: nothing was read as a whole a second time.
    let beginnings = (count(&copy, "exporting from the beginning"), count(&copy, "away for too long"));
    assert_eq!(beginnings, (1, 0), "{}", said(&copy));
    assert!(count(&copy, "trying again") >= KILLS, "{}", said(&copy));
}

#[ignore = "needs Python: cargo xtask test --judges"]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mirror_survives_kills_of_either_side_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    survives(Site::new(folder.path(), "sqlite://kept.db")).await;
}

#[ignore = "needs Python: cargo xtask test --judges"]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mirror_survives_kills_of_either_side_on_postgres() {
    let folder = tempfile::tempdir().unwrap();
    let database = empty_database(Backend::Postgres).await;
    survives(Site::new(folder.path(), database.url())).await;
}
