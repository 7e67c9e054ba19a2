//! What was proclaimed and printed elsewhere, as tables; and what holds of every country.

mod choices;
mod tables;

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::{DayOff, Days, Region, data, rule::easter};

fn region(code: &str) -> Region {
    code.parse().unwrap()
}

/// The holidays of a year, `01-01 New Year's Day`.
fn year(code: &str, year: i16, days: Days) -> Vec<String> {
    let spelled = |h: DayOff| format!("{:02}-{:02} {}", h.date.month(), h.date.day(), h);
    region(code).holidays(year..=year, days, &[]).into_iter().map(spelled).collect()
}

#[test]
fn a_region_is_found_by_its_code_in_any_case_and_nothing_else_is() {
    assert_eq!(region("de-by").to_string(), "DE-BY");
    assert_eq!(region("DE-BY").name(), "Bavaria");
    assert_eq!(region("DE").name(), "Germany (in every state)");
    assert_eq!(region("AT").name(), "Austria");
    let refused = |text: &str| text.parse::<Region>().unwrap_err().to_string();
    assert_eq!(
        refused("GB-EAW"),
        "no public holidays are known of \"GB-EAW\"; there are GB, GB-ENG, GB-WLS, GB-SCT, GB-NIR"
    );
    assert!(refused("XX").ends_with("there are AT, AU, CA, CH, DE, FR, GB, IE, NL, NZ, US, ZA"), "{}", refused("XX"));
    for text in ["", "-", "DE-", "DE--BY", "DE-BY-", "Germany"] {
        refused(text);
    }
}

#[test]
fn every_region_that_a_rule_names_is_there_and_every_country_says_where_it_has_its_days_from() {
    for country in data::COUNTRIES {
        let regions: BTreeSet<&str> = country.regions.iter().map(|(code, _)| *code).collect();
        for rule in country.rules {
            let unknown: Vec<&str> = rule.regions().filter(|named| !regions.contains(named)).collect();
            assert!(unknown.is_empty(), "{} {}: {unknown:?}", country.code, rule.name);
        }
        assert!(!country.source.is_empty() && country.checked.parse::<jiff::civil::Date>().is_ok(), "{}", country.code);
        assert_eq!(country.regions.is_empty(), country.alone.is_empty() || country.code == "US", "{}", country.code);
    }
    let codes: Vec<&str> = data::COUNTRIES.iter().map(|country| country.code).collect();
    assert!(codes.is_sorted(), "{codes:?}");
}

#[test]
fn local_days_are_taken_by_name_only() {
    let bavaria = region("DE-BY");
    assert_eq!(bavaria.local(), ["Augsburger Friedensfest", "Mariä Himmelfahrt"]);
    let count = |with: &[&str]| bavaria.holidays(2026..=2026, Days::Observed, with).len();
    assert_eq!((count(&[]), count(&["Mariä Himmelfahrt"]), count(&["No such day"])), (12, 13, 12));
}

proptest! {
    #[test]
    fn a_span_of_years_is_its_years(code in 0..Region::all().len(), from in 1990_i16..2060, length in 0_i16..6) {
        let region = Region::all()[code];
        for days in [Days::Observed, Days::Actual, Days::Both] {
            let whole = region.holidays(from..=from + length, days, &[]);
            let parts: Vec<DayOff> = (from..=from + length).flat_map(|y| region.holidays(y..=y, days, &[])).collect();
            prop_assert_eq!(&whole, &parts);
            prop_assert!(whole.is_sorted_by_key(|day| day.date));
        }
    }

    #[test]
    fn both_are_the_actual_and_the_observed(code in 0..Region::all().len(), year in 1990_i16..2060) {
        let region = Region::all()[code];
        let dates = |days| region.holidays(year..=year, days, &[]).into_iter().map(|h| h.date).collect::<BTreeSet<_>>();
        let union: BTreeSet<_> = dates(Days::Observed).union(&dates(Days::Actual)).copied().collect();
        prop_assert_eq!(dates(Days::Both), union);
    }

    #[test]
    fn easter_is_a_sunday_between_its_bounds(year in 1583_i16..=2399) {
        let date = easter(year).unwrap();
        prop_assert_eq!(date.weekday(), jiff::civil::Weekday::Sunday);
        prop_assert!((3, 22) <= (date.month(), date.day()) && (date.month(), date.day()) <= (4, 25));
    }
}
