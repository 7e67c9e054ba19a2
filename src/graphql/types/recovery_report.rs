//! How recovery commitments came out over a stretch of time.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{Context, Result, SimpleObject};
use remit_domain::{
    Percent,
    span::Span,
    terms::{RecoveryCommitment, clause},
    words::{Clock, CommitmentState, ComponentClass, FailureScenario},
};

use super::{TermsNode, TicketNode};
use crate::{
    app::RecoveryReport,
    graphql::{
        context::Serving,
        scalars::{Decimal, Duration},
        words::Word,
    },
    store::{TermsRecord, TicketRecord, Uuid},
};

/// The most tickets that are shown of a commitment: the count says how many there are.
const MISSED_SHOWN: usize = 100;

/// How the recovery commitments of a cohort came out, by version.
pub(super) type Recoveries = HashMap<Uuid, Vec<RecoveryOutcome>>;

/// How a recovery commitment came out: what became of the failures that tickets tell of, each judged once, by the
/// commitment's own clock (rule Q10).
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct RecoveryOutcome {
    /// The clause.
    clause: String,
    /// The failure.
    scenario: Word<FailureScenario>,
    /// The kind of thing. Null: any.
    component: Option<Word<ComponentClass>>,
    /// The counted time within which it is to be mended.
    fix_within: Duration,
    /// Which hours count.
    clock: Word<Clock>,
    /// How it stands: not kept where one failure was mended too late, or is late.
    state: Word<CommitmentState>,
    /// Failures that were mended in time.
    kept: i32,
    /// Failures that were mended too late, or are late.
    missed: i32,
    /// Failures that were neither mended nor late at the end of the time.
    running: i32,
    /// The share of those kept or missed that were kept, in percent, to two decimals rounded down. Null: there are none.
    kept_percent: Option<Decimal>,
    /// The most counted time that one of them took, so far where it is not mended. Null: there are none.
    longest: Option<Duration>,
    /// The tickets that count against it, the first 100 in the order of opening.
    missed_tickets: Vec<TicketNode>,
}

impl RecoveryOutcome {
    /// The outcomes of a version, loaded with those of the versions beside it.
    pub(super) async fn all(ctx: &Context<'_>, terms: &TermsNode, stretch: Span) -> Result<Vec<Self>> {
        let Serving { app, session } = Serving::of(ctx)?;
        let cell = Arc::clone(terms.member().related().recoveries.lock().await.entry(stretch).or_default());
        let load = || async {
            let versions: Vec<&TermsRecord> = terms.member().siblings().iter().collect();
            let reports = app.recovery_reports(session, &versions, stretch).await?;
            Ok::<_, async_graphql::Error>(outcomes(&versions, &reports))
        };
        let found = cell.get_or_try_init(load).await?;
        Ok(found.get(&terms.record().id).cloned().unwrap_or_default())
    }

    fn new(place: usize, line: &RecoveryCommitment, report: &RecoveryReport, missed_tickets: Vec<TicketNode>) -> Self {
        let count = |count: u32| i32::try_from(count).unwrap_or(i32::MAX);
        let recovery = report.recovery;
        let (kept, missed) = (u64::from(recovery.kept), u64::from(recovery.missed));
        Self {
            clause: clause::recovery(place),
            scenario: Word(line.scenario),
            component: line.component.map(Word),
            fix_within: Duration(line.fix_within),
            clock: Word(line.clock),
            state: Word(report.state),
            kept: count(recovery.kept),
            missed: count(recovery.missed),
            running: count(recovery.running),
            kept_percent: Percent::share(kept, kept + missed).map(|share| Decimal(share.to_string())),
            longest: recovery.longest.map(Duration),
            missed_tickets,
        }
    }
}

/// The tickets that are shown of a report.
fn shown(report: &RecoveryReport) -> impl Iterator<Item = &TicketRecord> {
    report.missed.iter().take(MISSED_SHOWN)
}

/// What reports say, with all their tickets as one cohort.
fn outcomes(versions: &[&TermsRecord], reports: &HashMap<Uuid, Vec<RecoveryReport>>) -> Recoveries {
    let of = |terms: &TermsRecord| reports.get(&terms.id).map_or(&[][..], Vec::as_slice);
    let missed = versions.iter().flat_map(|terms| of(terms)).flat_map(shown);
    let mut nodes = TicketNode::all(missed.cloned().collect());
    let version = |terms: &&TermsRecord| {
        let lines = terms.sections.recovery.iter().zip(of(terms)).enumerate();
        let outcome = |(place, (line, report)): (usize, (&RecoveryCommitment, &RecoveryReport))| {
            let missed = nodes.by_ref().take(shown(report).count()).collect();
            RecoveryOutcome::new(place, line, report, missed)
        };
        (terms.id, lines.map(outcome).collect())
    };
    versions.iter().map(version).collect()
}
