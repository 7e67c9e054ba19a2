//! Files as programs write them, and the ways in which a file can be wrong.

use proptest::prelude::*;

use super::*;

const GOOGLE: &str = include_str!("../../tests/calendars/google.ics");
const OUTLOOK: &str = include_str!("../../tests/calendars/outlook.ics");
const EXCHANGE: &str = include_str!("../../tests/calendars/exchange.ics");
const APPLE: &str = include_str!("../../tests/calendars/apple.ics");
const BANK_HOLIDAYS: &str = include_str!("../../tests/calendars/bank-holidays.ics");

fn found(text: &str, zone: &str, taken: Taken) -> Happenings {
    read(text, zone, &(2026..=2030), taken).unwrap()
}

fn days(found: &Happenings) -> Vec<String> {
    found.days.iter().map(|day| format!("{} {}", day.date, day.name)).collect()
}

fn stretches(found: &Happenings) -> Vec<String> {
    found.stretches.iter().map(|(line, s)| format!("{line}: {} {} {}", s.from, s.to, s.name)).collect()
}

/// A file with one event of these lines, the first of which is line 3.
fn event(lines: &str) -> String {
    format!("BEGIN:VCALENDAR\nBEGIN:VEVENT\n{lines}\nEND:VEVENT\nEND:VCALENDAR\n")
}

/// The days of an event with these lines, calendar in London.
fn dates(lines: &str) -> Vec<String> {
    found(&event(lines), "Europe/London", Taken::All).days.iter().map(|day| day.date.to_string()).collect()
}

fn refused(text: &str) -> String {
    read(text, "Europe/London", &(2026..=2030), Taken::All).unwrap_err().to_string()
}

#[test]
fn days_off_kept_in_google_are_taken_and_observances_are_not() {
    let all = found(GOOGLE, "America/New_York", Taken::All);
    let stocktaking = ["2027-01-04", "2027-01-05", "2027-01-06", "2029-01-04", "2029-01-05", "2029-01-06"];
    let mut expected = vec!["2026-12-25 Christmas Day".to_owned()];
    expected.extend(stocktaking.map(|date| format!("{date} Stocktaking, both warehouses")));
    assert_eq!(days(&all), expected);
    assert_eq!(
        all.left_out,
        ["line 21: \"Valentine's Day\" is an observance, not a day off", "line 43: \"Company retreat\" is cancelled"]
    );
    let busy = found(GOOGLE, "America/New_York", Taken::Busy);
    assert_eq!(days(&busy), expected[1..]);
}

#[test]
fn outlooks_zones_are_known_by_their_own_names() {
    let berlin = found(OUTLOOK, "Europe/Berlin", Taken::All);
    assert_eq!(berlin.days.len(), 5);
    assert_eq!(days(&berlin)[4], "2026-12-31 Betriebsferien");
    let at = |year: u16| format!("21: {year}-12-24T12:00:00 {year}-12-24T17:00:00 Heiligabend");
    assert_eq!(stretches(&berlin), [at(2026), at(2027), at(2028)]);
    let new_york = found(OUTLOOK, "America/New_York", Taken::All);
    assert_eq!(stretches(&new_york)[0], "21: 2026-12-24T06:00:00 2026-12-24T11:00:00 Heiligabend");
}

#[test]
fn whole_days_are_whole_days_however_exchange_writes_them() {
    let berlin = found(EXCHANGE, "Europe/Berlin", Taken::All);
    assert_eq!(days(&berlin), ["2027-06-25 Works outing", "2027-10-01 Office moves", "2027-10-02 Office moves"]);
    assert_eq!(stretches(&berlin), [""; 0]);
    // Elsewhere they begin and end within days.
    assert_eq!(found(EXCHANGE, "Europe/London", Taken::All).stretches.len(), 2);
}

#[test]
fn one_time_of_a_repeated_event_is_moved_or_dropped() {
    let london = found(APPLE, "Europe/London", Taken::All);
    let training: Vec<String> = stretches(&london);
    assert_eq!(
        training,
        [
            "15: 2027-01-13T13:00:00 2027-01-13T17:30:00 Training",
            "15: 2027-02-10T13:00:00 2027-02-10T17:30:00 Training",
            "23: 2027-03-17T13:00:00 2027-03-17T17:30:00 Training (moved)",
            "15: 2027-05-12T13:00:00 2027-05-12T17:30:00 Training",
            "15: 2027-06-09T13:00:00 2027-06-09T17:30:00 Training",
        ]
    );
    let name = "Summer shut-down with a name long enough that the program which wrote this file had to fold it";
    assert_eq!(days(&london), ["02", "03", "04"].map(|day| format!("2027-08-{day} {name}")));
}

#[test]
fn bank_holidays_of_a_government_are_read() {
    let expected = ["2026-12-25 Christmas Day", "2026-12-28 Boxing Day", "2027-01-01 New Year’s Day"];
    assert_eq!(days(&found(BANK_HOLIDAYS, "Europe/London", Taken::All)), expected);
    let marked = format!("\u{feff}{}", BANK_HOLIDAYS.replace("\r\n", "\r"));
    assert_eq!(days(&found(&marked, "Europe/London", Taken::All)), expected);
}

#[test]
fn events_repeat_as_rfc_5545_says() {
    let day = |rule: &str| dates(&format!("DTSTART;VALUE=DATE:20261224\n{rule}"));
    assert_eq!(day(""), ["2026-12-24"]);
    assert_eq!(day("DTEND;VALUE=DATE:20261224"), ["2026-12-24"]);
    assert_eq!(day("DURATION:P2D"), ["2026-12-24", "2026-12-25"]);
    assert_eq!(day("RRULE:FREQ=YEARLY"), ["2026", "2027", "2028", "2029", "2030"].map(|y| format!("{y}-12-24")));
    assert_eq!(day("RRULE:FREQ=YEARLY;COUNT=2"), ["2026-12-24", "2027-12-24"]);
    assert_eq!(day("RRULE:FREQ=YEARLY;UNTIL=20271224"), ["2026-12-24", "2027-12-24"]);
    assert_eq!(day("RRULE:FREQ=YEARLY;UNTIL=20271223T235959Z"), ["2026-12-24"]);
    assert_eq!(day("RRULE:FREQ=YEARLY;COUNT=2\nRDATE;VALUE=DATE:20300101"), ["2026-12-24", "2027-12-24", "2030-01-01"]);
    // Some programs write the time at which an excepted day begins.
    assert_eq!(day("RRULE:FREQ=YEARLY;COUNT=2\nEXDATE:20271224T000000"), ["2026-12-24"]);
    let last_friday = dates("DTSTART;VALUE=DATE:20270129\nRRULE:FREQ=MONTHLY;BYDAY=-1FR;COUNT=3");
    assert_eq!(last_friday, ["2027-01-29", "2027-02-26", "2027-03-26"]);
    // It began long before.
    assert_eq!(dates("DTSTART;VALUE=DATE:19990501\nRRULE:FREQ=YEARLY").len(), 5);
    // The shut-down reaches into the first of the years.
    assert_eq!(dates("DTSTART;VALUE=DATE:20251230\nDTEND;VALUE=DATE:20260103"), ["2026-01-01", "2026-01-02"]);
    assert_eq!(dates("DTSTART;VALUE=DATE:20240229\nRRULE:FREQ=YEARLY"), ["2028-02-29"]);
}

#[test]
fn nine_oclock_stays_nine_oclock_when_the_clocks_change() {
    let text = event(
        "SUMMARY:Shift\nDTSTART;TZID=Europe/London:20270327T090000\nDTEND;TZID=Europe/London:20270327T100000\nRRULE:FREQ=DAILY;UNTIL=20270328T080000Z",
    );
    let two = stretches(&found(&text, "Europe/London", Taken::All));
    assert_eq!(
        two,
        ["2: 2027-03-27T09:00:00 2027-03-27T10:00:00 Shift", "2: 2027-03-28T09:00:00 2027-03-28T10:00:00 Shift"]
    );
}

#[test]
fn what_is_shown_as_free_and_lasts_part_of_a_day_is_left_out() {
    let text = event("SUMMARY:Lunch\nTRANSP:TRANSPARENT\nDTSTART:20270327T120000\nDTEND:20270327T130000");
    let found = found(&text, "Europe/London", Taken::All);
    assert_eq!((found.stretches.len(), found.left_out), (0, vec!["line 2: \"Lunch\" is shown as free".to_owned()]));
}

#[test]
fn a_wrong_file_is_refused_with_the_line() {
    let cases = [
        ("", "line 1: the file is empty"),
        ("Date,Name\n2026-12-25,Christmas", "line 1: \"Date,Name\" is no line of an iCalendar file, NAME:value"),
        ("BEGIN:VCARD\nEND:VCARD", "line 1: a file begins with BEGIN:VCALENDAR"),
        ("SUMMARY:x", "line 1: this is no iCalendar file: it begins with BEGIN:VCALENDAR"),
        ("BEGIN:VCALENDAR\nBEGIN:VEVENT\n", "line 1: what begins here does not end: the file breaks off"),
        ("BEGIN:VCALENDAR\nEND:VEVENT", "line 2: what began on line 1 is VCALENDAR"),
        ("BEGIN:VCALENDAR\nEND:VCALENDAR\nEND:VCALENDAR", "line 3: nothing has begun that could end"),
    ];
    for (text, expected) in cases {
        assert_eq!(refused(text), expected);
    }
    let in_event = [
        ("SUMMARY:x", "line 2: the event has no DTSTART"),
        ("DTSTART;VALUE=DATE:20260230", "line 3: \"20260230\" is no date such as 20261224 or 20261224T120000"),
        ("DTSTART:20261224T250000", "line 3: \"20261224T250000\" is no date such as 20261224 or 20261224T120000"),
        ("DTSTART:2026-12-24", "line 3: \"2026-12-24\" is no date such as 20261224 or 20261224T120000"),
        (
            "DTSTART;TZID=Mars/Olympus:20261224T120000",
            "line 3: TZID \"Mars/Olympus\" is no IANA time zone such as Europe/Berlin; put one in its place",
        ),
        ("DTSTART;VALUE=DATE:20261224\nDTEND;VALUE=DATE:20261223", "line 4: it ends before it begins"),
        (
            "DTSTART;VALUE=DATE:20261224\nDTEND:20261225T000000",
            "line 4: DTSTART and DTEND must both be dates or both be times",
        ),
        ("DTSTART;VALUE=DATE:20261224\nDURATION:1 day", "line 4: \"1 day\" is no duration such as P1D or PT4H"),
        ("DTSTART;VALUE=DATE:20261224\nDURATION:-P1D", "line 4: \"-P1D\" is no duration such as P1D or PT4H"),
        ("DTSTART;VALUE=DATE:20261224\nRRULE:FREQ=HOURLY", "line 4: it repeats within a day"),
        ("DTSTART;VALUE=DATE:20261224\nRRULE:FREQ=YEARLY;COUNT=0", "line 4: COUNT=0 repeats nothing"),
        ("DTSTART;VALUE=DATE:20261224\nRRULE:FREQ=YEARLY;INTERVAL=0", "line 4: INTERVAL=0 repeats nothing"),
        ("DTSTART;VALUE=DATE:20261224\nDTSTART;VALUE=DATE:20261225", "line 4: a second DTSTART in one event"),
        (
            "DTSTART;VALUE=DATE:20261224\nEXRULE:FREQ=YEARLY",
            "line 4: EXRULE is no longer part of iCalendar: say the dates by EXDATE",
        ),
        (
            "DTSTART;VALUE=DATE:20261224\nRDATE;VALUE=PERIOD:20261224T120000/PT1H",
            "line 4: periods are not read: give dates",
        ),
    ];
    for (lines, expected) in in_event {
        assert_eq!(refused(&event(lines)), expected, "{lines}");
    }
    assert!(refused(&event("DTSTART;VALUE=DATE:20261224\nRRULE:FREQ=SOMETIMES")).starts_with("line 4: "));
    assert!(refused(&event("DTSTART;VALUE=DATE:20261224\nRRULE:FREQ=YEARLY;BYDAY=2äSU")).starts_with("line 4: "));
    let long = format!("DTSTART;VALUE=DATE:20261224\nSUMMARY:{}", "x".repeat(201));
    assert_eq!(refused(&event(&long)), "line 4: SUMMARY has 201 characters, at most 200 are taken");
}

proptest! {
    /// Whatever is read, it is read or refused.
    #[test]
    fn no_file_stops_the_reader(cut in 0_usize..900, byte in any::<u8>(), rule in "FREQ=(YEARLY|MONTHLY|WEEKLY|DAILY)(;COUNT=[0-9]{1,3})?(;INTERVAL=[0-9]{1,3})?(;BY(DAY|MONTH|MONTHDAY|SETPOS|WEEKNO|YEARDAY)=-?[0-9]{1,3}(MO|SU)?)?(;UNTIL=20[23][0-9]0101)?") {
        for text in [GOOGLE, OUTLOOK, APPLE] {
            let mut bytes = text.as_bytes().to_vec();
            let place = cut % bytes.len();
            bytes[place] = byte;
            drop(read(&String::from_utf8_lossy(&bytes), "Europe/London", &(2026..=2030), Taken::All));
            bytes.truncate(place);
            drop(read(&String::from_utf8_lossy(&bytes), "Europe/London", &(2026..=2030), Taken::All));
        }
        drop(read(&event(&format!("DTSTART;VALUE=DATE:20261224\nRRULE:{rule}")), "Europe/London", &(2026..=2027), Taken::All));
    }

    /// A name survives being escaped and folded anywhere.
    #[test]
    fn folding_and_escaping_lose_nothing(name in "[a-zäß,;\\\\:'\"]{1,40}( [a-z]{1,20}){0,5}", width in 1_usize..40) {
        let escaped = name.replace('\\', "\\\\").replace(',', "\\,").replace(';', "\\;");
        let letters: Vec<char> = format!("SUMMARY:{escaped}").chars().collect();
        // The name of the line itself is not folded by any program.
        let (head, tail) = letters.split_at(8.min(letters.len()));
        let folded: Vec<String> = tail.chunks(width).map(|part| part.iter().collect()).collect();
        let line = format!("{}{}", head.iter().collect::<String>(), folded.join("\r\n "));
        let found = found(&event(&format!("DTSTART;VALUE=DATE:20261224\n{line}")), "Europe/London", Taken::All);
        prop_assert_eq!(&found.days[0].name, &name);
    }
}
