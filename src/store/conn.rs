//! What statements go through: a pool, connections kept at hand, or the one transaction of a request that has a key.

use std::sync::Arc;

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait, prelude::async_trait,
};

use super::at_hand::AtHand;

/// What statements go through.
#[derive(Clone, Debug)]
pub(super) enum Conn {
    /// Any connection of a pool.
    Pool(DatabaseConnection),
    /// Connections that are kept for what only reads, and a pool for the rest.
    AtHand(Arc<AtHand>, DatabaseConnection),
    /// The transaction of a request.
    Request(Arc<DatabaseTransaction>),
}

impl Conn {
    /// Begins a transaction; within that of a request, a part of it which can be taken back by itself.
    pub(super) async fn begin(&self) -> Result<DatabaseTransaction, DbErr> {
        // SQLite has one writer; whoever means to write says so before reading what it decides by.
        let immediate = Some(SqliteTransactionMode::Immediate);
        let options = TransactionOptions { sqlite_transaction_mode: immediate, ..TransactionOptions::default() };
        match self {
            Self::Pool(pool) | Self::AtHand(_, pool) => pool.begin_with_options(options).await,
            Self::Request(request) => request.begin_with_options(options).await,
        }
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for Conn {
    fn get_database_backend(&self) -> DbBackend {
        match self {
            Self::Pool(pool) | Self::AtHand(_, pool) => pool.get_database_backend(),
            Self::Request(request) => request.get_database_backend(),
        }
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        match self {
            Self::Pool(pool) | Self::AtHand(_, pool) => pool.execute_raw(statement).await,
            Self::Request(request) => request.execute_raw(statement).await,
        }
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        match self {
            Self::Pool(pool) | Self::AtHand(_, pool) => pool.execute_unprepared(sql).await,
            Self::Request(request) => request.execute_unprepared(sql).await,
        }
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        match self {
            Self::AtHand(at_hand, _) => Ok(at_hand.rows(statement).await?.into_iter().next()),
            Self::Pool(pool) => pool.query_one_raw(statement).await,
            Self::Request(request) => request.query_one_raw(statement).await,
        }
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        match self {
            Self::AtHand(at_hand, _) => at_hand.rows(statement).await,
            Self::Pool(pool) => pool.query_all_raw(statement).await,
            Self::Request(request) => request.query_all_raw(statement).await,
        }
    }
}
