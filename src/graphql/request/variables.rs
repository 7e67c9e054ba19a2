//! What the request says of each variable its operation declares.

use std::collections::HashMap;

use async_graphql::{
    Name, Positioned, Value as ConstValue, Variables,
    parser::types::{BaseType, Type, VariableDefinition},
};
use async_graphql_value::Value;
use serde_json::Map;

/// Where a value was written, which decides how an enum is spelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// GraphQL: `P1`.
    Document,
    /// JSON: `"P1"`.
    Variables,
}

/// A variable of the operation.
#[derive(Debug)]
pub(super) struct Variable {
    /// Its declared type.
    pub(super) ty: Type,
    /// Declared with a default other than null.
    defaulted: bool,
    pub(super) state: State,
}

impl Variable {
    /// Whether a variable so declared may stand where `wanted` is, whatever it holds; `defaulted` if that place has a
    /// default. (GraphQL October 2021, 5.8.5.)
    pub(super) fn may_stand_for(&self, wanted: &Type, defaulted: bool) -> bool {
        if self.ty.nullable && !wanted.nullable {
            return (self.defaulted || defaulted) && fits(&self.ty.base, &wanted.base);
        }
        fits(&self.ty.base, &wanted.base)
    }
}

fn fits(given: &BaseType, wanted: &BaseType) -> bool {
    match (given, wanted) {
        (BaseType::Named(given), BaseType::Named(wanted)) => given == wanted,
        (BaseType::List(given), BaseType::List(wanted)) => {
            (wanted.nullable || !given.nullable) && fits(&given.base, &wanted.base)
        }
        _ => false,
    }
}

/// What a variable holds.
#[derive(Debug)]
pub(super) enum State {
    /// Given, or declared with a default.
    Value(Value, Origin),
    /// Neither, and may be.
    Omitted,
    /// Neither, and may not be.
    Missing,
}

/// The operation's variables by name.
#[derive(Debug, Default)]
pub(super) struct Declared(HashMap<Name, Variable>);

impl Declared {
    /// Joins the declarations with the values given; values of others are dropped.
    pub(super) fn new(definitions: &[Positioned<VariableDefinition>], given: &Map<String, serde_json::Value>) -> Self {
        let variable = |definition: &Positioned<VariableDefinition>| {
            let VariableDefinition { name, var_type, default_value, .. } = &definition.node;
            let json = given.get(name.node.as_str()).cloned();
            let value = match (json.map(ConstValue::from_json), default_value) {
                (Some(Ok(value)), _) => Some((value, Origin::Variables)),
                (_, Some(default)) => Some((default.node.clone(), Origin::Document)),
                _ => None,
            };
            let state = match value {
                Some((value, origin)) => State::Value(value.into_value(), origin),
                None if var_type.node.nullable => State::Omitted,
                None => State::Missing,
            };
            let defaulted = default_value.as_ref().is_some_and(|default| default.node != ConstValue::Null);
            (name.node.clone(), Variable { ty: var_type.node.clone(), defaulted, state })
        };
        Self(definitions.iter().map(variable).collect())
    }

    pub(super) fn get(&self, name: &Name) -> Option<&Variable> {
        self.0.get(name)
    }

    /// Whether the value is a variable that is declared, not given and without a default, and may be so.
    pub(super) fn leaves_out(&self, value: &Value) -> bool {
        let Value::Variable(name) = value else { return false };
        matches!(self.get(name), Some(Variable { state: State::Omitted, .. }))
    }

    pub(super) fn any_omitted(&self) -> bool {
        self.0.values().any(|variable| matches!(variable.state, State::Omitted))
    }

    /// A value with its variables replaced; one without a value counts as null.
    pub(super) fn resolve(&self, value: Value) -> ConstValue {
        let constant = |name: Name| match self.get(&name) {
            Some(Variable { state: State::Value(value, _), .. }) => Ok(value.clone().into_const().unwrap_or_default()),
            _ => Ok::<_, std::convert::Infallible>(ConstValue::Null),
        };
        value.into_const_with(constant).unwrap_or_default()
    }

    /// The values for the engine.
    pub(super) fn into_variables(self) -> Variables {
        let mut variables = Variables::default();
        for (name, variable) in self.0 {
            if let State::Value(value, _) = variable.state {
                variables.insert(name, value.into_const().unwrap_or_default());
            }
        }
        variables
    }
}
