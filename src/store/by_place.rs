//! Rows of large tables, read by the places of their columns: to find each by its name takes longer than to read it.

use remit_entity::{agreement, billing_period, charge, ticket, time_entry};
use sea_orm::{
    ConnectionTrait, DbErr, EntityTrait, FromQueryResult, QueryResult, QueryTrait, RuntimeErr, Select,
    sqlx::{self, Row as _},
};

use super::StoreError;

/// A row of a statement that asks for the columns of its table first, in their order.
#[derive(Debug)]
pub(super) struct ByPlace<M>(pub(super) M);

/// What the rows of a statement say that asks for all columns of its table, and no others.
pub(super) async fn read<E, R, C>(rows: Select<E>, connection: &C) -> Result<Vec<R>, StoreError>
where
    E: EntityTrait,
    ByPlace<E::Model>: FromQueryResult,
    R: TryFrom<E::Model, Error = StoreError>,
    C: ConnectionTrait,
{
    let rows = connection.query_all_raw(rows.build(connection.get_database_backend())).await?;
    rows.into_iter().map(|row| ByPlace::from_query_result(&row, "")?.0.try_into()).collect()
}

fn unreadable(error: sqlx::Error) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(error.into()))
}

/// Says in which order a table has its columns.
macro_rules! columns {
    ($table:ident: $($column:ident)+) => {
        impl FromQueryResult for ByPlace<$table::Model> {
            fn from_query_result(row: &QueryResult, _: &str) -> Result<Self, DbErr> {
                let mut columns = 0..;
                let mut next = || columns.next().unwrap_or(usize::MAX);
                if let Some(row) = row.try_as_pg_row() {
                    // A column is of the type that its step gave it. To ask so for each value takes longer than to read it.
                    return Ok(Self($table::Model {
                        $($column: row.try_get_unchecked(next()).map_err(unreadable)?),+
                    }));
                }
                Ok(Self($table::Model { $($column: row.try_get_by_index(next())?),+ }))
            }
        }

        #[cfg(test)]
        impl ByPlace<$table::Model> {
            const COLUMNS: &[&str] = &[$(stringify!($column)),+];
        }
    };
}

columns!(agreement: provider_id id number title client_id currency revision offered accepted_version current_terms ends_on
    ends_at terminated_on terminated_at termination_reason renews_month renews_day renews_every has_prepaid was_suspended
    status_revision);
columns!(billing_period: provider_id agreement_id month carried closed_at closed_by);
columns!(charge: provider_id id agreement_id client_id month for_month kind status time_entry_id adjusts_kind hours_class
    rule_code terms_id from_at to_at worked included charged hourly_rate amount currency reasons draws adjusts_id
    invoice_ref released_ref released_reason released_at place);
columns!(ticket: provider_id id system external_id client_id agreement_id agreement_chosen service_id opened_at deleted
    document told_at next_at);
columns!(time_entry: provider_id id system external_id client_id agreement_id ticket_system ticket_external_id by_ticket
    service_id priority role technician work_kind started_at ended_at breaks billing times_known approved_by note
    changed_at deleted month segments recorded_at);

#[cfg(test)]
mod tests {
    use sea_orm::{IdenStatic, Iterable};

    use super::*;

    #[test]
    fn columns_are_in_the_order_in_which_they_are_asked_for() {
        fn asked_for<E: EntityTrait>() -> Vec<&'static str> {
            E::Column::iter().map(|column| column.as_str()).collect()
        }
        assert_eq!(ByPlace::<agreement::Model>::COLUMNS, asked_for::<agreement::Entity>());
        assert_eq!(ByPlace::<billing_period::Model>::COLUMNS, asked_for::<billing_period::Entity>());
        assert_eq!(ByPlace::<charge::Model>::COLUMNS, asked_for::<charge::Entity>());
        assert_eq!(ByPlace::<ticket::Model>::COLUMNS, asked_for::<ticket::Entity>());
        assert_eq!(ByPlace::<time_entry::Model>::COLUMNS, asked_for::<time_entry::Entity>());
    }
}
