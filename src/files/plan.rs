//! What applying a file changes.

use std::fmt;

use toml::{Table, Value};

/// The differences between what is there and what a file says, a line each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    lines: Vec<String>,
}

impl Plan {
    /// The differences between two tables.
    pub(super) fn between(old: &Table, new: &Table) -> Self {
        let mut plan = Self::default();
        plan.tables("", old, new);
        plan
    }

    /// Whether nothing differs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Whether something below a name at the top differs.
    pub(super) fn touches(&self, name: &str) -> bool {
        let below = |line: &String| line.get(2..).is_some_and(|path| path.starts_with(name));
        self.lines.iter().any(below)
    }

    fn tables(&mut self, path: &str, old: &Table, new: &Table) {
        let at = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
        for (key, value) in old.iter().filter(|(key, _)| !new.contains_key(*key)) {
            self.lines.push(format!("- {} = {}", at(key), shown(value)));
        }
        for (key, value) in new {
            match old.get(key) {
                Some(before) => self.values(&at(key), before, value),
                None => self.lines.push(format!("+ {} = {}", at(key), shown(value))),
            }
        }
    }

    fn values(&mut self, path: &str, old: &Value, new: &Value) {
        match (old, new) {
            (Value::Table(old), Value::Table(new)) => self.tables(path, old, new),
            (Value::Array(old), Value::Array(new)) => self.lists(path, old, new),
            _ if old == new => {}
            _ => self.lines.push(format!("~ {path}: {} -> {}", shown(old), shown(new))),
        }
    }

    fn lists(&mut self, path: &str, old: &[Value], new: &[Value]) {
        for (place, (old, new)) in old.iter().zip(new).enumerate() {
            self.values(&format!("{path}[{place}]"), old, new);
        }
        for (place, value) in old.iter().enumerate().skip(new.len()) {
            self.lines.push(format!("- {path}[{place}] = {}", shown(value)));
        }
        for (place, value) in new.iter().enumerate().skip(old.len()) {
            self.lines.push(format!("+ {path}[{place}] = {}", shown(value)));
        }
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lines.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

/// A value on one line.
fn shown(value: &Value) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_names_each_difference_by_its_place() {
        let read = |text: &str| text.parse::<Table>().unwrap();
        let old = read(
            "title = \"x\"\n[terms]\ncalendar = \"A\"\nservices = [{service = \"S\", quantity = 1}, {service = \"T\"}]",
        );
        let new = read("title = \"x\"\n[terms]\ntier = \"G\"\nservices = [{service = \"S\", quantity = 2}]");
        let plan = Plan::between(&old, &new);
        let expected = "- terms.calendar = \"A\"\n+ terms.tier = \"G\"\n~ terms.services[0].quantity: 1 -> 2\n- terms.services[1] = {\"service\":\"T\"}\n";
        assert_eq!(plan.to_string(), expected);
        assert!(plan.touches("terms") && !plan.touches("title") && Plan::between(&old, &old).is_empty());
    }
}
