//! Exports: whole lists, line by line, page by page; cut and read on; for whom, and for how much.

mod command;
mod refusals;
mod slow;
mod world;

use async_graphql::parser::{
    parse_schema,
    types::{TypeKind, TypeSystemDefinition},
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Backend, Remit, Rules, User, both, fixtures, turns::settle};

/// Asks for an export; where it is.
async fn url(user: &User<'_>, query: &str, page_size: usize) -> String {
    let document = "query ($input: BulkExportInput!) { bulkExport(input: $input) { url } }";
    let answer = user.ask_with(document, json!({"input": {"query": query, "pageSize": page_size}})).await;
    answer["bulkExport"]["url"].as_str().unwrap().to_owned()
}

/// The text of an export.
async fn text(user: &User<'_>, url: &str) -> String {
    let response = user.request(Method::GET, url).send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "application/jsonl; charset=utf-8");
    response.text().await.unwrap()
}

fn lines(text: &str) -> Vec<Value> {
    assert!(text.ends_with('\n'), "{text}");
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
}

/// The lines of an export.
async fn export(user: &User<'_>, query: &str, page_size: usize) -> Vec<Value> {
    lines(&text(user, &url(user, query, page_size).await).await)
}

/// The nodes of an export that is whole.
fn nodes(lines: &[Value]) -> Vec<Value> {
    let [first, nodes @ .., last] = lines else { panic!("too few lines: {lines:?}") };
    assert!(first.get("changes").is_some(), "{first}");
    assert_eq!(*last, json!({"end": true}));
    nodes.iter().map(|line| line["node"].clone()).collect()
}

/// The connections of a type of the schema.
fn connections(of: &str) -> Vec<String> {
    let definitions = parse_schema(remit::graphql::sdl()).unwrap().definitions;
    let fields = definitions.into_iter().filter_map(|definition| match definition {
        TypeSystemDefinition::Type(found) if found.node.name.node == of => match found.node.kind {
            TypeKind::Object(object) => Some(object.fields),
            _ => None,
        },
        _ => None,
    });
    let is_connection = |ty: &str| ty.trim_end_matches('!').ends_with("Connection");
    let fields = fields.flatten().filter(|field| is_connection(&field.node.ty.node.to_string()));
    fields.map(|field| field.node.name.node.to_string()).collect()
}

both! {
    async fn every_connection_of_the_schema_can_be_exported(remit: Remit) {
        let admin = world::fill(&remit).await;
        settle(&remit).await;
        let roots = connections("Query");
        assert!(roots.len() >= 16, "{roots:?}");
        for connection in roots {
            let query = remit.api.export_of(&connection).unwrap();
            let page = query.replacen(&connection, &format!("{connection}(first: 500)"), 1);
            let read = admin.ask(&page).await[&connection]["nodes"].clone();
            assert_eq!(json!(nodes(&export(&admin, &query, 2).await)), read, "{query}");
            assert!(read.as_array().unwrap().len() >= world::LEAST, "too few {connection} to have two pages: {read}");
        }
        for (above, by) in [("Agreement", "agreement(by: {code: \"MSA-1\"})"), ("Client", "client(by: {code: \"NORTHWIND\"})")] {
            for connection in connections(above) {
                let page = format!("{{ above: {by} {{ below: {connection}(first: 500) {{ nodes {{ id }} }} }} }}");
                let read = admin.ask(&page).await["above"]["below"]["nodes"].clone();
                let exported = export(&admin, &page.replace("(first: 500)", ""), 1).await;
                assert_eq!(json!(nodes(&exported)), read, "{page}");
                assert!(read.as_array().unwrap().len() > 1, "{connection}: {read}");
            }
        }
        for deeper in ["Service", "Ticket", "AgreementTerms", "Webhook", "TimeEntry", "SlaTier"] {
            assert_eq!(connections(deeper), Vec::<String>::new(), "to be exported above");
        }
    }

    async fn what_was_cut_is_read_on_with_its_last_cursor(remit: Remit) {
        let admin = remit.admin("acme");
        for n in 0..7 {
            admin.done("putClient", json!({"code": format!("C{n}"), "name": format!("{n} \\ \"é\"")}), "").await;
        }
        settle(&remit).await;
        let url = url(&admin, "{ clients { nodes { code name } } }", 3).await;
        let whole = text(&admin, &url).await;
        assert_eq!(nodes(&lines(&whole)).len(), 7);
        let mut read = String::new();
        for line in whole.split_inclusive('\n') {
            read.push_str(line);
            let said: Value = serde_json::from_str(line).unwrap();
            let Some(cursor) = said["cursor"].as_str() else { continue };
            let rest = text(&admin, &format!("{url}?after={cursor}")).await;
            assert_eq!(format!("{read}{rest}"), whole, "cut behind {line}");
        }
    }

    async fn variables_and_names_are_those_of_the_query(remit: Remit) {
        let admin = remit.admin("acme");
        for (code, kind) in [("A", "SUPPORT"), ("B", "CLOUD"), ("C", "SUPPORT")] {
            admin.done("putService", json!({"code": code, "name": code, "kind": kind}), "").await;
        }
        let query = "query Nightly($after: ServiceKind, $long: Boolean = false) { all: services(filter: {kind: $after}) { nodes { ...s } } }
            fragment s on Service { is: code name @include(if: $long) }";
        let document = "query ($input: BulkExportInput!) { bulkExport(input: $input) { url pageCost } }";
        let input = json!({"query": query, "variables": {"after": "SUPPORT", "after_": "no cursor"}});
        let answer = admin.ask_with(document, json!({"input": input})).await["bulkExport"].clone();
        let lines = lines(&text(&admin, answer["url"].as_str().unwrap()).await);
        assert_eq!(nodes(&lines), [json!({"is": "A"}), json!({"is": "C"})]);
        assert_eq!(answer["pageCost"], 1 + 100 * 2 + 1 + 1, "the list, its items, whether there are more, and the filter");
    }

    async fn nothing_is_missed_between_an_export_and_the_feed(remit: Remit) {
        let admin = remit.admin("acme");
        for code in ["B", "D"] {
            admin.done("putClient", json!({"code": code, "name": "Before"}), "").await;
        }
        settle(&remit).await;
        let exported = export(&admin, "{ clients { nodes { code name } } }", 1).await;
        let place = exported[0]["changes"].clone();
        admin.done("putClient", json!({"code": "A", "name": "Behind the reader"}), "").await;
        admin.done("putClient", json!({"code": "D", "name": "After"}), "").await;
        settle(&remit).await;
        let follow = "query ($after: String) { changes(after: $after) { nodes { subject { ... on Client { code } } } } }";
        let followed = admin.ask_with(follow, json!({"after": place})).await;
        let told = |code: &str| json!({"subject": {"code": code}});
        assert_eq!(followed["changes"]["nodes"], json!([told("A"), told("D")]), "what was exported is not told again");
        let reader = remit.user("acme", "clients:read");
        assert_eq!(export(&reader, "{ clients { nodes { code } } }", 9).await[0], json!({"changes": null}));
    }

    async fn what_a_token_does_not_reach_is_not_exported(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        for number in ["MSA-1", "MSA-2"] {
            fixtures::agreement_in_force(&admin, number).await;
        }
        admin.done("putClient", json!({"code": "FABRIKAM", "name": "Fabrikam"}), "").await;
        let query = "{ agreements { nodes { number terms { calendar { code } } } } }";
        let url = url(&admin, query, 1).await;
        let seen = |user: User<'_>| {
            let url = url.clone();
            let request = user.request(Method::GET, &url);
            async move { lines(&request.send().await.unwrap().text().await.unwrap()) }
        };
        let node = |number: &str| json!({"number": number, "terms": {"calendar": {"code": "OFFICE"}}});
        assert_eq!(nodes(&seen(remit.admin("acme")).await), [node("MSA-1"), node("MSA-2")]);
        assert_eq!(nodes(&seen(remit.admin("zenith")).await), [] as [Value; 0], "another provider");
        assert_eq!(nodes(&seen(remit.portal("acme", "FABRIKAM", "agreements:read catalogue:read")).await), [] as [Value; 0]);
        assert_eq!(nodes(&seen(remit.portal("acme", "NORTHWIND", "agreements:read catalogue:read")).await).len(), 2);
        // As in the ordinary query: the field is null, and its line says why.
        let partly = seen(remit.user("acme", "agreements:read")).await;
        assert_eq!(nodes(&partly)[1], json!({"number": "MSA-2", "terms": {"calendar": null}}));
        assert_eq!(partly[2]["errors"][0]["path"], json!(["terms", "calendar", "code"]));
        assert_eq!(partly[2]["errors"][0]["extensions"], json!({"code": "FORBIDDEN", "requiredScope": "catalogue:read"}));
        // Where nothing in a node can be null, the node is, and the others are not.
        let client = export(&remit.user("acme", "agreements:read"), "{ agreements { nodes { client { name } } } }", 5).await;
        assert_eq!(nodes(&client), [Value::Null, Value::Null]);
        assert_eq!(client[2]["errors"][0]["path"], json!(["client", "name"]));
        // What leads to the list cannot be null.
        let shut = seen(remit.user("acme", "clients:read")).await;
        assert_eq!(shut.len(), 1, "{shut:?}");
        assert_eq!(shut[0]["errors"][0]["extensions"], json!({"code": "FORBIDDEN", "requiredScope": "agreements:read"}));
    }
}

/// A spent budget holds an export up, and does not end it: by a clock that goes, for budgets fill with time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_export_waits_for_its_budget() {
    let mut rules = Rules { clock: remit_domain::Timestamp::now, ..Rules::default() };
    rules.api.admission.token_budget = Some(300);
    let remit = Remit::start_with(Backend::Sqlite, rules).await;
    for n in 0..8 {
        let client = json!({"code": format!("C{n}"), "name": "C"});
        remit.admin("acme").done("putClient", client, "").await;
    }
    let admin = remit.admin("acme");
    let url = url(&admin, "{ clients { nodes { code } } }", 1).await;
    // 26 counts of 11 leave 12 of 300, of which five a second come back; eight pages take 32.
    let counts: Vec<String> = (0..26).map(|n| format!("n{n}: clients {{ totalCount }}")).collect();
    admin.ask(&format!("{{ {} }}", counts.join(" "))).await;
    assert_eq!(nodes(&lines(&text(&admin, &url).await)).len(), 8);
    let metrics = remit.request(Method::GET, "/metrics").send().await.unwrap().text().await.unwrap();
    let limited = metrics.lines().find_map(|line| line.strip_prefix("remit_requests_total{outcome=\"limited\"} "));
    assert!(limited.unwrap().parse::<u32>().unwrap() > 0, "{metrics}");
}
