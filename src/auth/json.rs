//! JSON objects read strictly: an object and nothing else, no name twice.

use std::{collections::BTreeMap, fmt, marker::PhantomData};

use serde::{
    Deserialize,
    de::{Deserializer, Error, IgnoredAny, MapAccess, Visitor},
};
use serde_json::{Map, Value};

/// A JSON object whose own names are all different (RFC 7515 §4, RFC 7519 §4).
///
/// Two readers of `{"provider": "a", "provider": "b"}` may see two tenants, so it is refused. An array is refused too,
/// which reading into a struct would not do: it takes an array's elements for the fields, by position.
pub(super) struct Object(Map<String, Value>);

impl Object {
    /// The object the bytes are, if they are one.
    pub(super) fn read(json: &[u8]) -> Option<Self> {
        serde_json::from_slice(json).ok()
    }

    /// The objects in the array that the outer object has under `name`, each with different names as the outer one.
    pub(super) fn read_list(json: &[u8], name: &str) -> Option<Vec<Self>> {
        let mut members: Members<Listed> = serde_json::from_slice(json).ok()?;
        match members.0.remove(name)? {
            Listed::Objects(objects) => Some(objects),
            Listed::Other(_) => None,
        }
    }

    /// Whether the object has the name, whatever its value.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// The value of the name, null included.
    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// The name's value if it is a string.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str)
    }
}

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let members = Members::<Value>::deserialize(deserializer)?;
        Ok(Self(members.0.into_iter().collect()))
    }
}

/// What a member may be where a list of objects is looked for.
#[derive(Deserialize)]
#[serde(untagged)]
enum Listed {
    Objects(Vec<Object>),
    Other(IgnoredAny),
}

/// The members of an object, no name twice.
struct Members<V>(BTreeMap<String, V>);

impl<'de, V: Deserialize<'de>> Deserialize<'de> for Members<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(UniqueNames(PhantomData))
    }
}

struct UniqueNames<V>(PhantomData<V>);

impl<'de, V: Deserialize<'de>> Visitor<'de> for UniqueNames<V> {
    type Value = Members<V>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with different names")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Members<V>, A::Error> {
        let mut members = BTreeMap::new();
        while let Some((name, value)) = entries.next_entry()? {
            if members.insert(name, value).is_some() {
                return Err(A::Error::custom("a name twice"));
            }
        }
        Ok(Members(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_objects_with_different_names_are_read() {
        let check = |json: &str, read: bool| assert_eq!(Object::read(json.as_bytes()).is_some(), read, "{json}");
        check("{}", true);
        check(r#" {"a": 1, "b": {"a": [1]}} "#, true);
        check(r#"{"a": 1, "a": 1}"#, false);
        check(r#"{"a": 1, "\u0061": 2}"#, false);
        check("[]", false);
        check(r#"[["a", 1]]"#, false);
        check("null", false);
        check("7", false);
        check(r#""{}""#, false);
        check("{} {}", false);
        check(r#"{"a": 1,}"#, false);
        check(r#"{"a": 1e999}"#, false);
        check("", false);
        check(&format!("{{\"a\": {}1{}}}", "[".repeat(500), "]".repeat(500)), false);
        assert!(Object::read(b"{\"a\": \"\xff\"}").is_none());
    }

    #[test]
    fn a_list_holds_objects_with_different_names() {
        let check = |json: &str, count: Option<usize>| {
            assert_eq!(Object::read_list(json.as_bytes(), "keys").map(|list| list.len()), count, "{json}");
        };
        check(r#"{"keys": [{"a": 1}, {"a": 1, "b": {"a": 1}}], "other": [7]}"#, Some(2));
        check(r#"{"keys": []}"#, Some(0));
        check(r#"{"keys": [{"a": 1, "a": 1}]}"#, None);
        check(r#"{"keys": [["a", 1]]}"#, None);
        check(r#"{"keys": [{}, 7]}"#, None);
        check(r#"{"keys": {"a": {}}}"#, None);
        check(r#"{"keys": null}"#, None);
        check(r#"{"keys": [], "keys": [{}]}"#, None);
        check(r#"[{"keys": []}]"#, None);
        check("[[{}]]", None);
        check("{}", None);
        check(r#"{"keys": [{}]} x"#, None);
        check(&format!(r#"{{"keys": [{{"a": {}1{}}}]}}"#, "[".repeat(500), "]".repeat(500)), None);
    }
}
