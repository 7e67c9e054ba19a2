//! Response and resolution times.

use serde_json::{Value, json};

use super::{
    Document, WORKDAYS, accept, always, ask, business, days, due, due_of, enter, findings, rate, reads, weekly,
};
use crate::support::both;

both! {
    async fn sicap_answers_emergencies_around_the_clock_and_in_stages(remit: Remit) {
        let mut document = Document::of("sla_shapes", "response", "sicap");
        let admin = remit.admin("acme");
        document.says("calendar", json!("Mon-Fri 08:00-18:00 CH holidays"));
        let half = json!([{"opens": "08:00", "closes": "12:00"}]);
        let exceptions = json!([{"date": "2026-08-01", "name": "Bundesfeier"}, {"date": "2026-12-25", "name": "Weihnachten"},
            {"date": "2026-12-24", "name": "Heiligabend", "periods": half}]);
        let calendar = json!({"timeZone": "Europe/Zurich", "weekly": weekly(&WORKDAYS, "08:00", "18:00"), "exceptions": exceptions});
        document.says("targets.emergency", json!("4 h 24x7"));
        document.says("targets.high", json!("4 h in working hours"));
        document.says("targets.medium", json!("next working day"));
        document.says("targets.low", json!("day after next working day"));
        // Each stage begins when the one before it ends, so they are due after 4, 14 and 24 hours.
        document.says("staged_emergency.0", json!("+4h response"));
        document.says("staged_emergency.1", json!("+10h problem detected"));
        document.says("staged_emergency.2", json!("+10h solved"));
        let targets = json!([always("P1", "RESPONSE", "PT4H"), always("P1", "PLAN", "PT14H"), always("P1", "RESOLUTION", "PT24H"),
            business("P2", "RESPONSE", "PT4H"), days("P3", "RESPONSE", 1), days("P4", "RESPONSE", 2)]);
        document.says("staged_emergency.3", json!("else on-site by next flight"));
        let escalations = json!([{"priority": "P1", "after": "PT24H", "clock": "AROUND_THE_CLOCK", "to": "A specialist", "action": "Comes on site by the next flight."}]);
        document.says("priority_set_by", json!("client; misuse chargeable"));
        let obligations = json!([{"code": "PRIORITY", "title": "Priorities are not misused", "standard": "The client sets the priority, and sets it as the situation is.",
            "gatesServices": [{"code": "HELPDESK"}], "effects": ["CHARGEABLE"]}]);
        let policy = json!({"roles": [{"role": "engineer", "hourly": {"amount": "235.00", "currency": "CHF"}}], "rates": [{"treatment": "IN_FEE"}]});
        enter(&admin, "CHF", calendar, json!({"targets": targets, "escalations": escalations}), &[("obligations", obligations), ("extraHours", policy)]).await;
        accept(&admin).await;
        let psa = remit.user("acme", "coverage:read");
        for (priority, expected) in [("P2", "2026-11-24T10:00:00Z"), ("P3", "2026-11-24T17:00:00Z"), ("P4", "2026-11-25T17:00:00Z")] {
            assert_eq!(due(&psa, priority, "2026-11-23T16:00:00Z").await, [format!("RESPONSE {expected}")], "{priority}");
        }
        // On a holiday an emergency counts, and the next working day is the one after the weekend.
        assert_eq!(due(&psa, "P1", "2026-12-25T12:00:00Z").await, ["RESPONSE 2026-12-25T16:00:00Z", "PLAN 2026-12-26T02:00:00Z", "RESOLUTION 2026-12-26T12:00:00Z"]);
        assert_eq!(due(&psa, "P3", "2026-12-25T12:00:00Z").await, ["RESPONSE 2026-12-28T17:00:00Z"]);
        let flight = ask(&psa, json!({"priority": "P1", "at": "2026-12-25T12:00:00Z"}), "escalations { due step { action } }").await;
        assert_eq!(flight["escalations"], json!([{"due": "2026-12-26T12:00:00Z", "step": {"action": "Comes on site by the next flight."}}]));
        assert_eq!(rate(&psa, "2026-11-23T10:00:00Z", None).await, "covered, then -");
        admin.done("recordObligationStatus", json!({"agreement": {"code": "DOC"}, "code": "PRIORITY", "state": "UNMET", "since": "2026-11-01T00:00:00Z"}), "").await;
        assert_eq!(rate(&psa, "2026-11-23T13:00:00Z", None).await, "235.00");
        document.nothing_else();
    }

    async fn eit_promises_by_the_share_of_requests(remit: Remit) {
        let mut document = Document::of("sla_shapes", "response", "eit-silicon-smelters");
        let admin = remit.admin("acme");
        document.says("calendar", json!("Mon-Fri 08:00-20:00 ZA holidays"));
        let calendar = json!({"timeZone": "Africa/Johannesburg", "weekly": weekly(&WORKDAYS, "08:00", "20:00"), "exceptions": [{"date": "2026-12-16", "name": "Day of Reconciliation"}]});
        document.says("terms.0", json!("helpdesk L2 response < 2 working hours, 98% of requests, monthly"));
        let mut second_level = business("P2", "RESPONSE", "PT2H");
        second_level["attainmentPercent"] = json!("98");
        document.says("terms.1", json!("blocking bug: response < 2 working hours; fix or workaround < 1 workday"));
        document.refused("terms.2", json!("non-blocking: response < 3 workdays; fix as set by requester"),
            "the response is said; a fix whose time the requester sets ticket by ticket is no promise of the terms");
        let targets = json!([business("P1", "RESPONSE", "PT2H"), days("P1", "WORKAROUND", 1), second_level, days("P3", "RESPONSE", 3), days("P4", "RESPONSE", 3)]);
        document.says("terms.3", json!("fault alert within 15 min of report"));
        let escalations = json!([{"priority": "P1", "after": "PT15M", "clock": "AROUND_THE_CLOCK", "to": "The client's contacts", "action": "They are alerted to the fault."}]);
        document.says("cross_calendar", json!("provider holiday in Spain: client gets a central phone number"));
        let services = json!([{"service": {"code": "HELPDESK"}, "note": "On the provider's holidays in Spain the client is given a central phone number."}]);
        enter(&admin, "EUR", calendar, json!({"targets": targets, "escalations": escalations}), &[("services", services)]).await;
        accept(&admin).await;
        let psa = remit.user("acme", "coverage:read");
        // An hour before closing in Johannesburg, on the eve of a holiday.
        for (priority, expected) in [
            ("P1", vec!["RESPONSE 2026-12-17T07:00:00Z", "WORKAROUND 2026-12-17T18:00:00Z"]),
            ("P2", vec!["RESPONSE 2026-12-17T07:00:00Z"]),
            ("P3", vec!["RESPONSE 2026-12-21T18:00:00Z"]),
        ] {
            assert_eq!(due(&psa, priority, "2026-12-15T17:00:00Z").await, expected, "{priority}");
        }
        let shares = ask(&psa, json!({"priority": "P2", "at": "2026-12-15T17:00:00Z"}), "deadlines { target { attainmentPercent } }").await;
        assert_eq!(shares["deadlines"], json!([{"target": {"attainmentPercent": "98"}}]));
        let alert = ask(&psa, json!({"priority": "P1", "at": "2026-12-15T17:00:00Z"}), "escalations { due }").await;
        assert_eq!(alert["escalations"], json!([{"due": "2026-12-15T17:15:00Z"}]));
        reads(&admin, &["On the provider's holidays in Spain the client is given a central phone number", "for 98 % of tickets"]).await;
        document.nothing_else();
    }

    async fn epiphany_names_no_desk_hours_and_readiness_says_so(remit: Remit) {
        let mut document = Document::of("sla_shapes", "response", "epiphany-hsns");
        let admin = remit.admin("acme");
        document.says("targets.1", json!("<15 min"));
        document.says("targets.2", json!("<1 h desk hours"));
        document.says("targets.3", json!("<4 h desk hours"));
        document.says("targets.4", json!("<8 h desk hours"));
        let targets = json!([always("P1", "RESPONSE", "PT15M"), business("P2", "RESPONSE", "PT1H"), business("P3", "RESPONSE", "PT4H"), business("P4", "RESPONSE", "PT8H")]);
        let calendar = json!({"timeZone": "America/Los_Angeles", "weekly": weekly(&WORKDAYS, "09:00", "18:00")});
        // Which hours are desk hours it does not say.
        enter(&admin, "USD", calendar, targets, &[("calendar", Value::Null)]).await;
        assert_eq!(findings(&admin).await, ["NO_END", "NO_CALENDAR"]);
        admin.done("draftTerms", json!({"agreement": {"code": "DOC"}, "calendar": {"code": "DOC"}}), "").await;
        accept(&admin).await;
        let psa = remit.user("acme", "coverage:read");
        for (priority, expected) in [("P1", "2026-11-21T01:45:00Z"), ("P2", "2026-11-23T17:30:00Z"), ("P3", "2026-11-23T20:30:00Z"), ("P4", "2026-11-24T00:30:00Z")] {
            assert_eq!(due(&psa, priority, "2026-11-21T01:30:00Z").await, [format!("RESPONSE {expected}")], "{priority}");
        }
        document.nothing_else();
    }

    async fn altsys_mixes_minutes_hours_and_business_days(remit: Remit) {
        let mut document = Document::of("sla_shapes", "response", "altsys");
        let admin = remit.admin("acme");
        // The document names no zone: the calendar has to. "15 min" stands without "business": around the clock.
        document.says("calendar", json!("Mon-Fri 09:00-17:00"));
        document.says("targets.P1", json!(["15 min", "4 bh"]));
        document.says("targets.P2", json!(["1 bh", "8 bh"]));
        document.says("targets.P3", json!(["2 bh", "2 bd"]));
        document.says("targets.P4", json!(["4 bh", "5 bd"]));
        document.says("caveat", json!("third-party/parts: revised timelines"));
        let calendar = json!({"timeZone": "UTC", "weekly": weekly(&WORKDAYS, "09:00", "17:00"), "exceptions": [{"date": "2026-12-25", "name": "Christmas"}]});
        let targets = json!([
            always("P1", "RESPONSE", "PT15M"), business("P1", "RESOLUTION", "PT4H"),
            business("P2", "RESPONSE", "PT1H"), business("P2", "RESOLUTION", "PT8H"),
            business("P3", "RESPONSE", "PT2H"), days("P3", "RESOLUTION", 2),
            business("P4", "RESPONSE", "PT4H"), days("P4", "RESOLUTION", 5),
        ]);
        let waiting = json!([{"reason": "THIRD_PARTY", "stops": ["RESOLUTION"]}, {"reason": "PARTS", "stops": ["RESOLUTION"]}]);
        enter(&admin, "USD", calendar, json!({"targets": targets, "waiting": waiting}), &[]).await;
        accept(&admin).await;
        let psa = remit.user("acme", "coverage:read");
        for (priority, at, expected) in [
            // Ten minutes before closing on Friday.
            ("P1", "2026-11-20T16:50:00Z", ["RESPONSE 2026-11-20T17:05:00Z", "RESOLUTION 2026-11-23T12:50:00Z"]),
            ("P3", "2026-11-20T16:50:00Z", ["RESPONSE 2026-11-23T10:50:00Z", "RESOLUTION 2026-11-24T17:00:00Z"]),
            ("P4", "2026-11-20T16:50:00Z", ["RESPONSE 2026-11-23T12:50:00Z", "RESOLUTION 2026-11-27T17:00:00Z"]),
            // At closing, in the night, on the holiday.
            ("P2", "2026-11-20T17:00:00Z", ["RESPONSE 2026-11-23T10:00:00Z", "RESOLUTION 2026-11-23T17:00:00Z"]),
            ("P2", "2026-12-25T12:00:00Z", ["RESPONSE 2026-12-28T10:00:00Z", "RESOLUTION 2026-12-28T17:00:00Z"]),
            ("P3", "2026-12-24T16:00:00Z", ["RESPONSE 2026-12-28T10:00:00Z", "RESOLUTION 2026-12-29T17:00:00Z"]),
        ] {
            assert_eq!(due(&psa, priority, at).await, expected, "{priority} {at}");
        }
        reads(&admin, &["for another supplier: the time for resolution stops", "for parts: the time for resolution stops"]).await;
        document.nothing_else();
    }

    async fn uproot_has_no_target_for_none_and_voids_by_clauses(remit: Remit) {
        let mut document = Document::of("sla_shapes", "response", "uproot");
        let admin = remit.admin("acme");
        for (name, time) in [("Critical", "1 h"), ("High", "2 h"), ("Medium", "4 h"), ("Low", "8 h"), ("None", "N/A")] {
            document.says(&format!("targets.{name}"), json!(time));
        }
        document.says("void_if.0", json!("adds/moves/changes"));
        document.says("void_if.1", json!("submitted by wrong channel"));
        document.says("void_if.2", json!("submitted outside business hours"));
        document.says("void_if.3", json!("hardware/software below minimum standards"));
        document.says("void_if.4", json!("software not on approved list"));
        document.says("void_if.5", json!("advice not acted on"));
        document.says("void_if.6", json!("client or third party changed configuration"));
        document.says("void_if.7", json!("user-initiated malware"));
        let calendar = json!({"timeZone": "America/Chicago", "weekly": weekly(&WORKDAYS, "08:00", "17:00")});
        let promised = |priority: &str, within: &str| {
            let mut target = business(priority, "RESPONSE", within);
            target["channels"] = json!(["portal", "phone"]);
            target["openedIn"] = json!(["BUSINESS"]);
            target
        };
        let targets = json!([promised("P1", "PT1H"), promised("P2", "PT2H"), promised("P3", "PT4H"), promised("P4", "PT8H")]);
        let exclusions = json!([
            {"title": "Adds, moves and changes", "reason": "Not a fault.", "service": {"code": "PROJECTS"}},
            {"title": "Malware that a user let in", "reason": "Brought about by the user.", "scenario": "USER_ERROR"},
        ]);
        let standard = |code: &str, text: &str| json!({"code": code, "title": text, "standard": text, "gatesScenarios": ["HARDWARE_FAILURE", "SOFTWARE_GLITCH", "SYSTEM_FAILURE"], "effects": ["NOT_LIABLE", "SLA_SUSPENDED"]});
        let obligations = json!([standard("MINIMUM", "Hardware and software meet the minimum standards."), standard("APPROVED", "Software is on the approved list."),
            standard("ADVICE", "The provider's advice is acted on."), standard("HANDS-OFF", "Nobody else changes the configuration.")]);
        let policy = json!({"roles": [], "rates": [{"hoursClass": ["BUSINESS"], "treatment": "IN_FEE"}, {"treatment": "NOT_OFFERED"}]});
        enter(&admin, "USD", calendar, targets, &[("exclusions", exclusions), ("obligations", obligations), ("extraHours", policy)]).await;
        accept(&admin).await;
        let psa = remit.user("acme", "coverage:read");
        let opened = |priority: &str, channel: &str, at: &str| json!({"priority": priority, "channel": channel, "at": at});
        assert_eq!(due_of(&psa, opened("P1", "portal", "2026-11-23T22:30:00Z")).await, ["RESPONSE 2026-11-24T14:30:00Z"]);
        for void in [opened("P5", "portal", "2026-11-23T16:00:00Z"), opened("P1", "e-mail", "2026-11-23T16:00:00Z"), opened("P1", "portal", "2026-11-23T23:00:00Z")] {
            let none = ask(&psa, void.clone(), "deadlines { due } reasons { code }").await;
            assert!(none["deadlines"] == json!([]) && none["reasons"].as_array().unwrap().contains(&json!({"code": "NO_TARGET"})), "{void}: {none}");
        }
        assert_eq!(rate(&psa, "2026-11-23T23:00:00Z", None).await, "not offered");
        assert_eq!(rate(&psa, "2026-11-23T22:59:59Z", None).await, "covered, then -");
        let move_a_desk = ask(&psa, json!({"service": {"code": "PROJECTS"}, "at": "2026-11-23T16:00:00Z"}), "verdict").await;
        assert_eq!(move_a_desk["verdict"], "EXCLUDED");
        let malware = ask(&psa, json!({"scenario": "USER_ERROR", "at": "2026-11-23T16:00:00Z"}), "verdict liable").await;
        assert_eq!(malware, json!({"verdict": "EXCLUDED", "liable": false}));
        let glitch = json!({"scenario": "SOFTWARE_GLITCH", "priority": "P1", "channel": "phone", "at": "2026-11-20T16:00:00Z"});
        let before = ask(&psa, glitch.clone(), "liable deadlines { milestone } reasons { code }").await;
        let unknown = before["reasons"].as_array().unwrap().iter().filter(|reason| reason["code"] == "OBLIGATION_UNKNOWN").count();
        assert_eq!((&before["liable"], &before["deadlines"], unknown), (&json!(true), &json!([{"milestone": "RESPONSE"}]), 4));
        for code in ["MINIMUM", "APPROVED", "ADVICE", "HANDS-OFF"] {
            let record = |state: &str, since: &str| json!({"agreement": {"code": "DOC"}, "code": code, "state": state, "since": since});
            admin.done("recordObligationStatus", record("UNMET", "2026-11-01T00:00:00Z"), "").await;
            // It was put down only now, so it takes the provider's liability away, and not what was due already.
            let void = ask(&psa, glitch.clone(), "liable deadlines { milestone } unmetObligations { code }").await;
            assert_eq!(void, json!({"liable": false, "deadlines": [{"milestone": "RESPONSE"}], "unmetObligations": [{"code": code}]}));
            let mut later = glitch.clone();
            later["at"] = json!("2026-11-24T16:00:00Z");
            assert_eq!(ask(&psa, later, "liable deadlines { milestone }").await, json!({"liable": false, "deadlines": []}));
            admin.done("recordObligationStatus", record("MET", "2026-11-02T00:00:00Z"), "").await;
        }
        document.nothing_else();
    }

    async fn lawinsider_depends_on_no_third_party(remit: Remit) {
        let mut document = Document::of("sla_shapes", "response", "lawinsider-msa-uk");
        let admin = remit.admin("acme");
        let mut targets = Vec::new();
        for (priority, respond, resolve) in [("P1", 1, 4), ("P2", 2, 8), ("P3", 4, 16), ("P4", 10, 25)] {
            document.says(&format!("targets_working_hours.{priority}"), json!([respond, resolve]));
            targets.push(business(priority, "RESPONSE", &format!("PT{respond}H")));
            targets.push(business(priority, "RESOLUTION", &format!("PT{resolve}H")));
        }
        document.says("subject_to", json!("no dependence on external third parties"));
        let waiting = json!([{"reason": "THIRD_PARTY", "stops": ["RESPONSE", "PLAN", "WORKAROUND", "RESOLUTION"]}]);
        // Working hours are not said: the calendar has to say them.
        let calendar = json!({"timeZone": "Europe/London", "weekly": weekly(&WORKDAYS, "09:00", "17:30"), "exceptions": [{"date": "2026-12-25", "name": "Christmas Day"}, {"date": "2026-12-28", "name": "Boxing Day"}]});
        enter(&admin, "GBP", calendar, json!({"targets": targets, "waiting": waiting}), &[]).await;
        accept(&admin).await;
        let psa = remit.user("acme", "coverage:read");
        for (priority, expected) in [
            ("P1", ["RESPONSE 2026-12-24T17:00:00Z", "RESOLUTION 2026-12-29T11:30:00Z"]),
            ("P4", ["RESPONSE 2026-12-29T17:30:00Z", "RESOLUTION 2026-12-31T15:30:00Z"]),
        ] {
            assert_eq!(due(&psa, priority, "2026-12-24T16:00:00Z").await, expected, "{priority}");
        }
        reads(&admin, &["for another supplier: the times for response, plan, workaround and resolution stop"]).await;
        document.nothing_else();
    }

    async fn connectwise_counts_from_the_next_opening(remit: Remit) {
        let mut document = Document::of("sla_shapes", "response", "connectwise-standard-sla");
        let admin = remit.admin("acme");
        document.says("hours", json!({"respond": 4, "plan": 24, "resolve": 48}));
        document.says("observed", json!("entered Sat 2022-07-02T04:20:41Z; escalationStart Mon 2022-07-04T13:00Z (09:00 UTC-4, a US holiday NOT skipped); respond by Mon 13:00 UTC-4"));
        // The ticket shows that Independence Day was not skipped: a calendar without exceptions.
        let calendar = json!({"timeZone": "America/New_York", "weekly": weekly(&WORKDAYS, "09:00", "17:00")});
        let of = |priority: &str| [business(priority, "RESPONSE", "PT4H"), business(priority, "PLAN", "PT24H"), business(priority, "RESOLUTION", "PT48H")];
        let targets: Vec<Value> = ["P1", "P2", "P3", "P4"].into_iter().flat_map(of).collect();
        enter(&admin, "USD", calendar, json!(targets), &[]).await;
        accept(&admin).await;
        let psa = remit.user("acme", "coverage:read");
        let expected = ["RESPONSE 2022-07-04T17:00:00Z", "PLAN 2022-07-06T21:00:00Z", "RESOLUTION 2022-07-11T21:00:00Z"];
        assert_eq!(due(&psa, "P3", "2022-07-02T04:20:41Z").await, expected);
        let opening = ask(&psa, json!({"at": "2022-07-02T04:20:41Z"}), "nextOpening hoursClass").await;
        assert_eq!(opening, json!({"nextOpening": "2022-07-04T13:00:00Z", "hoursClass": "WEEKEND"}));
        document.nothing_else();
    }
}
