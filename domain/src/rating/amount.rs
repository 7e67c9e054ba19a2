//! Amounts that add up (R5).

use super::{Price, Segment, Unpriced, Work};
use crate::{money::Rate, time::Duration, words::ChargeKind};

/// Microseconds of an hour.
const HOUR: i128 = 3_600_000_000;

/// Prices aggregates, one after another.
#[derive(Debug, Default)]
pub(super) struct Pricer {
    running: Vec<Running>,
    called_out: Vec<usize>,
}

/// What was charged so far at one rate, in microseconds, and the rounded total.
#[derive(Debug)]
struct Running {
    rate: Rate,
    time: i128,
    total: i64,
}

impl Pricer {
    /// Prices the segments of one aggregate: of those at one rate the running total is rounded, and each gets the
    /// difference. A rule's call-out fee comes once, with its first segment.
    pub(super) fn price(&mut self, works: &[Work<'_>], members: &[usize], segments: &mut [Segment]) {
        self.running.clear();
        self.called_out.clear();
        for place in members {
            let Some(segment) = segments.get_mut(*place) else { continue };
            let Some(work) = works.get(segment.work) else { continue };
            self.call_out(work, segment);
            let Price::At(rate) = segment.price else { continue };
            match self.charge(rate, segment) {
                Some(minor) => segment.minor = segment.minor.saturating_add(minor),
                None => segment.unpriced = Some(Unpriced::TooLarge),
            }
        }
    }

    /// What a segment adds to the rounded total at its rate; none when that is beyond what money can hold.
    fn charge(&mut self, rate: Rate, segment: &Segment) -> Option<i64> {
        let charged = i128::from(segment.rounded.minus(segment.included).micros());
        let known = self.running.iter().position(|running| running.rate == rate);
        let at = known.unwrap_or(self.running.len());
        if known.is_none() {
            self.running.push(Running { rate, time: 0, total: 0 });
        }
        let running = self.running.get_mut(at)?;
        let rounded = minor_units(rate, running.time.checked_add(charged)?)?;
        let minor = rounded - running.total;
        running.time += charged;
        running.total = rounded;
        Some(minor)
    }

    /// Adds a call-out fee; nothing is due for what is not offered or not charged by the entry's own word.
    fn call_out(&mut self, work: &Work<'_>, segment: &mut Segment) {
        let due = match segment.price {
            Price::At(_) => true,
            Price::Nothing => segment.kind.is_none(),
            Price::Waived(_) => false,
        };
        let Some(rule) = segment.rule.filter(|_| due) else { return };
        let fee = work.prices.policy.rates.get(rule).and_then(|rule| rule.call_out);
        let Some(fee) = fee.filter(|_| !self.called_out.contains(&rule)) else { return };
        self.called_out.push(rule);
        segment.call_out = fee.minor;
        segment.minor = segment.minor.saturating_add(fee.minor);
        if fee.minor != 0 {
            segment.kind = segment.kind.or(Some(ChargeKind::ExtraHours));
        }
    }
}

/// What time of zero or more at a rate comes to, rounded half-up to the currency's minor unit; none: it is beyond what money
/// can hold.
#[must_use]
pub fn amount_of(rate: Rate, time: Duration) -> Option<i64> {
    minor_units(rate, i128::from(time.micros()))
}

/// What so many microseconds at a rate come to, rounded half-up to the currency's minor unit.
fn minor_units(rate: Rate, micros: i128) -> Option<i64> {
    let amount = rate.amount();
    let (digits, scale) = (u32::from(rate.currency().minor_digits()), amount.scale());
    let power = |exponent: u32| 10_i128.checked_pow(exponent);
    let exact = micros.checked_mul(amount.mantissa())?.checked_mul(power(digits.saturating_sub(scale))?)?;
    let unit = HOUR.checked_mul(power(scale.saturating_sub(digits))?)?;
    // Nearly all amounts fit into 64 bits, where dividing is several times faster.
    let (whole, rest) = match (u64::try_from(exact), u64::try_from(unit)) {
        (Ok(exact), Ok(unit)) => (i128::from(exact / unit), i128::from(exact % unit)),
        _ => (exact / unit, exact % unit),
    };
    let half_up = if rest * 2 >= unit { whole + 1 } else { whole };
    i64::try_from(half_up).ok()
}
