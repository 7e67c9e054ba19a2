//! A published document, and the claims of a test upon it.
//!
//! A test says of each thing that a document states how Remit says it, or why Remit does not. What is left over at the end
//! fails, and so does a statement that is not the one the test was written for.

use serde_json::{Value, json};

/// The files, with the lists of each and the documents of each list: a document that stands here has a test.
const DOCUMENTS: [(&str, &str, &[&str]); 5] = [
    (
        "sla_shapes",
        "response",
        &[
            "sicap",
            "eit-silicon-smelters",
            "epiphany-hsns",
            "altsys",
            "uproot",
            "lawinsider-msa-uk",
            "connectwise-standard-sla",
        ],
    ),
    (
        "sla_shapes",
        "availability",
        &[
            "ofg-metavante",
            "commonpaper-sla",
            "arcustech",
            "virteche",
            "techdiversities",
            "advance2000-cloud",
            "deep-systems",
        ],
    ),
    ("sla_shapes", "backup", &["eit", "cultrix", "sparrow", "surfcity", "metavante"]),
    ("sla_shapes", "requirements", &["frontpoint", "surfcity", "trizetto", "modernit"]),
    (
        "ratecards",
        "cards",
        &[
            "pcservices-za",
            "hamilton-us",
            "coopsys",
            "linuxbox-tiers",
            "internetsoftwaresolutions",
            "sicap-eurotel-2000",
        ],
    ),
];

/// A file of documents; none where it is not on this machine.
fn file(name: &str) -> Option<Value> {
    let path = format!("{}/../shared/data/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("not compared: {path} is not there");
        return None;
    };
    Some(serde_json::from_str(&text).unwrap())
}

#[test]
fn every_document_has_its_test() {
    for name in ["sla_shapes", "ratecards"] {
        let Some(file) = file(name) else { return };
        let lists = file.as_object().unwrap().iter().filter(|(key, _)| *key != "note");
        let found: Vec<(&str, Vec<&str>)> = lists
            .map(|(list, documents)| {
                let ids = documents.as_array().unwrap().iter().map(|document| document["id"].as_str().unwrap());
                (list.as_str(), ids.collect())
            })
            .collect();
        let mut known: Vec<(&str, Vec<&str>)> =
            DOCUMENTS.iter().filter(|(of, ..)| *of == name).map(|(_, list, ids)| (*list, ids.to_vec())).collect();
        known.sort_by_key(|(list, _)| found.iter().position(|(other, _)| other == list));
        assert_eq!(known, found, "{name} has other documents than are tested");
    }
}

/// A document that is being gone through.
pub(super) struct Document {
    name: String,
    left: Option<Value>,
}

impl Document {
    /// The document of a list. Where it came from is no statement.
    pub(super) fn of(file_name: &str, list: &str, id: &str) -> Self {
        let known = DOCUMENTS.iter().any(|(file, of, ids)| *file == file_name && *of == list && ids.contains(&id));
        assert!(known, "{id} is not among the documents");
        let found = file(file_name).map(|mut file| {
            let documents = file[list].as_array_mut().unwrap();
            let mut document = documents.iter_mut().find(|document| document["id"] == id).unwrap().take();
            for key in ["id", "source", "url"] {
                document.as_object_mut().unwrap().remove(key);
            }
            document
        });
        Self { name: format!("{list}.{id}"), left: found }
    }

    /// The document states this at a path, and the test has Remit say it.
    #[track_caller]
    pub(super) fn says(&mut self, path: &str, stated: Value) {
        let Some(mut at) = self.left.as_mut() else { return };
        for part in path.split('.') {
            at = match at {
                Value::Array(items) => &mut items[part.parse::<usize>().unwrap()],
                other => &mut other[part],
            };
        }
        assert_eq!(*at, stated, "{}.{path} states something else", self.name);
        *at = Value::Null;
    }

    /// The document states this, and Remit does not say it, for a reason.
    #[track_caller]
    pub(super) fn refused(&mut self, path: &str, stated: Value, why: &str) {
        assert!(why.len() > 20, "{}.{path}: why not?", self.name);
        self.says(path, stated);
    }

    /// The document states nothing else.
    #[track_caller]
    pub(super) fn nothing_else(self) {
        let Some(left) = self.left else { return };
        assert!(is_empty(&left), "{} also states {left}", self.name);
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.iter().all(is_empty),
        Value::Object(fields) => fields.values().all(is_empty),
        _ => false,
    }
}

#[test]
#[should_panic(expected = "list.one also states")]
fn a_statement_that_nobody_claims_fails() {
    let mut document = Document { name: "list.one".into(), left: Some(json!({"a": [1, {"b": 2}], "c": 3})) };
    document.says("a.1.b", json!(2));
    document.refused("c", json!(3), "for a reason that is long enough");
    document.nothing_else();
}

#[test]
#[should_panic(expected = "list.one.a states something else")]
fn a_statement_that_has_changed_fails() {
    Document { name: "list.one".into(), left: Some(json!({"a": 1})) }.says("a", json!(2));
}
