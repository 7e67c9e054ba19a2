//! Dry runs: what work would cost, and what other terms would have charged. Nothing is stored.

use std::{collections::BTreeMap, sync::Arc};

use remit_domain::{
    Date, Timestamp,
    billing::{Account, Charge, Entry, Month, Period, RatedPeriod, VersionTerms, charge_reasons, rate_period},
    coverage::Reason,
    lifecycle::{Life, Stage, Version},
    money::Money,
    words::HoursClass,
};

use super::{
    book::Book, by_ticket::Tickets, close::carried, made::segments, recharge::entry, record::NewEntry,
    roles::role_refused,
};
use crate::{
    app::{App, Outcome, Session, UserErrorCode, open::refuse},
    store::{AgreementRecord, EntriesOf, Handle, SegmentRecord, StoreError, TermsRecord, TimeEntryRecord, Uuid},
};

/// What work would cost.
#[derive(Clone, Debug)]
pub struct Quote {
    /// The agreement that it is priced by.
    pub agreement: AgreementRecord,
    /// The id of the version that prices it.
    pub terms_id: Option<Uuid>,
    /// The billing period that it would belong to.
    pub month: Month,
    /// Its segments, in order of time.
    pub segments: Vec<SegmentRecord>,
    /// What it would be charged at, with the reasons.
    pub charges: Vec<(Charge, Vec<Reason>)>,
    /// What it comes to.
    pub amount: Money,
    /// What the whole period comes to more or less with it: it may take hours from later work, or be rounded with other work.
    pub change: Money,
}

/// What other terms would have charged for a period.
#[derive(Clone, Debug)]
pub struct Rerating {
    /// The agreement.
    pub agreement: AgreementRecord,
    /// The billing period.
    pub month: Month,
    /// The other terms.
    pub terms: TermsRecord,
    /// What each entry comes to by the terms that hold and by the others, by class of hours, in order of time.
    pub lines: Vec<RerateLine>,
}

/// What one entry comes to by two terms, in hours of one class.
#[derive(Clone, Debug)]
pub struct RerateLine {
    /// The entry.
    pub entry: TimeEntryRecord,
    /// The class of the hours.
    pub class: HoursClass,
    /// By the terms that hold, in minor units.
    pub before: i64,
    /// By the other terms, in minor units.
    pub after: i64,
}

/// The entries of a period, as rules look at them.
struct Known {
    records: Vec<TimeEntryRecord>,
    entries: Vec<Entry>,
}

impl App {
    /// What work would cost, beside what is recorded in its billing period; none where the agreement is not there, or has
    /// no terms at that time.
    ///
    /// # Errors
    /// Refused when the terms do not know the role, or cannot price what it does.
    pub async fn quote(&self, session: &Session, asked: &NewEntry) -> Outcome<Option<Quote>> {
        let Some(handle) = &asked.agreement else { return Ok(None) };
        let Some(mut book) = self.book(session, handle).await? else { return Ok(None) };
        book.latest_work = book.latest_work.max(Some(asked.span.from));
        let periods = book.periods(session.now.max(asked.span.from));
        let Some(period) = periods.at(asked.span.from) else { return Ok(None) };
        let service = match &asked.service {
            Some(service) => {
                let found = self.store.find_services(&session.scope, std::slice::from_ref(service)).await?;
                found.into_values().next().and_then(|service| service.code.parse().ok())
            }
            None => None,
        };
        let entry = Entry { service, ..quoted(asked) };
        let version = book.account().ground(asked.span.from).version();
        if let Some(text) = version.and_then(|version| role_refused(&book, version, period, &entry)) {
            return Err(refuse(UserErrorCode::Invalid, "role", text));
        }
        let mut known = self.known(session, &book, period.month).await?;
        let left_over = carried(&book, &periods, period.month);
        let before = rate_period(&book.account(), period, &left_over, &known.entries);
        let own = known.entries.len();
        known.entries.push(entry);
        let after = rate_period(&book.account(), period, &left_over, &known.entries);
        Ok(Some(quote(&book, period, &known.entries, own, asked.approved_by.as_deref(), &before, &after)))
    }

    /// What other terms would have charged for a period; none where the agreement, the period or the terms are not there,
    /// or the terms name no calendar or tier yet.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn rerate(
        &self,
        session: &Session,
        agreement: &Handle,
        from: Date,
        terms: Uuid,
    ) -> Result<Option<Rerating>, StoreError> {
        let Some(book) = self.book(session, agreement).await? else { return Ok(None) };
        let Some(terms) = self.store.terms(&session.scope, &[terms]).await?.pop() else { return Ok(None) };
        let catalogue = self.catalogue(session, &[&*terms.sections]).await?;
        let Some(agreed) = catalogue.agree(&terms.sections, book.agreement.currency) else { return Ok(None) };
        let periods = book.periods(session.now);
        let Some(period) = periods.of_month(Month::of(from)) else { return Ok(None) };
        let known = self.known(session, &book, period.month).await?;
        let left_over = carried(&book, &periods, period.month);
        let before = rate_period(&book.account(), period, &left_over, &known.entries);
        let life = always(Timestamp::MIN);
        let others = [VersionTerms { number: 1, agreed: Arc::new(agreed) }];
        let account = Account { life: &life, terms: &others, ..book.account() };
        let after = rate_period(&account, &Period { version: Some(0), ..*period }, &left_over, &known.entries);
        let lines = lines(&known.records, &before.charges, &after.charges);
        Ok(Some(Rerating { agreement: book.agreement.clone(), month: period.month, terms, lines }))
    }

    async fn book(&self, session: &Session, agreement: &Handle) -> Result<Option<Book>, StoreError> {
        let found = self.store.find_agreements(&session.scope, std::slice::from_ref(agreement)).await?;
        let Some(id) = found.into_values().next().map(|agreement| agreement.id) else { return Ok(None) };
        let rows = self.store.account_rows(&session.scope, session.now, &[id]).await?;
        Ok(self.books(session, rows).await?.remove(&id))
    }

    async fn known(&self, session: &Session, book: &Book, month: Month) -> Result<Known, StoreError> {
        let records = self.store.time_entries(&session.scope, book.agreement.id, month, &EntriesOf::All).await?;
        let codes = self.service_codes(session, records.iter().filter_map(|record| record.service_id)).await?;
        let mut tickets = Tickets::default();
        let named = tickets.unasked(&records);
        let handles: Vec<Handle> = named.iter().map(Into::into).collect();
        let found = self.store.find_tickets(&session.scope, &handles).await?;
        tickets.learn(named, found.into_values());
        let entries = records.iter().map(|record| entry(record, &codes, &tickets)).collect();
        Ok(Known { records, entries })
    }
}

/// One version that is always in force.
fn always(begins: Timestamp) -> Life {
    let stage = Stage::Accepted { offered_at: begins, by: String::new(), at: begins };
    let version = Version { number: 1, stage, begins: Some(begins), ends: None };
    Life { versions: vec![version], ..Life::default() }
}

/// Work that is asked about, as rules look at it. What comes last of works of one instant is what is not there yet.
fn quoted(asked: &NewEntry) -> Entry {
    use remit_domain::rating::Times;
    Entry {
        id: u128::MAX,
        system: "\u{10ffff}".into(),
        reference: String::new(),
        span: asked.span,
        breaks: asked.breaks.clone(),
        times: if asked.times_known { Times::Known } else { Times::LengthOnly },
        role: asked.role.clone(),
        technician: asked.technician.clone(),
        work_kind: asked.work_kind.clone(),
        service: None,
        priority: asked.priority,
        ticket: None,
        billing: asked.billing,
        approved: asked.approved_by.is_some(),
    }
}

fn total(charges: &[Charge]) -> i64 {
    charges.iter().fold(0, |sum, charge| sum.saturating_add(charge.amount.minor))
}

fn quote(
    book: &Book,
    period: &Period,
    entries: &[Entry],
    own: usize,
    approved_by: Option<&str>,
    before: &RatedPeriod,
    after: &RatedPeriod,
) -> Quote {
    let account = book.account();
    let charges: Vec<(Charge, Vec<Reason>)> = after
        .charges
        .iter()
        .filter(|charge| charge.entry == own)
        .filter_map(|charge| {
            let entry = entries.get(charge.entry)?;
            Some((charge.clone(), charge_reasons(&account, entry, charge, &after.lots, approved_by)))
        })
        .collect();
    let currency = book.agreement.currency;
    let minor = charges.iter().fold(0_i64, |sum, (charge, _)| sum.saturating_add(charge.amount.minor));
    let version = entries.get(own).and_then(|entry| account.ground(entry.span.from).version());
    Quote {
        agreement: book.agreement.clone(),
        terms_id: version.and_then(|version| book.terms_ids.get(version).copied()),
        month: period.month,
        segments: segments(book, entries.len(), after).pop().unwrap_or_default(),
        charges,
        amount: Money { minor, currency },
        change: Money { minor: total(&after.charges).saturating_sub(total(&before.charges)), currency },
    }
}

fn lines(records: &[TimeEntryRecord], before: &[Charge], after: &[Charge]) -> Vec<RerateLine> {
    let mut sums: BTreeMap<(usize, HoursClass), (i64, i64)> = BTreeMap::new();
    for charge in before {
        let sum = &mut sums.entry((charge.entry, charge.class)).or_default().0;
        *sum = sum.saturating_add(charge.amount.minor);
    }
    for charge in after {
        let sum = &mut sums.entry((charge.entry, charge.class)).or_default().1;
        *sum = sum.saturating_add(charge.amount.minor);
    }
    let line = |((place, class), (before, after)): ((usize, HoursClass), (i64, i64))| {
        Some(RerateLine { entry: records.get(place)?.clone(), class, before, after })
    };
    sums.into_iter().filter_map(line).collect()
}
