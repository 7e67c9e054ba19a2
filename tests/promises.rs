//! Promises held against the past, and what that keeps from being accepted.

mod rehearsal;

use serde_json::{Value, json};

use crate::support::{Remit, User, both, code, fixtures};

async fn catalogue(remit: &Remit) -> User<'_> {
    let admin = remit.admin("acme");
    fixtures::catalogue(&admin).await;
    admin
}

/// An agreement with an offer that guarantees what `change` makes of the usual draft.
async fn offer(admin: &User<'_>, number: &str, change: impl FnOnce(&mut Value)) {
    let create =
        json!({"number": number, "title": "Managed services", "client": {"code": "NORTHWIND"}, "currency": "USD"});
    admin.done("createAgreement", create, "").await;
    let mut draft = fixtures::draft(number);
    change(&mut draft);
    admin.done("draftTerms", draft, "").await;
    admin.done("offerTerms", json!({"agreement": {"code": number}}), "").await;
}

const CHECK: &str = "query ($number: String!) { agreement(by: {code: $number}) { pending { promiseCheck { verdict promises { clause promise strength attainmentPercent verdict reason sampleSize kept attainableAtLeastPercent supportedTarget } } } } }";

async fn check(user: &User<'_>, number: &str) -> Value {
    user.ask_with(CHECK, json!({"number": number})).await["agreement"]["pending"]["promiseCheck"].take()
}

fn promise<'a>(check: &'a Value, clause: &str) -> &'a Value {
    check["promises"].as_array().unwrap().iter().find(|promise| promise["clause"] == clause).unwrap()
}

/// Two hours of mail down in each of the first months of the year, for some agreements in force since its beginning.
async fn bad_months(admin: &User<'_>, months: u32) {
    for number in ["OLD-1", "OLD-2", "OLD-3"] {
        fixtures::agreement_in_force(admin, number).await;
        let month = |month: u32| {
            json!({"ref": {"system": "monitor", "id": format!("{number}-{month}")}, "agreement": {"code": number}, "subject": "MAIL",
            "startedAt": format!("2026-{month:02}-10T10:00:00Z"), "endedAt": format!("2026-{month:02}-10T12:00:00Z")})
        };
        admin.done("recordOutages", json!({"outages": (1..=months).map(month).collect::<Vec<_>>()}), "").await;
        let watch = json!({"agreement": {"code": number}, "subject": "mail", "since": "2026-01-01T00:00:00Z"});
        admin.done("watchSubject", watch, "").await;
    }
}

both! {
    async fn without_a_past_nothing_is_proven(remit: Remit) {
        let admin = catalogue(&remit).await;
        offer(&admin, "MSA-1", |_| ()).await;
        let found = check(&admin, "MSA-1").await;
        assert_eq!(found["verdict"], "UNPROVEN");
        let promises = found["promises"].as_array().unwrap();
        let clauses: Vec<&str> = promises.iter().map(|promise| promise["clause"].as_str().unwrap()).collect();
        assert_eq!(clauses, ["2.2.1", "2.2.2", "2.2.3", "2.2.4", "2.2.5", "2.2.6", "7.1.1", "7.2.1", "7.3.1"]);
        for promise in promises {
            assert_eq!((&promise["verdict"], &promise["sampleSize"], &promise["kept"]), (&json!("UNPROVEN"), &json!(0), &json!(0)), "{promise}");
            assert_eq!((&promise["attainableAtLeastPercent"], &promise["supportedTarget"]), (&Value::Null, &Value::Null));
            assert_ne!(promise["reason"], "");
        }
        assert_eq!(promises[0]["promise"], "P1 response within 30 minutes around the clock, for 95 % of tickets");
        assert_eq!(promise(&found, "7.1.1")["attainmentPercent"], "95");
    }

    async fn a_draft_without_hours_or_promises_is_checked_too(remit: Remit) {
        let admin = catalogue(&remit).await;
        admin.done("createAgreement", json!({"number": "MSA-1", "title": "New", "client": {"code": "NORTHWIND"}, "currency": "USD"}), "").await;
        admin.done("draftTerms", json!({"agreement": {"code": "MSA-1"}}), "").await;
        assert_eq!(check(&admin, "MSA-1").await, json!({"verdict": "SUPPORTED", "promises": []}));
        let draft = json!({"agreement": {"code": "MSA-1"}, "tier": {"code": "GOLD"}, "availability": [{"subject": "Mail", "percent": "99.9", "window": "CALENDAR_MONTH"}]});
        admin.done("draftTerms", draft, "").await;
        let found = check(&admin, "MSA-1").await;
        assert_eq!(promise(&found, "7.1.1")["reason"], "The terms name no calendar yet.");
        assert_eq!(found["promises"].as_array().unwrap().len(), 7);
    }

    async fn hours_that_nobody_works_are_overpromised(remit: Remit) {
        let admin = catalogue(&remit).await;
        offer(&admin, "MSA-1", |_| ()).await;
        let mut staffed = fixtures::calendar();
        staffed["staffed"] = json!(true);
        admin.done("putCalendar", staffed.clone(), "").await;
        let found = check(&admin, "MSA-1").await;
        // The first target counts every hour of the day; the others the hours in which people work.
        let verdicts: Vec<&str> = found["promises"].as_array().unwrap().iter().map(|promise| promise["verdict"].as_str().unwrap()).collect();
        assert_eq!(verdicts, [&["OVERPROMISED"][..], &["UNPROVEN"; 8]].concat());
        assert_eq!(found["verdict"], "OVERPROMISED");
        let reason = "It counts hours in which nobody is at work, first those from 2026-11-23T12:00:00Z to 2026-11-23T13:00:00Z.";
        assert_eq!(found["promises"][0]["reason"], reason);
        // People who work in other hours do not work in these: all that counts business hours is beyond them, too.
        let mut nights = staffed.clone();
        nights["code"] = json!("NIGHTS");
        nights["weekly"] = json!([{"weekday": "MONDAY", "opens": "20:00", "closes": "23:00"}]);
        admin.done("putCalendar", nights, "").await;
        staffed["staffed"] = json!(false);
        admin.done("putCalendar", staffed, "").await;
        let found = check(&admin, "MSA-1").await;
        let over = found["promises"].as_array().unwrap().iter().filter(|promise| promise["verdict"] == "OVERPROMISED").count();
        assert_eq!(over, 7);
        assert_eq!(promise(&found, "7.2.1")["verdict"], "OVERPROMISED");
    }

    async fn an_availability_is_compared_with_all_windows_that_are_known(remit: Remit) {
        let admin = catalogue(&remit).await;
        bad_months(&admin, 4).await;
        offer(&admin, "MSA-1", |_| ()).await;
        let found = check(&admin, "MSA-1").await;
        let mail = promise(&found, "7.1.1");
        // Ten whole months since January, of three agreements.
        assert_eq!((&mail["sampleSize"], &mail["kept"], &mail["verdict"]), (&json!(30), &json!(18), &json!("OVERPROMISED")));
        assert_eq!(mail["attainableAtLeastPercent"], "42.32");
        assert_eq!(mail["supportedTarget"], Value::Null);
        assert_eq!(mail["reason"], "Of 30 windows of the last 365 days 18 would have kept it: at 95 % confidence that is less than the 95 % that is promised.");
        // By the rules of the promise itself: 99 % would always have been kept.
        offer(&admin, "MSA-2", |draft| draft["availability"][0]["percent"] = json!("99")).await;
        let found = check(&admin, "MSA-2").await;
        let mail = promise(&found, "7.1.1");
        assert_eq!((&mail["sampleSize"], &mail["kept"], &mail["verdict"]), (&json!(30), &json!(30), &json!("UNPROVEN")));
        // What was ended is no longer watched.
        for number in ["OLD-1", "OLD-2", "OLD-3"] {
            admin.done("terminateAgreement", json!({"agreement": {"code": number}, "on": "2026-06-15", "reason": "moved"}), "").await;
        }
        assert_eq!(promise(&check(&admin, "MSA-2").await, "7.1.1")["sampleSize"], 15);
    }

    async fn a_backup_is_compared_with_the_times_it_was_due(remit: Remit) {
        let admin = catalogue(&remit).await;
        fixtures::agreement_in_force(&admin, "OLD-1").await;
        let start: i64 = 1_785_542_400; // 1 August 2026
        let run = |day: i64| {
            let started = remit_domain::Timestamp::from_second(start + day * 86_400 + if day % 2 == 0 { 60 } else { 0 }).unwrap();
            json!({"ref": {"system": "vault", "id": day.to_string()}, "agreement": {"code": "OLD-1"}, "subject": "servers",
                   "startedAt": started.to_string(), "outcome": "SUCCEEDED"})
        };
        admin.done("recordBackupRuns", json!({"runs": (0..=114).map(run).collect::<Vec<_>>()}), "").await;
        offer(&admin, "MSA-1", |draft| draft["backups"][0]["every"] = json!("PT25H")).await;
        let found = check(&admin, "MSA-1").await;
        let servers = promise(&found, "7.3.1");
        // The last run began on 23 November at 00:01, twelve hours ago.
        assert_eq!((&servers["sampleSize"], &servers["kept"], &servers["verdict"]), (&json!(114), &json!(114), &json!("SUPPORTED")));
        assert_eq!(servers["supportedTarget"], "PT24H1M");
        offer(&admin, "MSA-2", |draft| draft["backups"][0]["every"] = json!("PT6H")).await;
        let found = check(&admin, "MSA-2").await;
        let servers = promise(&found, "7.3.1");
        assert_eq!((&servers["kept"], &servers["verdict"]), (&json!(114), &json!("OVERPROMISED")));
    }

    async fn a_guarantee_beyond_the_past_needs_a_reason(remit: Remit) {
        let admin = catalogue(&remit).await;
        bad_months(&admin, 10).await;
        let accept = json!({"agreement": {"code": "MSA-1"}, "acceptedBy": "Northwind's board"});
        offer(&admin, "MSA-1", |draft| draft["availability"][0]["strength"] = json!("GUARANTEE")).await;
        let payload = admin.call("activateTerms", accept.clone(), "terms { version }").await;
        assert_eq!(payload["terms"], Value::Null);
        assert_eq!(payload["errors"], json!([{
            "code": "OVERPROMISED", "path": ["input", "acceptOverpromise"],
            "message": "7.1.1 Mail: there at least 99.9 % of all hours in each calendar month: Of 30 windows of the last 365 days 0 would have kept it: at 95 % confidence that is less than the 95 % that is promised.",
        }]));
        let blank = admin.call("activateTerms", json!({"agreement": {"code": "MSA-1"}, "acceptedBy": "Northwind", "acceptOverpromise": " "}), "").await;
        assert_eq!(blank["errors"][0]["code"], "INVALID");
        let reason = "A second line is being built; mail moves to it in January.";
        let with_reason = json!({"agreement": {"code": "MSA-1"}, "acceptedBy": "Northwind's board", "acceptOverpromise": reason});
        let selection = "terms { status acceptedOverpromise { reason saidBy at promises { clause promise reason } } }";
        for input in [with_reason.clone(), accept, with_reason] {
            let done = admin.done("activateTerms", input, selection).await;
            let said = &done["terms"]["acceptedOverpromise"];
            assert_eq!((&said["reason"], &said["saidBy"], &said["at"]), (&json!(reason), &json!("tester"), &json!("2026-11-23T12:00:00Z")));
            assert_eq!((&said["promises"][0]["clause"], done["terms"]["status"].as_str()), (&json!("7.1.1"), Some("IN_FORCE")));
        }
        // A target of the same does not need one, and a reason without need is not kept.
        offer(&admin, "MSA-2", |_| ()).await;
        let done = admin.done("activateTerms", json!({"agreement": {"code": "MSA-2"}, "acceptedBy": "Northwind", "acceptOverpromise": "just in case"}), selection).await;
        assert_eq!(done["terms"]["acceptedOverpromise"], Value::Null);
        let own = remit.portal("acme", "NORTHWIND", "agreements:read capability:read");
        for field in ["promiseCheck { verdict }", "acceptedOverpromise { reason }"] {
            let query = format!("{{ agreement(by: {{code: \"MSA-1\"}}) {{ terms {{ {field} }} }} }}");
            assert_eq!(code(&own.refused(&query, json!({})).await[0]), "FORBIDDEN capability:read");
            let reader = remit.user("acme", "agreements:read");
            assert_eq!(code(&reader.refused(&query, json!({})).await[0]), "FORBIDDEN capability:read");
        }
    }
}
