//! Documents that the server has: kept, persisted, trusted; and what the rules leave of them.

use serde_json::json;

use super::*;

fn named(json: &serde_json::Value) -> GraphqlRequest {
    GraphqlRequest::from_json(json.clone()).unwrap()
}

fn refusal(documents: &Documents, request: &GraphqlRequest) -> (&'static str, String) {
    let refused = documents.prepare(request).unwrap_err().remove(0);
    (refused.code, refused.message)
}

fn hex(text: &str) -> String {
    hash(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn a_document_is_validated_once() {
    let documents = documents();
    let text = "query($id: ID!) { node(id: $id) { id } }";
    for id in ["a", "b"] {
        documents.prepare(&request(text, &json!({ "id": id }))).unwrap();
    }
    assert_eq!(documents.kept(), 1);
    documents.prepare(&request(&format!("{text} "), &json!({ "id": "a" }))).unwrap();
    documents.prepare(&request("{ nothing }", &json!({}))).unwrap_err();
    documents.prepare(&request(text, &json!({ "id": [] }))).unwrap_err();
    assert_eq!(documents.kept(), 2, "the text counts to the letter, and what may not run is not kept");
}

#[test]
fn what_is_kept_has_a_bound() {
    let limits = Limits { kept_documents: 20_000, ..Limits::default() };
    let documents = documents_by(DocumentRules { limits, ..DocumentRules::default() });
    for n in 0..200 {
        documents.prepare(&request(&format!("{{ node(id: {n}) {{ id }} }}"), &json!({}))).unwrap();
    }
    assert!((1..=20).contains(&documents.kept()), "{}", documents.kept());
}

#[test]
fn a_document_can_be_named_by_its_hash_once_it_has_come() {
    const TEXT: &str = "query($id: ID!) { node(id: $id) { id } }";
    let documents = documents();
    let persisted = json!({ "version": 1, "sha256Hash": hex(TEXT) });
    let named_only = named(&json!({ "variables": { "id": "a" }, "extensions": { "persistedQuery": persisted } }));
    let missing = ("PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound".to_owned());
    assert_eq!(refusal(&documents, &named_only), missing);
    let both = json!({ "query": TEXT, "variables": { "id": "a" }, "extensions": { "persistedQuery": persisted } });
    documents.prepare(&named(&both)).unwrap();
    documents.prepare(&named_only).unwrap();
    let other = json!({ "query": "{ client { id } }", "extensions": { "persistedQuery": persisted } });
    assert_eq!(refusal(&documents, &named(&other)).0, "BAD_USER_INPUT", "the hash is of another text");
}

#[test]
fn trusted_documents_are_there_from_the_start_and_can_be_all() {
    const TEXT: &str = "query Name { client { id } }";
    let trusted = TrustedDocuments::read(&json!({ "name": TEXT }).to_string()).unwrap();
    let open = documents_by(DocumentRules { trusted: trusted.clone(), ..DocumentRules::default() });
    let closed = documents_by(DocumentRules { trusted: trusted.exclusive(), ..DocumentRules::default() });
    let by_name = named(&json!({ "documentId": "name" }));
    let by_hash = named(&json!({ "documentId": format!("sha256:{}", hex(TEXT)) }));
    let persisted = named(&json!({ "extensions": { "persistedQuery": { "version": 1, "sha256Hash": hex(TEXT) } } }));
    for documents in [&open, &closed] {
        for request in [&by_name, &by_hash, &persisted, &request(TEXT, &json!({}))] {
            assert_eq!(documents.prepare(request).unwrap().operation_name.as_deref(), Some("Name"));
        }
        let unknown = named(&json!({ "documentId": "other" }));
        assert_eq!(refusal(documents, &unknown).0, "PERSISTED_QUERY_NOT_FOUND");
    }
    let other = request("query Name { client { id }}", &json!({}));
    assert!(open.prepare(&other).is_ok());
    assert_eq!(refusal(&closed, &other).0, "PERSISTED_QUERY_NOT_FOUND");
}

#[test]
fn a_trusted_document_that_may_not_run_stops_the_start() {
    let trusted = TrustedDocuments::read(r#"{"bad": "{ nothing }"}"#).unwrap();
    let rules = DocumentRules { trusted, ..DocumentRules::default() };
    let refused = Documents::new(SDL, &[("Date", date)], rules).unwrap_err();
    assert!(refused.starts_with("The trusted document ") && refused.contains("nothing"), "{refused}");
}

#[test]
fn the_schema_is_shown_unless_the_rules_say_no() {
    let rules = DocumentRules { no_introspection: true, ..DocumentRules::default() };
    let (open, closed) = (documents(), documents_by(rules));
    for (query, shows) in [
        ("{ __schema { queryType { name } } }", true),
        ("{ ...F } fragment F on Query { a: __type(name: \"Query\") { name } }", true),
        ("query A { client { id } } query B { __schema { queryType { name } } }", true),
        ("query A { __typename client { __typename } }", false),
    ] {
        let request =
            GraphqlRequest { operation_name: query.contains('A').then(|| "A".into()), ..request(query, &json!({})) };
        assert!(open.prepare(&request).is_ok(), "{query}");
        assert_eq!(closed.prepare(&request).is_err(), shows, "{query}");
    }
}

#[test]
fn a_near_name_is_told_only_if_the_rules_say_so() {
    let rules = DocumentRules { suggestions: true, ..DocumentRules::default() };
    for (documents, told) in [(documents(), false), (documents_by(rules), true)] {
        let (_, message) = refusal(&documents, &request("{ client { nmae } }", &json!({})));
        assert_eq!(message.ends_with("Did you mean `name`?"), told, "{message}");
    }
}
