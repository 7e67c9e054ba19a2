//! A database of a test's own: a SQLite file, or a database of the cluster that `cargo xtask test` started.

use std::{
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use remit::store::{Store, Uuid};
use sea_orm::{ConnectionTrait, Database as Driver};
use tokio::sync::OnceCell;

/// On which database a test runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Backend {
    Sqlite,
    Postgres,
}

/// A database that is gone after the test; PostgreSQL's go with the cluster.
pub(crate) enum Database {
    Sqlite { url: String, _folder: tempfile::TempDir },
    Postgres { url: String },
}

impl Database {
    /// One with every step done.
    pub(crate) async fn new(backend: Backend) -> Self {
        let template = match backend {
            Backend::Sqlite => None,
            Backend::Postgres => Some(template(&cluster()).await),
        };
        Self::from(backend, template).await
    }

    /// One without tables.
    pub(crate) async fn empty(backend: Backend) -> Self {
        Self::from(backend, None).await
    }

    async fn from(backend: Backend, template: Option<&str>) -> Self {
        match backend {
            Backend::Sqlite => {
                let folder = tempfile::tempdir().unwrap();
                Self::Sqlite { url: format!("sqlite://{}", folder.path().join("test.db").display()), _folder: folder }
            }
            Backend::Postgres => {
                let cluster = cluster();
                let name = format!("test_{}", Uuid::now_v7().simple());
                let admin = Driver::connect(format!("{cluster}/postgres")).await.unwrap();
                admin
                    .execute_unprepared(&format!("CREATE DATABASE {name} TEMPLATE {}", template.unwrap_or("template1")))
                    .await
                    .unwrap();
                admin.close().await.unwrap();
                Self::Postgres { url: format!("{cluster}/{name}") }
            }
        }
    }

    pub(crate) fn url(&self) -> &str {
        match self {
            Self::Sqlite { url, .. } | Self::Postgres { url } => url,
        }
    }
}

/// Where the cluster of this run is; the address names no database.
fn cluster() -> String {
    std::env::var("REMIT_TEST_POSTGRES").expect("these tests need a PostgreSQL: run them with `cargo xtask test`")
}

/// A database with every step done, from which the others are copied.
async fn template(cluster: &str) -> &'static str {
    static TEMPLATE: OnceCell<String> = OnceCell::const_new();
    let make = || async {
        let name = format!("template_{}", Uuid::now_v7().simple());
        let admin = Driver::connect(format!("{cluster}/postgres")).await.unwrap();
        admin.execute_unprepared(&format!("CREATE DATABASE {name}")).await.unwrap();
        admin.close().await.unwrap();
        let store = Store::open(&format!("{cluster}/{name}")).await.unwrap();
        store.migrate().await.unwrap();
        store.close().await.unwrap();
        name
    };
    TEMPLATE.get_or_init(make).await
}

/// A PostgreSQL of a test's own; it ends when this is dropped.
pub(crate) struct AnotherCluster {
    pub(crate) url: String,
    programs: PathBuf,
    process: Child,
}

impl AnotherCluster {
    pub(crate) fn start() -> Self {
        let xtask = std::env::var("REMIT_TEST_XTASK").expect("run this test with `cargo xtask test`");
        let mut command = Command::new(xtask);
        let mut process = command.arg("cluster").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines().map(Result::unwrap);
        let url = lines.find(|line| line.starts_with("postgres://")).expect("it starts");
        let programs = lines.next().unwrap().into();
        Self { url, programs, process }
    }

    /// One of PostgreSQL's own programs; none: this installation comes without it.
    pub(crate) fn program(&self, name: &str) -> Option<Command> {
        // The server may be there by a link alone.
        let server = self.programs.join("postgres").canonicalize().unwrap();
        let path = server.with_file_name(name);
        path.exists().then(|| Command::new(path))
    }
}

impl Drop for AnotherCluster {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        self.process.wait().ok();
    }
}
