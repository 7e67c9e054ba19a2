//! Words for spelling tables out.

use sea_orm_migration::prelude::*;

/// A table of rows that belong to a provider, with `(provider_id, id)` as its key.
pub(crate) fn owned(name: &'static str) -> TableCreateStatement {
    let mut table = keyed(name, &["id"]);
    table.col(ColumnDef::new("id").uuid().not_null());
    table
}

/// A table of rows that belong to a provider, with a key that begins with it.
pub(crate) fn keyed(name: &'static str, key: &[&'static str]) -> TableCreateStatement {
    let mut primary = Index::create();
    primary.col("provider_id");
    for column in key {
        primary.col(*column);
    }
    let mut table = Table::create();
    table
        .table(name)
        .col(ColumnDef::new("provider_id").string_len(64).not_null())
        .primary_key(&mut primary)
        .foreign_key(
            ForeignKey::create().name(format!("{name}_provider")).from(name, "provider_id").to("provider", "id"),
        );
    table
}

/// A reference to a row of the same provider.
pub(crate) fn reference(table: &'static str, column: &'static str, to: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .name(format!("{table}_{column}"))
        .from(table, ("provider_id", column))
        .to(to, ("provider_id", "id"))
        .to_owned()
}

/// An index within a provider.
pub(crate) fn index(table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    let mut index = Index::create();
    index.name(format!("{table}_by_{}", columns.join("_"))).table(table).col("provider_id");
    for column in columns {
        index.col(*column);
    }
    index
}

/// An index that allows each value once within a provider.
pub(crate) fn unique(table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    index(table, columns).unique().to_owned()
}

pub(crate) fn text(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).text().not_null().to_owned()
}

pub(crate) fn optional_text(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).text().null().to_owned()
}

pub(crate) fn uuid(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).uuid().not_null().to_owned()
}

pub(crate) fn optional_uuid(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).uuid().null().to_owned()
}

pub(crate) fn number(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).integer().not_null().to_owned()
}

/// Microseconds since 1970, or another wide number.
pub(crate) fn wide(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().not_null().to_owned()
}

pub(crate) fn optional_wide(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().null().to_owned()
}

pub(crate) fn flag(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).boolean().not_null().to_owned()
}

/// Makes tables, then their indexes.
pub(crate) async fn create(
    manager: &SchemaManager<'_>,
    tables: Vec<TableCreateStatement>,
    indexes: Vec<IndexCreateStatement>,
) -> Result<(), DbErr> {
    for table in tables {
        manager.create_table(table).await?;
    }
    for index in indexes {
        manager.create_index(index).await?;
    }
    Ok(())
}

/// Drops tables, the last one first.
pub(crate) async fn drop(manager: &SchemaManager<'_>, tables: &[&'static str]) -> Result<(), DbErr> {
    for table in tables.iter().rev() {
        manager.drop_table(Table::drop().table(*table).to_owned()).await?;
    }
    Ok(())
}
