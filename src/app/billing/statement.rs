//! The statement of a billing period.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use remit_domain::{
    billing::{LotOrigin, Month, PoolLine, ledger},
    document::{Document, Statement, StatementLine, statement},
    rating::PoolTime,
};

use super::{close::carried, lines::ChargeLine};
use crate::{
    app::{App, Session},
    store::{ChargeFilter, DrawRecord, Handle, StoreError, Uuid, Window},
};

/// What was drawn from a lot.
type Drawn = (LotOrigin, PoolTime);

/// What was drawn from each lot.
fn added_up<'a>(draws: impl Iterator<Item = &'a DrawRecord>) -> Vec<Drawn> {
    let mut drawn: BTreeMap<LotOrigin, PoolTime> = BTreeMap::new();
    for draw in draws {
        let sum = drawn.entry(draw.lot).or_default();
        *sum = sum.plus(draw.time);
    }
    drawn.into_iter().collect()
}

/// What became of the hours of a billing period.
#[derive(Clone, Debug)]
pub struct PeriodHours {
    /// What there was, and what of it was lost.
    pub lines: Vec<PoolLine>,
    /// What was drawn from each lot.
    pub drawn: Vec<(LotOrigin, PoolTime)>,
}

/// How many charges are read at once.
const PAGE: u64 = 500;

impl App {
    /// The statement of a billing period that the caller sees; none where there is no such period.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn statement(
        &self,
        session: &Session,
        agreement: Uuid,
        month: Month,
    ) -> Result<Option<Document>, StoreError> {
        let (store, scope) = (&self.store, &session.scope);
        let rows = store.account_rows(scope, session.now, &[agreement]).await?;
        let books = self.books(session, rows).await?;
        let Some(book) = books.get(&agreement) else { return Ok(None) };
        let periods = book.periods(session.now);
        let Some(period) = periods.of_month(month) else { return Ok(None) };
        let handle = Handle::Id(book.agreement.client_id);
        let Some(client) = store.find_clients(scope, &[handle]).await?.into_values().next() else { return Ok(None) };
        let lines = self.lines_of(session, agreement, month).await?;
        let drawn = added_up(lines.iter().flat_map(|line| &line.charge.draws));
        let account = book.account();
        let hours = ledger(&account, period, &carried(book, &periods, month), drawn.iter().copied());
        let version = period.version.or_else(|| account.ground(period.from).version());
        let zone = version.and_then(|version| account.agreed(version)).map(|agreed| agreed.calendar.hours().zone());
        Ok(Some(statement(&Statement {
            provider: session.caller.provider().as_str(),
            client: &client.name,
            number: &book.agreement.number,
            title: &book.agreement.title,
            currency: book.agreement.currency,
            zone: zone.unwrap_or("UTC"),
            month,
            closed: book.row(month).and_then(|row| row.closed.as_ref()).map(|(at, _)| *at),
            lines: lines.iter().map(line).collect(),
            hours,
            drawn,
            blocks: &book.blocks,
        })))
    }

    /// What became of the hours of billing periods that the caller sees; what is no period is left out.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn period_hours(
        &self,
        session: &Session,
        asked: &[(Uuid, Month)],
    ) -> Result<HashMap<(Uuid, Month), PeriodHours>, StoreError> {
        let agreements: BTreeSet<Uuid> = asked.iter().map(|(agreement, _)| *agreement).collect();
        let agreements: Vec<Uuid> = agreements.into_iter().collect();
        let months = asked.iter().map(|(_, month)| *month);
        let (Some(first), Some(last)) = (months.clone().min(), months.max()) else { return Ok(HashMap::new()) };
        let books =
            self.books(session, self.store.account_rows(&session.scope, session.now, &agreements).await?).await?;
        let mut draws: HashMap<(Uuid, Month), Vec<DrawRecord>> = HashMap::new();
        for (agreement, month, of_charge) in self.store.draws(&session.scope, &agreements, first..=last, None).await? {
            draws.entry((agreement, month)).or_default().extend(of_charge);
        }
        let hours = |of: &(Uuid, Month)| {
            let (agreement, month) = *of;
            let book = books.get(&agreement)?;
            let periods = book.periods(session.now);
            let period = periods.of_month(month)?;
            let drawn = added_up(draws.get(of).into_iter().flatten());
            let lines = ledger(&book.account(), period, &carried(book, &periods, month), drawn.iter().copied());
            Some((*of, PeriodHours { lines, drawn }))
        };
        Ok(asked.iter().filter_map(hours).collect())
    }

    /// All charges of a period.
    async fn lines_of(&self, session: &Session, agreement: Uuid, month: Month) -> Result<Vec<ChargeLine>, StoreError> {
        let (agreement, from, until) = (Some(agreement), Some(month), Some(month));
        let filter = ChargeFilter { agreement, from, until, ..ChargeFilter::default() };
        let mut window = Window { limit: PAGE, after: None, before: None, from_end: false };
        let mut lines: Vec<ChargeLine> = Vec::new();
        loop {
            let page = self.charge_lines(session, &filter, &window).await?;
            lines.extend(page.items);
            window.after = lines.last().map(|line| line.charge.place());
            if !page.more {
                return Ok(lines);
            }
        }
    }
}

/// A charge as the statement shows it: nothing of who worked, and no note.
fn line(line: &ChargeLine) -> StatementLine {
    let charge = &line.charge;
    let entry = line.entry.as_ref().map(|entry| format!("{} {}", entry.reference.system, entry.reference.id));
    let service = line.service.as_ref().map(|service| service.name.clone());
    let work: Vec<String> = entry.into_iter().chain(service).collect();
    StatementLine {
        kind: charge.kind,
        for_month: charge.for_month,
        from: charge.from,
        work: work.join(", "),
        class: charge.hours_class,
        worked: charge.worked,
        included: charge.included,
        charged: charge.charged,
        rate: charge.rate,
        minor: charge.minor,
        reasons: line
            .reasons
            .iter()
            .map(|reason| (reason.clause.as_deref().map(str::to_owned), reason.text.to_string()))
            .collect(),
    }
}
