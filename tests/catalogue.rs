//! Services, tiers, calendars and clients: put, found, listed, refused.

use serde_json::{Value, json};

use crate::support::{both, code, fixtures};

both! {
    async fn what_is_put_is_found_by_every_handle(remit: Remit) {
        let admin = remit.admin("acme");
        let input = json!({"code": "MAIL", "name": "Mail", "kind": "CLOUD", "externalRefs": [{"system": "psa", "id": "7"}]});
        let put = admin.done("putService", input, "service { id code unit description retired }").await["service"].clone();
        assert_eq!(put, json!({"id": put["id"], "code": "MAIL", "unit": "month", "description": "", "retired": false}));
        let id = put["id"].as_str().unwrap();
        for by in [json!({"id": id}), json!({"code": "MAIL"}), json!({"external": {"system": "psa", "id": "7"}})] {
            let found = admin.ask_with("query ($by: Ref!) { service(by: $by) { id externalRefs { system id } } }", json!({"by": by})).await;
            assert_eq!(found["service"], json!({"id": id, "externalRefs": [{"system": "psa", "id": "7"}]}), "{by}");
        }
        let node = admin.ask_with("query ($id: ID!) { node(id: $id) { __typename id ... on Service { code } } }", json!({"id": id})).await;
        assert_eq!(node["node"], json!({"__typename": "Service", "id": id, "code": "MAIL"}));
    }

    async fn an_omitted_field_stays_and_null_clears(remit: Remit) {
        let admin = remit.admin("acme");
        let full = json!({"code": "A", "name": "A", "kind": "CLOUD", "description": "long", "unit": "seat", "retired": true});
        admin.done("putService", full, "").await;
        let kept = admin.done("putService", json!({"code": "A", "name": "B", "kind": "CLOUD"}), "service { name description unit retired }").await;
        assert_eq!(kept["service"], json!({"name": "B", "description": "long", "unit": "seat", "retired": true}));
        // A variable that is left out is left out, not null.
        let query = "mutation ($d: String, $u: String) { putService(input: {code: \"A\", name: \"B\", kind: CLOUD, description: $d, unit: $u}) { service { description unit } } }";
        let kept = admin.ask_with(query, json!({"u": null})).await;
        assert_eq!(kept["putService"]["service"], json!({"description": "long", "unit": "month"}));
    }

    async fn a_package_holds_services_and_no_packages(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        let care = admin.ask("{ service(by: {code: \"CARE\"}) { components { code } } }").await;
        assert_eq!(care["service"]["components"], json!([{"code": "PATCHING"}, {"code": "BACKUP"}]));
        let package = |code: &str, component: &str| json!({"code": code, "name": "P", "kind": "PACKAGE", "components": [{"code": component}]});
        assert_eq!(admin.denied("putService", package("ALL", "CARE")).await, ["INVALID input.components.0"]);
        assert_eq!(admin.denied("putService", package("ALL", "NOTHING")).await, ["NOT_FOUND input.components.0"]);
        assert_eq!(admin.denied("putService", package("PATCHING", "BACKUP")).await, ["INVALID input.kind"]);
        let cloud = json!({"code": "X", "name": "X", "kind": "CLOUD", "components": [{"code": "BACKUP"}]});
        assert_eq!(admin.denied("putService", cloud).await, ["INVALID input.components"]);
    }

    async fn a_tier_gets_a_revision_when_what_terms_pin_changes(remit: Remit) {
        let admin = remit.admin("acme");
        let first = admin.done("putSlaTier", fixtures::tier(), "slaTier { id revision }").await["slaTier"].clone();
        let mut renamed = fixtures::tier();
        renamed["name"] = json!("Golden");
        let same = admin.done("putSlaTier", renamed.clone(), "slaTier { id revision name }").await;
        assert_eq!(same["slaTier"], json!({"id": first["id"], "revision": 1, "name": "Golden"}));
        renamed["targets"][0]["within"] = json!("PT15M");
        let second = admin.done("putSlaTier", renamed, "slaTier { id revision waiting { reason } creditMinimumTickets }").await["slaTier"].clone();
        assert_eq!(second["revision"], 2);
        let old = admin.ask_with("query ($id: ID!) { slaTier(by: {id: $id}) { revision name targets { within } } }", json!({"id": first["id"]})).await;
        assert_eq!((&old["slaTier"]["revision"], &old["slaTier"]["name"]), (&json!(1), &json!("Golden")));
        assert_eq!(old["slaTier"]["targets"][0]["within"], "PT30M");
        let newest = admin.ask("{ slaTier(by: {code: \"GOLD\"}) { id } }").await;
        assert_eq!(newest["slaTier"]["id"], second["id"]);
    }

    async fn a_calendar_answers(remit: Remit) {
        let admin = remit.admin("acme");
        admin.done("putCalendar", fixtures::calendar(), "").await;
        let query = "{ calendar(by: {code: \"OFFICE\"}) {
            weekend exceptions { date holiday }
            open: isOpen(at: \"2026-11-23T13:00:00Z\") closed: isOpen(at: \"2026-11-23T22:00:00Z\")
            holiday: hoursClass(at: \"2026-11-26T15:00:00Z\") weekend2: hoursClass(at: \"2026-11-28T15:00:00Z\")
            next: nextOpening(at: \"2026-11-25T22:00:00Z\")
            openTime(from: \"2026-11-23T00:00:00Z\", to: \"2026-11-30T00:00:00Z\")
            due(from: \"2026-11-25T21:00:00Z\", within: \"PT4H\")
            never: due(from: \"2026-11-25T21:00:00Z\", within: \"PT900000H\") } }";
        let expected = json!({"weekend": ["SATURDAY", "SUNDAY"], "exceptions": [{"date": "2026-11-26", "holiday": true}],
            "open": true, "closed": false, "holiday": "HOLIDAY", "weekend2": "WEEKEND", "next": "2026-11-27T13:00:00Z",
            "openTime": "PT36H", "due": "2026-11-27T16:00:00Z", "never": null});
        assert_eq!(admin.ask(query).await["calendar"], expected);
        let errors = admin.refused("{ calendar(by: {code: \"OFFICE\"}) { openTime(from: \"2026-11-24T00:00:00Z\", to: \"2026-11-23T00:00:00Z\") } }", json!({})).await;
        assert_eq!(code(&errors[0]), "BAD_USER_INPUT to");
    }

    async fn exceptions_that_have_begun_are_history_once_terms_use_the_calendar(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        let mut calendar = fixtures::calendar();
        let with = |calendar: &mut Value, exceptions: Value| calendar["exceptions"] = exceptions;
        with(&mut calendar, json!([{"date": "2026-11-23", "name": "Today"}]));
        admin.done("putCalendar", calendar.clone(), "").await;
        fixtures::agreement_in_force(&admin, "MSA-1").await;
        with(&mut calendar, json!([{"date": "2026-11-23", "name": "Today"}, {"date": "2026-11-20", "name": "Past"}]));
        assert_eq!(admin.denied("putCalendar", calendar.clone()).await, ["INVALID input.exceptions.0"]);
        with(&mut calendar, json!([]));
        assert_eq!(admin.denied("putCalendar", calendar.clone()).await, ["INVALID input.exceptions"]);
        with(&mut calendar, json!([{"date": "2026-11-23", "name": "Renamed"}, {"date": "2026-12-25", "name": "Christmas"}]));
        let put = admin.done("putCalendar", calendar, "calendar { revision exceptions { name } }").await;
        assert_eq!(put["calendar"], json!({"revision": 1, "exceptions": [{"name": "Renamed"}, {"name": "Christmas"}]}));
        // What was offered before sees the new holiday too.
        let query = "{ agreement(by: {code: \"MSA-1\"}) { terms { calendar { hoursClass(at: \"2026-12-25T15:00:00Z\") } } } }";
        assert_eq!(admin.ask(query).await["agreement"]["terms"]["calendar"]["hoursClass"], "HOLIDAY");
    }

    async fn a_date_has_begun_as_soon_as_it_has_in_one_zone_that_terms_pin(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        // Noon in London on the 23rd is the 24th in Kiritimati and the morning of the 23rd in New York.
        let calendar = |zone: &str, date: &str| {
            let mut calendar = fixtures::calendar();
            calendar["timeZone"] = json!(zone);
            calendar["exceptions"] = json!([{"date": date, "name": "Off"}]);
            calendar
        };
        // A revision that no terms pin does not count.
        admin.done("putCalendar", calendar("Pacific/Kiritimati", "2026-12-01"), "").await;
        admin.done("putCalendar", calendar("America/New_York", "2026-12-01"), "").await;
        fixtures::agreement_in_force(&admin, "MSA-1").await;
        admin.done("putCalendar", calendar("America/New_York", "2026-11-24"), "").await;
        admin.done("putCalendar", calendar("Pacific/Kiritimati", "2026-12-01"), "").await;
        fixtures::agreement_in_force(&admin, "MSA-2").await;
        for zone in ["Pacific/Kiritimati", "America/New_York"] {
            assert_eq!(admin.denied("putCalendar", calendar(zone, "2026-11-24")).await, ["INVALID input.exceptions.0"]);
            admin.done("putCalendar", calendar(zone, "2026-11-25"), "").await;
        }
    }

    async fn lists_page_both_ways_by_keyset(remit: Remit) {
        let admin = remit.admin("acme");
        for code in ["A", "B", "C", "D", "E"] {
            admin.done("putClient", json!({"code": code, "name": code}), "").await;
        }
        let page = async |arguments: &str| {
            let query = format!("{{ clients({arguments}) {{ totalCount nodes {{ code }} pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }}");
            let clients = admin.ask(&query).await["clients"].clone();
            let codes: String = clients["nodes"].as_array().unwrap().iter().map(|n| n["code"].as_str().unwrap()).collect();
            let info = &clients["pageInfo"];
            assert_eq!(clients["totalCount"], 5);
            (codes, info["hasPreviousPage"].as_bool().unwrap(), info["hasNextPage"].as_bool().unwrap(), info["startCursor"].clone(), info["endCursor"].clone())
        };
        let (codes, before, behind, _, end) = page("first: 2").await;
        assert_eq!((codes.as_str(), before, behind), ("AB", false, true));
        let (codes, before, behind, start, end) = page(&format!("first: 2, after: {end}")).await;
        assert_eq!((codes.as_str(), before, behind), ("CD", true, true));
        let (codes, _, behind, ..) = page(&format!("first: 2, after: {end}")).await;
        assert_eq!((codes.as_str(), behind), ("E", false));
        let (codes, before, behind, ..) = page(&format!("last: 1, before: {start}")).await;
        assert_eq!((codes.as_str(), before, behind), ("B", true, true));
        assert_eq!(page("first: 0").await.0, "");
    }

    async fn what_cannot_be_is_said_with_its_place_and_nothing_is_stored(remit: Remit) {
        let admin = remit.admin("acme");
        let mut overlapping = fixtures::calendar();
        overlapping["weekly"].as_array_mut().unwrap().push(json!({"weekday": "FRIDAY", "opens": "16:00", "closes": "18:00"}));
        let weekly = |opens: &str, closes: &str| json!({"code": "C", "name": "C", "timeZone": "UTC", "weekly": [{"weekday": "MONDAY", "opens": opens, "closes": closes}]});
        let long = "x".repeat(10_000);
        for (mutation, input, expected) in [
            ("putCalendar", overlapping, "INVALID input.weekly.5"),
            ("putCalendar", weekly("09:00", "09:00"), "INVALID input.weekly.0"),
            ("putClient", json!({"code": long, "name": "x"}), "INVALID input.code"),
            ("putClient", json!({"code": "x", "name": ""}), "INVALID input.name"),
            ("putClient", json!({"code": "a\u{7}b", "name": "x"}), "INVALID input.code"),
            ("putSlaTier", json!({"code": "T", "name": "T", "targets": [{"priority": "P1", "milestone": "RESPONSE"}]}), "INVALID input.targets.0"),
            ("putSlaTier", json!({"code": "T", "name": "T", "targets": [{"priority": "P1", "milestone": "RESPONSE", "within": "PT1H"}, {"priority": "P1", "milestone": "RESPONSE", "within": "PT2H"}]}), "INVALID input.targets.1"),
            ("putSlaTier", json!({"code": "T", "name": "T", "targets": [], "creditCapPercent": "101"}), "INVALID input.creditCapPercent"),
        ] {
            assert_eq!(admin.denied(mutation, input).await, [expected], "{mutation}");
        }
        for (input, expected) in [
            (json!({"code": "C", "name": "C", "timeZone": "Mars/Olympus", "weekly": []}), "BAD_USER_INPUT input.timeZone"),
            (weekly("25:00", "26:00"), "BAD_USER_INPUT input.weekly.0.opens"),
            (json!({"code": "C", "name": "C", "timeZone": "UTC"}), "BAD_USER_INPUT input.weekly"),
            (json!({"code": "C\u{0}", "name": "C", "timeZone": "UTC", "weekly": []}), "BAD_USER_INPUT input.code"),
            (json!({"code": "C", "name": "C", "timeZone": "UTC", "weekly": [], "wekly": []}), "BAD_USER_INPUT input.wekly"),
        ] {
            let query = "mutation ($input: PutCalendarInput!) { putCalendar(input: $input) { errors { code } } }";
            let errors = admin.refused(query, json!({"input": input})).await;
            assert_eq!(code(&errors[0]), expected);
        }
        let nothing = admin.ask("{ calendars { totalCount } clients { totalCount } slaTiers { totalCount } }").await;
        assert_eq!(nothing, json!({"calendars": {"totalCount": 0}, "clients": {"totalCount": 0}, "slaTiers": {"totalCount": 0}}));
    }

    async fn bad_questions_get_clear_answers(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        let services = admin.ask("{ services(first: 1) { pageInfo { endCursor } } }").await;
        let cursor = services["services"]["pageInfo"]["endCursor"].as_str().unwrap();
        for (query, expected) in [
            ("{ clients(first: -1) { totalCount } }".to_owned(), "BAD_USER_INPUT first"),
            ("{ clients(first: 100000) { totalCount } }".to_owned(), "BAD_USER_INPUT first"),
            ("{ clients(first: 1, last: 1) { totalCount } }".to_owned(), "BAD_USER_INPUT last"),
            (format!("{{ clients(after: \"{cursor}\") {{ totalCount }} }}"), "BAD_USER_INPUT after"),
            ("{ clients(after: \"%%%\") { totalCount } }".to_owned(), "BAD_USER_INPUT after"),
            // Of the list, and of no place in it: "audit", a line feed and "zz".
            ("{ audit(after: \"YXVkaXQKeno\") { totalCount } }".to_owned(), "BAD_USER_INPUT after"),
            ("{ service(by: {id: \"a\", code: \"b\"}) { id } }".to_owned(), "BAD_USER_INPUT by"),
            ("{ service(by: {}) { id } }".to_owned(), "BAD_USER_INPUT by"),
            ("{ coverage(input: {at: \"yesterday\"}) { verdict } }".to_owned(), "BAD_USER_INPUT input.at"),
            ("{ coverage(input: {at: \"2026-11-23T12:00:00Z\"}) { verdict } }".to_owned(), "BAD_USER_INPUT input"),
            ("{ nothing }".to_owned(), "GRAPHQL_VALIDATION_FAILED"),
            ("{ viewer { ".to_owned(), "GRAPHQL_PARSE_FAILED"),
        ] {
            assert_eq!(code(&admin.refused(&query, json!({})).await[0]), expected, "{query}");
        }
        let unknown = admin.ask("{ service(by: {code: \"NOTHING\"}) { id } node(id: \"nonsense\") { id } nodes(ids: [\"x\"]) { id } }").await;
        assert_eq!(unknown, json!({"service": null, "node": null, "nodes": [null]}));
    }

    async fn an_id_of_another_kind_names_nothing(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        fixtures::agreement_in_force(&admin, "MSA-1").await;
        let ids = admin.ask("{ client(by: {code: \"NORTHWIND\"}) { id } service(by: {code: \"CARE\"}) { id } }").await;
        let (client, service) = (&ids["client"]["id"], &ids["service"]["id"]);
        let query = "query ($client: ID!, $service: ID!, $questions: [CoverageInput!]!) {
            service(by: {id: $client}) { id } agreement(by: {id: $client}) { id } ticket(by: {id: $client}) { id } timeEntry(by: {code: \"x\"}) { id }
            agreements(filter: {client: {id: $service}}) { totalCount } charges(filter: {agreement: {id: $client}}) { totalCount }
            coverages(inputs: $questions) { verdict reasons { code } } }";
        let at = "2026-11-20T12:00:00Z";
        let questions = json!([
            {"agreement": {"id": client}, "at": at},
            {"client": {"id": service}, "at": at},
            {"agreement": {"code": "MSA-1"}, "service": {"id": client}, "at": at},
            {"agreement": {"code": "MSA-1"}, "service": {"id": service}, "at": at},
        ]);
        let answer = admin.ask_with(query, json!({"client": client, "service": service, "questions": questions})).await;
        let nothing = ["service", "agreement", "ticket", "timeEntry"];
        assert!(nothing.iter().all(|root| answer[*root].is_null()), "{answer}");
        assert_eq!((&answer["agreements"], &answer["charges"]), (&json!({"totalCount": 0}), &json!({"totalCount": 0})));
        for (place, verdict, reason) in [
            (0, "NOT_IN_FORCE", "AGREEMENT_UNKNOWN"),
            (1, "NOT_IN_FORCE", "CLIENT_UNKNOWN"),
            (2, "NOT_LISTED", "SERVICE_UNKNOWN"),
            (3, "INCLUDED", "SERVICE_INCLUDED"),
        ] {
            let one = &answer["coverages"][place];
            assert_eq!(one["verdict"], verdict, "{one}");
            assert!(one["reasons"].as_array().unwrap().iter().any(|said| said["code"] == reason), "{one}");
        }
        // What is to be written says so.
        let create = json!({"number": "X", "title": "X", "client": {"id": service}, "currency": "USD"});
        assert_eq!(admin.denied("createAgreement", create).await, ["INVALID input.client.id"]);
    }

    async fn an_object_that_a_token_does_not_reach_takes_no_other_away(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        fixtures::agreement_in_force(&admin, "MSA-1").await;
        let ids = admin.ask("{ client(by: {code: \"NORTHWIND\"}) { id } agreement(by: {code: \"MSA-1\"}) { id } }").await;
        let (client, agreement) = (&ids["client"]["id"], &ids["agreement"]["id"]);
        // One that is there and one that is not are told apart by nothing.
        let unknown = format!("{}0", &agreement.as_str().unwrap()[..agreement.as_str().unwrap().len() - 1]);
        let asks = json!({"ids": [client, agreement, unknown, "nonsense"]});
        let answer = remit.user("acme", "clients:read").send("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", asks).await;
        assert_eq!(answer["data"]["nodes"], json!([{"id": client}, null, null, null]));
        let errors = answer["errors"].as_array().unwrap();
        let said: Vec<(String, &Value)> = errors.iter().map(|error| (code(error), &error["path"])).collect();
        let refused = || "FORBIDDEN agreements:read".to_owned();
        assert_eq!(said, [(refused(), &json!(["nodes", 1])), (refused(), &json!(["nodes", 2]))]);
    }

    async fn another_providers_objects_are_not_there(remit: Remit) {
        let (ours, theirs) = (remit.admin("acme"), remit.admin("zenith"));
        fixtures::catalogue(&ours).await;
        fixtures::agreement_in_force(&ours, "MSA-1").await;
        let ids = ours.ask("{ service(by: {code: \"CARE\"}) { id } slaTier(by: {code: \"GOLD\"}) { id } calendar(by: {code: \"OFFICE\"}) { id }
            client(by: {code: \"NORTHWIND\"}) { id } agreement(by: {code: \"MSA-1\"}) { id terms { id obligations { id } } } }").await;
        let ids: Vec<&str> = [&ids["service"], &ids["slaTier"], &ids["calendar"], &ids["client"], &ids["agreement"], &ids["agreement"]["terms"],
            &ids["agreement"]["terms"]["obligations"][0]].iter().map(|object| object["id"].as_str().unwrap()).collect();
        let query = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }";
        let found = ours.ask_with(query, json!({"ids": ids})).await;
        assert_eq!(found["nodes"].as_array().unwrap().iter().filter(|node| node.is_null()).count(), 0);
        let found = theirs.ask_with(query, json!({"ids": ids})).await;
        assert_eq!(found["nodes"], json!(vec![Value::Null; ids.len()]));
        let counts = theirs.ask("{ services { totalCount } clients { totalCount } agreements { totalCount } calendars { totalCount } slaTiers { totalCount } }").await;
        assert!(counts.as_object().unwrap().values().all(|list| list["totalCount"] == 0), "{counts}");
        let stolen = json!({"number": "X", "title": "X", "client": {"id": ids[3]}, "currency": "USD"});
        assert_eq!(theirs.denied("createAgreement", stolen).await, ["NOT_FOUND input.client"]);
    }
}
