//! A database of a test's own: a SQLite file, or a database of the cluster that `cargo xtask test` started.

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
    pub(crate) async fn new(backend: Backend) -> Self {
        match backend {
            Backend::Sqlite => {
                let folder = tempfile::tempdir().unwrap();
                Self::Sqlite { url: format!("sqlite://{}", folder.path().join("test.db").display()), _folder: folder }
            }
            Backend::Postgres => {
                let cluster = cluster();
                let template = template(&cluster).await;
                let name = format!("test_{}", Uuid::now_v7().simple());
                let admin = Driver::connect(format!("{cluster}/postgres")).await.unwrap();
                admin.execute_unprepared(&format!("CREATE DATABASE {name} TEMPLATE {template}")).await.unwrap();
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
