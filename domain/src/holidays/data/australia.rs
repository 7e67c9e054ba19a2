//! Australia: seven days everywhere, the rest by state and territory.

use jiff::civil::Weekday::{Monday, Tuesday};

use crate::holidays::rule::{
    Country,
    To::{Monday as ToMonday, MondayAfterSunday, NextFree},
    When::{Dates, Easter, From, Nth, On},
    day,
};

/// A holiday on a weekend stays one, and a weekday is added, save Australia Day, which is moved. Evenings of which a
/// part is a holiday are left out.
pub(super) const AUSTRALIA: Country = Country {
    code: "AU",
    name: "Australia",
    regions: &[
        ("ACT", "Australian Capital Territory"),
        ("NSW", "New South Wales"),
        ("NT", "Northern Territory"),
        ("QLD", "Queensland"),
        ("SA", "South Australia"),
        ("TAS", "Tasmania"),
        ("VIC", "Victoria"),
        ("WA", "Western Australia"),
    ],
    alone: "in every state and territory",
    source: "The public holidays acts of the states and territories; fairwork.gov.au, Public holidays",
    checked: "2026-11-24",
    rules: &[
        day("New Year's Day", On(1, 1)).also(ToMonday),
        day("Australia Day", On(1, 26)).instead(ToMonday),
        day("Labour Day", Nth(1, Monday, 3)).only("WA"),
        day("Labour Day", Nth(2, Monday, 3)).only("VIC"),
        day("Canberra Day", Nth(2, Monday, 3)).only("ACT"),
        day("Adelaide Cup Day", Nth(2, Monday, 3)).only("SA"),
        day("Eight Hours Day", Nth(2, Monday, 3)).only("TAS"),
        day("Good Friday", Easter(-2)),
        day("Easter Saturday", Easter(-1)).only("ACT NSW NT QLD SA VIC"),
        day("Easter Sunday", Easter(0)).only("NSW"),
        day("Easter Sunday", Easter(0)).only("ACT VIC").since(2016),
        day("Easter Sunday", Easter(0)).only("QLD").since(2017),
        day("Easter Sunday", Easter(0)).only("WA").since(2022),
        day("Easter Sunday", Easter(0)).only("NT SA").since(2024),
        day("Easter Sunday", Easter(0)).only("TAS").since(2027),
        day("Easter Monday", Easter(1)),
        day("Anzac Day", On(4, 25)).only("* NSW TAS VIC"),
        day("Anzac Day", On(4, 25)).only("ACT NT QLD SA").also(MondayAfterSunday),
        day("Anzac Day", On(4, 25)).only("WA").also(ToMonday),
        day("Anzac Day (additional)", Dates(&[(2026, 4, 27), (2027, 4, 26)])).only("NSW"),
        day("Anzac Day (additional)", Dates(&[(2020, 4, 27), (2026, 4, 27)])).only("ACT"),
        day("May Day", Nth(1, Monday, 5)).only("NT"),
        day("Labour Day", Nth(1, Monday, 5)).only("QLD").since(2016),
        day("Reconciliation Day", From(Monday, 5, 27)).only("ACT").since(2018),
        day("Western Australia Day", Nth(1, Monday, 6)).only("WA"),
        day("Queen's Birthday", Nth(2, Monday, 6)).only("ACT NSW NT SA TAS VIC").until(2022),
        day("King's Birthday", Nth(2, Monday, 6)).only("ACT NSW NT SA TAS VIC").since(2023),
        day("Queen's Birthday", Dates(&[(2015, 6, 8)])).only("QLD"),
        day("Picnic Day", Nth(1, Monday, 8)).only("NT"),
        day("Royal Queensland Show", Dates(BRISBANE_SHOW)).only("QLD").local(),
        day("National Day of Mourning", Dates(&[(2022, 9, 22)])),
        day("King's Birthday", Dates(WESTERN_BIRTHDAY)).only("WA"),
        day("Family and Community Day", Dates(&[(2015, 9, 28), (2016, 9, 26), (2017, 9, 25)])).only("ACT"),
        day("Friday before the AFL Grand Final", Dates(GRAND_FINAL)).only("VIC"),
        day("Queen's Birthday", Nth(1, Monday, 10)).only("QLD").since(2016).until(2022),
        day("King's Birthday", Nth(1, Monday, 10)).only("QLD").since(2023),
        day("Labour Day", Nth(1, Monday, 10)).only("ACT NSW SA"),
        day("Labour Day", Nth(1, Monday, 10)).only("QLD").since(2013).until(2015),
        day("Melbourne Cup", Nth(1, Tuesday, 11)).only("VIC"),
        day("Christmas Day", On(12, 25)).also(NextFree),
        day("Boxing Day", On(12, 26)).only("* ACT NSW NT QLD TAS VIC WA").also(NextFree),
        day("Proclamation Day", On(12, 26)).only("SA").also(NextFree),
    ],
};

/// Set each year by the Governor; the Queen's Birthday until 2022.
const WESTERN_BIRTHDAY: &[(i16, i8, i8)] = &[
    (2015, 9, 28),
    (2016, 9, 26),
    (2017, 9, 25),
    (2018, 9, 24),
    (2019, 9, 30),
    (2020, 9, 28),
    (2021, 9, 27),
    (2022, 9, 26),
    (2023, 9, 25),
    (2024, 9, 23),
    (2025, 9, 29),
    (2026, 9, 28),
    (2027, 9, 27),
];

/// Set each year by the government of Victoria.
const GRAND_FINAL: &[(i16, i8, i8)] = &[
    (2015, 10, 2),
    (2016, 9, 30),
    (2017, 9, 29),
    (2018, 9, 28),
    (2019, 9, 27),
    (2020, 10, 23),
    (2021, 9, 24),
    (2022, 9, 23),
    (2023, 9, 29),
    (2024, 9, 27),
    (2025, 9, 26),
    (2026, 9, 25),
];

/// In Brisbane; other shires have show days of their own.
const BRISBANE_SHOW: &[(i16, i8, i8)] = &[
    (2015, 8, 12),
    (2016, 8, 10),
    (2017, 8, 16),
    (2018, 8, 15),
    (2019, 8, 14),
    (2020, 8, 14),
    (2021, 10, 29),
    (2022, 8, 10),
    (2023, 8, 16),
    (2024, 8, 14),
    (2025, 8, 13),
    (2026, 8, 12),
];
