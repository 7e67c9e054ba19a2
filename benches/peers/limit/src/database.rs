//! A few connections that statements are sent down without waiting for the answers of others.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio_postgres::{Client, NoTls, Row, Statement, types::ToSql};

use crate::{Failure, agreements, charges, coverage};

/// Two requests seldom wait for each other on so many, and PostgreSQL has two processes busy for each core of two.
const CONNECTIONS: usize = 8;

pub struct Database {
    connections: Vec<Connection>,
    next: AtomicUsize,
}

/// A connection and what was prepared on it.
pub struct Connection {
    client: Client,
    pub page: Statement,
    pub page_targets: Statement,
    pub page_services: Statement,
    pub page_obligations: Statement,
    pub list: Statement,
    pub list_targets: Statement,
    pub pull: Statement,
    pub record: Statement,
    pub coverage: Statement,
}

impl Database {
    pub async fn connect(url: &str) -> Result<Self, Failure> {
        let mut connections = Vec::new();
        for _ in 0..CONNECTIONS {
            connections.push(Connection::open(url).await?);
        }
        Ok(Self { connections, next: AtomicUsize::new(0) })
    }

    /// The connections in turns.
    pub fn next(&self) -> &Connection {
        &self.connections[self.next.fetch_add(1, Ordering::Relaxed) % self.connections.len()]
    }
}

impl Connection {
    async fn open(url: &str) -> Result<Self, Failure> {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
        tokio::spawn(connection);
        Ok(Self {
            page: client.prepare(agreements::PAGE).await?,
            page_targets: client.prepare(agreements::PAGE_TARGETS).await?,
            page_services: client.prepare(agreements::PAGE_SERVICES).await?,
            page_obligations: client.prepare(agreements::PAGE_OBLIGATIONS).await?,
            list: client.prepare(agreements::LIST).await?,
            list_targets: client.prepare(agreements::LIST_TARGETS).await?,
            pull: client.prepare(charges::PULL).await?,
            record: client.prepare(charges::RECORD).await?,
            coverage: client.prepare(coverage::COVERAGE).await?,
            client,
        })
    }

    pub async fn rows(
        &self,
        statement: &Statement,
        values: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Row>, tokio_postgres::Error> {
        self.client.query(statement, values).await
    }
}
