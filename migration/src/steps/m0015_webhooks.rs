//! Webhooks: where changes go, what they are signed by, and what is on its way.
//!
//! A lane is what is worked on: the pending deliveries of one subject to one webhook, of which the first goes first. So the
//! servers share the work without two of them sending changes of one subject side by side.

use sea_orm_migration::prelude::*;

use crate::table::{
    create, drop, flag, index, keyed, number, optional_text, optional_uuid, optional_wide, owned, reference, text,
    unique, uuid, wide,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

const TABLES: [&str; 4] = ["webhook", "webhook_key", "webhook_delivery", "webhook_lane"];

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let indexes = vec![
            unique("webhook", &["code"]),
            index("webhook_key", &["webhook_id"]),
            unique("webhook_delivery", &["webhook_id", "change_id"]),
            index("webhook_delivery", &["webhook_id", "subject_id", "state", "epoch", "transaction_id", "sequence"]),
            index("webhook_delivery", &["webhook_id", "state", "id"]),
            // Of all providers: what is old is forgotten for all of them at once.
            Index::create()
                .name("webhook_delivery_by_settled_at")
                .table("webhook_delivery")
                .col("settled_at")
                .to_owned(),
            index("webhook_lane", &["webhook_id", "due_at"]),
        ];
        create(manager, vec![webhook(), key(), delivery(), lane()], indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &TABLES).await
    }
}

fn webhook() -> TableCreateStatement {
    owned("webhook")
        .col(text("code"))
        .col(text("url"))
        .col(text("description"))
        .col(text("subjects"))
        .col(text("events"))
        .col(optional_text("selection"))
        .col(text("scopes"))
        .col(flag("paused"))
        .col(wide("epoch"))
        .col(wide("transaction_id"))
        .col(wide("sequence"))
        .col(number("failures"))
        .col(optional_wide("failing_since"))
        .col(wide("made_at"))
        .to_owned()
}

fn key() -> TableCreateStatement {
    owned("webhook_key")
        .col(uuid("webhook_id"))
        .col(text("secret"))
        .col(wide("made_at"))
        .col(optional_wide("until"))
        .foreign_key(&mut reference("webhook_key", "webhook_id", "webhook"))
        .to_owned()
}

fn delivery() -> TableCreateStatement {
    owned("webhook_delivery")
        .col(uuid("webhook_id"))
        .col(uuid("change_id"))
        .col(wide("epoch"))
        .col(wide("transaction_id"))
        .col(wide("sequence"))
        .col(optional_text("subject"))
        .col(uuid("subject_id"))
        .col(optional_text("kind"))
        .col(text("event"))
        .col(optional_uuid("agreement_id"))
        .col(optional_uuid("client_id"))
        .col(optional_text("milestone"))
        .col(ColumnDef::new("percent").integer().null())
        .col(wide("at"))
        .col(text("state"))
        .col(wide("queued_at"))
        .col(number("failures"))
        .col(optional_wide("settled_at"))
        .col(text("attempts"))
        .foreign_key(&mut reference("webhook_delivery", "webhook_id", "webhook"))
        .to_owned()
}

fn lane() -> TableCreateStatement {
    keyed("webhook_lane", &["webhook_id", "subject_id"])
        .col(uuid("webhook_id"))
        .col(uuid("subject_id"))
        .col(wide("due_at"))
        .col(optional_uuid("lease"))
        .col(wide("leased_until"))
        .foreign_key(&mut reference("webhook_lane", "webhook_id", "webhook"))
        .to_owned()
}
