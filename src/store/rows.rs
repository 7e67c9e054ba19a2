//! Many rows by one statement.

use sea_orm::{
    ActiveModelTrait, ActiveValue, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, EntityName,
    EntityTrait, IdenStatic, Iterable, QueryTrait, Value,
    sea_query::{ColumnType, OnConflict, SqliteQueryBuilder},
};

use super::{StoreError, statement, tx::PLANS};

/// How many rows one statement writes: far below the most values that one may have.
pub(super) const ROWS_AT_ONCE: usize = 500;

/// What becomes of rows that are there already: these columns are written over where those are the same.
#[derive(Clone, Copy, Debug)]
pub(super) struct Replace<'a, C> {
    pub(super) same: &'a [C],
    pub(super) columns: &'a [C],
}

/// Rows to be written, by statements in their order. Those of PostgreSQL do not look at what others write to other tables, so
/// that it can take them together.
#[derive(Debug, Default)]
pub struct Rows(Vec<Part>);

/// A statement that writes rows of one table.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) table: &'static str,
    /// With `?` for each value.
    pub(super) sql: String,
    pub(super) values: Vec<Value>,
    /// Whether it writes many, of PostgreSQL.
    pub(super) is_many: bool,
}

/// From how many rows on it pays to say how statements are planned.
const MANY: usize = 32;

/// Has plans kept, until it is said otherwise or the transaction ends.
const KEPT_PLANS: &str = "SET LOCAL plan_cache_mode = auto";

impl Rows {
    /// Rows of a table, some hundred by a statement.
    ///
    /// - `replace`: none: that one is there already is an error.
    pub(super) fn of<A: ActiveModelTrait>(
        backend: DbBackend,
        rows: Vec<A>,
        replace: Option<Replace<'_, <A::Entity as EntityTrait>::Column>>,
    ) -> Result<Self, StoreError> {
        let (mut rows, mut parts) = (rows.into_iter(), Vec::new());
        loop {
            let some: Vec<A> = rows.by_ref().take(ROWS_AT_ONCE).collect();
            if some.is_empty() {
                return Ok(Self(parts));
            }
            parts.push(match backend {
                DbBackend::Postgres => from_arrays(&some, replace)?,
                _ => from_values(some, replace),
            });
        }
    }

    /// These and others.
    #[must_use]
    pub fn and(mut self, others: Self) -> Self {
        self.0.extend(others.0);
        self
    }

    pub(super) fn push(&mut self, part: Part) {
        self.0.push(part);
    }

    /// Writes them, with few statements where the database can.
    pub(super) async fn write(self, connection: &DatabaseTransaction) -> Result<(), StoreError> {
        let backend = connection.get_database_backend();
        let mut parts = self.0.into_iter().peekable();
        while let Some(first) = parts.next() {
            let (mut tables, mut others) = (vec![first.table], Vec::new());
            // In which order PostgreSQL runs them is open, so each is of another table.
            let joins = |tables: &[&str], part: &Part| backend == DbBackend::Postgres && !tables.contains(&part.table);
            while let Some(part) = parts.next_if(|part| joins(&tables, part)) {
                tables.push(part.table);
                others.push(part);
            }
            let Part { sql, values, is_many, .. } = together(first, others);
            // A transaction may keep no plans, and its checks of references would be planned anew for each row.
            if is_many {
                connection.execute_unprepared(KEPT_PLANS).await?;
            }
            connection.execute_raw(statement(backend, &sql, values)).await?;
            if is_many {
                connection.execute_unprepared(&format!("SELECT {PLANS}")).await?;
            }
        }
        Ok(())
    }
}

/// Statements as one, which PostgreSQL runs on one view of the tables; references are checked at its end.
fn together(first: Part, others: Vec<Part>) -> Part {
    let (mut last, mut before, mut values) = (first, Vec::new(), Vec::new());
    for next in others {
        let is_many = last.is_many || next.is_many;
        before.push(format!("into_{} AS ({})", last.table, last.sql));
        values.append(&mut last.values);
        last = Part { is_many, ..next };
    }
    if before.is_empty() {
        return last;
    }
    values.append(&mut last.values);
    Part { sql: format!("WITH {} {}", before.join(", "), last.sql), values, ..last }
}

/// Writes rows of a table, some hundred by a statement.
///
/// - `replace`: none: that one is there already is an error.
pub(super) async fn insert_all<A: ActiveModelTrait>(
    connection: &DatabaseTransaction,
    rows: Vec<A>,
    replace: Option<Replace<'_, <A::Entity as EntityTrait>::Column>>,
) -> Result<(), StoreError> {
    Rows::of(connection.get_database_backend(), rows, replace)?.write(connection).await
}

fn from_values<A: ActiveModelTrait>(
    rows: Vec<A>,
    replace: Option<Replace<'_, <A::Entity as EntityTrait>::Column>>,
) -> Part {
    let mut insert = <A::Entity as EntityTrait>::insert_many(rows).into_query();
    if let Some(Replace { same, columns }) = replace {
        let conflict = OnConflict::columns(same.iter().copied()).update_columns(columns.iter().copied()).to_owned();
        insert.on_conflict(conflict);
    }
    let (sql, values) = insert.build(SqliteQueryBuilder);
    Part { table: <A::Entity as Default>::default().table_name(), sql, values: values.0, is_many: false }
}

fn from_arrays<A: ActiveModelTrait>(
    rows: &[A],
    replace: Option<Replace<'_, <A::Entity as EntityTrait>::Column>>,
) -> Result<Part, StoreError> {
    let columns: Vec<_> = <A::Entity as EntityTrait>::Column::iter().collect();
    let types = columns.iter().map(|column| array_type(column)).collect::<Result<Vec<_>, _>>()?;
    let value = |row: &A, column| match row.get(column) {
        ActiveValue::Set(value) | ActiveValue::Unchanged(value) => Ok(value),
        ActiveValue::NotSet => Err(DbErr::AttrNotSet(column.as_str().to_owned())),
    };
    let of_column = |column: &_| rows.iter().map(|row| value(row, *column)).collect::<Result<Vec<_>, DbErr>>();
    let values = columns.iter().map(of_column).collect::<Result<Vec<_>, _>>()?;
    let table = <A::Entity as Default>::default().table_name();
    let names = |columns: &[_]| columns.iter().map(quoted).collect::<Vec<_>>().join(", ");
    let mut sql = format!("INSERT INTO {table} ({}) SELECT * FROM {}", names(&columns), unnest(&types));
    if let Some(Replace { same, columns }) = replace {
        let set: Vec<String> = columns.iter().map(|column| format!("{0} = excluded.{0}", quoted(column))).collect();
        sql.push_str(&format!(" ON CONFLICT ({}) DO UPDATE SET {}", names(same), set.join(", ")));
    }
    let values = values.into_iter().map(array).collect::<Result<Vec<_>, _>>()?;
    Ok(Part { table, sql, values, is_many: rows.len() >= MANY })
}

fn quoted(column: &impl IdenStatic) -> String {
    format!("\"{}\"", column.as_str())
}

/// The type of an array of a column's values.
fn array_type(column: &impl ColumnTrait) -> Result<&'static str, DbErr> {
    match column.def().get_column_type() {
        ColumnType::Text | ColumnType::String(_) => Ok("text[]"),
        ColumnType::Uuid => Ok("uuid[]"),
        ColumnType::BigInteger => Ok("bigint[]"),
        ColumnType::Integer => Ok("integer[]"),
        ColumnType::Boolean => Ok("boolean[]"),
        other => Err(DbErr::Type(format!("no array is made of {other:?}"))),
    }
}

/// Arrays of these types as rows: the statement is the same for any number of them, so it is prepared once.
pub(super) fn unnest(types: &[&str]) -> String {
    let arrays: Vec<String> = types.iter().map(|array| format!("?::{array}")).collect();
    format!("unnest({})", arrays.join(", "))
}

/// The values of a column as PostgreSQL spells an array, which may have nulls.
pub(super) fn array(values: Vec<Value>) -> Result<Value, StoreError> {
    let mut text = String::from("{");
    for value in values {
        if text.len() > 1 {
            text.push(',');
        }
        match value {
            Value::String(Some(word)) => push_quoted(&mut text, &word),
            Value::Uuid(Some(id)) => text.push_str(&id.to_string()),
            Value::BigInt(Some(number)) => text.push_str(&number.to_string()),
            Value::Int(Some(number)) => text.push_str(&number.to_string()),
            Value::Bool(Some(flag)) => text.push_str(if flag { "t" } else { "f" }),
            Value::String(None) | Value::Uuid(None) | Value::BigInt(None) | Value::Int(None) | Value::Bool(None) => {
                text.push_str("NULL");
            }
            other => return Err(DbErr::Type(format!("no array is made of {other:?}")).into()),
        }
    }
    text.push('}');
    Ok(text.into())
}

fn push_quoted(text: &mut String, word: &str) {
    text.push('"');
    for sign in word.chars() {
        if matches!(sign, '"' | '\\') {
            text.push('\\');
        }
        text.push(sign);
    }
    text.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_array_keeps_its_values_apart() {
        let words = ["plain", "", "NULL", "a,b", "{c}", r#"d"e\f"#].map(|word| Value::from(word.to_owned()));
        let values = [words.to_vec(), vec![Value::String(None), Value::from(-7_i64), Value::from(true)]].concat();
        let expected = r#"{"plain","","NULL","a,b","{c}","d\"e\\f",NULL,-7,t}"#;
        assert_eq!(array(values).unwrap(), Value::from(expected.to_owned()));
    }
}
