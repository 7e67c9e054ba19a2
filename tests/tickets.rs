//! Tickets: recorded in any order, and their clocks, lists and reports.

use serde_json::{Value, json};

use crate::support::{Remit, User, both, code, fixtures};

const CLOCKS: &str = "clocks(at: $at) { milestone state due elapsed remaining stoppedAt breachedAt segments { from to counts why } ahead { to counts } target { within } }";

fn with(mut input: Value, field: &str, value: Value) -> Value {
    input[field] = value;
    input
}

/// A ticket of the agreement MSA-1, opened on a Friday at four in New York.
fn ticket(id: &str) -> Value {
    json!({"ref": {"system": "psa", "id": id}, "agreement": {"code": "MSA-1"}, "title": format!("Ticket {id}"),
           "priority": "P2", "openedAt": "2026-11-20T21:00:00Z"})
}

fn event(id: &str, kind: &str, at: &str) -> Value {
    json!({"id": id, "kind": kind, "at": at})
}

async fn provider(remit: &Remit) -> User<'_> {
    let admin = remit.admin("acme");
    fixtures::catalogue(&admin).await;
    fixtures::agreement_in_force(&admin, "MSA-1").await;
    admin
}

/// Records tickets; the outcome of each, a rejected one's with its errors: `REJECTED NOT_FOUND input.tickets.0.client`.
async fn record(user: &User<'_>, tickets: &[Value]) -> Vec<String> {
    let selection = "results { ref { id } outcome ticket { id } errors { code path } }";
    let done = user.done("recordTickets", json!({"tickets": tickets}), selection).await;
    let said = |(result, sent): (&Value, &Value)| {
        assert_eq!(result["ref"]["id"], sent["ref"]["id"]);
        let outcome = result["outcome"].as_str().unwrap().to_owned();
        let gone = outcome == "REJECTED" || sent["deleted"] == true;
        assert_eq!(result["ticket"].is_null(), gone, "{result}");
        let errors = result["errors"].as_array().unwrap().iter().map(crate::support::spelled);
        std::iter::once(outcome).chain(errors).collect::<Vec<_>>().join(" ")
    };
    let results = done["results"].as_array().unwrap();
    assert_eq!(results.len(), tickets.len());
    results.iter().zip(tickets).map(said).collect()
}

async fn found(user: &User<'_>, id: &str, selection: &str, at: &str) -> Value {
    let variable = if selection.contains("$at") { ", $at: DateTime" } else { "" };
    let query = format!(
        "query ($id: String!{variable}) {{ ticket(by: {{external: {{system: \"psa\", id: $id}}}}) {{ title {selection} }} }}"
    );
    user.ask_with(&query, json!({"id": id, "at": at})).await["ticket"].clone()
}

/// A clock in one line, `RESOLUTION RUNNING due 2026-11-23T21:00:00Z used PT1H left PT7H`.
async fn stands(user: &User<'_>, id: &str, milestone: &str, at: &str) -> String {
    let ticket = found(user, id, CLOCKS, at).await;
    let clocks = ticket["clocks"].as_array().unwrap();
    let Some(clock) = clocks.iter().find(|clock| clock["milestone"] == milestone) else { return "none".into() };
    let text = |name: &str| clock[name].as_str().unwrap_or("-").to_owned();
    let counted: Vec<&Value> = clock["segments"].as_array().unwrap().iter().filter(|s| s["counts"] == true).collect();
    assert_eq!(total(&counted), text("elapsed"), "{clock:#}");
    if text("state") == "RUNNING" {
        let ahead = clock["ahead"].as_array().unwrap().last();
        assert_eq!(ahead.map_or(at, |last| last["to"].as_str().unwrap()), clock["due"]);
    }
    format!("{} due {} used {} left {}", text("state"), text("due"), text("elapsed"), text("remaining"))
}

/// What stretches add up to.
fn total(segments: &[&Value]) -> String {
    let instant = |text: &Value| text.as_str().unwrap().parse::<remit_domain::Timestamp>().unwrap().as_microsecond();
    let micros = segments.iter().map(|s| instant(&s["to"]) - instant(&s["from"])).sum();
    remit_domain::Duration::from_micros(micros).to_string()
}

/// The titles of a page, as `filter` gives it.
async fn titles(user: &User<'_>, arguments: &str) -> Vec<String> {
    let arguments = if arguments.is_empty() { "first: 50" } else { arguments };
    let list =
        user.ask(&format!("{{ tickets({arguments}) {{ totalCount nodes {{ title }} }} }}")).await["tickets"].clone();
    list["nodes"].as_array().unwrap().iter().map(|node| node["title"].as_str().unwrap().to_owned()).collect()
}

both! {
    async fn a_ticket_is_found_again_and_its_clocks_run(remit: Remit) {
        let admin = provider(&remit).await;
        assert_eq!(record(&admin, &[ticket("1")]).await, ["CREATED"]);
        assert_eq!(record(&admin, &[ticket("1")]).await, ["UNCHANGED"]);
        let renamed = with(ticket("1"), "title", json!("Mail is down"));
        assert_eq!(record(&admin, &[renamed]).await, ["UPDATED"]);
        let selection = "id externalRef { system id } client { code } agreement { number } service { code } priority openedPriority openedAt resolvedAt events { id }";
        let shown = found(&admin, "1", selection, "2026-11-23T12:00:00Z").await;
        let id = shown["id"].clone();
        assert_eq!(shown, json!({"title": "Mail is down", "id": id, "externalRef": {"system": "psa", "id": "1"}, "client": {"code": "NORTHWIND"},
            "agreement": {"number": "MSA-1"}, "service": null, "priority": "P2", "openedPriority": "P2",
            "openedAt": "2026-11-20T21:00:00Z", "resolvedAt": null, "events": []}));
        let node = admin.ask_with("query ($id: ID!) { node(id: $id) { id ... on Ticket { title } } nodes(ids: [$id]) { id } ticket(by: {id: $id}) { title } }", json!({"id": id})).await;
        assert_eq!(node["node"], json!({"id": id, "title": "Mail is down"}));
        assert_eq!(node["ticket"]["title"], "Mail is down");
        // Friday 16:00 to 17:00, then Monday from eight on.
        for (at, expected) in [
            ("2026-11-20T20:59:59Z", "none"),
            ("2026-11-20T21:30:00Z", "RUNNING due 2026-11-23T20:00:00Z used PT30M left PT7H30M"),
            ("2026-11-22T12:00:00Z", "RUNNING due 2026-11-23T20:00:00Z used PT1H left PT7H"),
            ("2026-11-23T20:00:00Z", "RUNNING due 2026-11-23T20:00:00Z used PT8H left PT0S"),
            ("2026-11-23T21:00:00Z", "BREACHED due 2026-11-23T20:00:00Z used PT9H left PT0S"),
        ] {
            assert_eq!(stands(&admin, "1", "RESOLUTION", at).await, expected, "{at}");
        }
        assert_eq!(stands(&admin, "1", "RESPONSE", "2026-11-23T12:00:00Z").await, "BREACHED due 2026-11-20T22:00:00Z used PT1H left PT0S");
    }

    async fn events_in_any_order_come_to_the_same(remit: Remit) {
        let admin = provider(&remit).await;
        let events = [
            json!({"id": "w", "kind": "WAITING", "at": "2026-11-20T21:30:00Z", "waitingFor": "CLIENT"}),
            event("r", "RESUMED", "2026-11-23T14:00:00Z"),
            json!({"id": "p", "kind": "PRIORITY_CHANGED", "at": "2026-11-23T15:00:00Z", "priority": "P1"}),
            event("a", "RESPONDED", "2026-11-20T21:10:00Z"),
        ];
        let mut seen: Vec<String> = Vec::new();
        for (place, order) in [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1]].into_iter().enumerate() {
            let id = place.to_string();
            for part in order {
                let told = with(ticket(&id), "events", json!([events[part], events[order[0]]]));
                record(&admin, &[told]).await;
            }
            seen.push(stands(&admin, &id, "RESOLUTION", "2026-11-23T15:30:00Z").await + &stands(&admin, &id, "RESPONSE", "2026-11-23T15:30:00Z").await);
            assert_eq!(found(&admin, &id, "events { id kind at priority waitingFor } priority", "2026-11-24T00:00:00Z").await["events"].as_array().unwrap().len(), 4);
        }
        assert_eq!(seen[0], seen[1]);
        assert_eq!(seen[0], seen[2]);
        // Eight hours became four; the wait took out half an hour on Friday and one on Monday.
        assert!(seen[0].starts_with("RUNNING due 2026-11-23T17:30:00Z used PT2H left PT2H"), "{}", seen[0]);
        // All at once, as a correction, and taken back.
        let all = with(ticket("all"), "events", json!(events));
        record(&admin, &[all]).await;
        assert_eq!(stands(&admin, "all", "RESOLUTION", "2026-11-23T15:30:00Z").await, "RUNNING due 2026-11-23T17:30:00Z used PT2H left PT2H");
        let back = with(ticket("all"), "events", json!([{"id": "p", "kind": "PRIORITY_CHANGED", "at": "2026-11-23T15:00:00Z", "deleted": true}]));
        assert_eq!(record(&admin, std::slice::from_ref(&back)).await, ["UPDATED"]);
        assert_eq!(record(&admin, &[back]).await, ["UNCHANGED"]);
        assert_eq!(stands(&admin, "all", "RESOLUTION", "2026-11-23T15:30:00Z").await, "RUNNING due 2026-11-23T21:30:00Z used PT2H left PT6H");
    }

    async fn an_older_version_does_not_win(remit: Remit) {
        let admin = provider(&remit).await;
        let version = |title: &str, changed: &str| with(with(ticket("1"), "title", json!(title)), "changedAt", json!(changed));
        assert_eq!(record(&admin, &[version("second", "2026-11-21T10:00:00Z")]).await, ["CREATED"]);
        assert_eq!(record(&admin, &[version("first", "2026-11-21T09:00:00Z")]).await, ["UNCHANGED"]);
        assert_eq!(found(&admin, "1", "", "").await["title"], "second");
        assert_eq!(record(&admin, &[version("third", "2026-11-21T11:00:00Z"), version("second", "2026-11-21T10:00:00Z")]).await, ["UPDATED", "UNCHANGED"]);
        // The same, but newer, is no news, and is remembered.
        assert_eq!(record(&admin, &[version("third", "2026-11-21T12:00:00Z")]).await, ["UNCHANGED"]);
        assert_eq!(record(&admin, &[version("other", "2026-11-21T11:30:00Z")]).await, ["UNCHANGED"]);
        // Its priority now, where events do not give it.
        let raised = with(version("third", "2026-11-21T13:00:00Z"), "currentPriority", json!("P1"));
        assert_eq!(record(&admin, std::slice::from_ref(&raised)).await, ["UPDATED"]);
        assert_eq!(record(&admin, &[raised]).await, ["UNCHANGED"]);
        let shown = found(&admin, "1", "priority openedPriority events { kind at priority }", "").await;
        assert_eq!(shown["events"], json!([{"kind": "PRIORITY_CHANGED", "at": "2026-11-21T13:00:00Z", "priority": "P1"}]));
        assert_eq!((&shown["priority"], &shown["openedPriority"]), (&json!("P1"), &json!("P2")));
    }

    async fn a_ticket_that_says_an_event_in_two_ways_is_rejected(remit: Remit) {
        let admin = provider(&remit).await;
        let (early, late) = (event("r", "RESPONDED", "2026-11-20T21:10:00Z"), event("r", "RESPONDED", "2026-11-20T21:50:00Z"));
        let saying = |id: &str, events: &[&Value]| with(ticket(id), "events", json!(events));
        let dated = |told: Value| with(told, "changedAt", json!("2026-11-21T10:00:00Z"));
        let tickets = [saying("1", &[&early, &late]), dated(saying("2", &[&late, &early])), saying("3", &[&early, &early])];
        let expected = ["REJECTED INVALID input.tickets.0.events", "REJECTED INVALID input.tickets.1.events", "CREATED"];
        assert_eq!(record(&admin, &tickets).await, expected);
        assert_eq!(found(&admin, "1", "", "").await, Value::Null);
        // Of one that is there nothing is taken either; told apart, the later word is a correction.
        assert_eq!(record(&admin, &[with(saying("3", &[&early, &late]), "title", json!("Other"))]).await, ["REJECTED INVALID input.tickets.0.events"]);
        let shown = found(&admin, "3", "events { at }", "").await;
        assert_eq!(shown, json!({"title": "Ticket 3", "events": [{"at": "2026-11-20T21:10:00Z"}]}));
        assert_eq!(record(&admin, &[saying("3", &[&late])]).await, ["UPDATED"]);
    }

    async fn a_deleted_ticket_is_gone_until_it_is_told_again(remit: Remit) {
        let admin = provider(&remit).await;
        let deleted = with(ticket("1"), "deleted", json!(true));
        assert_eq!(record(&admin, std::slice::from_ref(&deleted)).await, ["UNCHANGED"]);
        assert_eq!(record(&admin, &[ticket("1")]).await, ["CREATED"]);
        assert_eq!(record(&admin, &[deleted.clone(), deleted]).await, ["DELETED", "UNCHANGED"]);
        assert_eq!(found(&admin, "1", "", "").await, Value::Null);
        assert_eq!(titles(&admin, "").await, [""; 0]);
        assert_eq!(record(&admin, &[ticket("1")]).await, ["CREATED"]);
        assert_eq!(titles(&admin, "filter: {state: RUNNING}").await, ["Ticket 1"]);
    }

    async fn who_may_only_write_is_shown_what_was_written(remit: Remit) {
        provider(&remit).await;
        let writer = remit.user("acme", "tickets:write");
        let own = "results { outcome ticket { title priority openedAt events { id } } errors { code } }";
        let done = writer.done("recordTickets", json!({"tickets": [ticket("1")]}), own).await;
        let shown = json!({"title": "Ticket 1", "priority": "P2", "openedAt": "2026-11-20T21:00:00Z", "events": []});
        assert_eq!(done["results"][0], json!({"outcome": "CREATED", "ticket": shown, "errors": []}));
        // Clocks are answers of their own, and so is what else there is.
        for query in [
            "mutation ($input: RecordTicketsInput!) { recordTickets(input: $input) { results { ticket { clocks { due } } } } }",
            "mutation ($input: RecordTicketsInput!) { recordTickets(input: $input) { results { ticket { client { code } } } } }",
        ] {
            let refused = writer.refused(query, json!({"input": {"tickets": [ticket("1")]}})).await;
            assert!(code(&refused[0]).starts_with("FORBIDDEN"), "{refused:?}");
        }
    }

    async fn each_ticket_is_judged_by_itself(remit: Remit) {
        let admin = provider(&remit).await;
        let both_owners = with(ticket("2"), "client", json!({"code": "NORTHWIND"}));
        let mut nobodys = ticket("3");
        nobodys.as_object_mut().unwrap().remove("agreement");
        let tickets = [
            ticket("1"),
            both_owners,
            nobodys,
            with(ticket("4"), "agreement", json!({"code": "NOPE"})),
            with(ticket("5"), "service", json!({"code": "NOPE"})),
            with(ticket("6"), "title", json!(" ")),
            with(ticket("7"), "events", json!([event("a", "RESPONDED", "2026-11-20T21:10:00Z"), event("b", "WAITING", "2026-11-20T21:10:00Z")])),
            with(ticket("8"), "events", json!([event("a", "PRIORITY_CHANGED", "2026-11-20T21:10:00Z")])),
            with(ticket("9"), "events", json!([{"id": "a", "kind": "RESOLVED", "at": "2026-11-20T21:10:00Z", "waitingFor": "CLIENT"}])),
            with(ticket("10"), "service", json!({"code": "HELPDESK"})),
            with(ticket("11"), "agreement", json!({"id": "cli_0193f00000007000800000000000000a"})),
        ];
        assert_eq!(record(&admin, &tickets).await, [
            "CREATED",
            "REJECTED INVALID input.tickets.1",
            "REJECTED INVALID input.tickets.2",
            "REJECTED NOT_FOUND input.tickets.3.agreement",
            "REJECTED NOT_FOUND input.tickets.4.service",
            "REJECTED INVALID input.tickets.5.title",
            "REJECTED INVALID input.tickets.6.events.1.waitingFor",
            "REJECTED INVALID input.tickets.7.events.0.priority",
            "REJECTED INVALID input.tickets.8.events.0.waitingFor",
            "CREATED",
            "REJECTED INVALID input.tickets.10.agreement.id",
        ]);
        assert_eq!(titles(&admin, "").await.len(), 2);
        assert_eq!(found(&admin, "10", "service { code }", "").await["service"]["code"], "HELPDESK");
        let many: Vec<Value> = (0..501).map(|n| ticket(&n.to_string())).collect();
        let document = "mutation ($input: RecordTicketsInput!) { recordTickets(input: $input) { results { outcome } } }";
        let refused = admin.refused(document, json!({"input": {"tickets": many}})).await;
        assert!(code(&refused[0]).starts_with("BAD_USER_INPUT"), "{refused:?}");
        assert_eq!(record(&admin, &[]).await, [""; 0]);
    }

    async fn a_clients_agreement_is_chosen_at_the_opening(remit: Remit) {
        let admin = provider(&remit).await;
        let mut of_client = with(ticket("1"), "client", json!({"code": "NORTHWIND"}));
        of_client.as_object_mut().unwrap().remove("agreement");
        let early = with(with(of_client.clone(), "ref", json!({"system": "psa", "id": "2"})), "openedAt", json!("2025-06-01T00:00:00Z"));
        assert_eq!(record(&admin, &[of_client.clone(), early.clone()]).await, ["CREATED", "CREATED"]);
        let agreement = async |id: &str| found(&admin, id, "agreement { number } clocks { state }", "").await;
        assert_eq!(agreement("1").await["agreement"]["number"], "MSA-1");
        assert_eq!(agreement("2").await, json!({"title": "Ticket 1", "agreement": null, "clocks": []}));
        // One that would come first now changes nothing; one that covers what had none does.
        fixtures::agreement_in_force(&admin, "A-1").await;
        assert_eq!(record(&admin, &[of_client]).await, ["UNCHANGED"]);
        assert_eq!(agreement("1").await["agreement"]["number"], "MSA-1");
        fixtures::agreement_since(&admin, "OLD", "2025-01-01").await;
        assert_eq!(agreement("2").await["agreement"]["number"], "OLD");
        assert_eq!(record(&admin, &[early]).await, ["UNCHANGED"]);
    }

    async fn lists_find_what_is_due_paused_and_breached(remit: Remit) {
        let admin = provider(&remit).await;
        admin.done("putClient", json!({"code": "SOUTHWIND", "name": "Southwind"}), "").await;
        let opened = |id: &str, at: &str, events: Value| with(with(ticket(id), "openedAt", json!(at)), "events", events);
        let responded = |at: &str| json!([event("r", "RESPONDED", at)]);
        record(&admin, &[
            // It is Monday, seven in the morning in New York; doors open at eight.
            opened("late", "2026-11-20T14:00:00Z", json!([])),
            opened("soon", "2026-11-20T16:00:00Z", responded("2026-11-20T16:10:00Z")),
            opened("later", "2026-11-20T21:00:00Z", responded("2026-11-20T21:10:00Z")),
            opened("held", "2026-11-20T15:00:00Z", json!([event("r", "RESPONDED", "2026-11-20T15:10:00Z"), {"id": "w", "kind": "WAITING", "at": "2026-11-20T16:00:00Z", "waitingFor": "CLIENT"}])),
            opened("done", "2026-11-20T17:00:00Z", json!([event("x", "RESOLVED", "2026-11-20T17:30:00Z")])),
            opened("gone", "2026-11-20T18:00:00Z", json!([event("r", "RESPONDED", "2026-11-20T18:10:00Z"), event("x", "CANCELLED", "2026-11-20T18:30:00Z")])),
        ]).await;
        let all = ["Ticket late", "Ticket held", "Ticket soon", "Ticket done", "Ticket gone", "Ticket later"];
        assert_eq!(titles(&admin, "").await, all);
        let list = admin.ask("{ tickets(first: 2) { totalCount pageInfo { hasNextPage endCursor } nodes { title } } }").await["tickets"].clone();
        assert_eq!((&list["totalCount"], &list["pageInfo"]["hasNextPage"]), (&json!(6), &json!(true)));
        let cursor = list["pageInfo"]["endCursor"].as_str().unwrap();
        assert_eq!(titles(&admin, &format!("first: 3, after: {cursor:?}")).await, all[2..5]);
        assert_eq!(titles(&admin, &format!("last: 5, before: {cursor:?}")).await, all[..1]);
        assert_eq!(titles(&admin, "last: 2").await, all[4..]);
        for (filter, expected) in [
            ("state: PAUSED", &["Ticket held"][..]),
            ("state: BREACHED", &["Ticket late"]),
            ("state: CANCELLED", &["Ticket gone"]),
            ("state: MET, milestone: RESOLUTION", &["Ticket done"]),
            ("state: MET", &["Ticket held", "Ticket soon", "Ticket done", "Ticket gone", "Ticket later"]),
            ("state: RUNNING", &["Ticket soon", "Ticket later"]),
            ("milestone: RESPONSE", &all),
            ("milestone: PLAN", &[]),
            // What is due comes by when it is due, what was due and has not come yet first.
            ("dueBefore: \"2026-11-23T16:00:00Z\"", &["Ticket late", "Ticket soon"]),
            ("dueBefore: \"2026-11-24T00:00:00Z\"", &["Ticket late", "Ticket soon", "Ticket later"]),
            ("dueBefore: \"2026-11-24T00:00:00Z\", state: RUNNING", &["Ticket soon", "Ticket later"]),
            ("dueBefore: \"2026-11-24T00:00:00Z\", milestone: RESPONSE", &["Ticket late"]),
            ("agreement: {code: \"MSA-1\"}, state: PAUSED", &["Ticket held"]),
            ("client: {code: \"SOUTHWIND\"}", &[]),
            ("agreement: {code: \"NOPE\"}", &[]),
            ("client: {code: \"NORTHWIND\"}, state: BREACHED", &["Ticket late"]),
        ] {
            let argument = format!("filter: {{{filter}}}");
            assert_eq!(titles(&admin, &argument).await, expected, "{filter}");
            let list = admin.ask(&format!("{{ tickets({argument}) {{ totalCount }} }}")).await;
            assert_eq!(list["tickets"]["totalCount"], expected.len(), "{filter}");
            // A page of one after the other comes to the same.
            let mut seen: Vec<String> = Vec::new();
            let mut after = String::new();
            loop {
                let page = admin.ask(&format!("{{ tickets(first: 1 {after} {argument}) {{ pageInfo {{ hasNextPage endCursor }} nodes {{ title }} }} }}")).await["tickets"].clone();
                seen.extend(page["nodes"].as_array().unwrap().iter().map(|node| node["title"].as_str().unwrap().to_owned()));
                if page["pageInfo"]["hasNextPage"] == false {
                    break;
                }
                after = format!("after: {}", page["pageInfo"]["endCursor"]);
            }
            assert_eq!(seen, expected, "{filter}");
        }
        // A cursor of the one order is none of the other.
        let refused = admin.refused(&format!("{{ tickets(after: {cursor:?}, filter: {{dueBefore: \"2026-11-24T00:00:00Z\"}}) {{ totalCount }} }}"), json!({})).await;
        assert_eq!(code(&refused[0]), "BAD_USER_INPUT after");
    }

    async fn a_report_counts_judgements_where_they_lie(remit: Remit) {
        let admin = provider(&remit).await;
        let opened = |id: &str, at: &str, events: Value| with(with(ticket(id), "openedAt", json!(at)), "events", events);
        record(&admin, &[
            opened("met", "2026-10-05T13:00:00Z", json!([event("x", "RESOLVED", "2026-10-05T13:30:00Z")])),
            opened("late", "2026-10-06T13:00:00Z", json!([event("r", "RESPONDED", "2026-10-06T16:00:00Z"), event("x", "RESOLVED", "2026-10-06T17:00:00Z")])),
            // Opened in October, mended in November; then reopened and late.
            opened("long", "2026-10-30T20:00:00Z", json!([event("r", "RESPONDED", "2026-10-30T20:10:00Z"), event("x", "RESOLVED", "2026-11-02T15:00:00Z"), event("o", "REOPENED", "2026-11-10T13:00:00Z"), event("y", "RESOLVED", "2026-11-12T15:00:00Z")])),
            opened("open", "2026-11-20T21:30:00Z", json!([])),
        ]).await;
        let report = async |from: &str, to: &str| {
            let query = "query ($from: DateTime!, $to: DateTime!) { agreement(by: {code: \"MSA-1\"}) { slaReport(from: $from, to: $to) { from to lines { priority milestone tickets met breached running targetPercent attainmentPercent } } } }";
            let report = admin.ask_with(query, json!({"from": from, "to": to})).await["agreement"]["slaReport"].clone();
            let line = |line: &Value| format!("{} {} {}: {} {} {} {}", line["priority"].as_str().unwrap(), line["milestone"].as_str().unwrap(), line["tickets"], line["met"], line["breached"], line["running"], line["attainmentPercent"].as_str().unwrap_or("-"));
            report["lines"].as_array().unwrap().iter().map(line).collect::<Vec<_>>()
        };
        assert_eq!(report("2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z").await, ["P2 RESPONSE 3: 2 1 0 66.66", "P2 RESOLUTION 3: 2 0 1 100"]);
        // Friday's response is due today within the hour after opening; it counts as running until then.
        assert_eq!(report("2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z").await, ["P2 RESPONSE 1: 0 0 1 -", "P2 RESOLUTION 3: 1 1 1 50"]);
        assert_eq!(report("2026-10-30T20:10:00Z", "2026-10-30T20:10:00Z").await, ["P2 RESPONSE 1: 0 0 1 -", "P2 RESOLUTION 1: 0 0 1 -"]);
        assert_eq!(report("2026-09-01T00:00:00Z", "2026-10-01T00:00:00Z").await, [""; 0]);
        let refused = admin.refused("{ agreement(by: {code: \"MSA-1\"}) { slaReport(from: \"2026-12-01T00:00:00Z\", to: \"2026-11-01T00:00:00Z\") { from } } }", json!({})).await;
        assert_eq!(code(&refused[0]), "BAD_USER_INPUT to");
    }

    async fn a_client_sees_its_own_tickets_alone(remit: Remit) {
        let admin = provider(&remit).await;
        admin.done("putClient", json!({"code": "SOUTHWIND", "name": "Southwind"}), "").await;
        record(&admin, &[ticket("1")]).await;
        let id = found(&admin, "1", "id", "").await["id"].clone();
        let own = remit.portal("acme", "NORTHWIND", "tickets:read tickets:write agreements:read");
        assert_eq!(titles(&own, "").await, ["Ticket 1"]);
        assert_eq!(found(&own, "1", "clocks { state }", "").await["clocks"].as_array().unwrap().len(), 2);
        let report = "{ agreement(by: {code: \"MSA-1\"}) { slaReport(from: \"2026-11-01T00:00:00Z\", to: \"2026-12-01T00:00:00Z\") { lines { running } } } }";
        assert_eq!(own.ask(report).await["agreement"]["slaReport"]["lines"].as_array().unwrap().len(), 2);
        for client in ["SOUTHWIND", "NOBODY"] {
            let other = remit.portal("acme", client, "tickets:read agreements:read");
            assert_eq!((titles(&other, "").await, titles(&other, "filter: {state: RUNNING}").await), (Vec::<String>::new(), Vec::new()));
            assert_eq!(found(&other, "1", "", "").await, Value::Null);
            let node = other.ask_with("query ($id: ID!) { node(id: $id) { id } ticket(by: {id: $id}) { id } tickets(filter: {client: {code: \"NORTHWIND\"}}) { totalCount } }", json!({"id": id})).await;
            assert_eq!(node, json!({"node": null, "ticket": null, "tickets": {"totalCount": 0}}));
        }
        let elsewhere = remit.admin("zenith");
        assert_eq!(found(&elsewhere, "1", "", "").await, Value::Null);
        let document = "mutation { recordTickets(input: {tickets: []}) { results { outcome } } }";
        assert_eq!(code(&own.refused(document, json!({})).await[0]), "FORBIDDEN tickets:write");
        let blind = remit.user("acme", "agreements:read");
        assert_eq!(code(&blind.refused("{ tickets { totalCount } }", json!({})).await[0]), "FORBIDDEN tickets:read");
        assert_eq!(code(&blind.refused(report, json!({})).await[0]), "FORBIDDEN tickets:read");
    }

    async fn what_a_ticket_is_about_decides_its_clocks(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        let mut tier = fixtures::tier();
        let more = |change: (&str, Value)| {
            let mut target = json!({"priority": "P2", "milestone": "RESPONSE", "within": "PT15M"});
            target[change.0] = change.1;
            target
        };
        let special = [more(("channels", json!(["phone"]))), with(more(("delivery", json!("ON_SITE"))), "within", json!("PT6H"))];
        tier["targets"].as_array_mut().unwrap().extend(special);
        admin.done("putSlaTier", tier, "").await;
        let mut said = fixtures::draft("MSA-1");
        said["effectiveFrom"] = json!("2026-01-01");
        said["callers"] = json!([{"name": "A. Person"}]);
        fixtures::agree(&admin, "MSA-1", said).await;
        for (id, field, value, within) in [
            ("1", "caller", json!("A. Person"), Some("PT1H")),
            ("2", "channel", json!("phone"), Some("PT15M")),
            ("3", "delivery", json!("ON_SITE"), Some("PT6H")),
            ("4", "scenario", json!("SYSTEM_FAILURE"), Some("PT1H")),
            ("5", "component", json!("SERVER"), Some("PT1H")),
            // Nothing is promised to whom the terms do not name.
            ("6", "caller", json!("B. Person"), None),
        ] {
            record(&admin, &[with(ticket(id), field, value.clone())]).await;
            let ticket = found(&admin, id, &format!("{field} {CLOCKS}"), "2026-11-20T21:10:00Z").await;
            assert_eq!(ticket[field], value);
            let response = ticket["clocks"].as_array().unwrap().iter().find(|clock| clock["milestone"] == "RESPONSE");
            assert_eq!(response.map(|clock| clock["target"]["within"].as_str().unwrap()), within, "{field} {value}");
        }
    }
}
