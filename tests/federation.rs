//! Remit as a subgraph: what a router asks.

use serde_json::json;

use crate::support::{both, code, fixtures};

const ENTITIES: &str = "query ($r: [_Any!]!) { _entities(representations: $r) { __typename ... on Client { code } ... on Service { code } ... on Agreement { number } } }";

both! {
    async fn objects_that_others_refer_to_are_loaded_together(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        fixtures::agreement_in_force(&admin, "MSA-1").await;
        let found = admin.ask("{ client(by: {code: \"NORTHWIND\"}) { id } services { nodes { id code } } agreement(by: {code: \"MSA-1\"}) { id } }").await;
        let reference = |kind: &str, id: &serde_json::Value| json!({"__typename": kind, "id": id});
        let services = found["services"]["nodes"].as_array().unwrap();
        let mut references: Vec<_> = services.iter().map(|service| reference("Service", &service["id"])).collect();
        references.push(reference("Client", &found["client"]["id"]));
        references.push(reference("Agreement", &found["agreement"]["id"]));
        references.push(reference("Service", &found["client"]["id"]));
        references.push(reference("Client", &json!("cli_00000000000000000000000000000000")));
        references.push(json!({"id": found["client"]["id"]}));
        let before = remit.store.statements();
        let answer = admin.ask_with(ENTITIES, json!({"r": references})).await;
        let sent = remit.store.statements() - before;
        let entities = answer["_entities"].as_array().unwrap();
        let (known, last) = entities.split_at(services.len());
        for (entity, service) in known.iter().zip(services) {
            assert_eq!(entity, &json!({"__typename": "Service", "code": service["code"]}));
        }
        let expected = [json!({"__typename": "Client", "code": "NORTHWIND"}), json!({"__typename": "Agreement", "number": "MSA-1"}), json!(null), json!(null), json!(null)];
        assert_eq!(last, expected);
        let before = remit.store.statements();
        admin.ask_with(ENTITIES, json!({"r": [references[0], references[services.len()], references[services.len() + 1]]})).await;
        assert_eq!(sent, remit.store.statements() - before, "as many statements for all as for one of each kind");
    }

    async fn a_reference_reaches_no_further_than_the_token(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        let id = admin.ask("{ client(by: {code: \"NORTHWIND\"}) { id } }").await["client"]["id"].clone();
        let references = json!({"r": [{"__typename": "Client", "id": id}]});
        let other = remit.admin("umbrella").ask_with(ENTITIES, references.clone()).await;
        assert_eq!(other, json!({"_entities": [null]}));
        let errors = remit.user("acme", "catalogue:read").refused(ENTITIES, references).await;
        assert_eq!(code(&errors[0]), "FORBIDDEN clients:read");
        let many: Vec<_> = (0..501).map(|_| json!({"__typename": "Client", "id": id})).collect();
        assert_eq!(code(&admin.refused(ENTITIES, json!({"r": many})).await[0]), "BAD_USER_INPUT representations");
    }

    async fn the_subgraph_names_every_node_by_its_id(remit: Remit) {
        let answer = remit.user("acme", "").ask("{ _service { sdl } }").await;
        let sdl = answer["_service"]["sdl"].as_str().unwrap();
        assert!(sdl.contains("@link("), "{sdl:.200}");
        let nodes = sdl.lines().filter(|line| line.starts_with("type ") && line.contains(" implements Node"));
        assert!(nodes.clone().count() >= 8);
        assert!(nodes.clone().all(|line| line.contains("@key(fields: \"id\")")), "{:?}", nodes.collect::<Vec<_>>());
        assert!(!sdl.contains("_entities") && !remit::graphql::sdl().contains("_entities"));
    }
}
