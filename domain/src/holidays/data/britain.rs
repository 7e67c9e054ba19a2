//! United Kingdom: England and Wales have the same days, Scotland and Northern Ireland their own.

use jiff::civil::Weekday::Monday;

use crate::holidays::rule::{
    Country,
    To::NextFree,
    When::{Dates, Easter, Nth, On},
    day,
};

const ENGLAND_WALES_NORTH: &str = "ENG WLS NIR";

/// Bank holidays with the substitute days by statute and proclamation.
pub(super) const UNITED_KINGDOM: Country = Country {
    code: "GB",
    name: "United Kingdom",
    regions: &[("ENG", "England"), ("WLS", "Wales"), ("SCT", "Scotland"), ("NIR", "Northern Ireland")],
    alone: "in all of its countries",
    source: "Banking and Financial Dealings Act 1971, schedule 1, and proclamations under it; gov.uk/bank-holidays",
    checked: "2026-11-24",
    rules: &[
        day("New Year's Day", On(1, 1)).instead(NextFree),
        day("2nd January", On(1, 2)).only("SCT").instead(NextFree),
        day("St Patrick's Day", On(3, 17)).only("NIR").instead(NextFree),
        day("Good Friday", Easter(-2)),
        day("Easter Monday", Easter(1)).only(ENGLAND_WALES_NORTH),
        day("Early May bank holiday", Nth(1, Monday, 5)).except(&[2020]),
        day("Early May bank holiday (VE Day)", Dates(&[(2020, 5, 8)])),
        day("Coronation of King Charles III", Dates(&[(2023, 5, 8)])),
        day("Spring bank holiday", Nth(-1, Monday, 5)).except(&[2012, 2022]),
        day("Spring bank holiday", Dates(&[(2012, 6, 4), (2022, 6, 2)])),
        day("Diamond Jubilee", Dates(&[(2012, 6, 5)])),
        day("Platinum Jubilee", Dates(&[(2022, 6, 3)])),
        day("Scotland at the World Cup", Dates(&[(2026, 6, 15)])).only("SCT"),
        day("Battle of the Boyne", On(7, 12)).only("NIR").instead(NextFree),
        day("Summer bank holiday", Nth(1, Monday, 8)).only("SCT"),
        day("Summer bank holiday", Nth(-1, Monday, 8)).only(ENGLAND_WALES_NORTH),
        day("State Funeral of Queen Elizabeth II", Dates(&[(2022, 9, 19)])),
        day("St Andrew's Day", On(11, 30)).only("SCT").since(2007).instead(NextFree),
        day("Christmas Day", On(12, 25)).instead(NextFree),
        day("Boxing Day", On(12, 26)).instead(NextFree),
    ],
};
