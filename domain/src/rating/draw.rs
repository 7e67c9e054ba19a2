//! Included hours cover work that draws them (R4).

use super::{Price, Segment, Work, draw_rule};
use crate::{
    decimal::{Factor, PARTS_OF_ONE},
    terms::ExtraHours,
    time::Duration,
    words::ChargeKind,
};

/// Draws from a pool in the order of the segments.
///
/// The pool is counted in millionths of a microsecond, in which an hour drawn at any factor is a whole number: nothing
/// drifts. Time covered is whole microseconds, rounded down.
pub(super) fn draw(policy: &ExtraHours, works: &[Work<'_>], pool: Duration, segments: &mut [Segment]) {
    let Some(included) = &policy.included else { return };
    let mut left = i128::from(pool.micros()) * i128::from(PARTS_OF_ONE);
    for segment in segments.iter_mut().filter(|segment| segment.price != Price::Nothing) {
        let Some(work) = works.get(segment.work).filter(|work| !work.outside_the_fee) else { continue };
        if segment.kind != Some(ChargeKind::ExtraHours) {
            continue;
        }
        let Some(rule) = draw_rule(&included.draws, segment.class, work) else { continue };
        segment.included = covered(left, rule.factor).min(segment.rounded);
        left -= drawn(segment.included, rule.factor);
        segment.kind = Some(ChargeKind::Overage);
        if let Some(rate) = included.overage_hourly {
            segment.price = Price::At(rate);
        }
    }
}

/// The longest time that what is left covers.
fn covered(left: i128, factor: Factor) -> Duration {
    let micros = left.checked_div(i128::from(factor.parts())).unwrap_or(0);
    Duration::from_micros(i64::try_from(micros).unwrap_or(i64::MAX))
}

fn drawn(time: Duration, factor: Factor) -> i128 {
    i128::from(time.micros()) * i128::from(factor.parts())
}
