//! What was recorded that commitments are held against: outages, backup runs, measurements; and since when somebody
//! watches whether something is there.
//!
//! A fact is one JSON document of the domain's type, since nothing asks inside it. Beside it stands what lists and
//! reports find it by. One that was deleted stays, so that an older version that comes late does not bring it back.

use sea_orm_migration::prelude::*;

use crate::table::{create, drop, flag, index, optional_wide, owned, reference, text, unique, uuid, wide};

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

const TABLES: [&str; 2] = ["fact", "watched_subject"];

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let indexes = vec![
            unique("fact", &["kind", "place"]),
            index("fact", &["agreement_id", "kind", "begins_at"]),
            index("fact", &["kind", "about", "begins_at"]),
            unique("watched_subject", &["agreement_id", "about"]),
        ];
        create(manager, vec![fact(), watched_subject()], indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &TABLES).await
    }
}

fn fact() -> TableCreateStatement {
    owned("fact")
        .col(uuid("agreement_id"))
        .col(text("kind"))
        .col(text("about"))
        .col(wide("begins_at"))
        .col(optional_wide("ends_at"))
        .col(text("place"))
        .col(text("body"))
        .col(optional_wide("changed_at"))
        .col(flag("deleted"))
        .foreign_key(&mut reference("fact", "agreement_id", "agreement"))
        .to_owned()
}

fn watched_subject() -> TableCreateStatement {
    owned("watched_subject")
        .col(uuid("agreement_id"))
        .col(text("about"))
        .col(text("subject"))
        .col(wide("since"))
        .col(optional_wide("until"))
        .foreign_key(&mut reference("watched_subject", "agreement_id", "agreement"))
        .to_owned()
}
