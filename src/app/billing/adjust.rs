//! What closed periods come to by what is known now, and adjustments where that is not what was billed (R8).

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::RangeInclusive,
};

use remit_domain::{
    billing::{Charge, Credit, Figures, Key, Month, Periods, adjustment_reasons, difference},
    coverage::Reason,
    words::{ChargeKind, ChargeStatus, HoursClass},
};

use super::{book::Book, ledger::Writes, made::Made};
use crate::store::{ChangeKind, ChargeRecord, ChargesOf, StoreError, Tx, Uuid, stored_reasons};

/// What charges are made of: the two sorts follow from different things, and are found anew apart.
#[derive(Clone, Copy, Debug)]
pub(super) enum Sort {
    /// Time worked.
    Time,
    /// Promises that were not kept.
    Credits,
}

impl Sort {
    /// Whether a charge is of this sort.
    pub(super) fn holds(self, charge: &ChargeRecord) -> bool {
        match self {
            Self::Time => charge.time_entry_id.is_some(),
            Self::Credits => charge.time_entry_id.is_none(),
        }
    }

    /// Those of this sort that are for some months, adjustments included; others of these months do no harm.
    fn of<'a>(self, months: RangeInclusive<Month>) -> ChargesOf<'a> {
        match self {
            Self::Time => ChargesOf::For(months),
            Self::Credits => ChargesOf::Credits(months),
        }
    }
}

/// What identifies a charge among those that are for a period (R6).
pub(super) type Identity = (Option<Uuid>, Option<HoursClass>, Option<String>, ChargeKind);

pub(super) fn identity(charge: &ChargeRecord) -> Identity {
    let kind = charge.adjusts_kind.unwrap_or(charge.kind);
    (charge.time_entry_id, charge.hours_class, charge.rule_code.clone(), kind)
}

/// The times and the amount of a stored charge.
fn figures(charge: &ChargeRecord) -> Figures {
    Figures { worked: charge.worked, included: charge.included, charged: charge.charged, minor: charge.minor }
}

/// A charge of a closed period as it would be by what is known now.
pub(super) struct Replayed<'a> {
    pub(super) row: ChargeRecord,
    pub(super) why: Why<'a>,
}

/// Why a charge is what it is; of work that is put in words only when it is needed.
#[derive(Clone, Copy)]
pub(super) enum Why<'a> {
    Work(&'a Made, &'a Charge),
    Credit(&'a Credit),
}

impl Why<'_> {
    fn reasons(self, book: &Book) -> Vec<Reason> {
        match self {
            Self::Work(made, charge) => made.reasons(book, charge),
            Self::Credit(credit) => credit.reasons.clone(),
        }
    }
}

/// The charges of closed periods, found anew.
pub(super) struct Anew<'a> {
    /// Which periods. What was billed for others stands, and so do pending adjustments for them.
    pub(super) months: BTreeSet<Month>,
    /// Which charges.
    pub(super) sort: Sort,
    /// All that there are now for these periods.
    pub(super) charges: Vec<Replayed<'a>>,
}

/// Holds what closed periods come to by what is known now against what was billed for them; the difference goes into the
/// earliest open period (R8), if the agreement has one left.
pub(super) async fn adjust(
    tx: &Tx,
    book: &Book,
    periods: &Periods,
    anew: Anew<'_>,
    writes: &mut Writes,
) -> Result<(), StoreError> {
    let Anew { months, sort, charges } = anew;
    let (Some(first), Some(last)) = (months.first(), months.last()) else { return Ok(()) };
    let Some(closed) = book.closed_until() else { return Ok(()) };
    let Some(open) = periods.from(closed.next()).first() else { return Ok(()) };
    let stored = tx.charges(Some(book.agreement.id), sort.of(*first..=*last)).await?;
    let stored = stored.into_iter().filter(|charge| sort.holds(charge) && months.contains(&charge.for_month));
    let (billed, pending): (Vec<_>, Vec<_>) = stored.partition(|charge| charge.month <= closed);
    let key = |charge: &ChargeRecord| (charge.for_month, identity(charge));
    let now: BTreeMap<(Month, Identity), Replayed<'_>> =
        charges.into_iter().map(|replayed| (key(&replayed.row), replayed)).collect();
    let owed = difference(
        billed.iter().map(|charge| (key(charge), figures(charge))),
        now.iter().map(|(key, replayed)| (key.clone(), figures(&replayed.row))),
    );
    let mut pending: BTreeMap<(Month, Identity), ChargeRecord> =
        pending.into_iter().map(|charge| (key(&charge), charge)).collect();
    for (of, figures) in owed {
        let original = billed.iter().find(|charge| charge.kind != ChargeKind::Adjustment && key(charge) == of);
        let replayed = now.get(&of);
        // Neither there now nor when the period was closed: an adjustment made it.
        let adjusted = || billed.iter().find(|charge| key(charge) == of);
        let Some(like) = replayed.map(|replayed| &replayed.row).or(original).or_else(adjusted) else { continue };
        let comes_to = replayed.map(|replayed| self::figures(&replayed.row)).unwrap_or_default();
        let before_and_now = (comes_to.minus(figures), comes_to);
        let why = replayed.map(|replayed| replayed.why.reasons(book)).unwrap_or_default();
        let key = charge_key(&of.1);
        let reasons = adjustment_reasons(of.0, key.as_ref(), before_and_now, book.agreement.currency, why);
        let known = pending.remove(&of);
        let row = ChargeRecord {
            id: known.as_ref().map_or_else(Uuid::now_v7, |known| known.id),
            month: open.month,
            for_month: of.0,
            kind: ChargeKind::Adjustment,
            adjusts_kind: Some(of.1.3),
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
    for gone in pending.values() {
        writes.no_charge(gone);
    }
    Ok(())
}

fn charge_key((entry, class, rule, kind): &Identity) -> Option<Key> {
    Some(Key { entry: (*entry)?.as_u128(), class: (*class)?, rule: rule.clone(), kind: *kind })
}
