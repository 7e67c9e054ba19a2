//! Promises of availability, and what falling short earns.

use serde_json::{Value, json};

use super::{
    Document, WORKDAYS, accept, always, business, due, enter, findings, office, reads, some_targets, weekly, with,
};
use crate::support::{User, both, fixtures};

/// How long each commitment of the newest version may be down in the window that a date lies in.
async fn allowed(user: &User<'_>, on: &str) -> Value {
    let query = "query ($on: Date!) { agreement(by: {code: \"DOC\"}) { versions { availability { subject allowedDowntime(on: $on) } } } }";
    let answer = user.ask_with(query, json!({"on": on})).await;
    let commitments = answer["agreement"]["versions"][0]["availability"].as_array().unwrap();
    commitments
        .iter()
        .map(|one| (one["subject"].as_str().unwrap().to_owned(), one["allowedDowntime"].clone()))
        .collect()
}

/// An availability a month around the clock.
fn monthly(subject: &str, percent: &str, more: Value) -> Value {
    with(json!({"subject": subject, "percent": percent, "window": "CALENDAR_MONTH"}), more)
}

/// Enters a document that is about availability alone.
async fn enter_availability(admin: &User<'_>, availability: Value, changes: &[(&str, Value)]) {
    let changes = [&[("availability", availability)], changes].concat();
    enter(admin, "USD", office("UTC"), some_targets(), &changes).await;
}

both! {
    async fn ofg_counts_processing_days_and_credits_the_third_bad_month(remit: Remit) {
        let mut document = Document::of("sla_shapes", "availability", "ofg-metavante");
        let admin = remit.admin("acme");
        document.says("tz", json!("Atlantic (America/Puerto_Rico)"));
        document.says("calendars.business_day", json!("Mon-Fri less Fed NY holidays"));
        document.says("calendars.processing_day", json!("Mon-Sat less Fed NY holidays, but MLK, Presidents, Columbus and Veterans days ARE processing days"));
        let (closed, worked) = (["2026-01-01", "2026-05-25", "2026-11-26", "2026-12-25"], ["2026-01-19", "2026-02-16", "2026-10-12", "2026-11-11"]);
        let off = |dates: &[&str]| dates.iter().map(|date| json!({"date": date, "name": "Bank holiday"})).collect::<Vec<_>>();
        let six_days = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY"];
        let calendar = |code: &str, days: &[&str], opens: &str, closes: &str, holidays: Vec<Value>| json!({"code": code, "name": code, "timeZone": "America/Puerto_Rico", "weekly": weekly(days, opens, closes), "exceptions": holidays, "weekend": ["SUNDAY"]});
        for put in [
            calendar("PROCESSING", &six_days, "07:00", "22:00", off(&closed)),
            calendar("BIC", &six_days, "07:00", "18:00", off(&closed)),
            calendar("BUSINESS", &WORKDAYS, "08:00", "17:00", [off(&closed), off(&worked)].concat()),
        ] {
            admin.done("putCalendar", put, "").await;
        }
        let trigger = |at_most: &str, credit: &str| json!([{"atMostPercent": at_most, "times": 3, "withinPeriods": 6, "creditPercent": credit}]);
        let processing = |code: &str| json!({"clock": "BUSINESS_HOURS", "calendar": {"code": code}});
        let sunday = json!([{"weekday": "SUNDAY", "opens": "02:00", "closes": "06:00"}]);
        document.says("levels.0", json!({"n": "core", "target": 99, "hours": "07:00-22:00 each Processing Day", "event": "<=96.5% three times in any consecutive 6 months", "credit_pct": 6}));
        let core = monthly("Core", "99", with(processing("PROCESSING"), json!({"creditTriggers": trigger("96.5", "6")})));
        document.says("levels.1.n", json!("lending"));
        document.says("levels.1.target", json!(98));
        document.says("levels.1.window", json!("30-day running average"));
        document.refused("levels.1.maintenance", json!("1/quarter <=6 h Mon-Fri 01:01-07:00 and 1/quarter <=24 h Sun 01:01-Mon 01:01"),
            "an allowance for maintenance is per window, here thirty days; one occasion a quarter cannot be told in it");
        document.says("levels.1.event", json!("<=95% 3 of 6 months"));
        document.says("levels.1.credit_pct", json!(6));
        let lending = json!({"subject": "Lending", "percent": "98", "window": "ROLLING_30_DAYS", "creditTriggers": trigger("95", "6")});
        document.says("levels.2", json!({"n": "operations centre", "target": 99.9, "hours": "24x7", "maintenance": "Sun 02:00-06:00; other planned <=1 h/month total with >=24 h notice, overrun counts as downtime; client opted out of backup line", "event": "<=96.5% 3 of 6", "credit_pct": 8}));
        let centre = monthly("Operations centre", "99.9", json!({"maintenanceWindows": sunday, "maintenanceNotice": "PT24H", "maintenanceAllowance": "PT1H",
            "excused": ["the failure of a line for which the client wants no second one"], "creditTriggers": trigger("96.5", "8")}));
        document.says("levels.3", json!({"n": "BIC", "target": 98, "hours": "07:00-18:00 Processing Day", "event": "<=95% 3 of 6", "credit_pct": 4}));
        let bic = monthly("BIC", "98", with(processing("BIC"), json!({"creditTriggers": trigger("95", "4")})));
        document.says("levels.7", json!({"n": "tandem", "target": 99.7, "hours": "24x7", "maintenance": "Sun 02:00-06:00", "event": "<=98% 3 of 6", "credit_pct": 6}));
        let tandem = monthly("Tandem", "99.7", json!({"maintenanceWindows": sunday, "creditTriggers": trigger("98", "6")}));
        document.says("levels.8", json!({"n": "CMS", "target": 99.5, "hours": "24x7", "maintenance": "Sun 02:00-06:00", "event": "<=98% 3 of 6", "credit_pct": 6}));
        let cms = monthly("CMS", "99.5", json!({"maintenanceWindows": sunday, "creditTriggers": trigger("98", "6")}));
        document.says("excused", json!("force majeure; client acts or omissions"));
        let excused = json!(["force majeure", "acts or omissions of the client"]);
        let availability: Vec<Value> = [core, lending, centre, bic, tandem, cms].into_iter().map(|mut one| {
            let own = one["excused"].as_array().cloned().unwrap_or_default();
            one["excused"] = json!([excused.as_array().unwrap().clone(), own].concat());
            one
        }).collect();

        // What is due at an hour of the day is expected, and measured; it earns no credit.
        let no_credit = "an expectation is measured and has no credits; credits hang on response times and availability";
        let expected = |metric: &str, most: &str, unit: &str| json!({"component": "CLOUD", "metric": metric, "comparator": "AT_MOST", "value": most, "unit": unit, "window": "CALENDAR_MONTH", "measuredBy": "PROVIDER"});
        let mut performance = fixtures::draft("DOC")["performance"].as_array().unwrap().clone();
        for (place, name, target, event, credit, value, unit) in [
            (4, "BIC prior-day data", "done by 07:00 next Business Day if client input by 23:00", "3+ failures in a month", 4, "2", "times late"),
            (5, "batch report", "4 h after end-of-day command (rolling 4 h if input 23:00-01:00)", "not by 10:00 next day 3+ times a month", 4, "2", "times late"),
            (6, "year-end", "15 h after end-of-year command", "not by 06:00 first Business Day", 4, "15", "hours"),
            (9, "EFD reports", "by 03:00 next day", "not by 15:00 3 times a month", 6, "2", "times late"),
            (10, "teller", "mean <= 1.5 s", "mean >= 5 s 3 of 6 months", 6, "1.5", "s"),
        ] {
            document.says(&format!("levels.{place}.n"), json!(name));
            document.says(&format!("levels.{place}.target"), json!(target));
            document.refused(&format!("levels.{place}.event"), json!(event), no_credit);
            document.refused(&format!("levels.{place}.credit_pct"), json!(credit), no_credit);
            performance.push(expected(&format!("{name}: {target}"), value, unit));
        }
        document.refused("levels.10.hours", json!("07:00-22:00 Processing Day"), "an expectation is measured over its window, in whatever hours");

        document.says("caps.monthly_pct_of_invoice", json!(20));
        document.says("caps.yearly_pct_of_previous_year_mean_month", json!(100));
        let policy = json!({"monthCapPercent": "20", "yearCapPercent": "100", "yearBasis": "MEAN_MONTH_BEFORE"});
        enter(&admin, "USD", office("America/Puerto_Rico"), some_targets(), &[("availability", json!(availability)), ("performance", json!(performance)), ("creditPolicy", policy), ("calendar", json!({"code": "BUSINESS"}))]).await;
        accept(&admin).await;
        // November 2026: 24 processing days, Veterans Day among them.
        let expected = json!({"Core": "PT3H36M", "Lending": "PT14H24M", "Operations centre": "PT43M12S", "BIC": "PT5H16M48S", "Tandem": "PT2H9M36S", "CMS": "PT3H36M"});
        assert_eq!(allowed(&admin, "2026-11-11").await, expected);
        let open = "{ business: calendar(by: {code: \"BUSINESS\"}) { hoursClass(at: \"2026-11-11T15:00:00Z\") } processing: calendar(by: {code: \"PROCESSING\"}) { hoursClass(at: \"2026-11-11T15:00:00Z\") } }";
        assert_eq!(admin.ask(open).await, json!({"business": {"hoursClass": "HOLIDAY"}, "processing": {"hoursClass": "BUSINESS"}}));
        reads(&admin, &[
            "6 % if it is at most 96.5 % in 3 of 6 periods in a row", "what is due to force majeure, acts or omissions of the client or the failure of a line",
            "announced at least 24 hours before, it does not count as downtime, up to 1 hour in each calendar month; what is over counts", "Sunday 02:00–06:00",
            "Those of a month are at most 20 % of its fee.", "Those of a calendar year are at most 100 % of the mean monthly fee of the year before.",
            "teller: mean", "at least 98 % of all hours in any 30 days in a row",
        ]).await;
        document.nothing_else();
    }

    async fn commonpaper_ends_the_agreement_after_two_bad_months_of_three(remit: Remit) {
        let mut document = Document::of("sla_shapes", "availability", "commonpaper-sla");
        let admin = remit.admin("acme");
        document.says("formula", json!("(available minutes - downtime)/available minutes; available = month - excluded - scheduled downtime; partial month prorated"));
        let availability = json!([monthly("The product", "99.9", json!({"maintenanceNotice": "PT24H", "excused": ["what the terms exclude"]}))]);
        document.says("claim_days_after_month", json!(7));
        document.says("cap", json!("8% of subscription-period fees"));
        let policy = json!({"claimWithinDays": 7, "yearCapPercent": "8", "yearBasis": "FEES_OF_TERM"});
        document.refused("terminate", json!("2 of any 3 consecutive months, each notified within 7 days"),
            "the months are said; that each bad month was notified in time is not kept");
        let triggers = json!([{"title": "Two bad months of three", "measure": "AVAILABILITY", "belowPercent": "99.9", "times": 2, "withinPeriods": 3}]);
        document.refused("auto_reply_is_not_response", json!(true), "what counts as an answer is decided by whoever records that the ticket was answered");
        enter_availability(&admin, availability, &[("creditPolicy", policy), ("terminationTriggers", triggers)]).await;
        accept(&admin).await;
        assert_eq!(allowed(&admin, "2026-02-14").await, json!({"The product": "PT40M19.2S"}));
        // The last month has ten days.
        admin.done("terminateAgreement", json!({"agreement": {"code": "DOC"}, "on": "2026-12-11", "reason": "They move."}), "").await;
        assert_eq!(allowed(&admin, "2026-12-01").await, json!({"The product": "PT14M24S"}));
        reads(&admin, &[
            "They have to be claimed within 7 days after the month, or are lost.", "Those of a calendar year are at most 8 % of the fees of the whole term.",
            "is below 99.9 % in 2 of 3 months in a row", "announced at least 24 hours before, it does not count as downtime",
        ]).await;
        document.nothing_else();
    }

    async fn arcustech_guarantees_all_and_pays_by_the_half_hour(remit: Remit) {
        let mut document = Document::of("sla_shapes", "availability", "arcustech");
        let admin = remit.admin("acme");
        document.says("target", json!(100));
        document.says("credit", json!("5% of fee per 30 min or portion, max 100% of month"));
        let availability = json!([monthly("Virtual servers", "100", json!({"strength": "GUARANTEE", "creditPer": {"each": "PT30M", "creditPercent": "5"}}))]);
        let no_credit = "the time is said; a credit for each hour more hangs on availability alone";
        document.refused("host_repair", json!("1 h from identification, then 5% per further hour or portion"), no_credit);
        document.refused("restore", json!("3 h from start, then 5% per further hour or portion"), no_credit);
        let recovery = json!([
            {"scenario": "HARDWARE_FAILURE", "component": "SERVER", "fixWithin": "PT1H", "clock": "AROUND_THE_CLOCK", "strength": "GUARANTEE"},
            {"scenario": "DATA_LOSS", "fixWithin": "PT3H", "clock": "AROUND_THE_CLOCK", "strength": "GUARANTEE"},
        ]);
        enter_availability(&admin, availability, &[("recovery", recovery), ("creditPolicy", json!({"monthCapPercent": "100"}))]).await;
        assert_eq!(findings(&admin).await, ["NO_END", "GUARANTEE_OF_ALL"]);
        assert_eq!(allowed(&admin, "2026-11-11").await, json!({"Virtual servers": "PT0S"}));
        reads(&admin, &["5 % for each 30 minutes of downtime, or part of it, beyond what is allowed", "Those of a month are at most 100 % of its fee.", "within 1 hour around the clock of the failure", "Those for availability stand in 7.1."]).await;
        document.nothing_else();
    }

    async fn virteche_is_void_while_the_account_is_in_arrears(remit: Remit) {
        let mut document = Document::of("sla_shapes", "availability", "virteche");
        let admin = remit.admin("acme");
        document.says("target", json!(99.9));
        document.refused("credit", json!("1 day of service per 15 min beyond the 0.1%"), "a credit is a share of the month's fee, and a day is another share of each month");
        document.refused("claim_within_h", json!(72), "claims are made within days after the month, not within hours of the outage");
        document.says("hardware_replace_h", json!(2));
        document.says("else_temporary_h", json!(8));
        let mut targets = some_targets().as_array().unwrap().clone();
        targets.push(always("P1", "WORKAROUND", "PT8H"));
        let recovery = json!([{"scenario": "HARDWARE_FAILURE", "component": "SERVER", "fixWithin": "PT2H", "clock": "AROUND_THE_CLOCK"}]);
        document.says("void_if", json!("account not in good standing"));
        let obligations = json!([{"code": "GOOD-STANDING", "title": "Invoices are paid", "standard": "No invoice is overdue.", "gatesServices": [{"code": "HELPDESK"}], "gatesScenarios": ["HARDWARE_FAILURE"], "effects": ["NOT_LIABLE", "SLA_SUSPENDED"]}]);
        let availability = json!([monthly("Servers", "99.9", json!({}))]);
        enter(&admin, "USD", office("UTC"), json!(targets), &[("availability", availability), ("recovery", recovery), ("obligations", obligations)]).await;
        accept(&admin).await;
        let psa = remit.user("acme", "coverage:read");
        assert_eq!(due(&psa, "P1", "2026-11-24T20:00:00Z").await, ["RESPONSE 2026-11-25T12:00:00Z", "WORKAROUND 2026-11-25T04:00:00Z"]);
        admin.done("recordObligationStatus", json!({"agreement": {"code": "DOC"}, "code": "GOOD-STANDING", "state": "UNMET", "since": "2026-11-23T00:00:00Z"}), "").await;
        assert_eq!(due(&psa, "P1", "2026-11-24T20:00:00Z").await, Vec::<String>::new());
        reads(&admin, &["within 2 hours around the clock of the failure", "“Invoices are paid” is not met"]).await;
        document.nothing_else();
    }

    async fn techdiversities_leaves_gaps_between_its_steps(remit: Remit) {
        let mut document = Document::of("sla_shapes", "availability", "techdiversities");
        let admin = remit.admin("acme");
        document.says("formula", json!("30-day month fixed at 43,200 min"));
        document.says("tiers", json!([[99.0, 99.9, 5], [95.0, 98.9, 10], [90.0, 94.9, 25], [0, 90, 50]]));
        document.says("cap_pct", json!(50));
        document.says("gap", json!("98.9-99.0 and 94.9-95.0 undefined"));
        let step = |from: Value, below: &str, credit: &str| json!({"fromPercent": from, "belowPercent": below, "creditPercent": credit});
        let steps = |second: &str, third: &str| json!([step(json!("99"), "99.9", "5"), step(json!("95"), second, "10"), step(json!("90"), third, "25"), step(Value::Null, "90", "50")]);
        let of = |credits: Value| json!([monthly("Hosting", "99.9", json!({"base": "THIRTY_DAYS", "credits": credits}))]);
        enter_availability(&admin, of(steps("98.9", "94.9")), &[("creditPolicy", json!({"monthCapPercent": "50"}))]).await;
        assert_eq!(findings(&admin).await, ["NO_END", "CREDIT_STEPS_GAP", "CREDIT_STEPS_GAP"]);
        let gaps = admin.ask("{ agreement(by: {code: \"DOC\"}) { pending { readiness { findings { code message path } } } } }").await;
        assert_eq!(gaps["agreement"]["pending"]["readiness"]["findings"][1]["path"], json!(["availability", "0", "credits"]));
        // However long the month is.
        assert_eq!((allowed(&admin, "2026-02-11").await, allowed(&admin, "2026-12-11").await), (json!({"Hosting": "PT43M12S"}), json!({"Hosting": "PT43M12S"})));
        admin.done("draftTerms", json!({"agreement": {"code": "DOC"}, "availability": of(steps("99", "95"))}), "").await;
        assert_eq!(findings(&admin).await, ["NO_END"]);
        reads(&admin, &["43,200 minutes, however long the month is", "from 95 % to below 99 %", "Those of a month are at most 50 % of its fee."]).await;
        document.nothing_else();
    }

    async fn advance2000_counts_the_minutes_of_the_month(remit: Remit) {
        let mut document = Document::of("sla_shapes", "availability", "advance2000-cloud");
        let admin = remit.admin("acme");
        document.says("target", json!(99.9));
        document.says("formula", json!("100% - unavailable minutes %"));
        document.refused("hint", json!("44 min; 7 h 18 min"), "the minutes of a mean month, which no month has; Remit gives those of the month that is asked about");
        enter_availability(&admin, json!([monthly("Cloud", "99.9", json!({})), monthly("Desktops", "99", json!({}))]), &[]).await;
        assert_eq!(allowed(&admin, "2026-11-11").await, json!({"Cloud": "PT43M12S", "Desktops": "PT7H12M"}));
        assert_eq!(allowed(&admin, "2026-12-11").await, json!({"Cloud": "PT44M38.4S", "Desktops": "PT7H26M24S"}));
        document.nothing_else();
    }

    async fn deep_systems_promises_without_a_credit(remit: Remit) {
        let mut document = Document::of("sla_shapes", "availability", "deep-systems");
        let admin = remit.admin("acme");
        document.says("target", json!(99));
        document.says("credit", json!("none stated"));
        enter(&admin, "USD", office("UTC"), json!([business("P1", "RESPONSE", "PT4H"), business("P2", "RESPONSE", "PT4H"), business("P3", "RESPONSE", "PT4H"), business("P4", "RESPONSE", "PT4H")]), &[("availability", json!([monthly("The network", "99", json!({}))]))]).await;
        accept(&admin).await;
        reads(&admin, &["at least 99 % of all hours in each calendar month", "No service credits are promised."]).await;
        document.nothing_else();
    }
}
