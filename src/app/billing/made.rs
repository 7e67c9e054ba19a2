//! What rating gives for a period, as rows.

use std::collections::{BTreeMap, HashMap};

use remit_domain::{
    billing::{
        Charge, Entry, Figures, Ground, Key, Month, Period, Periods, RatedPeriod, adjustment_reasons, charge_reasons,
        difference,
    },
    words::{ChargeKind, ChargeStatus, HoursClass, RateTreatment},
};

use super::{book::Book, ledger::Writes, recharge::figures};
use crate::store::{
    ChangeKind, ChargeRecord, ChargesOf, DrawRecord, SegmentRecord, StoreError, TimeEntryRecord, Tx, Uuid,
    stored_reasons,
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

/// What identifies a charge among those that are for a period (R6).
type Identity = (Option<Uuid>, Option<HoursClass>, Option<String>, ChargeKind);

fn identity(charge: &ChargeRecord) -> Identity {
    let kind = charge.adjusts_kind.unwrap_or(charge.kind);
    (charge.time_entry_id, charge.hours_class, charge.rule_code.clone(), kind)
}

/// Whether a charge is made of time; credits are made by closing.
fn is_of_time(charge: &ChargeRecord) -> bool {
    charge.time_entry_id.is_some()
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

    fn reasons(&self, book: &Book, charge: &Charge) -> Vec<remit_domain::coverage::Reason> {
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
        .filter(|charge| is_of_time(charge) && charge.kind != ChargeKind::Adjustment)
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

/// What closed periods come to by what is known now, held against what was billed for them; the difference goes into the
/// earliest open period (R8).
///
/// - `first`: the first of the closed periods in `replayed`.
pub(super) async fn adjust(
    tx: &Tx,
    book: &Book,
    periods: &Periods,
    first: Month,
    replayed: &[Made],
    writes: &mut Writes,
) -> Result<(), StoreError> {
    let Some(closed) = book.closed_until() else { return Ok(()) };
    let Some(open) = periods.from(closed.next()).first() else { return Ok(()) };
    let stored = tx.charges(Some(book.agreement.id), ChargesOf::For(first..=closed)).await?;
    let stored = stored.into_iter().filter(is_of_time);
    let (billed, pending): (Vec<_>, Vec<_>) = stored.partition(|charge| charge.month <= closed);
    let mut now: BTreeMap<(Month, Identity), (Figures, &Made, &Charge, ChargeRecord)> = BTreeMap::new();
    for made in replayed {
        for charge in &made.rated.charges {
            if let Some(row) = made.row(book, charge) {
                now.insert((made.period.month, identity(&row)), (figures(&row), made, charge, row));
            }
        }
    }
    let owed = difference(
        billed.iter().map(|charge| ((charge.for_month, identity(charge)), figures(charge))),
        now.iter().map(|(key, (figures, ..))| (key.clone(), *figures)),
    );
    let mut pending: BTreeMap<(Month, Identity), ChargeRecord> =
        pending.into_iter().map(|charge| ((charge.for_month, identity(&charge)), charge)).collect();
    for (key, figures) in owed {
        let original = billed
            .iter()
            .find(|charge| charge.kind != ChargeKind::Adjustment && (charge.for_month, identity(charge)) == key);
        let replayed = now.get(&key);
        let Some(like) = replayed.map(|(_, _, _, row)| row).or(original).or_else(|| {
            // Neither there now nor when the period was closed: an adjustment made it.
            billed.iter().find(|charge| (charge.for_month, identity(charge)) == key)
        }) else {
            continue;
        };
        let mut reasons = adjustment_reasons(key.0, charge_key(&key.1).as_ref(), &figures, book.agreement.currency);
        reasons.extend(replayed.map(|(_, made, charge, _)| made.reasons(book, charge)).unwrap_or_default());
        let known = pending.remove(&key);
        let row = ChargeRecord {
            id: known.as_ref().map_or_else(Uuid::now_v7, |known| known.id),
            month: open.month,
            for_month: key.0,
            kind: ChargeKind::Adjustment,
            adjusts_kind: Some(key.1.3),
            status: ChargeStatus::Provisional,
            worked: figures.worked,
            included: figures.included,
            charged: figures.charged,
            minor: figures.minor,
            reasons: stored_reasons(&reasons)?,
            draws: Vec::new(),
            adjusts_id: original.map(|charge| charge.id),
            invoice_ref: None,
            released: None,
            ..like.clone()
        };
        match known {
            Some(known) if known == row => {}
            Some(_) => writes.charge(row, ChangeKind::Updated, "charge.changed"),
            None => writes.charge(row, ChangeKind::Created, "charge.made"),
        }
    }
    for gone in pending.values().filter(|charge| charge.for_month >= first) {
        writes.no_charge(gone);
    }
    Ok(())
}

fn charge_key((entry, class, rule, kind): &Identity) -> Option<Key> {
    Some(Key { entry: (*entry)?.as_u128(), class: (*class)?, rule: rule.clone(), kind: *kind })
}
