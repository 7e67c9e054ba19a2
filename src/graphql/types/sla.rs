//! The clocks of tickets, and reports of how a time went.

use std::sync::Arc;

use async_graphql::{Object, SimpleObject};
use remit_domain::{
    Percent, Timestamp,
    sla::clock::clocks,
    ticket::Ticket,
    words::{ClockState, Milestone, Priority},
};

use super::{coverage::ClockSegment, tier::SlaTarget};
use crate::{
    app::ClockTerms,
    graphql::{
        scalars::{DateTime, Decimal, Duration},
        words::Word,
    },
    store::{SlaLine, SlaSuspension, TicketRecord},
};

/// A clock of a ticket in the API, as it stands at an instant.
#[derive(Clone, Debug)]
pub(crate) struct SlaClock {
    terms: Arc<ClockTerms>,
    record: Arc<TicketRecord>,
    ticket: Arc<Ticket>,
    asked_at: Timestamp,
    shown: Shown,
}

/// What is shown of a clock, its proof apart, which is computed when it is asked for.
#[derive(Clone, Debug)]
struct Shown {
    milestone: Milestone,
    state: ClockState,
    target: SlaTarget,
    started_at: Timestamp,
    due: Option<Timestamp>,
    elapsed: remit_domain::Duration,
    remaining: remit_domain::Duration,
    stopped_at: Option<Timestamp>,
    breached_at: Option<Timestamp>,
}

/// A part of a clock's proof.
#[derive(Clone, Copy, Debug)]
enum Part {
    /// Up to the instant asked about.
    SoFar,
    /// From there to the due time.
    Ahead,
}

impl SlaClock {
    /// The clocks of a ticket as they stand at an instant.
    pub(crate) fn all(
        terms: &Arc<ClockTerms>,
        record: &TicketRecord,
        ticket: &Arc<Ticket>,
        at: Timestamp,
    ) -> Vec<Self> {
        let Some(rules) = terms.rules(record, ticket) else { return Vec::new() };
        let record = Arc::new(record.clone());
        let found = clocks(&rules, ticket, at);
        let shown = found.iter().map(|clock| Shown {
            milestone: clock.milestone,
            state: clock.state,
            target: clock.target.into(),
            started_at: clock.started_at,
            due: clock.due,
            elapsed: clock.elapsed,
            remaining: clock.remaining,
            stopped_at: clock.stopped_at,
            breached_at: clock.breached_at,
        });
        let one = |shown| Self {
            terms: Arc::clone(terms),
            record: Arc::clone(&record),
            ticket: Arc::clone(ticket),
            asked_at: at,
            shown,
        };
        shown.map(one).collect()
    }

    pub(crate) fn milestone(&self) -> Milestone {
        self.shown.milestone
    }

    /// The proof: stretches of the clock, computed anew.
    fn proof(&self, part: Part) -> Vec<ClockSegment> {
        let Some(rules) = self.terms.rules(&self.record, &self.ticket) else { return Vec::new() };
        let found = clocks(&rules, &self.ticket, self.asked_at);
        let own = found.iter().find(|clock| clock.milestone == self.shown.milestone);
        let stretches = own.map(|clock| match part {
            Part::SoFar => clock.segments(),
            Part::Ahead => clock.ahead(),
        });
        stretches.unwrap_or_default().into_iter().map(Into::into).collect()
    }
}

/// A clock of a ticket: how it stands, when it is due, and the proof.
#[Object(crate = "crate::graphql::in_turn")]
impl SlaClock {
    /// What it runs to.
    #[graphql(name = "milestone")]
    async fn milestone_word(&self) -> Word<Milestone> {
        Word(self.shown.milestone)
    }

    /// How it stands.
    async fn state(&self) -> Word<ClockState> {
        Word(self.shown.state)
    }

    /// The target it goes by.
    async fn target(&self) -> &SlaTarget {
        &self.shown.target
    }

    /// The opening of the ticket. A clock on business hours begins to count when they next begin.
    async fn started_at(&self) -> DateTime {
        DateTime(self.shown.started_at)
    }

    /// When it is due. Null while paused: then only `remaining` is known.
    async fn due(&self) -> Option<DateTime> {
        self.shown.due.map(DateTime)
    }

    /// The stretches so far: which counted, which did not, and why. The counted ones add up to `elapsed`, and of a breached
    /// clock those up to `due` to its target.
    async fn segments(&self) -> Vec<ClockSegment> {
        self.proof(Part::SoFar)
    }

    /// The stretches that are left until `due`, if nothing else happens; the counted ones add up to `remaining`, so that
    /// `segments` and these together prove the due time. Empty unless the clock runs or was met.
    async fn ahead(&self) -> Vec<ClockSegment> {
        self.proof(Part::Ahead)
    }

    /// Counted time used so far; time spent waiting is left out where the tier says so.
    async fn elapsed(&self) -> Duration {
        Duration(self.shown.elapsed)
    }

    /// Counted time left; zero once it is used up.
    async fn remaining(&self) -> Duration {
        Duration(self.shown.remaining)
    }

    /// When its milestone came, or it ended without; null: that is still to come.
    async fn stopped_at(&self) -> Option<DateTime> {
        self.shown.stopped_at.map(DateTime)
    }

    /// When it was breached: its due time, or the change of priority that breached it.
    async fn breached_at(&self) -> Option<DateTime> {
        self.shown.breached_at.map(DateTime)
    }
}

/// How the clocks of an agreement's tickets went in a time, by the judgements that lie in it.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::graphql::in_turn")]
pub(crate) struct SlaReport {
    /// The first instant of the time.
    from: DateTime,
    /// The first instant after it.
    to: DateTime,
    /// A line for each priority, milestone and promised share of which there is something to say.
    lines: Vec<SlaReportLine>,
}

impl SlaReport {
    pub(crate) fn new(from: Timestamp, to: Timestamp, lines: impl Iterator<Item = SlaReportLine>) -> Self {
        Self { from: DateTime(from), to: DateTime(to), lines: lines.collect() }
    }
}

/// How the clocks of one priority and milestone went.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::graphql::in_turn")]
pub(crate) struct SlaReportLine {
    /// The priority that they were judged by, or stand under.
    priority: Word<Priority>,
    /// The milestone.
    milestone: Word<Milestone>,
    /// How many clocks the line speaks of: `met`, `breached` and `running` together. A ticket that was reopened and judged
    /// again counts again.
    tickets: i32,
    /// Judged in the time: in time.
    met: i32,
    /// Judged in the time: not in time.
    breached: i32,
    /// Open at the end of the time.
    running: i32,
    /// The share that must meet the target, in percent.
    target_percent: Decimal,
    /// The share of those judged that were met, in percent, to two decimals rounded down. Null: none was judged.
    attainment_percent: Option<Decimal>,
    /// Counted time that waiting took out of these clocks.
    waited: Duration,
    /// Counted time that the client's unmet obligations took out of them.
    suspended: Duration,
    /// How many of them unmet obligations held.
    suspended_tickets: i32,
    /// `suspended` by obligation, in the order of their codes. Of several that held a clock at once, the one that began last.
    suspensions: Vec<ObligationSuspension>,
}

/// What an unmet obligation took out of the clocks of a line (rule S9).
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::graphql::in_turn")]
pub(crate) struct ObligationSuspension {
    /// The obligation's code.
    code: String,
    /// Its clause, in the terms that the clocks go by.
    clause: String,
    /// Its title there.
    title: String,
    /// Counted time that did not count because of it.
    time: Duration,
    /// Of how many of the clocks.
    tickets: i32,
}

fn count(count: u64) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

impl From<&SlaSuspension> for ObligationSuspension {
    fn from(SlaSuspension { by, clocks }: &SlaSuspension) -> Self {
        Self {
            code: by.code.clone(),
            clause: by.clause.clone(),
            title: by.title.clone(),
            time: Duration(by.time),
            tickets: count(*clocks),
        }
    }
}

impl From<&SlaLine> for SlaReportLine {
    fn from(line: &SlaLine) -> Self {
        let attainment = Percent::share(line.met, line.met + line.breached);
        Self {
            priority: Word(line.priority),
            milestone: Word(line.milestone),
            tickets: count(line.met + line.breached + line.running),
            met: count(line.met),
            breached: count(line.breached),
            running: count(line.running),
            target_percent: Decimal(line.target.to_string()),
            attainment_percent: attainment.map(|share| Decimal(share.to_string())),
            waited: Duration(line.waited),
            suspended: Duration(line.suspended),
            suspended_tickets: count(line.held),
            suspensions: line.suspensions.iter().map(Into::into).collect(),
        }
    }
}
