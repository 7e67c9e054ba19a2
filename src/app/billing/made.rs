//! What rating gives for a period, as rows.

use std::collections::HashMap;

use remit_domain::{
    billing::{Charge, Entry, Ground, Period, RatedPeriod, charge_reasons},
    words::{ChargeKind, ChargeStatus, RateTreatment},
};

use super::{
    adjust::{Identity, Replayed, Sort, Why, identity},
    book::Book,
    ledger::Writes,
};
use crate::store::{
    ChangeKind, ChargeRecord, DrawRecord, SegmentRecord, StoreError, TimeEntryRecord, Uuid, stored_reasons,
};

/// One period as it was rated.
#[derive(Debug)]
pub(super) struct Made {
    pub(super) period: Period,
    pub(super) records: Vec<TimeEntryRecord>,
    /// The same entries as rules look at them.
    pub(super) entries: Vec<Entry>,
    pub(super) rated: RatedPeriod,
}

/// The segments of each entry, in order of time.
pub(super) fn segments(book: &Book, entries: usize, rated: &RatedPeriod) -> Vec<Vec<SegmentRecord>> {
    let mut of: Vec<Vec<SegmentRecord>> = vec![Vec::new(); entries];
    let account = book.account();
    for segment in &rated.rated.segments {
        let Some(place) = rated.entries.get(segment.work) else { continue };
        let Some(list) = of.get_mut(*place) else { continue };
        let ground = rated.grounds.get(segment.work).copied().unwrap_or(Ground::Before);
        let policy = ground.version().and_then(|v| account.agreed(v)?.sections.extra_hours.as_ref());
        let rule = segment.rule.and_then(|place| policy?.rates.get(place));
        let treatment = match (rule, ground) {
            (Some(rule), _) => rule.treatment.word(),
            (None, Ground::Lapsed(_)) => RateTreatment::Hourly,
            (None, _) => RateTreatment::NotOffered,
        };
        list.push(SegmentRecord {
            from: segment.from,
            to: segment.to,
            class: segment.class,
            treatment,
            worked: segment.worked,
            included: segment.included,
            charged: segment.charged,
            rate: segment.rate,
            minor: segment.amount.minor,
            unpriced: segment.unpriced.is_some(),
        });
    }
    of
}

impl Made {
    /// The row of a charge; `id` is that of the stored one with its key, if there is one.
    fn row(&self, book: &Book, charge: &Charge) -> Option<ChargeRecord> {
        let record = self.records.get(charge.entry)?;
        let version = charge.ground.version()?;
        let account = book.account();
        let policy = account.agreed(version)?.sections.extra_hours.as_ref();
        let rule = charge.rule.and_then(|place| policy?.rates.get(place));
        let draw = |draw: &remit_domain::billing::HourDraw| {
            Some(DrawRecord { lot: self.rated.lots.get(draw.lot)?.origin, time: draw.time })
        };
        Some(ChargeRecord {
            id: Uuid::now_v7(),
            agreement_id: book.agreement.id,
            client_id: book.agreement.client_id,
            month: self.period.month,
            for_month: self.period.month,
            kind: charge.kind,
            status: ChargeStatus::Provisional,
            time_entry_id: Some(record.id),
            adjusts_kind: None,
            hours_class: Some(charge.class),
            rule_code: rule.map(|rule| rule.code.to_string()),
            terms_id: book.terms_ids.get(version).copied(),
            from: Some(charge.from),
            to: Some(charge.to),
            worked: charge.worked,
            included: charge.included,
            charged: charge.charged,
            rate: charge.rate,
            minor: charge.amount.minor,
            currency: charge.amount.currency,
            reasons: String::new(),
            draws: charge.draws.iter().filter_map(draw).collect(),
            adjusts_id: None,
            invoice_ref: None,
            released: None,
        })
    }

    /// Its charges by what is known now.
    pub(super) fn replayed<'a>(&'a self, book: &Book) -> Vec<Replayed<'a>> {
        let one = |charge: &'a Charge| Some(Replayed { row: self.row(book, charge)?, why: Why::Work(self, charge) });
        self.rated.charges.iter().filter_map(one).collect()
    }

    pub(super) fn reasons(&self, book: &Book, charge: &Charge) -> Vec<remit_domain::coverage::Reason> {
        let (Some(entry), Some(record)) = (self.entries.get(charge.entry), self.records.get(charge.entry)) else {
            return Vec::new();
        };
        let approved_by = record.approved_by.as_deref();
        charge_reasons(&book.account(), entry, charge, &self.rated.lots, approved_by)
    }
}

/// Holds the charges of an open period against those stored, and writes the difference.
///
/// - `stored`: those in the period of the entries that were rated, or that were among them before.
/// - `changed`: whether an entry, or what it is rated by, became another: then the reasons are written anew too.
pub(super) fn sync(
    book: &Book,
    made: &Made,
    stored: Vec<ChargeRecord>,
    changed: impl Fn(Uuid) -> bool,
    writes: &mut Writes,
) -> Result<(), StoreError> {
    let mut stored: HashMap<Identity, ChargeRecord> = stored
        .into_iter()
        .filter(|charge| Sort::Time.holds(charge) && charge.kind != ChargeKind::Adjustment)
        .map(|charge| (identity(&charge), charge))
        .collect();
    for charge in &made.rated.charges {
        let Some(row) = made.row(book, charge) else { continue };
        let Some(known) = stored.remove(&identity(&row)) else {
            let row = ChargeRecord { reasons: stored_reasons(&made.reasons(book, charge))?, ..row };
            writes.charge(row, ChangeKind::Created, "charge.made");
            continue;
        };
        let mut row = ChargeRecord { id: known.id, reasons: known.reasons.clone(), ..row };
        if row != known || row.time_entry_id.is_some_and(&changed) {
            row.reasons = stored_reasons(&made.reasons(book, charge))?;
        }
        if row != known {
            writes.charge(row, ChangeKind::Updated, "charge.changed");
        }
    }
    for gone in stored.values() {
        writes.no_charge(gone);
    }
    Ok(())
}
