//! Documents that the server trusts: those of the software that was built against it.

use std::collections::BTreeMap;

use serde_json::Value;

use super::documents::hash;

/// Documents by name.
///
/// Where they are exclusive nothing else is run, so that whoever gets hold of a token can do no more with it than the
/// software it was made for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedDocuments {
    by_id: BTreeMap<String, String>,
    /// Whether no others are taken.
    pub exclusive: bool,
}

impl TrustedDocuments {
    /// Reads a file of documents, in either form in which build tools write it: an object from name to text (Relay), or
    /// `{"format": "apollo-persisted-query-manifest", "operations": [{"id", "body", …}]}`.
    ///
    /// A document is also known by the SHA-256 of its text, in hex, with or without `sha256:` before it.
    ///
    /// # Errors
    /// What is wrong with the file, in a sentence.
    pub fn read(json: &str) -> Result<Self, String> {
        let file: Value = serde_json::from_str(json).map_err(|error| format!("it is not JSON: {error}"))?;
        let members = file.as_object().ok_or("it is not a JSON object")?;
        let mut by_id = BTreeMap::new();
        match members.get("operations") {
            Some(Value::Array(operations)) => {
                for operation in operations {
                    let text = |name: &str| operation.get(name).and_then(Value::as_str).map(str::to_owned);
                    let (id, body) = text("id").zip(text("body")).ok_or("an operation lacks its id or its body")?;
                    by_id.insert(id, body);
                }
            }
            _ => {
                for (id, text) in members {
                    let text = text.as_str().ok_or_else(|| format!("the document {id:?} is not a string"))?;
                    by_id.insert(id.clone(), text.to_owned());
                }
            }
        }
        let hashed: Vec<(String, String)> = by_id.values().map(|text| (hex(&hash(text)), text.clone())).collect();
        by_id.extend(hashed);
        Ok(Self { by_id, exclusive: false })
    }

    /// The same, and nothing else is taken.
    #[must_use]
    pub fn exclusive(self) -> Self {
        Self { exclusive: true, ..self }
    }

    /// The text of a document.
    pub(super) fn text(&self, id: &str) -> Option<&str> {
        self.by_id.get(id.strip_prefix("sha256:").unwrap_or(id)).map(String::as_str)
    }

    /// Each name with its text.
    pub(super) fn texts(&self) -> Vec<(String, String)> {
        self.by_id.iter().map(|(id, text)| (id.clone(), text.clone())).collect()
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_a_file_are_read() {
        let relay = TrustedDocuments::read(r#"{"a": "{ viewer { subject } }"}"#).unwrap();
        let apollo = r#"{"format": "apollo-persisted-query-manifest", "version": 1, "operations":
            [{"id": "a", "name": "A", "type": "query", "body": "{ viewer { subject } }"}]}"#;
        assert_eq!(TrustedDocuments::read(apollo), Ok(relay.clone()));
        let hashed = "sha256:1d6ec0c2ec6dc9d4c7fc2b9aa1ac1d8c8c3ef9f6d8b3f0a3b9a7d9b9c7e8f6a5";
        assert_eq!((relay.text("a"), relay.text("b")), (Some("{ viewer { subject } }"), None));
        assert_eq!(relay.text(hashed), None, "the hash of something else");
        let name = hex(&hash("{ viewer { subject } }"));
        assert_eq!((relay.text(&name), relay.text(&format!("sha256:{name}"))), (relay.text("a"), relay.text("a")));
    }

    #[test]
    fn a_file_that_is_not_one_is_refused() {
        for (json, problem) in [
            ("", "it is not JSON"),
            ("[]", "it is not a JSON object"),
            (r#"{"a": 1}"#, "the document \"a\" is not a string"),
            (r#"{"operations": [{"id": "a"}]}"#, "an operation lacks its id or its body"),
        ] {
            let refused = TrustedDocuments::read(json).unwrap_err();
            assert!(refused.starts_with(problem), "{refused}");
        }
    }
}
