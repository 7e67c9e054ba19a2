//! What requests with a key of their caller's were answered.

use sea_orm_migration::prelude::*;

use crate::table::{create, drop, keyed, text, wide};

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let answer = keyed("kept_answer", &["key"])
            .col(text("key"))
            .col(text("request"))
            .col(text("answer"))
            .col(wide("made_at"))
            .to_owned();
        // Old ones are forgotten for all providers at once.
        let by_age = Index::create().name("kept_answer_by_made_at").table("kept_answer").col("made_at").to_owned();
        create(manager, vec![answer], vec![by_age]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &["kept_answer"]).await
    }
}
