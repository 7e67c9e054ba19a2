//! What is earned, capped and rounded, a case each; and that a year's credits never exceed its cap.

use proptest::prelude::*;
use rust_decimal::Decimal;
use serde_json::json;

use super::{super::*, support::euro};
use crate::{coverage::ReasonCode, decimal::Percent, sla::CreditStep};

fn percent(text: &str) -> Percent {
    text.parse().unwrap()
}

/// From 50 to below 95 earns 5, below 50 earns 10; below 10 nothing is said twice.
fn steps() -> Vec<CreditStep> {
    serde_json::from_value(json!([
        {"from": "50", "below": "95", "credit": "5"},
        {"from": null, "below": "50", "credit": "10"},
        {"from": "96", "below": "98", "credit": "0"},
    ]))
    .unwrap()
}

fn attained(kept: u64, of: u64, steps: &[CreditStep]) -> Option<Earning> {
    Attained { clause: "2.2.1".into(), promise: "P1 response".into(), kept, of, steps }.earning()
}

fn fee(amount: &str) -> Fee {
    Fee { amount: amount.parse().unwrap(), currency: euro(), is_whole: true }
}

#[test]
fn the_deepest_step_that_holds_the_exact_share_counts() {
    let steps = steps();
    for (kept, of, earned) in [
        (95, 100, None),
        (949_999_999, 1_000_000_000, Some("5")),
        (1, 2, Some("5")),
        (499_999_999, 1_000_000_000, Some("10")),
        (0, 1, Some("10")),
        (97, 100, None),
        (0, 0, None),
    ] {
        let found = attained(kept, of, &steps).map(|earning| earning.percent.to_string());
        assert_eq!(found.as_deref(), earned, "{kept} of {of}");
    }
}

#[test]
fn what_is_earned_adds_up_and_is_capped_from_the_inside_out() {
    let steps = steps();
    let (five, ten) = (attained(9, 10, &steps).unwrap(), attained(1, 10, &steps).unwrap());
    let of_service = |most: &str| Some(Cap { percent: percent(most), clause: None, limits: "Those of mail".into() });
    let groups = |own: &[&Earning], of: &[&Earning], cap: Option<Cap>| {
        let of_tier = Earnings { of: own.iter().copied().cloned().collect(), cap: None };
        [of_tier, Earnings { of: of.iter().copied().cloned().collect(), cap }]
    };
    let caps = |most: &[&str]| most.iter().map(|most| Cap::of_month(percent(most))).collect::<Vec<_>>();
    for (groups, caps, earned_percent, capped) in [
        (groups(&[&five, &ten], &[], None), caps(&[]), "15", 0),
        (groups(&[&five, &ten], &[], None), caps(&["15"]), "15", 0),
        (groups(&[&five, &ten], &[], None), caps(&["12", "9"]), "9", 2),
        (groups(&[&five], &[&ten, &ten], of_service("12")), caps(&["20"]), "17", 1),
        (groups(&[&ten], &[&ten, &ten], of_service("12")), caps(&["20"]), "20", 2),
        (groups(&[&ten], &[], None), caps(&["0"]), "0", 1),
    ] {
        let found = earned(&groups, &caps).unwrap();
        let said = found.reasons.iter().filter(|reason| reason.code == ReasonCode::CreditCapped).count();
        assert_eq!((found.percent.normalize().to_string().as_str(), said), (earned_percent, capped));
    }
    assert_eq!(earned(&groups(&[], &[], None), &caps(&["5"])), None);
}

#[test]
fn an_amount_is_rounded_once_away_from_zero_and_stays_within_the_year() {
    let of = |percent: &str| Earned { percent: percent.parse().unwrap(), reasons: Vec::new() };
    let year = |percent_: &str, basis: &str, given| YearCap {
        percent: percent(percent_),
        basis: basis.parse().unwrap(),
        basis_text: "the fees of that year",
        given,
    };
    for (percent, amount, year, minor) in [
        ("5", "702.50", None, -3513),
        ("5", "702.49", None, -3512),
        ("0", "702.50", None, 0),
        ("100", "0.005", None, -1),
        ("5", "702.50", Some(year("10", "1000", 0)), -3513),
        ("5", "702.50", Some(year("10", "1000", 7000)), -3000),
        ("5", "702.50", Some(year("10", "1000", 10_000)), 0),
        ("5", "702.50", Some(year("10", "1000", 20_000)), 0),
        // What is left is rounded down.
        ("5", "702.50", Some(year("1", "100.99", 0)), -100),
    ] {
        let found = credit(of(percent), fee(amount), year.as_ref()).unwrap();
        assert_eq!(found.amount.minor, minor, "{percent} % of {amount} within {year:?}");
    }
    let unknown = Fee { is_whole: false, ..fee("100") };
    let reasons = credit(of("5"), unknown, None).unwrap().reasons;
    assert!(reasons.iter().any(|reason| reason.code == ReasonCode::FeeUnknown));
    assert_eq!(credit(of("100"), Fee { amount: Decimal::MAX, ..fee("0") }, None), None);
}

proptest! {
    /// The credits of a year, one month after another, never exceed its cap, nor the share of the fee by more than half a cent.
    #[test]
    fn a_years_credits_stay_within_its_cap(shares in prop::collection::vec(0_u32..=10_000, 12), fee_minor in 0_i64..1_000_000, most in 0_u64..=100) {
        let amount = Decimal::new(fee_minor, 2);
        let basis = amount * Decimal::from(12);
        let mut given = 0_i64;
        for share in shares {
            let year = YearCap { percent: Percent::from_parts(most * 1_000_000), basis, basis_text: "", given };
            let of = Earned { percent: Decimal::new(i64::from(share), 2), reasons: Vec::new() };
            let found = credit(of, Fee { amount, currency: euro(), is_whole: true }, Some(&year)).unwrap().amount.minor;
            prop_assert!(found <= 0);
            let exact = i128::from(fee_minor) * i128::from(share);
            prop_assert!(i128::from(-found) * 10_000 <= exact + 5_000);
            given -= found;
            let cap = i128::from(fee_minor) * 12 * i128::from(most);
            prop_assert!(i128::from(given) * 100 <= cap, "{given} within {cap}");
        }
    }
}
