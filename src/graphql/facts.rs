//! The roots of what happened: recording it, and reading what was recorded.

use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use remit_domain::{text::folded, words::FactKind};

use super::{
    billing::RecordOutcome,
    context::Serving,
    ids::Kind,
    inputs::{
        RecordBackupRunsInput, RecordMeasurementsInput, RecordOutagesInput, WatchSubjectInput,
        facts::{FactInput, items},
    },
    paging::{Connection, List, Slice},
    payloads::{UserError, perform, read, settle},
    reference::{ExternalRef, Ref},
    scalars::DateTime,
    types::{BackupRunNode, FactNode, MeasurementNode, OutageNode, WatchedSubject},
};
use crate::{app::RecordedFact, store::FactFilter};

/// What can be recorded that commitments are held against.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct FactMutation;

/// What can be recorded that commitments are held against.
#[Object]
impl FactMutation {
    /// Records times in which something was not there, item by item: found by reference, safe to send again.
    async fn record_outages(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The outages.")] input: RecordOutagesInput,
    ) -> Result<RecordOutagesPayload> {
        let (results, errors) = record(ctx, FactKind::Outage, "outages", input.outages).await?;
        Ok(RecordOutagesPayload { results: OutageResult::all(results), errors })
    }

    /// Records runs of backups and restores, item by item: found by reference, safe to send again.
    async fn record_backup_runs(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The runs.")] input: RecordBackupRunsInput,
    ) -> Result<RecordBackupRunsPayload> {
        let (results, errors) = record(ctx, FactKind::BackupRun, "runs", input.runs).await?;
        Ok(RecordBackupRunsPayload { results: BackupRunResult::all(results), errors })
    }

    /// Records measured values, item by item: found by reference, safe to send again.
    async fn record_measurements(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The values.")] input: RecordMeasurementsInput,
    ) -> Result<RecordMeasurementsPayload> {
        let (results, errors) = record(ctx, FactKind::Measurement, "measurements", input.measurements).await?;
        Ok(RecordMeasurementsPayload { results: MeasurementResult::all(results), errors })
    }

    /// Puts down since when somebody watches whether something is there: without that, and before the first outage that
    /// was recorded of it, a window without outages is one of which nothing is known.
    async fn watch_subject(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is watched, and since when.")] input: WatchSubjectInput,
    ) -> Result<WatchSubjectPayload> {
        let Serving { app, session } = Serving::of(ctx)?;
        let outcome = perform(read(|p| input.read(p)), |watch| app.watch_subject(session, watch)).await;
        let (watched, errors) = settle(outcome)?;
        Ok(WatchSubjectPayload { watched: watched.map(Into::into), errors })
    }
}

async fn record<T: FactInput>(
    ctx: &Context<'_>,
    kind: FactKind,
    field: &str,
    list: Vec<T>,
) -> Result<(Vec<RecordedFact>, Vec<UserError>)> {
    let Serving { app, session } = Serving::of(ctx)?;
    let (results, errors) = settle(app.record_facts(session, kind, items(field, list)).await)?;
    Ok((results.unwrap_or_default(), errors))
}

/// Declares what recording a kind of fact answers.
macro_rules! recorded {
    ($($kind:literal $payload:ident $result:ident $field:ident: $node:ty),+ $(,)?) => {$(
        #[doc = concat!("What recording ", $kind, "s came to.")]
        #[derive(Clone, Debug, SimpleObject)]
        pub(crate) struct $payload {
            /// What each item came to, in their order.
            results: Vec<$result>,
            /// What was refused as a whole; then nothing was done.
            errors: Vec<UserError>,
        }

        #[doc = concat!("What recording one ", $kind, " came to.")]
        #[derive(Clone, Debug, SimpleObject)]
        pub(crate) struct $result {
            /// What its source calls it.
            r#ref: ExternalRef,
            /// What it came to.
            outcome: RecordOutcome,
            /// How it stands now; null: it is not there.
            $field: Option<$node>,
            /// Why it was rejected.
            errors: Vec<UserError>,
        }

        impl $result {
            fn all(results: Vec<RecordedFact>) -> Vec<Self> {
                let there = results.iter().filter_map(|result| result.record.clone()).collect();
                let nodes = <$node>::nodes(there);
                let node = |id| nodes.iter().find(|node| FactNode::id(*node) == id).cloned();
                results
                    .into_iter()
                    .map(|result| Self {
                        r#ref: (&result.reference).into(),
                        outcome: result.outcome.into(),
                        $field: result.record.and_then(|record| node(record.id)),
                        errors: result.errors.into_iter().map(Into::into).collect(),
                    })
                    .collect()
            }
        }
    )+};
}

recorded! {
    "outage" RecordOutagesPayload OutageResult outage: OutageNode,
    "run" RecordBackupRunsPayload BackupRunResult run: BackupRunNode,
    "value" RecordMeasurementsPayload MeasurementResult measurement: MeasurementNode,
}

/// What putting down a watch came to.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct WatchSubjectPayload {
    /// What is watched, and since when.
    watched: Option<WatchedSubject>,
    /// What was refused; then nothing was done.
    errors: Vec<UserError>,
}

/// Which outages, backup runs or measurements a list holds.
#[derive(Debug, Default, InputObject)]
#[graphql(name = "FactFilter")]
pub(crate) struct FactFilterInput {
    /// Of this agreement.
    agreement: Option<Ref>,
    /// Of this client's agreements.
    client: Option<Ref>,
    /// About this: the subject of an outage or a backup, the metric of a measurement.
    about: Option<String>,
    /// Begun at this instant or later.
    from: Option<DateTime>,
    /// Begun before this instant.
    until: Option<DateTime>,
}

impl FactFilterInput {
    /// The filter with its names looked up; none when one of them names nothing.
    async fn read(self, ctx: &Context<'_>, kind: FactKind) -> Result<Option<FactFilter>> {
        let Serving { app, session } = Serving::of(ctx)?;
        let (store, scope) = (app.store(), &session.scope);
        let mut filter = FactFilter {
            kind,
            agreement: None,
            client: None,
            about: self.about.as_deref().map(folded),
            from: self.from.map(|at| at.0),
            until: self.until.map(|at| at.0),
        };
        if let Some(agreement) = self.agreement {
            let handle = agreement.named(Kind::Agreement);
            let Some(found) = store.find_agreements(scope, &[handle]).await?.into_values().next() else {
                return Ok(None);
            };
            filter.agreement = Some(found.id);
        }
        if let Some(client) = self.client {
            let handle = client.named(Kind::Client);
            let Some(found) = store.find_clients(scope, &[handle]).await?.into_values().next() else {
                return Ok(None);
            };
            filter.client = Some(found.id);
        }
        Ok(Some(filter))
    }
}

async fn one<N: FactNode>(ctx: &Context<'_>, kind: Kind, by: Ref) -> Result<Option<N>> {
    let Serving { app, session } = Serving::of(ctx)?;
    let handle = by.named(kind);
    let found = app.store().find_facts(&session.scope, N::KIND, &[handle]).await?;
    Ok(N::nodes(found.into_values().collect()).pop())
}

async fn list<N: FactNode>(ctx: &Context<'_>, slice: Slice, filter: Option<FactFilterInput>) -> Result<Connection<N>> {
    let Serving { app, session } = Serving::of(ctx)?;
    let window = slice.window(&List::NoFacts(N::KIND))?;
    let Some(filter) = filter.unwrap_or_default().read(ctx, N::KIND).await? else {
        return Ok(Connection::new(List::NoFacts(N::KIND), &window, false, std::iter::empty()));
    };
    let page = app.store().page_facts(&session.scope, &filter, &window).await?;
    Ok(Connection::of(List::Facts(filter), &window, page, |records| N::nodes(records).into_iter()))
}

/// What can be asked of what was recorded.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct FactQuery;

/// What can be asked of what was recorded.
#[Object]
impl FactQuery {
    /// An outage, by its id or by what its source calls it.
    async fn outage(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How it is named; it has no code.")] by: Ref,
    ) -> Result<Option<OutageNode>> {
        one(ctx, Kind::Outage, by).await
    }

    /// A run of a backup or a restore, by its id or by what its source calls it.
    async fn backup_run(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How it is named; it has no code.")] by: Ref,
    ) -> Result<Option<BackupRunNode>> {
        one(ctx, Kind::BackupRun, by).await
    }

    /// A measured value, by its id or by what its source calls it.
    async fn measurement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How it is named; it has no code.")] by: Ref,
    ) -> Result<Option<MeasurementNode>> {
        one(ctx, Kind::Measurement, by).await
    }

    /// The outages, by their beginning. A filter by something that is not there gives an empty page.
    async fn outages(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the beginning, at most 500.")] first: Option<i32>,
        #[graphql(desc = "Only what comes behind this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, at most 500.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
        #[graphql(desc = "Which.")] filter: Option<FactFilterInput>,
    ) -> Result<Connection<OutageNode>> {
        list(ctx, Slice { first, after, last, before }, filter).await
    }

    /// The runs of backups and restores, by their beginning. A filter by something that is not there gives an empty page.
    async fn backup_runs(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the beginning, at most 500.")] first: Option<i32>,
        #[graphql(desc = "Only what comes behind this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, at most 500.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
        #[graphql(desc = "Which.")] filter: Option<FactFilterInput>,
    ) -> Result<Connection<BackupRunNode>> {
        list(ctx, Slice { first, after, last, before }, filter).await
    }

    /// The measured values, by their beginning. A filter by something that is not there gives an empty page.
    async fn measurements(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the beginning, at most 500.")] first: Option<i32>,
        #[graphql(desc = "Only what comes behind this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, at most 500.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
        #[graphql(desc = "Which.")] filter: Option<FactFilterInput>,
    ) -> Result<Connection<MeasurementNode>> {
        list(ctx, Slice { first, after, last, before }, filter).await
    }
}
