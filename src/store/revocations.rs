//! Tokens that are taken no more. Rows are only ever added, so that their count says whether there are new ones.

use remit_domain::Timestamp;
use remit_entity::revocation;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
    prelude::Uuid,
    sea_query::{Expr, ExprTrait as _, SimpleExpr},
};

use super::{AuditedKind, Note, Page, Scope, Store, StoreError, Tx, Window, padded, page::at_key, scope::Visible};
use crate::auth::{Revocable, Revocation, Revoked};

/// Something revoked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevocationRecord {
    /// Its id.
    pub id: Uuid,
    /// What.
    pub what: Revocable,
    /// Why.
    pub reason: String,
    /// The subject of whoever did it.
    pub revoked_by: String,
    /// When.
    pub revoked_at: Timestamp,
}

/// Those that are of all tokens that there were: up to when they were said, or later.
pub(super) fn cuts() -> SimpleExpr {
    Expr::col(revocation::Column::IssuedBefore).gte(Expr::col(revocation::Column::RevokedAt))
}

impl RevocationRecord {
    /// Kind and name as a row has them, and before when the token was issued.
    fn columns(what: &Revocable) -> (&'static str, &str, Option<i64>) {
        match what {
            Revocable::Token(jti) => ("TOKEN", jti, None),
            Revocable::Subject(name, before) => ("SUBJECT", name, Some(before.as_microsecond())),
            Revocable::Software(name, before) => ("SOFTWARE", name, Some(before.as_microsecond())),
        }
    }
}

impl TryFrom<revocation::Model> for RevocationRecord {
    type Error = StoreError;

    fn try_from(row: revocation::Model) -> Result<Self, StoreError> {
        let unreadable = |why: String| StoreError::Unreadable { what: "revocation", id: row.id, why };
        let instant = |at| Timestamp::from_microsecond(at).map_err(|error| unreadable(error.to_string()));
        let before = row.issued_before.map(instant).transpose()?;
        let what = match (row.kind.as_str(), before) {
            ("TOKEN", None) => Revocable::Token(row.name),
            ("SUBJECT", Some(before)) => Revocable::Subject(row.name, before),
            ("SOFTWARE", Some(before)) => Revocable::Software(row.name, before),
            _ => return Err(unreadable(format!("{:?} is no kind of revocation", row.kind))),
        };
        let revoked_at = instant(row.revoked_at)?;
        Ok(Self { id: row.id, what, reason: row.reason, revoked_by: row.revoked_by, revoked_at })
    }
}

/// What is revoked, as it was read, and how much that was.
#[derive(Debug)]
pub struct RevokedThen {
    /// What.
    pub revoked: Revoked,
    /// How many rows there were.
    pub count: u64,
}

fn rows(scope: &Scope) -> Select<revocation::Entity> {
    revocation::Entity::find().filter(revocation::Column::ProviderId.eq(scope.provider()))
}

impl Store {
    /// What is revoked at every provider, if there is more than the last time.
    ///
    /// For the server itself, which asks before it knows whose token it is; nothing of it is ever shown.
    ///
    /// - `known`: how many rows there were the last time.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn revoked(&self, known: Option<u64>) -> Result<Option<RevokedThen>, StoreError> {
        if known == Some(revocation::Entity::find().count(self.reads()).await?) {
            return Ok(None);
        }
        let rows = revocation::Entity::find().all(self.reads()).await?;
        let count = u64::try_from(rows.len()).unwrap_or(u64::MAX);
        let read = |row: revocation::Model| {
            let (provider, is_cut) = (row.provider_id.clone(), row.issued_before >= Some(row.revoked_at));
            Ok((provider, Revocation { what: RevocationRecord::try_from(row)?.what, is_cut }))
        };
        let revoked = rows.into_iter().map(read).collect::<Result<_, StoreError>>()?;
        Ok(Some(RevokedThen { revoked, count }))
    }

    /// A page of what was revoked, oldest first; keys are ids. Nothing for a scope that is bound to a client.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn page_revocations(&self, scope: &Scope, window: &Window) -> Result<Page<RevocationRecord>, StoreError> {
        if scope.visible() != Visible::All {
            return Ok(Page { items: Vec::new(), more: false });
        }
        let rows = rows(scope)
            .apply_if(window.after.as_deref(), |rows, after| rows.filter(revocation::Column::Id.gt(at_key(after))))
            .apply_if(window.before.as_deref(), |rows, before| rows.filter(revocation::Column::Id.lt(at_key(before))));
        let ordered = match window.from_end {
            true => rows.order_by_desc(revocation::Column::Id),
            false => rows.order_by_asc(revocation::Column::Id),
        };
        let found = ordered.limit(window.limit.saturating_add(1)).all(self.reads()).await?;
        let Page { items, more } = Page::cut(found, window);
        Ok(Page { items: items.into_iter().map(TryInto::try_into).collect::<Result<_, _>>()?, more })
    }

    /// How much was revoked.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn count_revocations(&self, scope: &Scope) -> Result<u64, StoreError> {
        if scope.visible() != Visible::All {
            return Ok(0);
        }
        Ok(rows(scope).count(self.reads()).await?)
    }

    /// What was revoked with these ids.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn find_revocations(&self, scope: &Scope, ids: &[Uuid]) -> Result<Vec<RevocationRecord>, StoreError> {
        if ids.is_empty() || scope.visible() != Visible::All {
            return Ok(Vec::new());
        }
        let found = rows(scope).filter(revocation::Column::Id.is_in(padded(ids))).all(self.reads()).await?;
        found.into_iter().map(TryInto::try_into).collect()
    }
}

impl Tx {
    /// What revokes all of this already: the same token, or the same name up to the same instant or a later one.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn revocation_of(&self, what: &Revocable) -> Result<Option<RevocationRecord>, StoreError> {
        let (kind, name, before) = RevocationRecord::columns(what);
        let row = revocation::Entity::find()
            .filter(revocation::Column::ProviderId.eq(self.provider()))
            .filter(revocation::Column::Kind.eq(kind))
            .filter(revocation::Column::Name.eq(name))
            .apply_if(before, |rows, before| rows.filter(revocation::Column::IssuedBefore.gte(before)))
            .one(self.connection())
            .await?;
        row.map(TryInto::try_into).transpose()
    }

    /// Revokes.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn add_revocation(&mut self, record: &RevocationRecord) -> Result<(), StoreError> {
        let (kind, name, before) = RevocationRecord::columns(&record.what);
        let row = revocation::ActiveModel {
            provider_id: Set(self.provider().to_owned()),
            id: Set(record.id),
            kind: Set(kind.to_owned()),
            name: Set(name.to_owned()),
            issued_before: Set(before),
            reason: Set(record.reason.clone()),
            revoked_by: Set(record.revoked_by.clone()),
            revoked_at: Set(record.revoked_at.as_microsecond()),
        };
        revocation::Entity::insert(row).exec_without_returning(self.connection()).await?;
        let detail = Some(match &record.what {
            Revocable::Token(jti) => format!("token {jti}"),
            Revocable::Subject(name, before) => format!("subject {name}, issued before {before}"),
            Revocable::Software(name, before) => format!("software {name}, issued before {before}"),
        });
        self.note(Note { kind: AuditedKind::Revocation, id: record.id, event: "tokens.revoked", detail });
        Ok(())
    }
}
