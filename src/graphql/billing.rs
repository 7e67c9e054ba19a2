//! The roots for time, charges and billing periods.

use async_graphql::{Context, Enum, ID, InputObject, Object, Result, SimpleObject};
use remit_domain::{
    billing::Month,
    words::{ChargeKind, ChargeStatus},
};

use super::{
    context::Serving,
    errors::bad_input,
    ids::Kind,
    inputs::{
        CloseBillingPeriodInput, MarkChargesInvoicedInput, PutPrepaidHoursInput, QuoteInput, RecordTimeEntriesInput,
        ReleaseInvoiceInput,
    },
    paging::{Connection, List, Slice},
    payloads::{UserError, perform, read, settle},
    reference::{ExternalRef, Ref},
    scalars::Date,
    types::{BillingPeriodNode, ChargeNode, PrepaidHours, Quote, Rerating, TimeEntryNode},
    words::Word,
};
use crate::{
    app::{self, EntryResult, Failure, Problems},
    store::{ChargeFilter, Handle},
};

/// Which charges a list holds.
#[derive(Debug, Default, InputObject)]
#[graphql(name = "ChargeFilter")]
pub(crate) struct ChargeFilterInput {
    /// Of this client.
    client: Option<Ref>,
    /// Of this agreement.
    agreement: Option<Ref>,
    /// Of these kinds.
    kind: Option<Vec<Word<ChargeKind>>>,
    /// That have come so far.
    status: Option<Vec<Word<ChargeStatus>>>,
    /// In the billing period that this day lies in, or a later one.
    period_from: Option<Date>,
    /// In the billing period that this day lies in, or an earlier one.
    period_until: Option<Date>,
}

/// The filter with its names looked up; none when one of them names nothing.
pub(super) async fn charge_filter(ctx: &Context<'_>, filter: ChargeFilterInput) -> Result<Option<ChargeFilter>> {
    let Serving { app, session } = Serving::of(ctx)?;
    let mut found = ChargeFilter {
        kinds: filter.kind.map(|list| list.into_iter().map(|word| word.0).collect()),
        statuses: filter.status.map(|list| list.into_iter().map(|word| word.0).collect()),
        from: filter.period_from.map(|date| Month::of(date.0)),
        until: filter.period_until.map(|date| Month::of(date.0)),
        agreement: None,
        client: None,
    };
    if let Some(client) = filter.client {
        let handle = client.named(Kind::Client);
        let Some(client) = app.store().find_clients(&session.scope, &[handle]).await?.into_values().next() else {
            return Ok(None);
        };
        found.client = Some(client.id);
    }
    if let Some(named) = filter.agreement {
        let handle = named.named(Kind::Agreement);
        let named = app.store().find_agreements(&session.scope, &[handle]).await?.into_values().next();
        let Some(named) = named else { return Ok(None) };
        found.agreement = Some(named.id);
    }
    Ok(Some(found))
}

/// What can be asked of time and charges.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct BillingQuery;

/// What can be asked of time and charges.
#[Object]
impl BillingQuery {
    /// A time entry; it has no code, so none names it.
    async fn time_entry(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How it is named.")] by: Ref,
    ) -> Result<Option<TimeEntryNode>> {
        let Serving { app, session } = Serving::of(ctx)?;
        let handle = by.named(Kind::TimeEntry);
        let found = app.store().find_time_entries(&session.scope, &[handle]).await?;
        Ok(TimeEntryNode::all(found.into_values().collect()).next())
    }

    /// What work would cost, beside what is recorded in its billing period and with the hours that are left. Nothing is
    /// stored. Null: there is no such agreement, or it has no terms at that time. A role that its terms do not know, or cannot
    /// price, is BAD_USER_INPUT.
    async fn quote(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The work.")] input: QuoteInput,
    ) -> Result<Option<Quote>> {
        let Serving { app, session } = Serving::of(ctx)?;
        let mut problems = Problems::of("input");
        let asked = input.read(&mut problems);
        let asked = problems.finish(asked).map_err(|errors| bad_argument(&errors))?;
        match app.quote(session, &asked).await {
            Ok(quote) => Ok(quote.and_then(Quote::new)),
            Err(Failure::Refused(errors)) => Err(bad_argument(&errors)),
            Err(Failure::Fault(fault)) => Err(fault.into()),
        }
    }

    /// What other terms, such as a draft, would have charged for a billing period. Nothing is stored. Null: one of them is
    /// not there, or the terms name no calendar or tier yet.
    async fn rerate(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The agreement.")] agreement: Ref,
        #[graphql(desc = "The first day of the billing period.")] period: Date,
        #[graphql(desc = "The id of the other terms: of any version that the token sees.")] terms: ID,
    ) -> Result<Option<Rerating>> {
        let Serving { app, session } = Serving::of(ctx)?;
        let agreement = agreement.named(Kind::Agreement);
        let terms = Ref::Id(terms).named(Kind::AgreementTerms);
        let Handle::Id(terms) = terms else { return Ok(None) };
        Ok(app.rerate(session, &agreement, period.0, terms).await?.and_then(Rerating::new))
    }

    /// The charges, by billing period, then time. A filter by something that is not there gives an empty page.
    #[allow(clippy::too_many_arguments, reason = "they are the arguments of the field")]
    async fn charges(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the beginning, at most 500.")] first: Option<i32>,
        #[graphql(desc = "Only what comes behind this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, at most 500.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
        #[graphql(desc = "Which.")] filter: Option<ChargeFilterInput>,
    ) -> Result<Connection<ChargeNode>> {
        let Serving { app, session } = Serving::of(ctx)?;
        let window = Slice { first, after, last, before }.window(&List::NoCharges)?;
        let Some(filter) = charge_filter(ctx, filter.unwrap_or_default()).await? else {
            return Ok(Connection::empty(List::NoCharges, &window));
        };
        let page = app.store().page_charges(&session.scope, &filter, &window).await?;
        Ok(Connection::of(List::Charges(filter), &window, page, ChargeNode::all))
    }
}

/// The first thing that is wrong with an argument, as an error of the request.
pub(super) fn bad_argument(errors: &[app::UserError]) -> async_graphql::Error {
    let path: Vec<&str> =
        errors.first().map(|error| error.path.iter().map(String::as_str).collect()).unwrap_or_default();
    bad_input(&path, errors.first().map(|error| error.message.clone()).unwrap_or_default())
}

/// What recording came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "app::RecordOutcome")]
pub(crate) enum RecordOutcome {
    /// It is new.
    Created,
    /// It was there and is another now.
    Updated,
    /// It was there as it is, or in a newer version.
    Unchanged,
    /// It was taken back.
    Deleted,
    /// It was not taken: see the errors.
    Rejected,
}

/// What recording one entry came to.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct TimeEntryResult {
    /// What your system calls it.
    #[graphql(name = "ref")]
    reference: ExternalRef,
    /// What was done.
    outcome: RecordOutcome,
    /// The entry as it stands. Null: there is none.
    time_entry: Option<TimeEntryNode>,
    /// Why it was not taken.
    errors: Vec<UserError>,
}

/// What recording time came to.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct RecordTimeEntriesPayload {
    /// For each entry of the input, in its order.
    results: Vec<TimeEntryResult>,
    /// What was refused; then nothing was done. What is wrong with one entry is said with its result.
    errors: Vec<UserError>,
}

impl RecordTimeEntriesPayload {
    fn of(results: Vec<EntryResult>) -> Self {
        let records = results.iter().filter_map(|result| result.entry.clone()).collect();
        let mut nodes = TimeEntryNode::all(records);
        let result = |result: EntryResult| TimeEntryResult {
            reference: (&result.reference).into(),
            outcome: result.outcome.into(),
            time_entry: result.entry.and_then(|_| nodes.next()),
            errors: result.errors.into_iter().map(Into::into).collect(),
        };
        Self { results: results.into_iter().map(result).collect(), errors: Vec::new() }
    }
}

/// What closing came to.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct CloseBillingPeriodPayload {
    /// The period.
    period: Option<BillingPeriodNode>,
    /// What was refused; then nothing was done.
    errors: Vec<UserError>,
}

/// What putting charges on an invoice came to.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct MarkChargesInvoicedPayload {
    /// The charges, in the order given.
    charges: Vec<ChargeNode>,
    /// What was refused; then nothing was done.
    errors: Vec<UserError>,
}

/// What voiding an invoice came to.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct ReleaseInvoicePayload {
    /// The charges that stood on it.
    charges: Vec<ChargeNode>,
    /// What was refused; then nothing was done.
    errors: Vec<UserError>,
}

/// What putting a block of hours came to.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct PutPrepaidHoursPayload {
    /// The block.
    prepaid_hours: Option<PrepaidHours>,
    /// What was refused; then nothing was done.
    errors: Vec<UserError>,
}

/// What can be done with time and charges.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct BillingMutation;

/// What can be done with time and charges.
#[Object]
impl BillingMutation {
    /// Records time, up to 500 entries at once, found by what your system calls them and safe to send again. Each is taken
    /// or refused by itself; charges of open periods follow in the same transaction, closed ones get adjustments.
    async fn record_time_entries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The entries.")] input: RecordTimeEntriesInput,
    ) -> Result<RecordTimeEntriesPayload> {
        let Serving { app, session } = Serving::of(ctx)?;
        let recorded = app.record_time_entries(session, input.read(session.now)).await;
        let (results, errors) = settle(recorded.map_err(Into::into))?;
        Ok(RecordTimeEntriesPayload { errors, ..RecordTimeEntriesPayload::of(results.unwrap_or_default()) })
    }

    /// Closes a billing period for good, in order and after its end: its charges are final, and what is recorded for it
    /// later becomes an adjustment in the earliest open period. Closing it again changes nothing.
    async fn close_billing_period(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] input: CloseBillingPeriodInput,
    ) -> Result<CloseBillingPeriodPayload> {
        let Serving { app, session } = Serving::of(ctx)?;
        let outcome = perform(read(|p| input.read(p)), |close| app.close_billing_period(session, close)).await;
        let (closed, errors) = settle(outcome)?;
        let period = closed.and_then(|month| BillingPeriodNode::all(vec![month]).next());
        Ok(CloseBillingPeriodPayload { period, errors })
    }

    /// Puts final charges on an invoice, all or none. Again with the same invoice changes nothing; a charge that stands on
    /// another is a CONFLICT, a provisional one INVALID.
    async fn mark_charges_invoiced(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which charges, and the invoice.")] input: MarkChargesInvoicedInput,
    ) -> Result<MarkChargesInvoicedPayload> {
        let Serving { app, session } = Serving::of(ctx)?;
        let outcome = perform(read(|p| input.read(p)), |mark| app.mark_charges_invoiced(session, mark)).await;
        let (charges, errors) = settle(outcome)?;
        let charges = ChargeNode::all(charges.unwrap_or_default()).collect();
        Ok(MarkChargesInvoicedPayload { charges, errors })
    }

    /// The invoice was voided: its charges are FINAL again and can stand on another.
    async fn release_invoice(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and why.")] input: ReleaseInvoiceInput,
    ) -> Result<ReleaseInvoicePayload> {
        let Serving { app, session } = Serving::of(ctx)?;
        let outcome = perform(read(|p| input.read(p)), |release| app.release_invoice(session, release)).await;
        let (charges, errors) = settle(outcome)?;
        let charges = ChargeNode::all(charges.unwrap_or_default()).collect();
        Ok(ReleaseInvoicePayload { charges, errors })
    }

    /// Makes or replaces a block of hours bought on top of those in the fee; charges of open periods follow, closed ones get
    /// adjustments.
    async fn put_prepaid_hours(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it is to be.")] input: PutPrepaidHoursInput,
    ) -> Result<PutPrepaidHoursPayload> {
        let Serving { app, session } = Serving::of(ctx)?;
        let outcome = perform(read(|p| input.read(p)), |put| app.put_prepaid_hours(session, put)).await;
        let (block, errors) = settle(outcome)?;
        Ok(PutPrepaidHoursPayload { prepaid_hours: block.as_ref().map(Into::into), errors })
    }
}
