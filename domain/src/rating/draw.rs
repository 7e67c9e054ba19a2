//! Included hours cover work that draws them (R4).

use super::{Draw, HourPool, Price, Segment, Work, match_rule::draw_rule};
use crate::{time::Duration, words::ChargeKind};

/// Draws from a pool in the order of the segments. What draws and is not covered is OVERAGE, at its rate if it has one.
pub(super) fn draw(works: &[Work<'_>], pool: &mut HourPool<'_>, segments: &mut [Segment]) -> Vec<Draw> {
    let mut draws = Vec::new();
    let Some(rules) = pool.draws else { return draws };
    for (place, segment) in segments.iter_mut().enumerate() {
        if !segment.costs() || segment.outside || segment.kind != Some(ChargeKind::ExtraHours) {
            continue;
        }
        let Some(work) = works.get(segment.work) else { continue };
        let Some(rule) = draw_rule(rules, segment.class, work) else { continue };
        let put_down = |lot, time| draws.push(Draw { segment: place, lot, time });
        segment.included = pool.cover(segment.from, segment.rounded, rule.factor, put_down);
        if segment.rounded.minus(segment.included) > Duration::ZERO {
            segment.kind = Some(ChargeKind::Overage);
        }
        let overage = work.prices.policy.included.as_ref().and_then(|included| included.overage_hourly);
        if let Some(rate) = overage {
            segment.price = Price::At(rate);
        }
    }
    draws
}
