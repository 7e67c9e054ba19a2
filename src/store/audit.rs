//! The audit trail: who did what to what, when, and by which token.
//!
//! Nothing here changes or deletes a row, and the tables refuse it. A row is written with what it is about, in one
//! transaction: [`Tx::commit`] puts down every [`Change`] that somebody made, and what the feed does not know is put
//! down by [`Tx::note`].

use std::sync::atomic::{AtomicU32, Ordering};

use remit_domain::Timestamp;
use remit_entity::audit;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    Select, prelude::Uuid,
};

use super::{
    Change, Page, Scope, Store, StoreError, Subject, Tx, Window, padded, page::at_key, rows::Rows, scope::Visible,
};
use crate::auth::Caller;

/// Who acts: what a token says, and the request that it came with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The token's subject.
    pub subject: String,
    /// The calling software.
    pub client_id: String,
    /// The token's own id, if its issuer gives one.
    pub jti: Option<String>,
    /// The code of the client that the token is bound to.
    pub bound_to: Option<String>,
    /// The request's id; none outside of requests.
    pub request_id: Option<String>,
}

impl From<&Caller> for Actor {
    fn from(caller: &Caller) -> Self {
        Self {
            subject: caller.subject().to_owned(),
            client_id: caller.client_id().to_owned(),
            jti: caller.jti().map(str::to_owned),
            bound_to: caller.client().map(|code| code.as_str().to_owned()),
            request_id: None,
        }
    }
}

/// The kinds of object that something is done to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuditedKind {
    /// What the change feed knows.
    Fed(Subject),
    /// The revoking of tokens.
    Revocation,
    /// An API client.
    ApiClient,
    /// A webhook.
    Webhook,
}

impl AuditedKind {
    /// Every kind.
    pub const ALL: &'static [Self] = &[
        Self::Fed(Subject::Service),
        Self::Fed(Subject::SlaTier),
        Self::Fed(Subject::Calendar),
        Self::Fed(Subject::Client),
        Self::Fed(Subject::Agreement),
        Self::Fed(Subject::Terms),
        Self::Fed(Subject::Obligation),
        Self::Fed(Subject::Ticket),
        Self::Fed(Subject::TimeEntry),
        Self::Fed(Subject::Charge),
        Self::Fed(Subject::BillingPeriod),
        Self::Fed(Subject::Outage),
        Self::Fed(Subject::BackupRun),
        Self::Fed(Subject::Measurement),
        Self::Revocation,
        Self::ApiClient,
        Self::Webhook,
    ];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Fed(subject) => subject.as_str(),
            Self::Revocation => "REVOCATION",
            Self::ApiClient => "API_CLIENT",
            Self::Webhook => "WEBHOOK",
        }
    }

    fn read(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == text)
    }
}

/// Something done to an object.
#[derive(Clone, Debug)]
pub struct Note {
    /// The kind of object.
    pub kind: AuditedKind,
    /// Which.
    pub id: Uuid,
    /// What was done, in words of the object.
    pub event: &'static str,
    /// More of it, where the object does not show it. Never a secret.
    pub detail: Option<String>,
}

/// A row of the trail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRecord {
    /// Its id.
    pub id: Uuid,
    /// When.
    pub at: Timestamp,
    /// What was done.
    pub event: String,
    /// The kind of object.
    pub kind: AuditedKind,
    /// Which.
    pub object_id: Uuid,
    /// More of it.
    pub detail: Option<String>,
    /// Who did it.
    pub actor: Actor,
}

impl TryFrom<audit::Model> for AuditRecord {
    type Error = StoreError;

    fn try_from(row: audit::Model) -> Result<Self, StoreError> {
        let unreadable = |why: String| StoreError::Unreadable { what: "audit entry", id: row.id, why };
        let unknown = || unreadable(format!("{:?} is no kind of object", row.object));
        Ok(Self {
            at: Timestamp::from_microsecond(row.at).map_err(|error| unreadable(error.to_string()))?,
            kind: AuditedKind::read(&row.object).ok_or_else(unknown)?,
            id: row.id,
            event: row.event,
            object_id: row.object_id,
            detail: row.detail,
            actor: Actor {
                subject: row.actor,
                client_id: row.client_id,
                jti: row.jti,
                bound_to: row.bound_to,
                request_id: row.request_id,
            },
        })
    }
}

/// Which rows of the trail are asked for; what is left out is not asked about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Of one of these kinds of object.
    pub kinds: Option<Vec<AuditedKind>>,
    /// Of this object.
    pub object: Option<Uuid>,
    /// By this token's subject.
    pub actor: Option<String>,
    /// Not before.
    pub from: Option<Timestamp>,
    /// Before.
    pub to: Option<Timestamp>,
}

/// Where in the order of time an instant begins: the least id that a row of it can have.
fn first_of(at: Timestamp) -> u128 {
    let micros = u128::try_from(at.as_microsecond()).unwrap_or_default();
    let (millis, rest) = (micros / 1_000, micros % 1_000);
    // UUIDv7 (RFC 9562 §5.7): milliseconds, version 7, here the microseconds, variant 10.
    (millis << 80) | (7 << 76) | (rest << 64) | (2 << 62)
}

/// One write, as its rows' ids name it: writes of a server in their order, and told from those of others by chance.
#[derive(Clone, Copy)]
struct Write {
    number: u32,
    salt: u128,
}

impl Write {
    /// The next one of this server.
    fn next() -> Self {
        static WRITES: AtomicU32 = AtomicU32::new(0);
        // The low bits of a new id are random.
        Self { number: WRITES.fetch_add(1, Ordering::Relaxed), salt: Uuid::now_v7().as_u128() }
    }

    /// The id of a row: by its instant, then by its write, then by its place within the write.
    ///
    /// Of the 62 bits that UUIDv7 leaves 26 count writes, 12 are chance, and 24 the place.
    fn id(self, at: Timestamp, place: usize) -> Uuid {
        let number = u128::from(self.number) & 0x3ff_ffff;
        let place = u128::try_from(place).unwrap_or_default() & 0xff_ffff;
        Uuid::from_u128(first_of(at) | (number << 36) | ((self.salt & 0xfff) << 24) | place)
    }
}

fn rows(scope: &Scope, filter: &AuditFilter) -> Select<audit::Entity> {
    let kinds = filter.kinds.as_ref().map(|kinds| kinds.iter().map(|kind| kind.as_str()).collect::<Vec<_>>());
    let bound = |at: Timestamp| Uuid::from_u128(first_of(at));
    audit::Entity::find()
        .filter(audit::Column::ProviderId.eq(scope.provider()))
        .apply_if(kinds, |rows, kinds| rows.filter(audit::Column::Object.is_in(kinds)))
        .apply_if(filter.object, |rows, object| rows.filter(audit::Column::ObjectId.eq(object)))
        .apply_if(filter.actor.as_ref(), |rows, actor| rows.filter(audit::Column::Actor.eq(actor.as_str())))
        .apply_if(filter.from, |rows, from| rows.filter(audit::Column::Id.gte(bound(from))))
        .apply_if(filter.to, |rows, to| rows.filter(audit::Column::Id.lt(bound(to))))
}

impl Store {
    /// A page of the trail, oldest first; keys are ids. Nothing for a scope that is bound to a client.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn page_audit(
        &self,
        scope: &Scope,
        filter: &AuditFilter,
        window: &Window,
    ) -> Result<Page<AuditRecord>, StoreError> {
        if scope.visible() != Visible::All {
            return Ok(Page { items: Vec::new(), more: false });
        }
        let rows = rows(scope, filter)
            .apply_if(window.after.as_deref(), |rows, after| rows.filter(audit::Column::Id.gt(at_key(after))))
            .apply_if(window.before.as_deref(), |rows, before| rows.filter(audit::Column::Id.lt(at_key(before))));
        let ordered = match window.from_end {
            true => rows.order_by_desc(audit::Column::Id),
            false => rows.order_by_asc(audit::Column::Id),
        };
        let found = ordered.limit(window.limit.saturating_add(1)).all(self.reads()).await?;
        let Page { items, more } = Page::cut(found, window);
        Ok(Page { items: items.into_iter().map(TryInto::try_into).collect::<Result<_, _>>()?, more })
    }

    /// How many rows of the trail there are.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn count_audit(&self, scope: &Scope, filter: &AuditFilter) -> Result<u64, StoreError> {
        if scope.visible() != Visible::All {
            return Ok(0);
        }
        Ok(rows(scope, filter).count(self.reads()).await?)
    }

    /// The rows of the trail with these ids.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn find_audit(&self, scope: &Scope, ids: &[Uuid]) -> Result<Vec<AuditRecord>, StoreError> {
        if ids.is_empty() || scope.visible() != Visible::All {
            return Ok(Vec::new());
        }
        let named = rows(scope, &AuditFilter::default()).filter(audit::Column::Id.is_in(padded(ids)));
        named.all(self.reads()).await?.into_iter().map(TryInto::try_into).collect()
    }
}

/// What follows by itself from what somebody did, and is not done by anybody.
const CONSEQUENCES: [&str; 3] = ["charge.made", "charge.changed", "charge.removed"];

/// What of the feed somebody did. Clocks run by themselves.
fn deed(change: &Change) -> Option<Note> {
    let follows = change.clock.is_some() || CONSEQUENCES.contains(&change.event);
    let kind = AuditedKind::Fed(change.subject);
    (!follows).then_some(Note { kind, id: change.id, event: change.event, detail: None })
}

impl Tx {
    /// What was done as rows of the trail: the changes that somebody made, and what was noted besides.
    pub(super) fn audit_rows(&self, changes: &[Change], noted: &[Note]) -> Result<Rows, StoreError> {
        let deeds = changes.iter().filter_map(|change| Some((deed(change)?, self.scope_of(change.agreement))));
        let noted = noted.iter().map(|note| (note.clone(), self.scope()));
        let write = Write::next();
        let row = |(place, (note, by)): (usize, (Note, &Scope))| self.audit_row(note, by, write.id(self.at(), place));
        Rows::of(self.backend(), deeds.chain(noted).enumerate().map(row).collect(), None)
    }

    fn audit_row(&self, note: Note, by: &Scope, id: Uuid) -> audit::ActiveModel {
        let Actor { subject, client_id, jti, bound_to, request_id } = &**by.actor();
        audit::ActiveModel {
            provider_id: Set(self.provider().to_owned()),
            id: Set(id),
            at: Set(self.at().as_microsecond()),
            event: Set(note.event.to_owned()),
            object: Set(note.kind.as_str().to_owned()),
            object_id: Set(note.id),
            detail: Set(note.detail),
            actor: Set(subject.clone()),
            client_id: Set(client_id.clone()),
            jti: Set(jti.clone()),
            bound_to: Set(bound_to.clone()),
            request_id: Set(request_id.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_in_the_order_of_time_then_of_the_write() {
        let at = |micros: i64| Timestamp::from_microsecond(1_795_435_200_000_000 + micros).unwrap();
        let write = |number| Write { number, salt: u128::MAX };
        let ordered = [
            write(u32::MAX).id(at(-1), usize::MAX),
            Uuid::from_u128(first_of(at(0))),
            write(0).id(at(0), 1),
            write(7).id(at(0), 0),
            write(7).id(at(0), 1),
            write(7).id(at(0), 70_000),
            write(8).id(at(0), 0),
            Uuid::from_u128(first_of(at(1))),
            write(0).id(at(999), 0),
            write(0).id(at(1_000), 0),
        ];
        assert!(ordered.is_sorted(), "{ordered:?}");
        for id in ordered {
            assert_eq!((id.get_version_num(), id.get_variant()), (7, uuid::Variant::RFC4122));
        }
    }

    #[test]
    fn every_kind_of_object_reads_back() {
        for kind in AuditedKind::ALL {
            assert_eq!(AuditedKind::read(kind.as_str()), Some(*kind));
        }
    }
}
