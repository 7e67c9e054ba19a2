//! Cards of rates: what work costs outside the usual hours.

use serde_json::{Value, json};

use super::{
    Document, WORKDAYS, accept, ask, business, enter, estimate, findings, rate, rate_of, some_targets, weekly, with,
};
use crate::support::both;

/// A rule that multiplies the role's rate.
fn times(multiplier: &str, more: Value) -> Value {
    with(json!({"treatment": "MULTIPLIER", "multiplier": multiplier}), more)
}

fn hourly(amount: &str, currency: &str, more: Value) -> Value {
    with(json!({"treatment": "HOURLY", "hourly": {"amount": amount, "currency": currency}}), more)
}

/// Prices of one role.
fn priced(role: &str, amount: &str, currency: &str, rates: &[Value], more: Value) -> Value {
    with(json!({"roles": [{"role": role, "hourly": {"amount": amount, "currency": currency}}], "rates": rates}), more)
}

both! {
    async fn pcservices_leaves_holidays_and_crossing_jobs_open_and_readiness_says_so(remit: Remit) {
        let mut document = Document::of("ratecards", "cards", "pcservices-za");
        let admin = remit.admin("acme");
        document.says("tz", json!("Africa/Johannesburg"));
        let calendar = json!({"timeZone": "Africa/Johannesburg", "weekly": weekly(&WORKDAYS, "08:00", "17:00"), "exceptions": [{"date": "2026-12-16", "name": "Day of Reconciliation"}]});
        document.says("minimum_hours_by_multiplier", json!({"1.5": 1.0, "2": 1.5}));
        let mut rates = Vec::new();
        for (days, named, opens, closes, stated, multiplier) in [
            ("Mon-Fri", &WORKDAYS[..], "00:00", "07:00", json!(2), "2"), ("Mon-Fri", &WORKDAYS, "07:00", "08:00", json!(1.5), "1.5"), ("Mon-Fri", &WORKDAYS, "08:00", "17:00", json!(1), "1"),
            ("Mon-Fri", &WORKDAYS, "17:00", "20:00", json!(1.5), "1.5"), ("Mon-Fri", &WORKDAYS, "20:00", "24:00", json!(2), "2"),
            ("Sat", &["SATURDAY"], "00:00", "09:00", json!(2), "2"), ("Sat", &["SATURDAY"], "09:00", "15:00", json!(1.5), "1.5"), ("Sat", &["SATURDAY"], "15:00", "24:00", json!(2), "2"),
            ("Sun", &["SUNDAY"], "00:00", "24:00", json!(2), "2"),
        ] {
            document.says(&format!("bands.{}", rates.len()), json!({"days": days, "from": opens, "to": closes, "m": stated}));
            let minimum = match multiplier { "1.5" => json!("PT1H"), "2" => json!("PT1H30M"), _ => Value::Null };
            rates.push(times(multiplier, json!({"hoursClass": ["BUSINESS", "AFTER_HOURS", "WEEKEND"], "during": weekly(named, opens, closes), "minimum": minimum})));
        }
        let policy = |rates: &[Value], minima: &str| priced("consultant", "800.00", "ZAR", rates, json!({"rounding": {"minima": minima}}));
        enter(&admin, "ZAR", calendar, some_targets(), &[("extraHours", policy(&rates, "EACH"))]).await;
        document.says("unspecified.0", json!("holidays"));
        assert_eq!(admin.denied("offerTerms", json!({"agreement": {"code": "DOC"}})).await, ["NOT_READY extraHours.rates"]);
        // Nor does the document speak of increments, or of a minimum at the plain rate: found, and the usual applies.
        document.says("unspecified.1", json!("billing increment"));
        document.says("unspecified.2", json!("job crossing two bands: which minimum applies"));
        assert_eq!(findings(&admin).await, ["NO_END", "HOURS_CLASS_UNPRICED", "MINIMA_STACK", "ROUNDING_LEFT_OPEN", "ROUNDING_LEFT_OPEN"]);
        rates.push(times("2", json!({"hoursClass": ["HOLIDAY"]})));
        admin.done("draftTerms", json!({"agreement": {"code": "DOC"}, "extraHours": policy(&rates, "EACH")}), "").await;
        accept(&admin).await;
        let psa = remit.user("acme", "coverage:read");
        for (at, expected) in [
            ("2026-11-23T04:59:59Z", "1600.00"), ("2026-11-23T05:00:00Z", "1200.00"), ("2026-11-23T06:00:00Z", "800.00"), ("2026-11-23T14:59:59Z", "800.00"),
            ("2026-11-23T15:00:00Z", "1200.00"), ("2026-11-23T18:00:00Z", "1600.00"), ("2026-11-23T21:59:59Z", "1600.00"),
            ("2026-11-28T06:59:59Z", "1600.00"), ("2026-11-28T07:00:00Z", "1200.00"), ("2026-11-28T13:00:00Z", "1600.00"), ("2026-11-29T10:00:00Z", "1600.00"),
            ("2026-12-16T10:00:00Z", "1600.00"),
        ] {
            assert_eq!(rate(&psa, at, None).await, expected, "{at}");
        }
        // Half an hour before eight in the evening and half an hour after it: the minimum of each, or the larger one.
        let crossing = json!({"at": "2026-11-23T17:30:00Z", "work": "PT1H"});
        assert_eq!(estimate(&psa, crossing.clone()).await, ("3600.00".into(), vec!["PT1H".into(), "PT1H30M".into()]));
        admin.done("draftTerms", json!({"agreement": {"code": "DOC"}, "effectiveFrom": "2026-06-01", "extraHours": policy(&rates, "LARGEST")}), "").await;
        accept(&admin).await;
        assert_eq!(estimate(&psa, crossing).await, ("3000.00".into(), vec!["PT30M".into(), "PT1H30M".into()]));
        document.nothing_else();
    }

    async fn hamilton_contradicts_itself_and_the_order_of_rules_decides(remit: Remit) {
        let mut document = Document::of("ratecards", "cards", "hamilton-us");
        let admin = remit.admin("acme");
        document.says("holidays", json!(["01-01", "last Mon May", "07-04", "1st Mon Sep", "4th Thu Nov", "12-25"]));
        // No observed shift is stated: Independence Day 2026 is the Saturday it falls on.
        document.says("unspecified", json!(["minimum", "increment", "holiday observed shift"]));
        let holidays: Vec<Value> = ["2026-01-01", "2026-05-25", "2026-07-04", "2026-09-07", "2026-11-26", "2026-12-25"].iter().map(|date| json!({"date": date, "name": "Holiday"})).collect();
        let calendar = json!({"timeZone": "America/New_York", "weekly": weekly(&WORKDAYS, "08:00", "17:00"), "exceptions": holidays});
        document.says("applies_to", json!("unscheduled or emergency work"));
        let rule = |multiplier: &str, during: Vec<Value>| times(multiplier, json!({"during": during, "workKind": ["unscheduled", "emergency"]}));
        document.says("bands.0", json!({"days": "Mon-Fri", "from": "08:00", "to": "17:00", "m": 1}));
        document.says("bands.1", json!({"days": "Mon-Thu (and weekday)", "from": "17:00", "to": "20:00", "m": 1.5}));
        document.says("bands.2", json!({"days": "weekday nights", "from": "20:00", "to": "08:00", "m": 2}));
        document.says("bands.3", json!({"span": "Fri 17:00 -> Mon 08:00", "m": 2}));
        document.says("bands.4", json!({"holidays": true, "m": 2}));
        let holiday = times("2", json!({"hoursClass": ["HOLIDAY"]}));
        let weekend: Vec<Value> = [weekly(&["FRIDAY"], "17:00", "24:00"), weekly(&["SATURDAY", "SUNDAY"], "00:00", "24:00"), weekly(&["MONDAY"], "00:00", "08:00")].concat();
        let (office, evening, night) = (weekly(&WORKDAYS, "08:00", "17:00"), weekly(&WORKDAYS, "17:00", "20:00"), weekly(&WORKDAYS, "20:00", "08:00"));
        let policy = |rates: &[Value]| priced("technician", "100", "USD", rates, json!({}));
        let span_first = policy(&[holiday.clone(), rule("2", weekend.clone()), rule("1", office.clone()), rule("1.5", evening.clone()), rule("2", night.clone())]);
        let evening_first = policy(&[holiday, rule("1", office), rule("1.5", evening), rule("2", weekend), rule("2", night)]);
        document.says("conflict", json!("Friday 17:00-20:00 matches both 'weekday 5-8pm 1.5x' and 'Fri 5pm-Mon 8am 2x': precedence needed"));
        enter(&admin, "USD", calendar, some_targets(), &[("extraHours", span_first)]).await;
        // Of what planned work costs there is no word either, at any time but on holidays.
        assert_eq!(findings(&admin).await, ["NO_END", "RATE_RULES_OVERLAP", "ROUNDING_LEFT_OPEN", "ROUNDING_LEFT_OPEN", "WORK_UNPRICED", "WORK_UNPRICED", "WORK_UNPRICED"]);
        accept(&admin).await;
        let psa = remit.user("acme", "coverage:read");
        for (at, expected) in [
            ("2026-11-23T22:00:00Z", "150.00"), ("2026-11-24T01:00:00Z", "200.00"), ("2026-11-24T12:59:59Z", "200.00"), ("2026-11-24T13:00:00Z", "100.00"),
            // Friday evening is both; the rule above decides.
            ("2026-11-20T22:30:00Z", "200.00"), ("2026-11-23T12:59:59Z", "200.00"), ("2026-11-26T15:00:00Z", "200.00"),
        ] {
            assert_eq!(rate(&psa, at, Some("emergency")).await, expected, "{at}");
        }
        // What planned work costs is not said, and not guessed.
        assert_eq!(rate(&psa, "2026-11-24T13:00:00Z", Some("planned")).await, "not offered");
        let amend = json!({"agreement": {"code": "DOC"}, "effectiveFrom": "2026-06-01", "extraHours": evening_first});
        admin.done("draftTerms", amend, "").await;
        accept(&admin).await;
        assert_eq!(rate(&psa, "2026-11-20T22:30:00Z", Some("unscheduled")).await, "150.00");
        assert_eq!(rate(&psa, "2026-05-29T21:30:00Z", Some("unscheduled")).await, "200.00");
        document.nothing_else();
    }

    async fn coopsys_prices_kinds_of_work_and_leaves_a_minute_out(remit: Remit) {
        let mut document = Document::of("ratecards", "cards", "coopsys");
        let admin = remit.admin("acme");
        document.says("bands.0", json!({"days": "Mon-Fri", "from": "08:30", "to": "17:30", "work": "helpdesk|remote|onsite", "incl": true}));
        document.says("bands.1", json!({"days": "all", "from": "00:00", "to": "24:00", "work": "business critical outage", "incl": true}));
        document.says("bands.2", json!({"days": "all", "from": "00:00", "to": "24:00", "work": "monitoring", "incl": true}));
        document.says("bands.3", json!({"days": "Mon-Fri", "from": "17:31", "to": "22:00", "work": "non-critical remote", "m": 1}));
        document.says("bands.4", json!({"days": "Mon-Fri", "from": "17:31", "to": "21:00", "work": "non-critical onsite", "m": 1, "minimum_hours": 2}));
        document.says("bands.5", json!({"otherwise": true, "work": "non-critical remote", "m": 1.25}));
        document.says("bands.6", json!({"otherwise": true, "work": "non-critical onsite", "m": 1.5}));
        document.says("bands.7", json!({"work": "project desktop labour, business hours", "m": 0.8}));
        document.says("gap", json!("17:30-17:31 belongs to no band as written"));
        let included = |kinds: &[&str], during: Value| json!({"treatment": "IN_FEE", "workKind": kinds, "during": during});
        let rates = |evening: &str| [
            included(&["helpdesk", "remote", "onsite"], json!(weekly(&WORKDAYS, "08:30", "17:30"))),
            included(&["business critical outage", "monitoring"], json!([])),
            times("1", json!({"workKind": ["non-critical remote"], "during": weekly(&WORKDAYS, evening, "22:00")})),
            times("1", json!({"workKind": ["non-critical onsite"], "during": weekly(&WORKDAYS, evening, "21:00"), "minimum": "PT2H"})),
            times("1.25", json!({"workKind": ["non-critical remote"]})),
            times("1.5", json!({"workKind": ["non-critical onsite"]})),
            times("0.8", json!({"workKind": ["project desktop labour"], "hoursClass": ["BUSINESS"]})),
        ];
        let calendar = json!({"timeZone": "America/New_York", "weekly": weekly(&WORKDAYS, "08:30", "17:30")});
        // What an hour costs the card does not say, and a multiple of nothing is found.
        enter(&admin, "USD", calendar, some_targets(), &[("extraHours", json!({"roles": [], "rates": rates("17:31")}))]).await;
        let open = ["ROUNDING_LEFT_OPEN"; 2].into_iter().chain(["WORK_UNPRICED"; 4]);
        let found = |others: &[&'static str]| ["NO_END"].iter().chain(others).copied().chain(open.clone()).collect::<Vec<_>>();
        assert_eq!(findings(&admin).await, found(&["ROLE_WITHOUT_RATE", "ROLE_WITHOUT_RATE", "ROLE_WITHOUT_RATE", "ROLE_WITHOUT_RATE", "ROLE_WITHOUT_RATE", "RATE_RULES_GAP"]));
        let priced = |evening: &str| json!({"agreement": {"code": "DOC"}, "extraHours": priced("technician", "100", "USD", &rates(evening), json!({}))});
        admin.done("draftTerms", priced("17:30"), "").await;
        assert_eq!(findings(&admin).await, found(&[]));
        admin.done("draftTerms", priced("17:31"), "").await;
        assert_eq!(findings(&admin).await, found(&["RATE_RULES_GAP"]));
        accept(&admin).await;
        let psa = remit.user("acme", "coverage:read");
        for (at, kind, expected) in [
            ("2026-11-23T22:29:59Z", "remote", "covered, then -"), ("2026-11-23T22:30:00Z", "remote", "not offered"), ("2026-11-29T03:00:00Z", "monitoring", "covered, then -"),
            // The minute that is left out falls to what is otherwise.
            ("2026-11-23T22:30:30Z", "non-critical remote", "125.00"), ("2026-11-23T22:31:00Z", "non-critical remote", "100.00"), ("2026-11-24T03:00:00Z", "non-critical remote", "125.00"),
            ("2026-11-24T01:59:59Z", "non-critical onsite", "100.00"), ("2026-11-24T02:00:00Z", "non-critical onsite", "150.00"), ("2026-11-28T15:00:00Z", "non-critical onsite", "150.00"),
            ("2026-11-23T15:00:00Z", "project desktop labour", "80.00"), ("2026-11-23T23:00:00Z", "project desktop labour", "not offered"), ("2026-11-29T03:00:00Z", "business critical outage", "covered, then -"),
        ] {
            assert_eq!(rate(&psa, at, Some(kind)).await, expected, "{at} {kind}");
        }
        let short = json!({"at": "2026-11-23T23:00:00Z", "workKind": "non-critical onsite", "work": "PT30M"});
        assert_eq!(estimate(&psa, short).await, ("200.00".into(), vec!["PT2H".into()]));
        document.nothing_else();
    }

    async fn linuxbox_has_three_tiers_and_no_word_of_evenings(remit: Remit) {
        let mut document = Document::of("ratecards", "cards", "linuxbox-tiers");
        let admin = remit.admin("acme");
        document.says("tiers.SLA", json!({"business": 0.9, "weekend": "1.5 then less 10%", "holiday": "2 then less 10%", "minimum_min": 15, "increment_min": 5, "condition": "weekend/holiday only for 24x7 SLA"}));
        document.says("tiers.Retainer", json!({"business": 1, "weekend": 1.5, "holiday": "not available", "minimum_min": 30, "increment_min": 15}));
        document.says("tiers.Incidental", json!({"business": 1, "weekend": 2, "holiday": "not available", "minimum_min": 60, "increment_min": 30}));
        document.refused("discount_waived_if", json!("scheduled way in advance"), "how long in advance is not said, and which of the discounts is meant neither");
        let policy = |[business, weekend, holiday]: [Option<&str>; 3], minimum: &str, increment: &str, evenings: bool| {
            let rule = |class: &str, multiplier: Option<&str>| match multiplier {
                Some(multiplier) => times(multiplier, json!({"hoursClass": [class]})),
                None => json!({"treatment": "NOT_OFFERED", "hoursClass": [class]}),
            };
            let mut rates = vec![rule("BUSINESS", business), rule("WEEKEND", weekend), rule("HOLIDAY", holiday)];
            rates.extend(evenings.then(|| rule("AFTER_HOURS", None)));
            priced("engineer", "100", "USD", &rates, json!({"rounding": {"minimum": minimum, "increment": increment}}))
        };
        let holidays = [2022, 2023, 2024, 2025].map(|year| json!({"date": format!("{year}-07-04"), "name": "Independence Day"}));
        let calendar = json!({"timeZone": "America/Detroit", "weekly": weekly(&WORKDAYS, "09:00", "17:00"), "exceptions": holidays});
        let around_the_clock = [Some("0.9"), Some("1.35"), Some("1.8")];
        enter(&admin, "USD", calendar, some_targets(), &[("extraHours", policy(around_the_clock, "PT15M", "PT5M", false))]).await;
        assert_eq!(findings(&admin).await, ["NO_END", "HOURS_CLASS_UNPRICED"]);
        // One version a tier, so that each can be asked about in its year: business hours, Saturday, the holiday, and ten minutes.
        let psa = remit.user("acme", "coverage:read");
        for (year, prices, minimum, increment, expected, least) in [
            (2022, around_the_clock, "PT15M", "PT5M", ["90.00", "135.00", "180.00"], "22.50"),
            (2023, [Some("0.9"), None, None], "PT15M", "PT5M", ["90.00", "not offered", "not offered"], "22.50"),
            (2024, [Some("1"), Some("1.5"), None], "PT30M", "PT15M", ["100.00", "150.00", "not offered"], "50.00"),
            (2025, [Some("1"), Some("2"), None], "PT1H", "PT30M", ["100.00", "200.00", "not offered"], "100.00"),
        ] {
            let terms = json!({"agreement": {"code": "DOC"}, "effectiveFrom": format!("{year}-01-01"), "extraHours": policy(prices, minimum, increment, true)});
            admin.done("draftTerms", terms, "").await;
            accept(&admin).await;
            let saturday = match year { 2022 => 4, 2023 => 3, 2024 => 1, _ => 7 };
            let instants = [format!("{year}-06-15T15:00:00Z"), format!("{year}-06-{saturday:02}T15:00:00Z"), format!("{year}-07-04T15:00:00Z")];
            let instants = if matches!(year, 2024 | 2025) { [format!("{year}-06-12T15:00:00Z"), instants[1].clone(), instants[2].clone()] } else { instants };
            for (at, expected) in instants.iter().zip(expected) {
                assert_eq!(rate(&psa, at, None).await, expected, "{at}");
            }
            assert_eq!(estimate(&psa, json!({"at": instants[0], "work": "PT10M"})).await.0, least, "{year}");
        }
        document.nothing_else();
    }

    async fn internetsoftwaresolutions_prices_levels_and_days_on_site(remit: Remit) {
        let mut document = Document::of("ratecards", "cards", "internetsoftwaresolutions");
        let admin = remit.admin("acme");
        document.says("currency", json!("USD"));
        document.says("level1_business", json!(0));
        document.says("level2", json!(100));
        document.says("after_hours", json!(200));
        document.says("holiday_or_holiday_weekend", json!(500));
        document.says("minimum_hours", json!(1));
        document.says("onsite.rate", json!(100));
        document.says("onsite.minimum_hours_per_day", json!(8));
        document.refused("onsite.over_8h", json!(200), "a rule of price does not know how long the same day's work has been already");
        document.says("waived_if", json!("24/7 priority support"));
        let rates = [
            hourly("100", "USD", json!({"workKind": ["onsite"], "minimum": "PT8H"})),
            hourly("500", "USD", json!({"hoursClass": ["HOLIDAY"]})),
            hourly("200", "USD", json!({"hoursClass": ["AFTER_HOURS", "WEEKEND"]})),
            json!({"treatment": "IN_FEE", "role": ["level 1"]}),
            hourly("100", "USD", json!({"role": ["level 2"]})),
        ];
        let policy = json!({"roles": [], "rates": rates, "rounding": {"aggregate": "TECHNICIAN_DAY", "minimum": "PT1H"}});
        // A holiday weekend is a weekend whose days are holidays.
        let exceptions = ["2026-11-26", "2026-11-27", "2026-11-28", "2026-11-29"].map(|date| json!({"date": date, "name": "Thanksgiving"}));
        let calendar = json!({"timeZone": "America/New_York", "weekly": weekly(&WORKDAYS, "09:00", "17:00"), "exceptions": exceptions});
        enter(&admin, "USD", calendar, some_targets(), &[("extraHours", policy)]).await;
        assert_eq!(findings(&admin).await, ["NO_END", "MINIMA_STACK", "ROUNDING_LEFT_OPEN"]);
        accept(&admin).await;
        let psa = remit.user("acme", "coverage:read");
        for (at, role, expected) in [
            ("2026-11-23T15:00:00Z", "level 1", "covered, then -"), ("2026-11-23T15:00:00Z", "level 2", "100.00"), ("2026-11-23T23:00:00Z", "level 1", "200.00"),
            ("2026-11-21T15:00:00Z", "level 2", "200.00"), ("2026-11-28T15:00:00Z", "level 1", "500.00"), ("2026-11-26T15:00:00Z", "level 2", "500.00"),
        ] {
            assert_eq!(rate_of(&psa, json!({"at": at, "role": role})).await, expected, "{at} {role}");
        }
        let work = |length: &str, more: Value| with(json!({"at": "2026-11-23T15:00:00Z", "role": "level 2", "work": length}), more);
        assert_eq!(estimate(&psa, work("PT20M", json!({}))).await.0, "100.00");
        assert_eq!(estimate(&psa, work("PT3H", json!({"workKind": "onsite"}))).await, ("800.00".into(), vec!["PT8H".into()]));
        // Who pays for priority support around the clock pays nothing more.
        let waived = json!({"agreement": {"code": "DOC"}, "effectiveFrom": "2026-06-01", "extraHours": {"roles": [], "rates": [{"treatment": "IN_FEE"}]}});
        admin.done("draftTerms", waived, "").await;
        accept(&admin).await;
        assert_eq!(rate(&psa, "2026-11-28T15:00:00Z", None).await, "covered, then -");
        document.nothing_else();
    }

    async fn sicap_pays_telephone_hours_in_office_hours_alone(remit: Remit) {
        let mut document = Document::of("ratecards", "cards", "sicap-eurotel-2000");
        let admin = remit.admin("acme");
        document.says("currency", json!("CHF"));
        document.says("bands.0", json!({"days": "Mon-Fri excl Swiss holidays", "from": "08:00", "to": "18:00", "rate": 235.0}));
        document.says("bands.1", json!({"otherwise": true, "rate": 352.5}));
        document.says("allowance", json!("20 telephone hours a month, office hours only, no accumulation"));
        document.says("note", json!("1.5x exactly; half-day holiday: 24 and 31 Dec after 12:00"));
        let half = json!([{"opens": "08:00", "closes": "12:00"}]);
        let exceptions = json!([{"date": "2026-08-01", "name": "Bundesfeier"}, {"date": "2026-12-25", "name": "Weihnachten"},
            {"date": "2026-12-24", "name": "Heiligabend", "periods": half}, {"date": "2026-12-31", "name": "Silvester", "periods": half}]);
        let calendar = json!({"timeZone": "Europe/Zurich", "weekly": weekly(&WORKDAYS, "08:00", "18:00"), "exceptions": exceptions});
        let rates = [hourly("235.00", "CHF", json!({"hoursClass": ["BUSINESS"]})), hourly("352.50", "CHF", json!({"hoursClass": ["AFTER_HOURS", "WEEKEND", "HOLIDAY"]}))];
        let policy = json!({"roles": [], "rates": rates, "included": {"perPeriod": "PT20H", "draws": [{"hoursClass": ["BUSINESS"], "workKind": ["telephone"]}], "rolloverPeriods": 0}});
        enter(&admin, "CHF", calendar, json!([business("P1", "RESPONSE", "PT4H"), business("P2", "RESPONSE", "PT4H"), business("P3", "RESPONSE", "PT4H"), business("P4", "RESPONSE", "PT4H")]), &[("extraHours", policy)]).await;
        accept(&admin).await;
        let psa = remit.user("acme", "coverage:read");
        for (at, work, expected) in [
            ("2026-11-23T06:59:59Z", None, "352.50"), ("2026-11-23T07:00:00Z", None, "235.00"),
            ("2026-11-23T16:59:59Z", None, "235.00"), ("2026-11-23T17:00:00Z", None, "352.50"),
            // Half-days end at noon; a holiday is dear all day.
            ("2026-12-24T10:59:59Z", None, "235.00"), ("2026-12-24T11:00:00Z", None, "352.50"), ("2026-12-25T09:00:00Z", None, "352.50"),
            ("2026-11-23T07:00:00Z", Some("telephone"), "covered, then 235.00"), ("2026-11-23T17:00:00Z", Some("telephone"), "352.50"),
        ] {
            assert_eq!(rate(&psa, at, work).await, expected, "{at} {work:?}");
        }
        // Two hours across the end of the office day: one of the twenty, one paid for. Beyond twenty the rest costs the day's rate.
        assert_eq!(estimate(&psa, json!({"at": "2026-11-23T16:00:00Z", "work": "PT2H", "workKind": "telephone"})).await, ("352.50".into(), vec!["PT0S".into(), "PT1H".into()]));
        let long = ask(&psa, json!({"at": "2026-11-23T07:00:00Z", "work": "PT58H", "workKind": "telephone"}), "estimate { segments { included } }").await;
        let included: Vec<&str> = long["estimate"]["segments"].as_array().unwrap().iter().filter_map(|s| s["included"].as_str()).filter(|time| *time != "PT0S").collect();
        assert_eq!(included, ["PT10H", "PT10H"]);
        document.nothing_else();
    }
}
