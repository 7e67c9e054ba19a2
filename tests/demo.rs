//! The demo's provider, as `remit serve --demo` fills it.

use std::time::Duration;

use remit::{app::App, demo, graphql::Api};
use remit_domain::Timestamp;
use serde_json::json;

use crate::support::{NOW, both};

both! {
    async fn there_is_something_of_everything(remit: Remit) {
        let api = Api::new(App::new(remit.store.clone())).unwrap();
        // As a clock tells it, which knows nothing of microseconds.
        let now: Timestamp = NOW.parse().unwrap();
        demo::fill(&api, now.checked_add(Duration::from_nanos(744_368_053)).unwrap()).await.unwrap();
        let admin = remit.admin(demo::PROVIDER);
        let counts = admin.ask("{ clients { totalCount } calendars { totalCount } slaTiers { totalCount }
            support: services(filter: {kind: SUPPORT}) { totalCount } management: services(filter: {kind: MANAGEMENT}) { totalCount }
            cloud: services(filter: {kind: CLOUD}) { totalCount } package: services(filter: {kind: PACKAGE}) { totalCount }
            active: agreements(filter: {status: [ACTIVE]}) { totalCount } offered: agreements(filter: {status: [OFFERED]}) { totalCount }
            expired: agreements(filter: {status: [EXPIRED]}) { totalCount } draft: agreements(filter: {status: [DRAFT]}) { totalCount } }").await;
        let of = |n: i32| json!({"totalCount": n});
        assert_eq!(counts, json!({"clients": of(12), "calendars": of(6), "slaTiers": of(3), "support": of(4), "management": of(4), "cloud": of(4), "package": of(2),
            "active": of(7), "offered": of(1), "expired": of(1), "draft": of(3)}));
        let versions = admin.ask("{ agreements { nodes { versions { status } } } }").await;
        let stages: std::collections::BTreeSet<String> = versions["agreements"]["nodes"].as_array().unwrap().iter()
            .flat_map(|agreement| agreement["versions"].as_array().unwrap()).map(|version| version["status"].as_str().unwrap().to_owned()).collect();
        assert_eq!(stages.into_iter().collect::<Vec<_>>(), ["DRAFT", "IN_FORCE", "OFFERED", "SCHEDULED", "SUPERSEDED", "WITHDRAWN"]);
        let billing = admin.ask("{ final: charges(filter: {status: [FINAL]}) { totalCount } provisional: charges(filter: {status: [PROVISIONAL]}) { totalCount }
            overage: charges(filter: {kind: [OVERAGE]}) { totalCount } outside: charges(filter: {kind: [OUT_OF_SCOPE]}) { totalCount } }").await;
        for (what, least) in [("final", 20), ("provisional", 20), ("overage", 1), ("outside", 5)] {
            assert!(billing[what]["totalCount"].as_i64().unwrap() >= least, "{what}: {billing}");
        }
        let tickets = admin.ask("{ all: tickets { totalCount } paused: tickets(filter: {state: PAUSED}) { totalCount } breached: tickets(filter: {state: BREACHED}) { totalCount }
            soon: tickets(filter: {dueBefore: \"2026-11-23T12:10:00Z\", state: RUNNING}) { totalCount } }").await;
        for (what, least) in [("all", 3_000), ("paused", 2), ("breached", 100), ("soon", 1)] {
            assert!(tickets[what]["totalCount"].as_i64().unwrap() >= least, "{what}: {tickets}");
        }
        let report = admin.ask("{ agreement(by: {code: \"MSA-1001\"}) { slaReport(from: \"2026-08-01T00:00:00Z\", to: \"2026-11-23T12:00:00Z\") { lines { priority milestone met breached attainmentPercent waited } } } }").await;
        let lines = report["agreement"]["slaReport"]["lines"].as_array().unwrap();
        assert!(lines.len() >= 6 && lines.iter().any(|line| line["breached"] != 0) && lines.iter().any(|line| line["waited"] != "PT0S"), "{report}");
        let gaps = admin.ask("{ agreement(by: {code: \"MSA-1012\"}) { pending { readiness { ready findings { code } } } } }").await;
        let readiness = &gaps["agreement"]["pending"]["readiness"];
        assert!(readiness["ready"] == false && readiness["findings"].as_array().unwrap().len() > 15, "{readiness}");
    }
}
