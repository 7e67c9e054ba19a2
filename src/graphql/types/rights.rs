//! When broken promises allow a party to end an agreement.

use async_graphql::SimpleObject;

use super::promises::TerminationTrigger;
use crate::{
    app,
    graphql::scalars::{Date, Decimal},
};

/// How a termination trigger stands at an instant.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::graphql::in_turn")]
pub(crate) struct TerminationRight {
    /// The trigger.
    trigger: TerminationTrigger,
    /// Whether its party may end the agreement by it: enough of `months` are bad.
    allowed: bool,
    /// If so, the first day without the agreement if notice is given at that instant.
    earliest: Option<Date>,
    /// The months that it looks at, oldest first: the last ones that are over, at most `trigger.withinPeriods`.
    months: Vec<TriggerMonth>,
}

/// A month that a termination trigger looks at.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::graphql::in_turn")]
pub(crate) struct TriggerMonth {
    /// Its first day.
    first_day: Date,
    /// Its last day.
    last_day: Date,
    /// What was measured, in percent, rounded down to six digits after the point: of availabilities the least. Null: nothing is
    /// known, and that is not bad.
    measured_percent: Option<Decimal>,
    /// Whether it is below what the trigger asks for, compared exact.
    bad: bool,
}

impl From<&app::TerminationRight> for TerminationRight {
    fn from(right: &app::TerminationRight) -> Self {
        let month = |(month, reached, bad): &(_, Option<remit_domain::share::Share>, bool)| {
            let month: &remit_domain::billing::Month = month;
            TriggerMonth {
                first_day: Date(month.first()),
                last_day: Date(month.last()),
                measured_percent: reached.map(|share| Decimal(share.percent().to_string())),
                bad: *bad,
            }
        };
        Self {
            trigger: (right.place, &right.trigger).into(),
            allowed: right.earliest.is_some(),
            earliest: right.earliest.map(Date),
            months: right.months.iter().map(month).collect(),
        }
    }
}
