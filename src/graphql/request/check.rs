//! One value against the type wanted of it.

use std::collections::HashSet;

use async_graphql::{
    Name, Pos,
    parser::types::{BaseType, Type},
};
use async_graphql_value::{Value, indexmap::IndexMap};

use super::{
    Limits, RequestError, Shapes,
    shapes::{InputShape, InputType, Scalar, ValueShape, base_name},
    variables::{Declared, Origin, State},
};

/// Refusals of one request; a client mends these before it asks for more.
const MOST_REFUSALS: usize = 20;
/// Bytes of a `String`: as long as a whole document may be.
const MOST_STRING: usize = 65_536;

/// Checks values and keeps what is wrong with them.
pub(super) struct Checker<'a> {
    shapes: &'a Shapes,
    limits: &'a Limits,
    declared: &'a Declared,
    /// Variables found to fit their declared type: a large one used often is looked through once.
    fitting: HashSet<Name>,
    path: Vec<String>,
    at: Pos,
    refusals: Vec<RequestError>,
    /// Variables where their declared type cannot stand.
    misplaced: Vec<RequestError>,
}

impl<'a> Checker<'a> {
    pub(super) fn new(shapes: &'a Shapes, limits: &'a Limits, declared: &'a Declared) -> Self {
        Self {
            shapes,
            limits,
            declared,
            fitting: HashSet::new(),
            path: Vec::new(),
            at: Pos::default(),
            refusals: Vec::new(),
            misplaced: Vec::new(),
        }
    }

    /// What was refused, in the order met; at most 20. A document that no values would mend comes alone.
    pub(super) fn into_refusals(self) -> Vec<RequestError> {
        if self.misplaced.is_empty() { self.refusals } else { self.misplaced }
    }

    /// Enough was refused.
    pub(super) fn is_full(&self) -> bool {
        self.refusals.len().max(self.misplaced.len()) >= MOST_REFUSALS
    }

    /// Checks an argument's value, which stands at `at`.
    pub(super) fn argument(&mut self, name: &str, value: &Value, shape: &ValueShape, at: Pos) {
        self.at = at;
        self.within(name.to_owned(), |checker| checker.placed(value, shape, Origin::Document));
    }

    /// The value of an argument or an input field.
    fn placed(&mut self, value: &Value, shape: &ValueShape, origin: Origin) {
        match value {
            Value::Variable(name) => self.variable(name, &shape.ty, shape.defaulted),
            value => self.value(value, &shape.ty, origin),
        }
    }

    fn value(&mut self, value: &Value, ty: &Type, origin: Origin) {
        if self.is_full() {
            return;
        }
        match (value, &ty.base) {
            (Value::Variable(name), _) => self.variable(name, ty, false),
            (Value::Null, _) if ty.nullable => {}
            (Value::Null, _) => self.refuse(format!("Expected {ty}, which cannot be null.")),
            (Value::List(items), BaseType::List(item)) => self.list(items, item, origin),
            // One value where a list is wanted is a list of it.
            (single, BaseType::List(item)) => self.value(single, item, origin),
            (value, BaseType::Named(name)) => self.named(value, name, origin),
        }
    }

    /// A variable's declaration has to suit its place, and its value its declaration. The engine's own rule for the
    /// former never runs.
    fn variable(&mut self, name: &Name, ty: &Type, defaulted: bool) {
        let Some(variable) = self.declared.get(name) else { return };
        if self.shapes.input_type(base_name(&variable.ty)).is_none() {
            return;
        }
        if !variable.may_stand_for(ty, defaulted) {
            return self.misplace(format!("Variable `${name}` of type {} cannot stand for {ty}.", variable.ty));
        }
        match &variable.state {
            State::Omitted => {}
            State::Missing => self.refuse(format!("Variable `${name}` was not given; expected {}.", variable.ty)),
            State::Value(Value::Null, _) if !ty.nullable => {
                self.refuse(format!("Variable `${name}` is null; expected {ty}."));
            }
            State::Value(value, origin) => self.held(name, value, &variable.ty, *origin),
        }
    }

    fn held(&mut self, name: &Name, value: &Value, ty: &Type, origin: Origin) {
        let refused = self.refusals.len();
        if !self.fitting.contains(name) {
            self.value(value, ty, origin);
            if self.refusals.len() == refused {
                self.fitting.insert(name.clone());
            }
        }
    }

    fn list(&mut self, items: &[Value], item: &Type, origin: Origin) {
        let most = self.limits.list;
        if items.len() > most {
            return self.refuse(format!("A list has at most {most} items; this one has {}.", items.len()));
        }
        for (index, value) in items.iter().enumerate() {
            self.within(index.to_string(), |checker| checker.value(value, item, origin));
        }
    }

    fn named(&mut self, value: &Value, name: &str, origin: Origin) {
        match (self.shapes.input_type(name), value) {
            (Some(InputType::Object(shape)), Value::Object(fields)) => self.object(fields, name, shape, origin),
            (Some(InputType::Object(_)), other) => self.refuse(expected(&format!("{name}, an object"), other)),
            (Some(InputType::Enum(values)), value) => self.enumerated(value, name, values, origin),
            (Some(InputType::Scalar(scalar)), value) => self.scalar(value, name, scalar),
            (None, _) => {}
        }
    }

    fn object(&mut self, fields: &IndexMap<Name, Value>, name: &str, shape: &InputShape, origin: Origin) {
        if shape.one_of {
            self.exactly_one(fields, name);
        }
        for unknown in fields.keys().filter(|field| !shape.knows(field)) {
            self.within(shortened(unknown), |checker| {
                checker.refuse(format!("{name} has no field `{}`.", shortened(unknown)));
            });
        }
        for (field, wanted) in shape.fields() {
            match fields.get(field.as_str()) {
                Some(value) => self.within(field.clone(), |checker| checker.placed(value, wanted, origin)),
                None if wanted.is_required() => {
                    let message = format!("{name} needs `{field}`: {}.", wanted.ty);
                    self.within(field.clone(), |checker| checker.refuse(message));
                }
                None => {}
            }
        }
    }

    /// A field whose variable was omitted is not there.
    fn exactly_one(&mut self, fields: &IndexMap<Name, Value>, name: &str) {
        let mut given = fields.iter().filter(|(_, value)| !self.declared.leaves_out(value));
        match (given.next(), given.count()) {
            (Some((field, value)), 0) if self.is_null(value) => self.within(field.to_string(), |checker| {
                checker.refuse(format!("{name} takes exactly one field, and not as null."));
            }),
            (Some(_), 0) => {}
            (first, more) => {
                let count = more + usize::from(first.is_some());
                self.refuse(format!("{name} takes exactly one field; {count} were given."));
            }
        }
    }

    fn is_null(&self, value: &Value) -> bool {
        match value {
            Value::Null => true,
            Value::Variable(name) => {
                matches!(self.declared.get(name).map(|known| &known.state), Some(State::Value(Value::Null, _)))
            }
            _ => false,
        }
    }

    fn enumerated(&mut self, value: &Value, name: &str, values: &[String], origin: Origin) {
        let given = match (value, origin) {
            (Value::Enum(given), _) => given.as_str(),
            (Value::String(given), Origin::Variables) => given.as_str(),
            (Value::String(_), Origin::Document) => {
                return self.refuse(format!("Expected {name}, written without quotes in a document."));
            }
            (other, _) => return self.refuse(expected(name, other)),
        };
        if !values.iter().any(|known| known == given) {
            self.refuse(format!("{name} has no value {}; it has {}.", shortened(given), listed(values)));
        }
    }

    fn scalar(&mut self, value: &Value, name: &str, scalar: Scalar) {
        let verdict = match (scalar, value) {
            (Scalar::Int, Value::Number(number)) if number.as_i64().is_some_and(|int| i32::try_from(int).is_ok()) => {
                Ok(())
            }
            (Scalar::Int, Value::Number(number)) => {
                Err(format!("Expected Int, a whole number of 32 bits; got {}.", shortened(&number.to_string())))
            }
            (Scalar::Float, Value::Number(_)) | (Scalar::Boolean, Value::Boolean(_)) => Ok(()),
            (Scalar::String | Scalar::Id, Value::String(text)) => plain(text, name),
            (Scalar::Id, Value::Number(number)) if number.is_i64() || number.is_u64() => Ok(()),
            (Scalar::Custom(None), _) => Ok(()),
            (Scalar::Custom(Some(check)), value) => check(&self.declared.resolve(value.clone())),
            (_, other) => Err(expected(name, other)),
        };
        if let Err(message) = verdict {
            self.refuse(message);
        }
    }

    fn within(&mut self, step: String, check: impl FnOnce(&mut Self)) {
        self.path.push(step);
        check(self);
        self.path.pop();
    }

    fn misplace(&mut self, message: String) {
        if !self.is_full() {
            self.misplaced.push(RequestError::invalid(message).at(self.at));
        }
    }

    fn refuse(&mut self, message: String) {
        if !self.is_full() {
            self.refusals.push(RequestError::input(message, self.path.clone()).at(self.at));
        }
    }
}

fn plain(text: &str, name: &str) -> Result<(), String> {
    if text.len() > MOST_STRING {
        return Err(format!("{name} has at most {MOST_STRING} bytes; this one has {}.", text.len()));
    }
    if text.contains('\0') {
        return Err(format!("{name} cannot hold the character NUL."));
    }
    Ok(())
}

fn expected(wanted: &str, got: &Value) -> String {
    let got = match got {
        Value::Variable(_) => "a variable",
        Value::Null => "null",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Boolean(_) => "a boolean",
        Value::Binary(_) => "bytes",
        Value::Enum(_) => "a name without quotes",
        Value::List(_) => "a list",
        Value::Object(_) => "an object",
    };
    format!("Expected {wanted}; got {got}.")
}

/// What a client sent, short enough to send back.
fn shortened(text: &str) -> String {
    let mut short: String = text.chars().take(40).filter(|letter| !letter.is_control()).collect();
    if text.chars().nth(40).is_some() {
        short.push('…');
    }
    short
}

/// The first values of an enum; a currency list would drown the message.
fn listed(values: &[String]) -> String {
    let first = values.iter().take(12).map(String::as_str).collect::<Vec<_>>().join(", ");
    if values.len() > 12 { format!("{first} and {} more", values.len() - 12) } else { first }
}
