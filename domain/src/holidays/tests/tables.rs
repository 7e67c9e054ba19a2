//! Known hard cases, one line each: region, year, what must be among the days off, what must not.

use super::{Days, easter, year};

/// Region, year, dates that are days off as observed, dates that are not.
const OBSERVED: &[(&str, i16, &str, &str)] = &[
    // Juneteenth is federal from 2021; the first was a Saturday, kept on Friday.
    ("US", 2020, "07-03", "06-19"),
    ("US", 2021, "06-18 07-05 12-24 12-31", "06-19 07-04 12-25"),
    // New Year's Day of 2022 was kept in 2021.
    ("US", 2022, "01-17 06-20 12-26", "01-01 01-03 06-19"),
    ("US", 2026, "01-01 01-19 02-16 05-25 06-19 07-03 09-07 10-12 11-11 11-26 12-25", "07-04"),
    // VE Day, the jubilee, the funeral and the coronation.
    ("GB-ENG", 2020, "05-08 12-28", "05-04 12-26"),
    ("GB-ENG", 2022, "01-03 06-02 06-03 09-19 12-26 12-27", "05-30 12-25 01-01"),
    ("GB-WLS", 2023, "01-02 05-01 05-08 05-29", "01-01"),
    // Christmas on Saturday, on Sunday, on Friday.
    ("GB-ENG", 2021, "12-27 12-28", "12-25 12-26"),
    ("GB-ENG", 2027, "12-27 12-28", "12-25 12-26"),
    ("GB-ENG", 2026, "12-25 12-28", "12-26"),
    ("GB-SCT", 2022, "01-03 01-04 08-01 11-30", "04-18 08-29"),
    ("GB-SCT", 2023, "01-02 01-03", "01-01"),
    ("GB-NIR", 2025, "03-17 07-14", "07-12"),
    ("IE", 2022, "03-17 03-18", "02-07"),
    ("IE", 2023, "02-06", "02-01"),
    ("IE", 2030, "02-01", "02-04"),
    // Reformation Day was everywhere in 2017, and in four more states from 2018.
    ("DE", 2017, "10-31", "11-01"),
    ("DE-BY", 2017, "10-31 11-01", ""),
    ("DE-BY", 2018, "11-01", "10-31"),
    ("DE-HH", 2016, "", "10-31"),
    ("DE-HH", 2018, "10-31", ""),
    ("DE-BE", 2018, "", "03-08"),
    ("DE-BE", 2025, "03-08 05-08", "06-17"),
    ("DE-BE", 2028, "06-17", "05-08"),
    ("DE-SN", 2022, "11-16", ""),
    ("DE-SN", 2024, "11-20", ""),
    ("DE-BB", 2026, "04-05 05-24", ""),
    ("DE-MV", 2022, "", "03-08"),
    ("DE-MV", 2023, "03-08", ""),
    ("AT", 2026, "01-06 10-26 12-08", "04-03"),
    ("CH-GL", 2026, "04-09", "04-02"),
    ("CH-NE", 2023, "01-02", "12-26"),
    ("CH-AR", 2023, "", "12-26"),
    ("CH-GE", 2026, "09-10 12-31", "12-26"),
    ("FR", 2024, "05-08 05-09", "03-29 12-26"),
    ("FR-67", 2024, "03-29 12-26", ""),
    ("NL", 2025, "04-26 05-05", "04-27 04-18"),
    ("NL", 2026, "04-27", "05-05"),
    // Sunday to Monday in South Africa; the Sunday stays, and nothing is pushed on to Tuesday but by proclamation.
    ("ZA", 2023, "01-01 01-02 09-24 09-25 12-15", "03-22"),
    ("ZA", 2022, "12-25 12-26 12-27 05-01 05-02", "12-28"),
    ("ZA", 2033, "12-25 12-26", "12-27"),
    ("ZA", 2024, "05-29 06-16 06-17", ""),
    // The Monday nearest above 24 May, and Canada Day on a Sunday.
    ("CA", 2026, "05-18 09-30", ""),
    ("CA-QC", 2029, "06-25 07-02", "06-24 07-01"),
    ("CA-ON", 2026, "02-16 12-28", "09-30 11-11"),
    ("CA-BC", 2018, "02-12", "02-19"),
    ("AU-NSW", 2026, "01-26 04-25 04-27 12-28", ""),
    ("AU-VIC", 2020, "10-23 11-03", "09-25"),
    ("AU-WA", 2021, "04-25 04-26", ""),
    ("AU-ACT", 2025, "06-02 01-27", "01-26"),
    ("AU", 2022, "09-22", ""),
    // Matariki, and what is mondayised.
    ("NZ", 2021, "02-06 02-08 12-27 12-28", "06-24"),
    ("NZ", 2022, "06-24 09-26 01-03 01-04", ""),
    ("NZ", 2023, "07-14 01-02 01-03", "06-24"),
    ("NZ", 2026, "07-10", ""),
    ("NZ-CAN", 2026, "11-13", ""),
    ("NZ-AUK", 2026, "01-26", ""),
];

#[test]
fn hard_cases_fall_where_they_were_proclaimed() {
    for (region, of, off, on) in OBSERVED {
        let days = year(region, *of, Days::Observed);
        let has = |date: &&str| days.iter().any(|day| day.starts_with(date));
        let missing: Vec<&str> = off.split_whitespace().filter(|date| !has(date)).collect();
        let extra: Vec<&str> = on.split_whitespace().filter(has).collect();
        assert!(
            missing.is_empty() && extra.is_empty(),
            "{region} {of}: missing {missing:?}, extra {extra:?}\n{days:#?}"
        );
    }
}

#[test]
fn easter_falls_on_its_extremes() {
    // The earliest and latest of the years that Remit keeps, and the moons that a naive rule gets wrong.
    let known = ["1913-03-23", "1943-04-25", "1954-04-18", "1981-04-19", "2008-03-23", "2011-04-24", "2019-04-21"];
    let later = ["2026-04-05", "2035-03-25", "2038-04-25", "2049-04-18", "2076-04-19", "2285-03-22"];
    for text in known.into_iter().chain(later) {
        let date: jiff::civil::Date = text.parse().unwrap();
        assert_eq!(easter(date.year()), Some(date));
    }
}

#[test]
fn a_name_says_that_a_day_stands_in_for_another() {
    assert_eq!(
        year("GB-ENG", 2021, Days::Both)[6..],
        ["12-25 Christmas Day", "12-26 Boxing Day", "12-27 Christmas Day (observed)", "12-28 Boxing Day (observed)"]
    );
    assert_eq!(year("GB-ENG", 2021, Days::Actual)[6..], ["12-25 Christmas Day", "12-26 Boxing Day"]);
    assert_eq!(
        year("ZA", 2022, Days::Observed)[11..],
        ["12-25 Christmas Day", "12-26 Day of Goodwill", "12-27 Public holiday by proclamation"]
    );
    assert_eq!(year("DE", 2008, Days::Observed)[3..5], ["05-01 Tag der Arbeit", "05-01 Christi Himmelfahrt"]);
}
