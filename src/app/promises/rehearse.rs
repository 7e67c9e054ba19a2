//! How past tickets would have gone under response times that are not agreed.

use std::{collections::BTreeMap, sync::Arc};

use remit_domain::{
    Date, Timestamp,
    billing::Fee,
    calendar::Calendar,
    commitment::{Days, windows},
    promise::{CheckedPromise, Rehearsal, RehearsedPeriod, Scheme, Staffing, Tally, overall},
    sla::{Target, Tier},
    span::Span,
    text::Code,
    words::{PromiseStrength, PromiseVerdict, Window},
};

use super::{
    App, Session,
    tickets::{days_before, year_before},
};
use crate::store::{AgreementRecord, Handle, StoreError, TermsRecord, TicketsOf};

/// The days before its first month in which a ticket may have been opened that is judged in it.
const BEFORE_DAYS: i32 = 366;
/// The days that a month has at most.
const MONTH_DAYS: i32 = 31;

/// What is to be rehearsed.
#[derive(Clone, Debug)]
pub struct AskRehearsal {
    /// The targets.
    pub tier: Handle,
    /// The hours.
    pub calendar: Handle,
    /// Only with tickets of this client.
    pub client: Option<Handle>,
    /// Only with tickets of this agreement, whose fee credits are a share of.
    pub agreement: Option<Handle>,
    /// How many whole months up to now.
    pub months: u32,
}

/// How it would have gone.
#[derive(Clone, Debug)]
pub struct Rehearsed {
    /// The whole time.
    pub whole: Span,
    /// How many tickets were judged in it, or open at its end.
    pub tickets: u64,
    /// What the past says of all guarantees and targets together.
    pub verdict: PromiseVerdict,
    /// Each target.
    pub lines: Vec<RehearsedLine>,
    /// Each month.
    pub months: Vec<RehearsedMonth>,
}

/// How one target would have gone.
#[derive(Clone, Debug)]
pub struct RehearsedLine {
    /// The target.
    pub target: Target,
    /// What the past says of it.
    pub checked: CheckedPromise,
    /// How often it would have been judged, and how.
    pub tally: Tally,
}

/// How one month would have gone.
#[derive(Clone, Debug)]
pub struct RehearsedMonth {
    /// Its first day.
    pub first: Date,
    /// Its last day.
    pub last: Date,
    /// What it would have earned.
    pub period: RehearsedPeriod,
}

/// What was asked for, looked up.
struct Found {
    tier: Arc<Tier>,
    calendar: Arc<Calendar>,
    target_calendars: BTreeMap<Code, Arc<Calendar>>,
    of: TicketsOf,
    agreement: Option<AgreementRecord>,
}

impl App {
    /// How the tickets of the last months would have gone under a tier and hours that need not be agreed with anybody. None:
    /// something that is named is not there.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn rehearse(&self, session: &Session, asked: AskRehearsal) -> Result<Option<Rehearsed>, StoreError> {
        let now = session.now;
        let Some(found) = self.find_rehearsal(session, &asked).await? else { return Ok(None) };
        let months = last_months(&found.calendar, asked.months, now);
        let spans: Vec<Span> = months.iter().map(|(_, span)| *span).collect();
        let ends = spans.first().zip(spans.last());
        let Some(whole) = ends.and_then(|(first, last)| Span::new(first.from(), last.to())) else { return Ok(None) };
        let scheme = Scheme {
            service: None,
            tier: &found.tier,
            calendar: Some(&found.calendar),
            target_calendars: found.target_calendars,
        };
        let year = year_before(now);
        let mut rehearsal = Rehearsal::new(&scheme, &spans, now);
        let from = days_before(whole.from(), BEFORE_DAYS).min(year);
        self.each_ticket(session, &found.of, (from, now), |record| {
            rehearsal.add(&record.kept.ticket(), record.kept.opened_at >= year);
        })
        .await?;
        let staffed = self.store().staffed_calendars(&session.scope).await?;
        let staffed: Vec<_> = staffed.iter().map(|record| self.calendar(record)).collect();
        let staffing = Staffing::new(staffed.iter().map(|calendar| &**calendar), now);
        let line = |(target, checked, tally): (&Target, _, _)| RehearsedLine { target: target.clone(), checked, tally };
        let lines: Vec<RehearsedLine> = rehearsal.lines(staffing.as_ref()).into_iter().map(line).collect();
        let promised = lines.iter().map(|line| &line.checked);
        let promised = promised.filter(|checked| checked.strength != PromiseStrength::BestEffort);
        let verdict = overall(&promised.cloned().collect::<Vec<_>>());
        let agreed = self.fee_of(session, found.agreement.as_ref()).await?;
        let fee = agreed.as_ref().zip(found.agreement.as_ref());
        let fee = fee.map(|(terms, agreement)| Fee::of(&terms.sections.services, agreement.currency));
        let periods = months.iter().zip(rehearsal.periods(fee));
        let month = |((days, _), period): (&(Days, Span), RehearsedPeriod)| RehearsedMonth {
            first: days.first,
            last: days.after.yesterday().unwrap_or(days.first),
            period,
        };
        Ok(Some(Rehearsed {
            whole,
            tickets: rehearsal.tickets(),
            verdict,
            lines,
            months: periods.map(month).collect(),
        }))
    }

    async fn find_rehearsal(&self, session: &Session, asked: &AskRehearsal) -> Result<Option<Found>, StoreError> {
        let (store, scope) = (self.store(), &session.scope);
        let tier = store.find_tiers(scope, std::slice::from_ref(&asked.tier)).await?.into_values().next();
        let Some(tier) = tier else { return Ok(None) };
        let of_targets = tier.tier.calendars().map(|code| Handle::Code(code.to_string()));
        let wanted: Vec<Handle> = of_targets.chain([asked.calendar.clone()]).collect();
        let calendars = store.find_calendars(scope, &wanted).await?;
        let Some(calendar) = calendars.get(&asked.calendar).map(|record| self.calendar(record)) else {
            return Ok(None);
        };
        let compiled = |code: &Code| {
            let record = calendars.get(&Handle::Code(code.to_string()))?;
            Some((code.clone(), self.calendar(record)))
        };
        let target_calendars = tier.tier.calendars().filter_map(compiled).collect();
        let mut of = TicketsOf::default();
        if let Some(client) = &asked.client {
            let found = store.find_clients(scope, std::slice::from_ref(client)).await?.into_values().next();
            let Some(client) = found else { return Ok(None) };
            of.client = Some(client.id);
        }
        let mut agreement = None;
        if let Some(named) = &asked.agreement {
            agreement = store.find_agreements(scope, std::slice::from_ref(named)).await?.into_values().next();
            let Some(found) = &agreement else { return Ok(None) };
            of.agreements = vec![found.id];
        }
        Ok(Some(Found { tier: Arc::clone(&tier.tier), calendar, target_calendars, of, agreement }))
    }

    /// The version whose fee credits would be a share of: that in force.
    async fn fee_of(
        &self,
        session: &Session,
        agreement: Option<&AgreementRecord>,
    ) -> Result<Option<TermsRecord>, StoreError> {
        let Some(agreement) = agreement else { return Ok(None) };
        let asked = [(agreement.id, session.now)];
        let agreed = self.agreed(session, std::slice::from_ref(agreement), &asked).await?;
        Ok(agreed.version_at(agreement.id, session.now).cloned())
    }
}

/// The last whole months that ended, oldest first.
fn last_months(calendar: &Calendar, months: u32, now: Timestamp) -> Vec<(Days, Span)> {
    let days = i32::try_from(months).unwrap_or(i32::MAX).saturating_add(1).saturating_mul(MONTH_DAYS);
    let Some(stretch) = Span::new(days_before(now, days), now) else { return Vec::new() };
    let mut found = windows(Window::CalendarMonth, calendar, stretch, now);
    found.retain(|(_, span)| span.to() <= now);
    let wanted = usize::try_from(months).unwrap_or(usize::MAX);
    found.split_off(found.len().saturating_sub(wanted))
}
