//! Service credits among the charges: what a charge without a time entry is, the database holds to.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

/// Work has its entry and the class of its hours; a credit has neither, and nothing of work in it; an adjustment is of one
/// or the other. `$` stands for the row.
const HOLDS: &str = "(CASE $kind \
    WHEN 'SERVICE_CREDIT' THEN $time_entry_id IS NULL AND $adjusts_kind IS NULL AND $amount <= 0 AND $month = $for_month \
    WHEN 'ADJUSTMENT' THEN $adjusts_kind IS NOT NULL AND $adjusts_kind <> 'ADJUSTMENT' \
        AND ($adjusts_kind = 'SERVICE_CREDIT') = ($time_entry_id IS NULL) \
    ELSE $time_entry_id IS NOT NULL AND $hours_class IS NOT NULL AND $adjusts_kind IS NULL END) \
    AND ($time_entry_id IS NOT NULL OR ($hours_class IS NULL AND $rule_code IS NULL AND $from_at IS NULL AND $to_at IS NULL \
        AND $hourly_rate IS NULL AND $worked = 0 AND $included = 0 AND $charged = 0))";

/// A period is credited once.
const ONE_A_PERIOD: &str = "CREATE UNIQUE INDEX charge_one_credit_a_period ON charge (provider_id, agreement_id, month) \
    WHERE kind = 'SERVICE_CREDIT'";

/// SQLite takes no new constraint on a table that is there, so triggers hold it.
fn kept(backend: DbBackend) -> Vec<String> {
    if backend == DbBackend::Postgres {
        return vec![format!(
            "ALTER TABLE charge ADD CONSTRAINT charge_is_work_or_credit CHECK ({})",
            HOLDS.replace('$', "")
        )];
    }
    let trigger = |name: &str, when: &str| {
        format!(
            "CREATE TRIGGER {name} BEFORE {when} ON charge WHEN NOT ({}) \
             BEGIN SELECT RAISE(ABORT, 'a charge is of work or a credit'); END",
            HOLDS.replace('$', "NEW.")
        )
    };
    vec![trigger("charge_is_made_right", "INSERT"), trigger("charge_stays_right", "UPDATE")]
}

fn dropped(backend: DbBackend) -> &'static [&'static str] {
    if backend == DbBackend::Postgres {
        &["ALTER TABLE charge DROP CONSTRAINT charge_is_work_or_credit"]
    } else {
        &["DROP TRIGGER charge_is_made_right", "DROP TRIGGER charge_stays_right"]
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        connection.execute_unprepared(ONE_A_PERIOD).await?;
        for statement in kept(manager.get_database_backend()) {
            connection.execute_unprepared(&statement).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        for statement in dropped(manager.get_database_backend()) {
            connection.execute_unprepared(statement).await?;
        }
        connection.execute_unprepared("DROP INDEX charge_one_credit_a_period").await?;
        Ok(())
    }
}
