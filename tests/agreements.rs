//! The life of an agreement: made, drafted, offered, activated, amended, withdrawn.

use serde_json::{Value, json};

use crate::support::{both, fixtures};

const CREATE: &str = "agreement { number status revision pending { id } } terms { id }";

fn create(number: &str) -> Value {
    json!({"number": number, "title": "Managed services", "client": {"code": "NORTHWIND"}, "currency": "USD"})
}

fn of(number: &str) -> Value {
    json!({"agreement": {"code": number}})
}

fn with(mut input: Value, field: &str, value: Value) -> Value {
    input[field] = value;
    input
}

both! {
    async fn from_nothing_to_terms_in_force(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        let made = admin.done("createAgreement", create("MSA-1"), CREATE).await;
        assert_eq!(made["agreement"], json!({"number": "MSA-1", "status": "DRAFT", "revision": 1, "pending": null}));
        let drafted = admin.done("draftTerms", fixtures::draft("MSA-1"), "agreement { revision } terms { version status readiness { ready findings { code } } }").await;
        assert_eq!(drafted["terms"], json!({"version": 1, "status": "DRAFT", "readiness": {"ready": true, "findings": [{"code": "NO_END"}]}}));
        assert_eq!(drafted["agreement"]["revision"], 2);
        let offered = admin.done("offerTerms", of("MSA-1"), "agreement { status } terms { status }").await;
        assert_eq!((&offered["agreement"]["status"], &offered["terms"]["status"]), (&json!("OFFERED"), &json!("OFFERED")));
        let accept = with(of("MSA-1"), "acceptedBy", json!("Northwind's board"));
        let active = admin.done("activateTerms", accept.clone(), "agreement { status revision } terms { status acceptedBy acceptedAt }").await;
        let terms = json!({"status": "IN_FORCE", "acceptedBy": "Northwind's board", "acceptedAt": "2026-11-23T12:00:00Z"});
        assert_eq!(active, json!({"agreement": {"status": "ACTIVE", "revision": 4}, "terms": terms, "errors": []}));
        // A retry changes nothing.
        let again = admin.done("activateTerms", accept, "agreement { revision }").await;
        assert_eq!(again["agreement"]["revision"], 4);
    }

    async fn all_seven_sections_come_back_as_they_were_written(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        fixtures::agreement_in_force(&admin, "MSA-1").await;
        let query = "{ agreement(by: {code: \"MSA-1\"}) { currency client { code } terms {
            effectiveFrom effectiveUntil calendar { code revision } tier { code revision }
            services { clause service { code } components { code } quantity unitPrice { amount currency } note }
            exclusions { clause title service { code } scenario component }
            extraHours { clause roles { role hourly { amount } } rates { code hoursClass treatment multiplier hourly { amount } } rounding { aggregate increment minimum } }
            responsibilities { clause scenario component party costs { item party } }
            obligations { clause code gatesServices { code } gatesScenarios effects graceDays state }
            performance { clause component value window strength } availability { clause percent clock } recovery { clause fixWithin clock } backups { clause every retentionDays offSite } } } }";
        let agreement = admin.ask(query).await["agreement"].clone();
        let terms = &agreement["terms"];
        assert_eq!(terms["services"], json!([
            {"clause": "1.1.1", "service": {"code": "HELPDESK"}, "components": [], "quantity": 25, "unitPrice": {"amount": "18.50", "currency": "USD"}, "note": null},
            {"clause": "1.1.2", "service": {"code": "CARE"}, "components": [{"code": "PATCHING"}, {"code": "BACKUP"}], "quantity": 1, "unitPrice": {"amount": "240.00", "currency": "USD"}, "note": "Three servers."}]));
        assert_eq!(terms["exclusions"][1], json!({"clause": "1.2.2", "title": "Spilled coffee", "service": null, "scenario": "USER_ERROR", "component": "WORKSTATION"}));
        assert_eq!(terms["extraHours"]["rates"][1], json!({"code": "R2", "hoursClass": ["AFTER_HOURS", "WEEKEND"], "treatment": "MULTIPLIER", "multiplier": "1.5", "hourly": null}));
        assert_eq!(terms["extraHours"]["rounding"], json!({"aggregate": "ENTRY", "increment": "PT1M", "minimum": "PT0S"}));
        assert_eq!(terms["responsibilities"][4], json!({"clause": "3.5", "scenario": "HARDWARE_FAILURE", "component": "WORKSTATION", "party": "CLIENT", "costs": [{"item": "LABOUR", "party": "PROVIDER"}]}));
        assert_eq!(terms["obligations"], json!([{"clause": "4.1", "code": "BACKUP-DISK", "gatesServices": [{"code": "BACKUP"}], "gatesScenarios": ["DATA_LOSS"], "effects": ["NOT_LIABLE"], "graceDays": 7, "state": "UNKNOWN"}]));
        assert_eq!(terms["performance"][0], json!({"clause": "6.1", "component": "HARDWARE", "value": "99.5", "window": "CALENDAR_MONTH", "strength": "TARGET"}));
        assert_eq!((&terms["availability"][0], &terms["recovery"][0]), (&json!({"clause": "7.1.1", "percent": "99.9", "clock": "AROUND_THE_CLOCK"}), &json!({"clause": "7.2.1", "fixWithin": "PT8H", "clock": "BUSINESS_HOURS"})));
        assert_eq!(terms["backups"][0], json!({"clause": "7.3.1", "every": "PT24H", "retentionDays": 30, "offSite": true}));
        assert_eq!((&terms["effectiveFrom"], &terms["calendar"]["revision"]), (&json!("2026-01-01"), &json!(1)));
    }

    async fn title_and_references_can_become_others(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        let reference = |system: &str, id: &str| json!({"system": system, "id": id});
        admin.done("createAgreement", with(create("A"), "externalRefs", json!([reference("crm", "1")])), "").await;
        admin.done("createAgreement", with(create("B"), "externalRefs", json!([reference("crm", "2")])), "").await;
        let selection = "agreement { number title revision externalRefs { system id } }";
        let renamed = with(with(of("A"), "title", json!("Managed office")), "revision", json!(1));
        let done = admin.done("updateAgreement", renamed.clone(), selection).await;
        let expected = json!({"number": "A", "title": "Managed office", "revision": 2, "externalRefs": [reference("crm", "1")]});
        assert_eq!(done["agreement"], expected);
        assert_eq!(admin.denied("updateAgreement", renamed).await, ["STALE_REVISION input.revision"]);
        // The same again changes nothing.
        let again = admin.done("updateAgreement", with(of("A"), "title", json!("Managed office")), selection).await;
        assert_eq!(again["agreement"], expected);
        let refs = json!([reference("crm", "3"), reference("psa", "77")]);
        let done = admin.done("updateAgreement", with(of("A"), "externalRefs", refs.clone()), selection).await;
        assert_eq!((&done["agreement"]["externalRefs"], &done["agreement"]["revision"], &done["agreement"]["title"]), (&refs, &json!(3), &json!("Managed office")));
        assert_eq!(admin.ask("{ agreement(by: {external: {system: \"psa\", id: \"77\"}}) { number } }").await["agreement"]["number"], "A");
        assert_eq!(admin.ask("{ agreement(by: {external: {system: \"crm\", id: \"1\"}}) { number } }").await["agreement"], Value::Null);
        let cleared = admin.done("updateAgreement", with(of("A"), "externalRefs", Value::Null), selection).await;
        assert_eq!(cleared["agreement"]["externalRefs"], json!([]));
        for (input, refused) in [
            (with(of("NOPE"), "title", json!("x")), "NOT_FOUND input.agreement"),
            (with(of("A"), "title", json!(" ")), "INVALID input.title"),
            (with(of("A"), "title", Value::Null), "INVALID input.title"),
            (with(of("A"), "externalRefs", json!([reference("crm", "9"), reference("crm", "2")])), "ALREADY_EXISTS input.externalRefs.1"),
        ] {
            assert_eq!(admin.denied("updateAgreement", input).await, [refused]);
        }
        let writer = remit.user("acme", "agreements:read agreements:activate");
        let document = "mutation { updateAgreement(input: {agreement: {code: \"A\"}, title: \"x\"}) { errors { code } } }";
        assert_eq!(crate::support::code(&writer.refused(document, json!({})).await[0]), "FORBIDDEN agreements:write");
    }

    async fn a_draft_keeps_what_is_not_given_and_null_clears(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        admin.done("createAgreement", create("A"), "").await;
        admin.done("draftTerms", fixtures::draft("A"), "").await;
        let selection = "agreement { revision } terms { services { quantity } exclusions { title } effectiveFrom effectiveUntil calendar { code } }";
        let changed = with(of("A"), "exclusions", json!([{"title": "Toner", "reason": "Bought by the client."}]));
        let changed = admin.done("draftTerms", with(changed, "effectiveUntil", json!("2026-12-31")), selection).await;
        let expected = json!({"services": [{"quantity": 25}, {"quantity": 1}], "exclusions": [{"title": "Toner"}],
            "effectiveFrom": "2026-01-01", "effectiveUntil": "2026-12-31", "calendar": {"code": "OFFICE"}});
        assert_eq!((&changed["terms"], &changed["agreement"]["revision"]), (&expected, &json!(3)));
        // The same again changes nothing, not even the revision.
        let same = admin.done("draftTerms", with(of("A"), "effectiveUntil", json!("2026-12-31")), selection).await;
        assert_eq!(same["agreement"]["revision"], 3);
        let cleared = with(with(of("A"), "effectiveUntil", Value::Null), "services", Value::Null);
        let cleared = admin.done("draftTerms", with(cleared, "calendar", Value::Null), selection).await;
        let terms = &cleared["terms"];
        assert_eq!((&terms["services"], &terms["effectiveUntil"], &terms["calendar"]), (&json!([]), &Value::Null, &Value::Null));
    }

    async fn what_was_agreed_stays_when_the_catalogue_moves_on(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        fixtures::agreement_in_force(&admin, "A").await;
        admin.done("createAgreement", create("B"), "").await;
        admin.done("draftTerms", fixtures::draft("B"), "").await;
        let mut tier = fixtures::tier();
        tier["targets"][0]["within"] = json!("PT10M");
        admin.done("putSlaTier", tier, "").await;
        admin.done("putService", json!({"code": "CARE", "name": "Care", "kind": "PACKAGE", "components": [{"code": "PATCHING"}]}), "").await;
        let query = "query ($n: String!) { agreement(by: {code: $n}) { versions { tier { revision targets { within } } services { components { code } } } } }";
        let pinned = admin.ask_with(query, json!({"n": "A"})).await["agreement"]["versions"][0].clone();
        assert_eq!((&pinned["tier"]["revision"], &pinned["tier"]["targets"][0]["within"]), (&json!(1), &json!("PT30M")));
        assert_eq!(pinned["services"][1]["components"], json!([{"code": "PATCHING"}, {"code": "BACKUP"}]));
        let draft = admin.ask_with(query, json!({"n": "B"})).await["agreement"]["versions"][0].clone();
        assert_eq!((&draft["tier"]["revision"], &draft["services"][1]["components"]), (&json!(2), &json!([{"code": "PATCHING"}])));
    }

    async fn an_amendment_takes_over_on_its_day(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        fixtures::agreement_in_force(&admin, "A").await;
        let amend = with(of("A"), "effectiveFrom", json!("2027-01-01"));
        let drafted = admin.done("draftTerms", amend, "terms { version services { quantity } } agreement { status pending { version } terms { version } }").await;
        assert_eq!(drafted["terms"], json!({"version": 2, "services": [{"quantity": 25}, {"quantity": 1}]}));
        assert_eq!(drafted["agreement"], json!({"status": "ACTIVE", "pending": {"version": 2}, "terms": {"version": 1}}));
        admin.done("offerTerms", of("A"), "").await;
        admin.done("activateTerms", with(of("A"), "acceptedBy", json!("board")), "").await;
        let query = "{ agreement(by: {code: \"A\"}) { versions { version status } pending { id }
            last: termsAt(at: \"2027-01-01T04:59:59Z\") { version } first: termsAt(at: \"2027-01-01T05:00:00Z\") { version } never: termsAt(at: \"2026-01-01T04:59:59Z\") { version } } }";
        let expected = json!({"versions": [{"version": 2, "status": "SCHEDULED"}, {"version": 1, "status": "IN_FORCE"}], "pending": null,
            "last": {"version": 1}, "first": {"version": 2}, "never": null});
        assert_eq!(admin.ask(query).await["agreement"], expected);
        // The next ones would begin no later.
        admin.done("draftTerms", with(of("A"), "effectiveFrom", json!("2027-01-01")), "").await;
        assert_eq!(admin.denied("offerTerms", of("A")).await, ["TERMS_OVERLAP effectiveFrom"]);
    }

    async fn a_draft_full_of_gaps_is_not_offered(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        admin.done("createAgreement", create("A"), "").await;
        let drafted = admin.done("draftTerms", of("A"), "terms { readiness { ready findings { code section blocking path hint } } }").await;
        let findings = drafted["terms"]["readiness"]["findings"].as_array().unwrap().clone();
        let sections: std::collections::BTreeSet<&str> = findings.iter().map(|f| f["section"].as_str().unwrap()).collect();
        assert_eq!(sections.len(), 7, "{sections:?}");
        assert_eq!(drafted["terms"]["readiness"]["ready"], false);
        let refused = admin.denied("offerTerms", of("A")).await;
        let blocking = findings.iter().filter(|finding| finding["blocking"] == true).count();
        assert_eq!((refused.len(), findings.len()), (blocking, blocking + 1), "NO_END does not block");
        assert!(refused.iter().all(|error| error.starts_with("NOT_READY ")), "{refused:?}");
        let agreement = admin.ask("{ agreement(by: {code: \"A\"}) { status revision } }").await;
        assert_eq!(agreement["agreement"], json!({"status": "DRAFT", "revision": 2}));
    }

    async fn a_rounding_that_is_left_open_is_found_and_the_usual_applies(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        admin.done("createAgreement", create("A"), "").await;
        let open = |part: &str| json!({"code": "ROUNDING_LEFT_OPEN", "path": ["extraHours", "rounding", part]});
        let usual = json!({"aggregate": "ENTRY", "minimum": "PT0S", "increment": "PT1M"});
        let no_end = json!({"code": "NO_END", "path": ["effectiveUntil"]});
        for (rounding, left_open) in [
            (Value::Null, vec![open("increment"), open("minimum")]),
            (json!({}), vec![open("increment"), open("minimum")]),
            (json!({"increment": "PT1M"}), vec![open("minimum")]),
            // Said as it is usual it is said.
            (json!({"increment": "PT1M", "minimum": "PT0S"}), Vec::new()),
        ] {
            let mut draft = fixtures::draft("A");
            draft["extraHours"]["rounding"] = rounding.clone();
            let drafted = admin.done("draftTerms", draft, "terms { extraHours { rounding { aggregate minimum increment } } readiness { ready findings { code path } } }").await;
            assert_eq!(drafted["terms"]["extraHours"]["rounding"], usual);
            let findings = [vec![no_end.clone()], left_open].concat();
            assert_eq!(drafted["terms"]["readiness"], json!({"ready": true, "findings": findings}), "{rounding}");
        }
    }

    async fn moves_out_of_turn_are_refused(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        let accept = || with(of("A"), "acceptedBy", json!("board"));
        let withdraw = || with(of("A"), "reason", json!("Changed our minds."));
        assert_eq!(admin.denied("draftTerms", of("A")).await, ["NOT_FOUND input.agreement"]);
        admin.done("createAgreement", create("A"), "").await;
        admin.done("createAgreement", create("A"), "").await;
        assert_eq!(admin.denied("createAgreement", with(create("A"), "title", json!("Other"))).await, ["ALREADY_EXISTS input.number"]);
        assert_eq!(admin.denied("offerTerms", of("A")).await, ["NOT_A_DRAFT input.agreement"]);
        assert_eq!(admin.denied("withdrawTerms", withdraw()).await, ["CONFLICT input.agreement"]);
        admin.done("draftTerms", fixtures::draft("A"), "").await;
        assert_eq!(admin.denied("activateTerms", accept()).await, ["CONFLICT input.agreement"]);
        assert_eq!(admin.denied("offerTerms", with(of("A"), "revision", json!(1))).await, ["STALE_REVISION input.revision"]);
        admin.done("offerTerms", with(of("A"), "revision", json!(2)), "").await;
        assert_eq!(admin.denied("draftTerms", fixtures::draft("A")).await, ["NOT_A_DRAFT input.agreement"]);
        assert_eq!(admin.denied("activateTerms", with(accept(), "acceptedAt", json!("2027-01-01T00:00:00Z"))).await, ["INVALID input.acceptedAt"]);
        let withdrawn = admin.done("withdrawTerms", withdraw(), "terms { status } agreement { status pending { id } }").await;
        assert_eq!(withdrawn["terms"]["status"], "WITHDRAWN");
        assert_eq!(withdrawn["agreement"], json!({"status": "DRAFT", "pending": null}));
        // Drafting goes on from what was withdrawn, days included.
        let again = admin.done("draftTerms", of("A"), "terms { version effectiveFrom readiness { ready } }").await;
        assert_eq!(again["terms"], json!({"version": 2, "effectiveFrom": "2026-01-01", "readiness": {"ready": true}}));
    }

    async fn what_a_clause_cannot_say_is_refused_with_its_place(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        admin.done("createAgreement", create("A"), "").await;
        let hourly = |amount: &str, currency: &str| json!({"rates": [], "roles": [{"role": "engineer", "hourly": {"amount": amount, "currency": currency}}]});
        let service = |code: &str, quantity: i32| json!([{"service": {"code": code}, "quantity": quantity}]);
        for (field, value, expected) in [
            ("services", service("HELPDESK", 0), "INVALID input.services.0.quantity"),
            ("services", service("NOTHING", 1), "NOT_FOUND input.services.0.service"),
            ("extraHours", hourly("-1", "USD"), "INVALID input.extraHours.roles.0.hourly.amount"),
            ("extraHours", json!({"roles": [], "rates": [{"treatment": "MULTIPLIER"}]}), "INVALID input.extraHours.rates.0.treatment"),
            ("extraHours", json!({"roles": [], "rates": [{"treatment": "HOURLY", "multiplier": "2"}]}), "INVALID input.extraHours.rates.0.treatment"),
            ("effectiveUntil", json!("2025-12-31"), "INVALID input.effectiveUntil"),
            ("responsibilities", json!([{"scenario": "DATA_LOSS", "party": "CLIENT", "duties": "a"}, {"scenario": "DATA_LOSS", "party": "PROVIDER", "duties": "b"}]), "INVALID input.responsibilities.1"),
            ("backups", json!([{"subject": "S", "every": "PT0S", "retentionDays": 30}]), "INVALID input.backups.0.every"),
            ("availability", json!([{"subject": "S", "percent": "100.1", "window": "CALENDAR_MONTH"}]), "INVALID input.availability.0.percent"),
        ] {
            let input = with(with(of("A"), "effectiveFrom", json!("2026-01-01")), field, value);
            assert_eq!(admin.denied("draftTerms", input).await, [expected]);
        }
        let query = "mutation ($input: DraftTermsInput!) { draftTerms(input: $input) { errors { code } } }";
        let errors = admin.refused(query, json!({"input": with(of("A"), "extraHours", hourly("1", "XXX"))})).await;
        assert_eq!(crate::support::code(&errors[0]), "BAD_USER_INPUT input.extraHours.roles.0.hourly.currency");
        assert_eq!(admin.ask("{ agreement(by: {code: \"A\"}) { revision versions { id } } }").await["agreement"], json!({"revision": 1, "versions": []}));
        // Other currencies are for readiness to find.
        let drafted = admin.done("draftTerms", with(fixtures::draft("A"), "extraHours", hourly("1", "EUR")), "terms { readiness { findings { code path } } }").await;
        let differs = json!({"code": "CURRENCY_DIFFERS", "path": ["extraHours", "roles", "0", "hourly"]});
        assert!(drafted["terms"]["readiness"]["findings"].as_array().unwrap().contains(&differs));
    }

    async fn a_portal_sees_its_own_client_and_what_was_offered(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        admin.done("putClient", json!({"code": "OTHER", "name": "Other"}), "").await;
        admin.done("createAgreement", with(create("B"), "client", json!({"code": "OTHER"})), "").await;
        fixtures::agreement_in_force(&admin, "A").await;
        admin.done("draftTerms", with(of("A"), "effectiveFrom", json!("2027-01-01")), "").await;
        let portal = remit.portal("acme", "NORTHWIND", "agreements:read clients:read catalogue:read coverage:read agreements:write");
        let seen = portal.ask("{ viewer { client { code } } clients { nodes { code } } agreements { totalCount nodes { number pending { id } versions { version } } }
            services { nodes { code } } agreement(by: {code: \"B\"}) { id } }").await;
        assert_eq!(seen["viewer"]["client"]["code"], "NORTHWIND");
        assert_eq!(seen["clients"]["nodes"], json!([{"code": "NORTHWIND"}]));
        assert_eq!(seen["agreements"], json!({"totalCount": 1, "nodes": [{"number": "A", "pending": null, "versions": [{"version": 1}]}]}));
        let codes = json!([{"code": "BACKUP"}, {"code": "CARE"}, {"code": "HELPDESK"}, {"code": "PATCHING"}, {"code": "PROJECTS"}]);
        assert_eq!((&seen["services"]["nodes"], &seen["agreement"]), (&codes, &Value::Null));
        admin.done("putService", json!({"code": "SECRET", "name": "Secret", "kind": "CLOUD"}), "").await;
        assert_eq!(portal.ask("{ service(by: {code: \"SECRET\"}) { id } }").await["service"], Value::Null);
        let query = "mutation { draftTerms(input: {agreement: {code: \"A\"}}) { errors { code } } }";
        assert_eq!(crate::support::code(&portal.refused(query, json!({})).await[0]), "FORBIDDEN agreements:write");
        let nobody = remit.portal("acme", "GONE", "agreements:read clients:read catalogue:read");
        let seen = nobody.ask("{ viewer { client { id } } clients { totalCount } agreements { totalCount } services { totalCount } }").await;
        assert_eq!(seen, json!({"viewer": {"client": null}, "clients": {"totalCount": 0}, "agreements": {"totalCount": 0}, "services": {"totalCount": 0}}));
    }

    async fn lists_are_filtered(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        admin.done("putClient", json!({"code": "OTHER", "name": "Other"}), "").await;
        fixtures::agreement_in_force(&admin, "A").await;
        admin.done("createAgreement", with(create("B"), "client", json!({"code": "OTHER"})), "").await;
        admin.done("createAgreement", create("C"), "").await;
        admin.done("draftTerms", with(fixtures::draft("C"), "effectiveUntil", json!("2026-10-31")), "").await;
        admin.done("offerTerms", of("C"), "").await;
        let list = async |filter: &str| {
            let found = admin.ask(&format!("{{ agreements(filter: {filter}) {{ totalCount nodes {{ number }} }} }}")).await["agreements"].clone();
            let numbers: String = found["nodes"].as_array().unwrap().iter().map(|n| n["number"].as_str().unwrap()).collect();
            assert_eq!(found["totalCount"], numbers.len());
            numbers
        };
        for (filter, expected) in [
            ("{}", "ABC"), ("{status: [ACTIVE]}", "A"), ("{status: [OFFERED, DRAFT]}", "BC"), ("{status: []}", ""),
            ("{client: {code: \"OTHER\"}}", "B"), ("{client: {code: \"NOBODY\"}}", ""), ("{service: {code: \"BACKUP\"}}", "AC"),
            ("{service: {code: \"PROJECTS\"}}", ""), ("{endsBefore: \"2027-01-01\"}", ""),
        ] {
            assert_eq!(list(filter).await, expected, "{filter}");
        }
        admin.done("activateTerms", with(of("C"), "acceptedBy", json!("board")), "").await;
        assert_eq!((list("{status: [EXPIRED]}").await.as_str(), list("{endsBefore: \"2026-11-01\"}").await.as_str()), ("C", "C"));
        assert_eq!(list("{endsBefore: \"2026-10-31\"}").await, "");
        let nested = admin.ask("{ clients { nodes { code agreements(first: 1) { totalCount nodes { number } pageInfo { hasNextPage } } } } }").await;
        assert_eq!(nested["clients"]["nodes"], json!([
            {"code": "NORTHWIND", "agreements": {"totalCount": 2, "nodes": [{"number": "A"}], "pageInfo": {"hasNextPage": true}}},
            {"code": "OTHER", "agreements": {"totalCount": 1, "nodes": [{"number": "B"}], "pageInfo": {"hasNextPage": false}}}]));
    }
}
