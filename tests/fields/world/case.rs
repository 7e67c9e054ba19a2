//! What one field changes.

use serde_json::{Value, json};

use super::{Look, RECEIVER, all};

/// What one field changes.
#[derive(Clone, Debug)]
pub(in crate::fields) struct Case {
    pub(in crate::fields) field: &'static str,
    /// What both worlds have, where that is not what every world has.
    given: Vec<(&'static str, Value)>,
    /// What the second world has.
    change: Option<(&'static str, Value)>,
    pub(super) look: Look,
    alone: bool,
}

/// A case of a field; what is changed and looked at is said behind it.
pub(in crate::fields) fn field(field: &'static str) -> Case {
    Case { field, given: Vec::new(), change: None, look: Look::Document, alone: false }
}

impl Case {
    /// Both worlds have this at a place.
    pub(in crate::fields) fn given(mut self, place: &'static str, value: Value) -> Self {
        self.given.push((place, value));
        self
    }

    /// In both worlds this is done after all else.
    pub(in crate::fields) fn then(self, mutation: &str, input: Value) -> Self {
        self.given("/steps/-", json!({"do": mutation, "with": input}))
    }

    /// In both worlds this is done after all else, and the first text of the payload is LEARNT from then on.
    pub(in crate::fields) fn then_learning(self, selection: &str, mutation: &str, input: Value) -> Self {
        self.given("/steps/-", json!({"do": mutation, "with": input, "learn": selection}))
    }

    /// In both worlds this is asked after all else, and the first text of the answer is LEARNT from then on.
    pub(in crate::fields) fn learning(self, query: &str) -> Self {
        self.given("/steps/-", json!({"learn": query}))
    }

    /// The second world has this at a place.
    pub(in crate::fields) fn change(mut self, place: &'static str, value: Value) -> Self {
        self.change = Some((place, value));
        self
    }

    /// Each world has a provider of its own: what others do there would show.
    pub(in crate::fields) fn alone(mut self) -> Self {
        self.alone = true;
        self
    }

    pub(in crate::fields) fn seen(mut self, look: Look) -> Self {
        self.look = look;
        self
    }

    /// Seen in what is decided for work on Monday at 10:00, with more or other fields of the question.
    pub(in crate::fields) fn decides(self, question: Value) -> Self {
        self.seen(Look::Decision(question))
    }

    pub(in crate::fields) fn finds(self) -> Self {
        self.seen(Look::Findings)
    }

    pub(in crate::fields) fn written(self) -> Self {
        self.seen(Look::Document)
    }

    /// What the first world is: cases that share it look at it once.
    pub(in crate::fields) fn base(&self) -> String {
        let look = match &self.look {
            Look::Question(first, _) => format!("{:?}", Look::Decision(first.clone())),
            Look::Variables(query, first, _) => format!("{query} {first}"),
            Look::Export(first, _) => format!("export {first}"),
            other => format!("{other:?}"),
        };
        format!("{} {:?} {look}", self.alone, self.given)
    }

    /// Whether its worlds need a provider of their own.
    pub(super) fn is_alone(&self) -> bool {
        self.alone || self.given.iter().chain(&self.change).any(|(place, _)| place.starts_with("/catalogue"))
    }

    /// Whether something is sent to a receiver.
    pub(super) fn has_receiver(&self) -> bool {
        self.given.iter().any(|(_, value)| value.to_string().contains(RECEIVER))
    }

    /// One of its two worlds.
    pub(super) fn world(&self, second: bool) -> Value {
        let mut world = all();
        for (place, value) in self.given.iter().chain(self.change.iter().filter(|_| second)) {
            set(&mut world, place, value.clone());
        }
        world
    }
}

/// Puts a value at a place; at one that ends in `-`, or in how many there are, at the end of the list; null takes a field
/// out.
fn set(world: &mut Value, place: &str, value: Value) {
    let (above, last) = place.rsplit_once('/').unwrap();
    let at = world.pointer_mut(above).unwrap_or_else(|| panic!("a world has no {above}"));
    match at {
        Value::Array(items) if last == "-" => items.push(value),
        Value::Array(items) => {
            let place: usize = last.parse().unwrap();
            items.splice(place..items.len().min(place + 1), [value]);
        }
        Value::Object(fields) if value.is_null() => _ = fields.remove(last),
        Value::Object(fields) => _ = fields.insert(last.to_owned(), value),
        _ => panic!("{above} is no place for something"),
    }
}
