//! Rows of which there are many cost less to write.
//!
//! On PostgreSQL each reference and each index costs a look and a write for every row. That an entry's or a charge's provider
//! is there follows from its client or agreement; that a change's is, from the write it belongs to.
//! Few charges are on an invoice when they are made.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

use crate::table::index;

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

/// The tables whose reference to their provider follows from another.
const FOLLOWS: [&str; 3] = ["time_entry", "charge", "change"];
/// The columns of charges that seldom have a value.
const SELDOM: [&str; 2] = ["invoice_ref", "released_ref"];

fn seldom(column: &'static str) -> IndexCreateStatement {
    index("charge", &[column]).and_where(Expr::col(column).is_not_null()).to_owned()
}

async fn replace_index(manager: &SchemaManager<'_>, index: IndexCreateStatement, column: &str) -> Result<(), DbErr> {
    let name = format!("charge_by_{column}");
    manager.drop_index(Index::drop().name(name).table("charge").to_owned()).await?;
    manager.create_index(index).await
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in SELDOM {
            replace_index(manager, seldom(column), column).await?;
        }
        // SQLite keeps the references of a table as long as it keeps the table.
        if manager.get_database_backend() == DbBackend::Postgres {
            for table in FOLLOWS {
                let sql = format!("ALTER TABLE {table} DROP CONSTRAINT {table}_provider");
                manager.get_connection().execute_unprepared(&sql).await?;
            }
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in SELDOM {
            replace_index(manager, index("charge", &[column]), column).await?;
        }
        if manager.get_database_backend() == DbBackend::Postgres {
            for table in FOLLOWS {
                let sql = format!(
                    "ALTER TABLE {table} ADD CONSTRAINT {table}_provider FOREIGN KEY (provider_id) REFERENCES provider (id)"
                );
                manager.get_connection().execute_unprepared(&sql).await?;
            }
        }
        Ok(())
    }
}
