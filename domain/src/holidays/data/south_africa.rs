//! South Africa.

use crate::holidays::rule::{
    Country,
    To::MondayAfterSunday,
    When::{Dates, Easter, On},
    day,
};

/// A holiday on a Sunday stays one, and Monday is one too; two in a row do not push on to Tuesday unless proclaimed.
pub(super) const SOUTH_AFRICA: Country = Country {
    code: "ZA",
    name: "South Africa",
    regions: &[],
    alone: "",
    source: "Public Holidays Act 36 of 1994, sections 1, 2 and 2A with schedule 1; gov.za, Public holidays",
    checked: "2026-11-24",
    rules: &[
        day("New Year's Day", On(1, 1)).also(MondayAfterSunday),
        day("Human Rights Day", On(3, 21)).also(MondayAfterSunday),
        day("Good Friday", Easter(-2)),
        day("Family Day", Easter(1)),
        day("Freedom Day", On(4, 27)).also(MondayAfterSunday),
        day("Workers' Day", On(5, 1)).also(MondayAfterSunday),
        day("Youth Day", On(6, 16)).also(MondayAfterSunday),
        day("National Women's Day", On(8, 9)).also(MondayAfterSunday),
        day("Heritage Day", On(9, 24)).also(MondayAfterSunday),
        day("Day of Reconciliation", On(12, 16)).also(MondayAfterSunday),
        day("Christmas Day", On(12, 25)),
        day("Day of Goodwill", On(12, 26)).also(MondayAfterSunday),
        day("National elections", Dates(&[(2019, 5, 8), (2024, 5, 29)])),
        day("Local government elections", Dates(&[(2016, 8, 3), (2021, 11, 1), (2026, 11, 4)])),
        day("Public holiday by proclamation", Dates(&[(2016, 12, 27), (2022, 12, 27), (2023, 12, 15)])),
    ],
};
