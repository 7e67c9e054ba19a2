//! Who is let in, what is served besides the API, and the table of scopes.

use std::collections::BTreeSet;

use async_graphql::parser::{
    parse_schema,
    types::{FieldDefinition, TypeKind, TypeSystemDefinition},
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{both, code, fixtures};

both! {
    async fn without_a_token_nothing_is_answered(remit: Remit) {
        for (authorization, challenge) in [
            (None, "Bearer"),
            (Some("Basic dXNlcjpwYXNz"), "Bearer error=\"invalid_token\""),
            (Some("Bearer not-a-token"), "Bearer error=\"invalid_token\""),
        ] {
            let mut request = remit.request(Method::POST, "/graphql").json(&json!({"query": "{ viewer { subject } }"}));
            if let Some(authorization) = authorization {
                request = request.header("authorization", authorization);
            }
            let response = request.send().await.unwrap();
            assert_eq!(response.status(), 401, "{authorization:?}");
            let found = response.headers()["www-authenticate"].to_str().unwrap().to_owned();
            assert!(found.starts_with(challenge), "{found}");
            let body: Value = response.json().await.unwrap();
            assert_eq!(code(&body["errors"][0]), "UNAUTHENTICATED");
            assert!(body.get("data").is_none());
        }
    }

    async fn the_viewer_is_who_the_token_says(remit: Remit) {
        let user = remit.user("acme", "coverage:read agreements:read");
        let viewer = user.ask("{ viewer { subject scopes provider client { code } } }").await;
        let expected = json!({"subject": "tester", "scopes": ["agreements:read", "coverage:read"], "provider": "acme", "client": null});
        assert_eq!(viewer["viewer"], expected);
    }

    async fn health_and_keys_are_served(remit: Remit) {
        for (path, holds) in [("/healthz", "ok"), ("/readyz", "ready"), ("/.well-known/jwks.json", "\"EdDSA\"")] {
            let response = remit.request(Method::GET, path).send().await.unwrap();
            assert_eq!(response.status(), 200, "{path}");
            assert!(response.headers().contains_key("x-request-id"), "{path}");
            assert!(response.text().await.unwrap().to_lowercase().contains(&holds.to_lowercase()), "{path}");
        }
    }

    async fn the_editor_needs_nothing_from_elsewhere(remit: Remit) {
        for (path, kind, holds) in [("/", "text/html", "src=\"/editor.js\""), ("/editor.css", "text/css", "textarea"), ("/editor.js", "text/javascript", "\"/graphql\"")] {
            let response = remit.request(Method::GET, path).send().await.unwrap();
            let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
            assert!(header("content-type").starts_with(kind), "{path}");
            assert!(header("content-security-policy").starts_with("default-src 'none'; script-src 'self'"), "{path}");
            let text = response.text().await.unwrap();
            assert!(text.contains(holds) && !text.contains("://"), "{path}");
        }
        let policy = remit.request(Method::GET, "/healthz").send().await.unwrap().headers()["content-security-policy"].clone();
        assert_eq!(policy, "default-src 'none'; frame-ancestors 'none'");
    }

    async fn a_query_can_be_in_the_url_and_a_mutation_cannot(remit: Remit) {
        let admin = remit.admin("acme");
        let get = |query: &str| {
            let request = remit.request(Method::GET, "/graphql").bearer_auth(&admin.token);
            request.query(&[("query", query)]).send()
        };
        assert_eq!(get("{ viewer { provider } }").await.unwrap().json::<Value>().await.unwrap()["data"]["viewer"]["provider"], "acme");
        let refused = get("mutation { putClient(input: {code: \"X\", name: \"X\"}) { client { id } } }").await.unwrap();
        assert_eq!((refused.status().as_u16(), refused.headers()["allow"].to_str().unwrap()), (405, "POST"));
        assert_eq!(admin.ask("{ client(by: {code: \"X\"}) { id } }").await["client"], Value::Null);
    }

    async fn every_field_asks_for_its_scope_and_nothing_less(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        let mut tier = fixtures::tier();
        tier["targets"][5]["calendar"] = json!({"code": "OFFICE"});
        admin.done("putSlaTier", tier, "").await;
        fixtures::agreement_in_force(&admin, "MSA-1").await;
        let ticket = json!({"ref": {"system": "psa", "id": "1"}, "agreement": {"code": "MSA-1"}, "service": {"code": "HELPDESK"},
            "title": "Mail", "priority": "P1", "openedAt": "2026-11-20T15:00:00Z"});
        admin.done("recordTickets", json!({"tickets": [ticket]}), "").await;
        // What reaches an object of each type, and the scope that its fields ask for.
        let reach = [
            ("Service", "service(by: {code: \"CARE\"})", "catalogue:read"),
            ("SlaTier", "slaTier(by: {code: \"GOLD\"})", "catalogue:read"),
            ("ServiceCalendar", "calendar(by: {code: \"OFFICE\"})", "catalogue:read"),
            ("Client", "client(by: {code: \"NORTHWIND\"})", "clients:read"),
            ("Agreement", "agreement(by: {code: \"MSA-1\"})", "agreements:read"),
            ("AgreementTerms", "agreement(by: {code: \"MSA-1\"}) { terms {", "agreements:read"),
            ("Ticket", "ticket(by: {external: {system: \"psa\", id: \"1\"}})", "tickets:read"),
            ("CoverageDecision", "coverage(input: {agreement: {code: \"MSA-1\"}, priority: P1, at: \"2026-11-23T15:00:00Z\"})", "coverage:read"),
        ];
        let sdl = remit::graphql::sdl();
        let schema = Schema::read(&sdl);
        let mut walked = BTreeSet::new();
        for (kind, path, scope) in reach {
            for (field, selection) in schema.fields(kind) {
                walked.insert(kind);
                let (open, close) = if path.ends_with('{') { ("", "} }") } else { ("{", "}") };
                let query = format!("{{ {path} {open} {selection} {close} }}");
                let needed: Vec<&str> = [Some(scope), schema.scope_of_result(kind, &field)].into_iter().flatten().collect();
                let answer = remit.user("acme", &needed.join(" ")).send(&query, json!({})).await;
                assert!(answer.get("errors").is_none(), "{needed:?} {query}\n{answer:#}");
                for missing in &needed {
                    let others: Vec<String> = remit::auth::Scope::ALL.iter().map(ToString::to_string).filter(|s| s != missing).collect();
                    let errors = remit.user("acme", &others.join(" ")).refused(&query, json!({})).await;
                    assert_eq!(code(&errors[0]), format!("FORBIDDEN {missing}"), "{query}");
                }
            }
        }
        assert_eq!(walked.len(), reach.len());
    }

    async fn a_payload_needs_no_read_scope_for_its_own_fields(remit: Remit) {
        fixtures::catalogue(&remit.admin("acme")).await;
        let writer = remit.user("acme", "agreements:write");
        let create = json!({"number": "A", "title": "A", "client": {"code": "NORTHWIND"}, "currency": "USD"});
        let made = writer.done("createAgreement", create, "agreement { number status revision }").await;
        assert_eq!(made["agreement"], json!({"number": "A", "status": "DRAFT", "revision": 1}));
        let query = "mutation ($input: DraftTermsInput!) { draftTerms(input: $input) { agreement { client { name } } } }";
        let errors = writer.refused(query, json!({"input": {"agreement": {"code": "A"}}})).await;
        assert_eq!(code(&errors[0]), "FORBIDDEN clients:read");
    }
}

#[test]
fn every_field_of_the_schema_has_a_rule() {
    let sdl = remit::graphql::sdl();
    let open: Vec<String> = Schema::read(&sdl)
        .all_fields()
        .filter(|(kind, field)| !remit::graphql::has_scope_rule(kind, field))
        .map(|(kind, field)| format!("{kind}.{field}"))
        .collect();
    assert_eq!(open, Vec::<String>::new(), "these fields have no line in the table of scopes");
}

/// The schema's objects: field, whether it has required arguments, and the type it gives.
struct Schema(Vec<(String, Vec<(String, String)>)>);

impl Schema {
    fn read(sdl: &str) -> Self {
        let document = parse_schema(sdl).unwrap();
        let objects = document.definitions.into_iter().filter_map(|definition| match definition {
            TypeSystemDefinition::Type(kind) => match kind.node.kind {
                TypeKind::Object(object) => {
                    let field = |f: &FieldDefinition| (f.name.node.to_string(), f.ty.node.to_string());
                    Some((kind.node.name.node.to_string(), object.fields.iter().map(|f| field(&f.node)).collect()))
                }
                _ => None,
            },
            _ => None,
        });
        Self(objects.collect())
    }

    fn all_fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().flat_map(|(kind, fields)| fields.iter().map(move |(field, _)| (kind.as_str(), field.as_str())))
    }

    fn result(&self, kind: &str, field: &str) -> String {
        let (_, fields) = self.0.iter().find(|(name, _)| name == kind).unwrap();
        let (_, ty) = fields.iter().find(|(name, _)| name == field).unwrap();
        ty.trim_matches(['[', ']', '!']).to_owned()
    }

    /// The scope that the object which a field gives asks for in its turn.
    fn scope_of_result(&self, kind: &str, field: &str) -> Option<&'static str> {
        // What a decision reaches is seen with its own scope.
        let scope = match self.result(kind, field).as_str() {
            "Service" | "SlaTier" | "ServiceCalendar" => "catalogue:read",
            "Client" => "clients:read",
            "Agreement" | "AgreementTerms" | "Obligation" | "AgreementConnection" => "agreements:read",
            "PromiseCheck" | "AcceptedOverpromise" => "capability:read",
            "CommitmentReport" | "SlaReport" | "TerminationRight" => "tickets:read",
            "BillingPeriodConnection" | "ChargeConnection" | "HoursBalance" | "PrepaidHours" => "charges:read",
            _ => return None,
        };
        let own = match kind {
            "Service" | "SlaTier" | "ServiceCalendar" => "catalogue:read",
            "Client" => "clients:read",
            "Agreement" | "AgreementTerms" => "agreements:read",
            "Ticket" => "tickets:read",
            _ => return None,
        };
        (scope != own).then_some(scope)
    }

    /// Each field of a type with a selection that reaches a leaf.
    fn fields(&self, kind: &str) -> Vec<(String, String)> {
        let (_, fields) = self.0.iter().find(|(name, _)| name == kind).unwrap();
        let select = |(field, _): &(String, String)| {
            let arguments = match field.as_str() {
                "isOpen" | "hoursClass" | "nextOpening" | "termsAt" if kind != "CoverageDecision" => {
                    "(at: \"2026-11-23T15:00:00Z\")"
                }
                "slaReport" => "(from: \"2026-11-01T00:00:00Z\", to: \"2026-12-01T00:00:00Z\")",
                "openTime" => "(from: \"2026-11-23T15:00:00Z\", to: \"2026-11-24T15:00:00Z\")",
                "commitmentReport" => "(from: \"2026-11-01T00:00:00Z\", to: \"2026-11-24T15:00:00Z\")",
                "due" => "(from: \"2026-11-23T15:00:00Z\", within: \"PT1H\")",
                _ => "",
            };
            (field.clone(), format!("{field}{arguments}{}", self.leaf(&self.result(kind, field))))
        };
        fields.iter().map(select).collect()
    }

    /// A selection of one leaf of a type.
    fn leaf(&self, kind: &str) -> String {
        match self.0.iter().find(|(name, _)| name == kind) {
            None => String::new(),
            Some((_, fields)) => {
                let (field, ty) = fields.iter().find(|(field, _)| field != "edges").unwrap();
                format!(" {{ {field}{} }}", self.leaf(ty.trim_matches(['[', ']', '!'])))
            }
        }
    }
}
