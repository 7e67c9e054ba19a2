//! What happens to agreements in the course of time: suspended, resumed, terminated, expired, renewed.

use serde_json::{Value, json};

use crate::support::{Remit, User, both, fixtures};

fn of(number: &str) -> Value {
    json!({"agreement": {"code": number}})
}

fn with(mut input: Value, mut more: Value) -> Value {
    input.as_object_mut().unwrap().append(more.as_object_mut().unwrap());
    input
}

async fn agreement(remit: &Remit) -> User<'_> {
    let admin = remit.admin("acme");
    fixtures::catalogue(&admin).await;
    fixtures::agreement_in_force(&admin, "MSA-1").await;
    admin
}

/// An agreement whose terms have these days and this renewal.
async fn agreed(admin: &User<'_>, number: &str, terms: Value) {
    let create = json!({"number": number, "title": "x", "client": {"code": "NORTHWIND"}, "currency": "USD"});
    admin.done("createAgreement", create, "").await;
    admin.done("draftTerms", with(fixtures::draft(number), terms), "").await;
    admin.done("offerTerms", of(number), "").await;
    admin
        .done(
            "activateTerms",
            with(of(number), json!({"acceptedBy": "Northwind", "acceptedAt": "2020-01-01T00:00:00Z"})),
            "",
        )
        .await;
}

async fn verdict(user: &User<'_>, at: &str) -> String {
    let query = "query ($at: DateTime!) { coverage(input: {agreement: {code: \"MSA-1\"}, service: {code: \"HELPDESK\"}, at: $at}) { verdict } agreement(by: {code: \"MSA-1\"}) { termsAt(at: $at) { version } } }";
    let answer = user.ask_with(query, json!({"at": at})).await;
    let verdict = answer["coverage"]["verdict"].as_str().unwrap();
    assert_eq!(verdict == "NOT_IN_FORCE", answer["agreement"]["termsAt"].is_null(), "{at}");
    verdict.to_owned()
}

const STANDING: &str = "agreement { status terms { version } suspensions { from until reason } termination { on reason } } terms { version status }";

both! {
    async fn nothing_holds_while_an_agreement_is_suspended(remit: Remit) {
        let admin = agreement(&remit).await;
        let suspend = with(of("MSA-1"), json!({"on": "2026-11-10", "reason": "The invoice of September is open."}));
        let suspended = admin.done("suspendAgreement", suspend.clone(), STANDING).await;
        assert_eq!(suspended["agreement"], json!({"status": "SUSPENDED", "terms": null, "termination": null,
            "suspensions": [{"from": "2026-11-10", "until": null, "reason": "The invoice of September is open."}]}));
        assert_eq!(suspended["terms"], json!({"version": 1, "status": "IN_FORCE"}));
        assert_eq!(admin.done("suspendAgreement", suspend, STANDING).await, suspended);
        assert_eq!(admin.denied("suspendAgreement", with(of("MSA-1"), json!({"on": "2026-11-12", "reason": "x"}))).await, ["CONFLICT input.on"]);
        // A day begins at midnight in New York.
        assert_eq!(verdict(&admin, "2026-11-10T04:59:59Z").await, "INCLUDED");
        assert_eq!(verdict(&admin, "2026-11-10T05:00:00Z").await, "NOT_IN_FORCE");
        let query = "{ agreements(filter: {status: [SUSPENDED]}) { nodes { number } totalCount } active: agreements(filter: {status: [ACTIVE]}) { totalCount } }";
        assert_eq!(admin.ask(query).await, json!({"agreements": {"nodes": [{"number": "MSA-1"}], "totalCount": 1}, "active": {"totalCount": 0}}));

        assert_eq!(admin.denied("resumeAgreement", with(of("MSA-1"), json!({"on": "2026-11-10"}))).await, ["INVALID input.on"]);
        let resume = with(of("MSA-1"), json!({"on": "2026-11-20"}));
        let resumed = admin.done("resumeAgreement", resume.clone(), STANDING).await;
        assert_eq!((&resumed["agreement"]["status"], &resumed["agreement"]["suspensions"][0]["until"]), (&json!("ACTIVE"), &json!("2026-11-20")));
        assert_eq!(admin.done("resumeAgreement", resume, STANDING).await, resumed);
        assert_eq!(admin.denied("resumeAgreement", with(of("MSA-1"), json!({"on": "2026-11-21"}))).await, ["CONFLICT input.agreement"]);
        assert_eq!(verdict(&admin, "2026-11-20T04:59:59Z").await, "NOT_IN_FORCE");
        assert_eq!(verdict(&admin, "2026-11-20T05:00:00Z").await, "INCLUDED");
        // Before the first day there is nothing to suspend, and within a suspension neither.
        for (on, refused) in [("2025-12-31", "INVALID input.on"), ("2026-11-19", "CONFLICT input.on")] {
            assert_eq!(admin.denied("suspendAgreement", with(of("MSA-1"), json!({"on": on, "reason": "x"}))).await, [refused]);
        }
    }

    async fn a_suspension_that_is_over_is_entered_late(remit: Remit) {
        let admin = agreement(&remit).await;
        let suspend = |on: &str, until: &str| with(of("MSA-1"), json!({"on": on, "until": until, "reason": "Unpaid."}));
        admin.done("suspendAgreement", suspend("2026-10-01", "2026-10-20"), "").await;
        let endless = with(of("MSA-1"), json!({"on": "2026-09-01", "reason": "Unpaid."}));
        let refused = admin.call("suspendAgreement", endless.clone(), "").await;
        assert_eq!(refused["errors"][0]["message"], "the agreement is suspended from 2026-10-01 to 2026-10-20 already; say `until` for one that was over before");
        for (on, until, refused) in [
            ("2026-09-01", "2026-10-02", "CONFLICT input.on"),
            ("2026-09-01", "2026-11-01", "CONFLICT input.on"),
            ("2026-10-19", "2026-10-25", "CONFLICT input.on"),
            ("2026-10-01", "2026-10-19", "CONFLICT input.on"),
            ("2026-09-01", "2026-09-01", "INVALID input.until"),
            ("2025-12-01", "2026-01-10", "INVALID input.on"),
        ] {
            assert_eq!(admin.denied("suspendAgreement", suspend(on, until)).await, [refused], "{on} {until}");
        }
        // One before it, one that ends as it begins, and one that begins as it ends and is resumed later.
        admin.done("suspendAgreement", suspend("2026-09-01", "2026-09-10"), "").await;
        let late = admin.done("suspendAgreement", suspend("2026-09-20", "2026-10-01"), STANDING).await;
        assert_eq!(admin.done("suspendAgreement", suspend("2026-09-20", "2026-10-01"), STANDING).await, late);
        assert_eq!(admin.done("suspendAgreement", endless, STANDING).await, late, "it is known, and so is its end");
        admin.done("suspendAgreement", with(of("MSA-1"), json!({"on": "2026-10-20", "reason": "Unpaid."})), "").await;
        let resumed = admin.done("resumeAgreement", with(of("MSA-1"), json!({"on": "2026-11-01"})), STANDING).await;
        let days = |s: &Value| format!("{} {}", s["from"].as_str().unwrap(), s["until"].as_str().unwrap());
        let found: Vec<String> = resumed["agreement"]["suspensions"].as_array().unwrap().iter().map(days).collect();
        assert_eq!(found, ["2026-09-01 2026-09-10", "2026-09-20 2026-10-01", "2026-10-01 2026-10-20", "2026-10-20 2026-11-01"]);
        for (at, expected) in [
            ("2026-09-05T12:00:00Z", "NOT_IN_FORCE"),
            ("2026-09-10T04:00:00Z", "INCLUDED"),
            ("2026-09-30T12:00:00Z", "NOT_IN_FORCE"),
            ("2026-10-31T12:00:00Z", "NOT_IN_FORCE"),
            ("2026-11-01T12:00:00Z", "INCLUDED"),
        ] {
            assert_eq!(verdict(&admin, at).await, expected, "{at}");
        }
    }

    async fn a_terminated_agreement_is_over_from_its_day_on(remit: Remit) {
        let admin = agreement(&remit).await;
        let terminate = |on: &str, reason: &str| with(of("MSA-1"), json!({"on": on, "reason": reason}));
        let first = admin.done("terminateAgreement", terminate("2027-01-01", "Northwind was bought."), STANDING).await;
        assert_eq!((&first["agreement"]["status"], &first["agreement"]["termination"]), (&json!("ACTIVE"), &json!({"on": "2027-01-01", "reason": "Northwind was bought."})));
        // To come, it can be moved; once it has come, not.
        admin.done("terminateAgreement", terminate("2026-11-23", "Sooner, by mutual consent."), "").await;
        let ended = admin.done("terminateAgreement", terminate("2026-11-23", "Sooner, by mutual consent."), STANDING).await;
        assert_eq!((&ended["agreement"]["status"], &ended["terms"]["status"]), (&json!("TERMINATED"), &json!("SUPERSEDED")));
        assert_eq!(admin.denied("terminateAgreement", terminate("2027-01-01", "x")).await, ["CONFLICT input.on"]);
        assert_eq!(verdict(&admin, "2026-11-23T04:59:59Z").await, "INCLUDED");
        assert_eq!(verdict(&admin, "2026-11-23T05:00:00Z").await, "NOT_IN_FORCE");
        assert_eq!(admin.denied("draftTerms", of("MSA-1")).await, ["CONFLICT input.agreement"]);
        assert_eq!(admin.denied("suspendAgreement", terminate("2026-12-01", "x")).await, ["CONFLICT input.on"]);
        let found = admin.ask("{ agreements(filter: {status: [TERMINATED], endsBefore: \"2026-11-23\"}) { nodes { number currentTerm { endsOn renewal } } } }").await;
        assert_eq!(found["agreements"]["nodes"], json!([{"number": "MSA-1", "currentTerm": {"endsOn": "2026-11-22", "renewal": null}}]));
    }

    async fn what_was_never_accepted_has_nothing_to_end(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        admin.done("createAgreement", json!({"number": "A", "title": "x", "client": {"code": "NORTHWIND"}, "currency": "USD"}), "").await;
        let ending = with(of("A"), json!({"on": "2026-12-01", "reason": "x"}));
        assert_eq!(admin.denied("suspendAgreement", ending.clone()).await, ["CONFLICT input.agreement"]);
        assert_eq!(admin.denied("terminateAgreement", ending).await, ["CONFLICT input.agreement"]);
        assert_eq!(admin.denied("resumeAgreement", with(of("A"), json!({"on": "2026-12-01"}))).await, ["CONFLICT input.agreement"]);
        assert_eq!(admin.denied("terminateAgreement", with(of("A"), json!({"on": "2026-12-01", "reason": " "}))).await, ["INVALID input.reason"]);
        assert_eq!(admin.denied("suspendAgreement", with(of("NOPE"), json!({"on": "2026-12-01", "reason": "x"}))).await, ["NOT_FOUND input.agreement"]);
        assert_eq!(admin.denied("suspendAgreement", with(of("A"), json!({"on": "2026-12-01", "reason": "x", "revision": 9}))).await, ["STALE_REVISION input.revision"]);
    }

    async fn terms_that_renew_by_themselves_end_a_term_later_each_time(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        let yearly = |kind: &str| json!({"kind": kind, "months": 12, "noticeMonths": 2});
        agreed(&admin, "AUTO", json!({"effectiveFrom": "2022-08-29", "effectiveUntil": "2025-08-28", "renewal": yearly("AUTOMATIC")})).await;
        agreed(&admin, "FIRST", json!({"effectiveFrom": "2020-08-01", "renewal": {"months": 12, "firstTermMonths": 36, "noticeDays": 90}})).await;
        agreed(&admin, "HAND", json!({"effectiveFrom": "2024-02-29", "effectiveUntil": "2026-12-31", "renewal": yearly("BY_HAND")})).await;
        agreed(&admin, "FIXED", json!({"effectiveFrom": "2026-01-01", "effectiveUntil": "2026-12-31"})).await;
        agreed(&admin, "OPEN", json!({"effectiveFrom": "2026-01-01"})).await;
        agreed(&admin, "OVER", json!({"effectiveFrom": "2020-01-01", "effectiveUntil": "2025-12-31", "renewal": yearly("BY_HAND")})).await;
        let query = "query ($before: Date!) { agreements(filter: {endsBefore: $before}) { nodes { number } } all: agreements { nodes { number status currentTerm { endsOn renewal decideBy nextEndsOn } } } }";
        let all = admin.ask_with(query, json!({"before": "2026-01-01"})).await["all"]["nodes"].clone();
        let term = |ends: &str, renewal: Value, decide: Value, next: Value| json!({"endsOn": ends, "renewal": renewal, "decideBy": decide, "nextEndsOn": next});
        assert_eq!(all, json!([
            {"number": "AUTO", "status": "ACTIVE", "currentTerm": term("2027-08-28", json!("AUTOMATIC"), json!("2027-06-28"), json!("2028-08-28"))},
            {"number": "FIRST", "status": "ACTIVE", "currentTerm": term("2027-07-31", json!("AUTOMATIC"), json!("2027-05-02"), json!("2028-07-31"))},
            {"number": "FIXED", "status": "ACTIVE", "currentTerm": term("2026-12-31", Value::Null, Value::Null, Value::Null)},
            {"number": "HAND", "status": "ACTIVE", "currentTerm": term("2026-12-31", json!("BY_HAND"), json!("2026-10-31"), json!("2027-12-31"))},
            {"number": "OPEN", "status": "ACTIVE", "currentTerm": null},
            {"number": "OVER", "status": "EXPIRED", "currentTerm": term("2025-12-31", json!("BY_HAND"), json!("2025-10-31"), json!("2026-12-31"))},
        ]));
        for (before, found) in [
            ("2025-12-31", vec![]),
            ("2026-01-01", vec!["OVER"]),
            ("2026-12-31", vec!["OVER"]),
            ("2027-01-01", vec!["FIXED", "HAND", "OVER"]),
            ("2027-07-31", vec!["FIXED", "HAND", "OVER"]),
            ("2027-08-01", vec!["FIRST", "FIXED", "HAND", "OVER"]),
            ("2027-08-28", vec!["FIRST", "FIXED", "HAND", "OVER"]),
            ("2027-08-29", vec!["AUTO", "FIRST", "FIXED", "HAND", "OVER"]),
            ("2099-01-01", vec!["AUTO", "FIRST", "FIXED", "HAND", "OVER"]),
        ] {
            let nodes = admin.ask_with(query, json!({"before": before})).await["agreements"]["nodes"].clone();
            let expected: Vec<Value> = found.iter().map(|number| json!({"number": number})).collect();
            assert_eq!(nodes, json!(expected), "before {before}");
        }
    }

    async fn renewals_are_made_and_declined(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        agreed(&admin, "HAND", json!({"effectiveFrom": "2026-01-01", "effectiveUntil": "2026-12-31", "renewal": {"kind": "BY_HAND", "months": 12}})).await;
        let selection = "agreement { revision currentTerm { endsOn nextEndsOn } renewals { decision endsOn saidBy reason } } terms { effectiveUntil }";
        let renew = with(of("HAND"), json!({"until": "2027-12-31", "acceptedBy": "Northwind"}));
        let renewed = admin.done("renewAgreement", renew.clone(), selection).await;
        assert_eq!(renewed["agreement"]["currentTerm"], json!({"endsOn": "2027-12-31", "nextEndsOn": "2028-12-31"}));
        assert_eq!(renewed["agreement"]["renewals"], json!([{"decision": "RENEWED", "endsOn": "2027-12-31", "saidBy": "Northwind", "reason": null}]));
        assert_eq!(renewed["terms"]["effectiveUntil"], "2026-12-31");
        assert_eq!(admin.done("renewAgreement", renew, selection).await, renewed);
        assert_eq!(admin.denied("renewAgreement", with(of("HAND"), json!({"until": "2027-06-30", "acceptedBy": "x"}))).await, ["INVALID input.until"]);
        assert_eq!(admin.denied("declineRenewal", with(of("HAND"), json!({"saidBy": "x", "reason": "x"}))).await, ["CONFLICT input.agreement"]);
        let at = admin.ask("{ agreement(by: {code: \"HAND\"}) { before: termsAt(at: \"2028-01-01T04:59:59Z\") { version } after: termsAt(at: \"2028-01-01T05:00:00Z\") { version } } }").await;
        assert_eq!(at["agreement"], json!({"before": {"version": 1}, "after": null}));

        agreed(&admin, "AUTO", json!({"effectiveFrom": "2025-01-01", "effectiveUntil": "2025-12-31", "renewal": {"months": 12, "noticeMonths": 3}})).await;
        assert_eq!(admin.denied("renewAgreement", with(of("AUTO"), json!({"until": "2030-12-31", "acceptedBy": "x"}))).await, ["CONFLICT input.agreement"]);
        // On 23 November the notice for the end of the year comes too late.
        let decline = with(of("AUTO"), json!({"saidBy": "Northwind", "reason": "They do it themselves from then on."}));
        let declined = admin.done("declineRenewal", decline.clone(), selection).await;
        assert_eq!(declined["agreement"]["currentTerm"], json!({"endsOn": "2027-12-31", "nextEndsOn": null}));
        assert_eq!(declined["agreement"]["renewals"][0], json!({"decision": "DECLINED", "endsOn": "2027-12-31", "saidBy": "Northwind", "reason": "They do it themselves from then on."}));
        assert_eq!(admin.done("declineRenewal", decline, selection).await, declined);
    }

    async fn every_instant_has_the_terms_that_held_then(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        let priced = |amount: &str| json!({"roles": [], "rates": [{"treatment": "HOURLY", "hourly": {"amount": amount, "currency": "USD"}}]});
        agreed(&admin, "MSA-1", json!({"effectiveFrom": "2025-01-01", "extraHours": priced("150")})).await;
        // Clocks go forward on the first day of the second version, and back the day before that of the third.
        for terms in [
            json!({"effectiveFrom": "2026-03-08", "extraHours": priced("160")}),
            json!({"effectiveFrom": "2026-11-02", "effectiveUntil": "2026-12-31", "extraHours": priced("170"), "renewal": {"kind": "BY_HAND", "months": 12, "noticeMonths": 1}}),
        ] {
            admin.done("draftTerms", with(of("MSA-1"), terms), "").await;
            admin.done("offerTerms", of("MSA-1"), "").await;
            admin.done("activateTerms", with(of("MSA-1"), json!({"acceptedBy": "Northwind"})), "").await;
        }
        admin.done("suspendAgreement", with(of("MSA-1"), json!({"on": "2026-06-01", "reason": "Unpaid."})), "").await;
        admin.done("resumeAgreement", with(of("MSA-1"), json!({"on": "2026-06-15"})), "").await;
        // A draft changes nothing of what holds.
        admin.done("draftTerms", with(of("MSA-1"), json!({"effectiveFrom": "2027-06-01", "extraHours": priced("180")})), "").await;
        let query = "query ($at: DateTime!) { agreement(by: {code: \"MSA-1\"}) { termsAt(at: $at) { version } }
            coverage(input: {agreement: {code: \"MSA-1\"}, service: {code: \"HELPDESK\"}, at: $at}) { verdict terms { version } hourlyRate { amount } } }";
        let holds = async |at: &str| {
            let answer = admin.ask_with(query, json!({"at": at})).await;
            let decision = &answer["coverage"];
            assert_eq!(answer["agreement"]["termsAt"]["version"], decision["terms"]["version"], "{at}");
            assert_eq!(decision["verdict"] == "NOT_IN_FORCE", decision["terms"].is_null(), "{at}");
            (decision["terms"]["version"].as_i64(), decision["hourlyRate"]["amount"].as_str().map(str::to_owned))
        };
        let version = |number: i64, amount: &str| (Some(number), Some(amount.to_owned()));
        for (at, expected) in [
            ("2025-01-01T04:59:59.999999Z", (None, None)),
            ("2025-01-01T05:00:00Z", version(1, "150.00")),
            ("2026-03-08T04:59:59Z", version(1, "150.00")),
            ("2026-03-08T05:00:00Z", version(2, "160.00")),
            ("2026-06-01T03:59:59Z", version(2, "160.00")),
            ("2026-06-01T04:00:00Z", (None, None)),
            ("2026-06-15T03:59:59Z", (None, None)),
            ("2026-06-15T04:00:00Z", version(2, "160.00")),
            ("2026-11-02T04:59:59Z", version(2, "160.00")),
            ("2026-11-02T05:00:00Z", version(3, "170.00")),
            ("2027-01-01T04:59:59Z", version(3, "170.00")),
            ("2027-01-01T05:00:00Z", (None, None)),
        ] {
            assert_eq!(holds(at).await, expected, "{at}");
        }
        // What is agreed later reaches what comes later, and nothing before.
        admin.done("renewAgreement", with(of("MSA-1"), json!({"until": "2027-12-31", "acceptedBy": "Northwind"})), "").await;
        assert_eq!(holds("2027-01-01T05:00:00Z").await, version(3, "170.00"));
        admin.done("terminateAgreement", with(of("MSA-1"), json!({"on": "2027-03-14", "reason": "Northwind moves."})), "").await;
        for (at, expected) in [("2026-03-08T04:59:59Z", version(1, "150.00")), ("2027-03-14T04:59:59Z", version(3, "170.00")), ("2027-03-14T05:00:00Z", (None, None))] {
            assert_eq!(holds(at).await, expected, "{at}");
        }
    }

    async fn days_and_renewals_that_cannot_be_are_refused(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        admin.done("createAgreement", json!({"number": "A", "title": "x", "client": {"code": "NORTHWIND"}, "currency": "USD"}), "").await;
        for (terms, refused) in [
            (json!({"effectiveFrom": "2026-01-01", "effectiveUntil": "2026-12-31", "renewal": {"months": 12, "firstTermMonths": 12}}), "INVALID input.renewal"),
            (json!({"renewal": {"months": 0}}), "INVALID input.renewal.months"),
            (json!({"renewal": {"months": 1, "firstTermMonths": 1201}}), "INVALID input.renewal.firstTermMonths"),
            (json!({"renewal": {"months": 1, "noticeMonths": -1}}), "INVALID input.renewal.noticeMonths"),
            (json!({"renewal": {"months": 1, "noticeDays": 40000}}), "INVALID input.renewal.noticeDays"),
        ] {
            assert_eq!(admin.denied("draftTerms", with(of("A"), terms)).await, [refused]);
        }
        // A renewal after no end renews nothing.
        admin.done("draftTerms", with(fixtures::draft("A"), json!({"renewal": {"months": 12}})), "").await;
        let offered = admin.call("offerTerms", of("A"), "").await;
        assert!(offered["errors"][0]["message"].as_str().unwrap().starts_with("RENEWAL_WITHOUT_END"), "{offered:#}");
    }
}
