//! The form of a file.

use toml::{Table, Value};

use super::FileError;

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// TOML.
    Toml,
    /// JSON.
    Json,
}

/// The kinds of object that a file may bring along: its list, its mutation, its root, in the order in which they are put.
pub(super) const CATALOGUE: [(&str, &str, &str); 4] = [
    ("services", "putService", "service"),
    ("calendars", "putCalendar", "calendar"),
    ("tiers", "putSlaTier", "slaTier"),
    ("clients", "putClient", "client"),
];

/// What a file may have at its top, beside `terms` and `catalogue`.
const HEAD: [&str; 6] = ["provider", "number", "title", "client", "currency", "externalRefs"];

/// An agreement as a file says it.
#[derive(Clone, Debug, PartialEq)]
pub struct AgreementFile {
    /// The provider, where the file names it.
    pub provider: Option<String>,
    /// Number, title, client, currency and what other systems call it.
    pub head: Table,
    /// What its terms say; none: the agreement alone.
    pub terms: Option<Table>,
    /// What it brings along, by list.
    pub catalogue: Table,
}

impl AgreementFile {
    /// Reads a file.
    ///
    /// - `form`: how it is written; none: what begins with `{` is JSON, all else TOML.
    ///
    /// # Errors
    /// [`FileError::Malformed`] with the line where the text is at fault, or the name that it may not have.
    pub fn read(text: &str, form: Option<Form>) -> Result<Self, FileError> {
        let malformed = |error: &dyn std::fmt::Display| FileError::Malformed(error.to_string().trim_end().to_owned());
        let form = form.unwrap_or(if text.trim_start().starts_with('{') { Form::Json } else { Form::Toml });
        let mut table: Table = match form {
            Form::Json => {
                let value: serde_json::Value = serde_json::from_str(text).map_err(|error| malformed(&error))?;
                serde_json::from_value(without_nulls(value)).map_err(|error| malformed(&error))?
            }
            Form::Toml => text.parse().map_err(|error: toml::de::Error| malformed(&error))?,
        };
        let terms = take_table(&mut table, "terms")?;
        let catalogue = take_table(&mut table, "catalogue")?.unwrap_or_default();
        let unknown = table.keys().find(|key| !HEAD.contains(&key.as_str())).cloned();
        let unlisted = catalogue.keys().find(|key| CATALOGUE.iter().all(|(list, ..)| list != key)).cloned();
        if let Some(key) = unknown.or_else(|| unlisted.map(|key| format!("catalogue.{key}"))) {
            let text = format!("an agreement's file has no {key:?}: it has {}, terms and catalogue", HEAD.join(", "));
            return Err(FileError::Malformed(text));
        }
        let provider = match table.remove("provider") {
            None => None,
            Some(Value::String(code)) => Some(code),
            Some(_) => return Err(FileError::Malformed("provider: must be a provider's code".into())),
        };
        Ok(Self { provider, head: table, terms, catalogue })
    }

    /// The agreement's number.
    ///
    /// # Errors
    /// [`FileError::Malformed`] when there is none.
    pub fn number(&self) -> Result<&str, FileError> {
        let number = self.head.get("number").and_then(Value::as_str);
        number.ok_or_else(|| FileError::Malformed("number: the agreement's number is missing".into()))
    }

    /// The file's text.
    #[must_use]
    pub fn write(&self, form: Form) -> String {
        let table = self.table();
        match form {
            Form::Toml => toml::to_string(&table).unwrap_or_default(),
            Form::Json => serde_json::to_string_pretty(&table).map(|text| text + "\n").unwrap_or_default(),
        }
    }

    /// Everything, as one table.
    pub(super) fn table(&self) -> Table {
        let mut table = Table::new();
        table.extend(self.provider.clone().map(|code| ("provider".to_owned(), Value::String(code))));
        table.extend(self.head.clone());
        table.extend(self.terms.clone().map(|terms| ("terms".to_owned(), Value::Table(terms))));
        if !self.catalogue.is_empty() {
            table.insert("catalogue".into(), Value::Table(self.catalogue.clone()));
        }
        table
    }

    /// The objects of one list that it brings along.
    pub(super) fn brought(&self, list: &str) -> impl Iterator<Item = &Table> {
        let items = self.catalogue.get(list).and_then(Value::as_array).into_iter().flatten();
        items.filter_map(Value::as_table)
    }
}

fn take_table(table: &mut Table, key: &str) -> Result<Option<Table>, FileError> {
    match table.remove(key) {
        None => Ok(None),
        Some(Value::Table(found)) => Ok(Some(found)),
        Some(_) => Err(FileError::Malformed(format!("{key}: must be a table"))),
    }
}

/// JSON's null says what leaving out says.
fn without_nulls(value: serde_json::Value) -> serde_json::Value {
    use serde_json::Value as Json;
    match value {
        Json::Object(fields) => {
            let kept = fields.into_iter().filter(|(_, value)| !value.is_null());
            Json::Object(kept.map(|(name, value)| (name, without_nulls(value))).collect())
        }
        Json::Array(items) => Json::Array(items.into_iter().map(without_nulls).collect()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "provider = \"acme\"\nnumber = \"A\"\n\n[terms]\neffectiveFrom = 2026-01-01\n\n[[catalogue.services]]\ncode = \"HELP\"\n";

    #[test]
    fn a_file_reads_back_as_it_was_written() {
        let file = AgreementFile::read(TEXT, None).unwrap();
        assert_eq!((file.provider.as_deref(), file.number().unwrap()), (Some("acme"), "A"));
        for form in [Form::Toml, Form::Json] {
            let again = AgreementFile::read(&file.write(form), Some(form)).unwrap();
            assert_eq!(again.write(Form::Json), file.write(Form::Json), "{form:?}");
        }
        assert_eq!(AgreementFile::read("{\"number\": \"A\", \"title\": null}", None).unwrap().head.len(), 1);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        for (text, said) in [
            ("number = ", "line 1"),
            ("{\"number\": }", "line 1"),
            ("numbr = \"A\"", "no \"numbr\""),
            ("[catalogue]\nservice = []", "no \"catalogue.service\""),
            ("terms = 1", "terms: must be a table"),
            ("provider = 1", "provider: must be"),
        ] {
            let error = AgreementFile::read(text, None).unwrap_err().to_string();
            assert!(error.contains(said), "{text:?}: {error}");
        }
        assert!(AgreementFile::read("title = \"x\"", None).unwrap().number().is_err());
    }
}
