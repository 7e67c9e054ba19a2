//! What happens when a term ends.

use std::num::NonZeroU32;

use async_graphql::InputObject;
use remit_domain::{
    lifecycle::{Notice, Renewal},
    words::RenewalKind,
};

use super::{DAYS_MAX, number, optional};
use crate::{app::Problems, graphql::words::Word};

/// The most months of anything: a hundred years.
pub(super) const MONTHS_MAX: i32 = 1_200;

/// What happens when a term ends.
#[derive(Debug, InputObject)]
pub(crate) struct RenewalInput {
    /// Whether another term begins by itself.
    #[graphql(default_with = "Word(RenewalKind::Automatic)")]
    kind: Word<RenewalKind>,
    /// Months of each further term.
    months: i32,
    /// Months of the first term, counted from `effectiveFrom`; instead of `effectiveUntil`.
    first_term_months: Option<i32>,
    /// How many months before the end somebody has to say that there is to be none.
    #[graphql(default = 0)]
    notice_months: i32,
    /// Days, on top of the months.
    #[graphql(default = 0)]
    notice_days: i32,
}

impl RenewalInput {
    pub(super) fn read(self, p: &mut Problems) -> Option<Renewal> {
        let months = number(p, "months", self.months, 1, MONTHS_MAX).and_then(NonZeroU32::new);
        let first = optional(self.first_term_months, |months| {
            number(p, "firstTermMonths", months, 1, MONTHS_MAX).and_then(NonZeroU32::new)
        });
        let notice_months = number(p, "noticeMonths", self.notice_months, 0, MONTHS_MAX);
        let notice_days = number(p, "noticeDays", self.notice_days, 0, DAYS_MAX);
        Some(Renewal {
            kind: self.kind.0,
            months: months?,
            first_term_months: first?,
            notice: Notice { months: notice_months?, days: notice_days? },
        })
    }
}
