//! United States and Ireland.

use jiff::civil::Weekday::{Monday, Thursday};

use crate::holidays::rule::{
    Country,
    To::NearestWeekday,
    When::{Dates, Easter, FirstFridayOrMonday, Nth, On},
    day,
};

/// The days on which federal offices are closed. States have their own.
pub(super) const UNITED_STATES: Country = Country {
    code: "US",
    name: "United States",
    regions: &[],
    alone: "federal holidays",
    source: "5 U.S.C. § 6103; Executive Order 11582 (days observed); opm.gov, Federal Holidays",
    checked: "2026-11-24",
    rules: &[
        day("New Year's Day", On(1, 1)).instead(NearestWeekday),
        day("Birthday of Martin Luther King, Jr.", Nth(3, Monday, 1)),
        day("Washington's Birthday (Presidents' Day)", Nth(3, Monday, 2)),
        day("Memorial Day", Nth(-1, Monday, 5)),
        day("Juneteenth", On(6, 19)).since(2021).instead(NearestWeekday),
        day("Independence Day", On(7, 4)).instead(NearestWeekday),
        day("Labor Day", Nth(1, Monday, 9)),
        day("Columbus Day", Nth(2, Monday, 10)),
        day("Veterans Day", On(11, 11)).instead(NearestWeekday),
        day("Thanksgiving Day", Nth(4, Thursday, 11)),
        day("Christmas Day", On(12, 25)).instead(NearestWeekday),
    ],
};

/// Nothing is moved: a holiday on a weekend gives a day's leave or pay, and which day is for the employer to say.
pub(super) const IRELAND: Country = Country {
    code: "IE",
    name: "Ireland",
    regions: &[],
    alone: "",
    source: "Organisation of Working Time Act 1997, second schedule; S.I. 50/2022 and S.I. 26/2022",
    checked: "2026-11-24",
    rules: &[
        day("New Year's Day", On(1, 1)),
        day("Saint Brigid's Day", FirstFridayOrMonday(2)).since(2023),
        day("Saint Patrick's Day", On(3, 17)),
        day("Day of Remembrance and Recognition", Dates(&[(2022, 3, 18)])),
        day("Easter Monday", Easter(1)),
        day("May bank holiday", Nth(1, Monday, 5)),
        day("June bank holiday", Nth(1, Monday, 6)),
        day("August bank holiday", Nth(1, Monday, 8)),
        day("October bank holiday", Nth(-1, Monday, 10)),
        day("Christmas Day", On(12, 25)),
        day("Saint Stephen's Day", On(12, 26)),
    ],
};
