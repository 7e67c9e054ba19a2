//! Blocks of hours, and the balance of all hours that an agreement has.

use std::collections::HashMap;

use remit_domain::{Date, Duration, Timestamp, billing::Lot};

use crate::{
    app::{App, Outcome, Session, UserErrorCode, open::refuse},
    store::{BlockRecord, Change, ChangeKind, Handle, StoreError, Subject, Uuid},
};

/// What a block of hours is to be.
#[derive(Clone, Debug)]
pub struct PutPrepaidHours {
    /// The agreement.
    pub agreement: Handle,
    /// What it is called; unique per agreement.
    pub code: String,
    /// How much.
    pub hours: Duration,
    /// The first day on which it can be used.
    pub from: Date,
    /// The last day on which it can be used; none: it does not expire.
    pub until: Option<Date>,
    /// Whether it was paid for.
    pub paid: bool,
    /// A remark.
    pub note: Option<String>,
}

impl App {
    /// Makes a block of hours, or replaces what one is; charges follow. The same again changes nothing.
    ///
    /// # Errors
    /// Refused when the agreement is not there.
    pub async fn put_prepaid_hours(&self, session: &Session, put: PutPrepaidHours) -> Outcome<BlockRecord> {
        let mut tx = self.store.begin_recording(&session.scope, session.now, &[]).await?;
        let unknown = || refuse(UserErrorCode::NotFound, "agreement", "no such agreement");
        let agreement = tx.agreement(&put.agreement).await?.ok_or_else(unknown)?;
        tx.take_agreements(&[agreement.id]).await?;
        let known = tx.prepaid_hours(agreement.id).await?.into_iter().find(|block| block.code == put.code);
        let block = BlockRecord {
            id: known.as_ref().map_or_else(Uuid::now_v7, |known| known.id),
            agreement_id: agreement.id,
            code: put.code,
            hours: put.hours,
            from: put.from,
            until: put.until,
            paid: put.paid,
            note: put.note,
        };
        if known.as_ref() == Some(&block) {
            return Ok(block);
        }
        tx.put_prepaid_hours(&block).await?;
        tx.changed(Change {
            subject: Subject::Agreement,
            id: agreement.id,
            kind: ChangeKind::Updated,
            event: "agreement.hoursPut",
            agreement: Some(agreement.id),
            client: Some(agreement.client_id),
            clock: None,
        });
        self.recharge_all(session, &mut tx, agreement.id).await?;
        tx.commit().await?;
        Ok(block)
    }

    /// The hours that agreements can use at an instant, in the order in which they are drawn: what its period brought and was
    /// left over, less what work begun by then has drawn. An agreement that has no billing period then is left out.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn hours_left(
        &self,
        session: &Session,
        agreements: &[Uuid],
        at: Timestamp,
    ) -> Result<HashMap<Uuid, Vec<Lot>>, StoreError> {
        let asked: Vec<(Uuid, Timestamp)> = agreements.iter().map(|agreement| (*agreement, at)).collect();
        let hours = self.standing_hours(session, &asked, Some(at)).await?;
        let left = |agreement: &Uuid| {
            let (pool, lots) = hours.left(*agreement, at)?;
            let usable = pool.lots.iter().map(|lot| lot.is_usable(at) && !lot.left.is_zero());
            let lots = lots.into_iter().zip(usable).filter(|(_, usable)| *usable).map(|(lot, _)| lot);
            Some((*agreement, lots.collect()))
        };
        Ok(agreements.iter().filter_map(left).collect())
    }
}
