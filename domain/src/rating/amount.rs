//! Amounts that add up (R5).

use super::{Price, Prices, RatingError, Segment};
use crate::money::Rate;

/// Microseconds of an hour.
const HOUR: i128 = 3_600_000_000;

/// Prices the segments of one aggregate: of those at one rate the running total is rounded, and each gets the difference.
pub(super) fn price(prices: Prices<'_>, members: &[usize], segments: &mut [Segment]) -> Result<(), RatingError> {
    let mut running: Vec<(Rate, i128, i64)> = Vec::new();
    let mut called_out: Vec<usize> = Vec::new();
    for place in members {
        let Some(segment) = segments.get_mut(*place) else { continue };
        let offered = segment.price != Price::Nothing || segment.kind.is_none();
        let rule = segment.rule.filter(|rule| offered && !called_out.contains(rule));
        if let Some((place, fee)) = rule.and_then(|place| Some((place, prices.policy.rates.get(place)?.call_out?))) {
            called_out.push(place);
            segment.minor = segment.minor.checked_add(fee.minor).ok_or(RatingError::TooLarge)?;
        }
        let Price::At(rate) = segment.price else { continue };
        let charged = i128::from(segment.rounded.minus(segment.included).micros());
        let known = running.iter().position(|(of, ..)| *of == rate);
        let at = known.unwrap_or(running.len());
        if known.is_none() {
            running.push((rate, 0, 0));
        }
        let Some((_, time, total)) = running.get_mut(at) else { continue };
        *time += charged;
        let rounded = minor_units(rate, *time)?;
        segment.minor = segment.minor.checked_add(rounded - *total).ok_or(RatingError::TooLarge)?;
        *total = rounded;
    }
    Ok(())
}

/// What so many microseconds at a rate come to, rounded half-up to the currency's minor unit.
fn minor_units(rate: Rate, micros: i128) -> Result<i64, RatingError> {
    let amount = rate.amount();
    let (digits, scale) = (u32::from(rate.currency().minor_digits()), amount.scale());
    let power = |exponent: u32| 10_i128.checked_pow(exponent).ok_or(RatingError::TooLarge);
    let exact = micros.checked_mul(amount.mantissa()).ok_or(RatingError::TooLarge)?;
    let exact = exact.checked_mul(power(digits.saturating_sub(scale))?).ok_or(RatingError::TooLarge)?;
    let unit = HOUR.checked_mul(power(scale.saturating_sub(digits))?).ok_or(RatingError::TooLarge)?;
    let whole = exact / unit;
    let half_up = if (exact % unit) * 2 >= unit { whole + 1 } else { whole };
    i64::try_from(half_up).map_err(|_| RatingError::TooLarge)
}
