//! Whether a document makes sense in the schema: the whole of the specification's validation, before the engine runs it.

use std::collections::{HashMap, HashSet};

use apollo_compiler::{Schema, ast, response::GraphQLError, validation::Valid};
use async_graphql::{
    Name, Pos,
    parser::types::{ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet, Type},
};
use async_graphql_value::Value;

use super::{
    RequestError, Shapes,
    parse::Parsed,
    rewrite::is_introspection,
    shapes::{InputType, base_name},
    suggest::nearest,
};

/// The most errors that are told of a document: its author mends the first ones first.
const ERRORS_MAX: usize = 20;
/// The most characters of a message, which repeats names as long as the caller wrote them.
const MESSAGE_MAX: usize = 300;

/// What the library says where nothing of an object is selected.
const NOTHING_SELECTED: &str = "must have a subselection set";

/// A directive that the library does not know.
const ONE_OF: &str = "directive @oneOf on INPUT_OBJECT\n";

/// Judges documents by one schema.
pub(super) struct Validator {
    schema: Valid<Schema>,
    /// Whether a message may name what is nearest to a name that is not there.
    suggestions: bool,
}

impl Validator {
    /// A validator for the schema of this text.
    ///
    /// # Errors
    /// What is wrong with the schema.
    pub(super) fn new(sdl: &str, suggestions: bool) -> Result<Self, String> {
        let defines = sdl.contains("directive @oneOf");
        let sdl = if defines { sdl.to_owned() } else { format!("{ONE_OF}{sdl}") };
        let schema = Schema::parse_and_validate(sdl, "").map_err(|failed| failed.errors.to_string())?;
        Ok(Self { schema, suggestions })
    }

    /// The schema that it judges by.
    pub(super) fn schema(&self) -> &Valid<Schema> {
        &self.schema
    }

    /// What is wrong with a document; nothing if it may run. Every operation and fragment is judged, used or not.
    pub(super) fn errors(&self, shapes: &Shapes, parsed: &Parsed) -> Vec<RequestError> {
        let mut found = self.judge(&parsed.ast);
        if found.is_empty() {
            return OneOf::new(shapes, &parsed.document).errors();
        }
        if self.suggestions {
            found.iter_mut().for_each(|error| suggest(shapes, error));
        }
        found
    }

    fn judge(&self, ast: &ast::Document) -> Vec<RequestError> {
        let Err(failed) = ast.to_executable_validate(&self.schema) else { return Vec::new() };
        let told = |found: GraphQLError| {
            let locations = found.locations.iter().map(|at| (at.line, at.column)).collect();
            RequestError { locations, ..RequestError::invalid(sentence(&found.message)) }
        };
        let mut found: Vec<GraphQLError> = failed.errors.iter().map(|found| found.to_json()).collect();
        // An unknown field is left out, and then nothing may be left: only the cause is told.
        if found.iter().any(|error| !error.message.contains(NOTHING_SELECTED)) {
            found.retain(|error| !error.message.contains(NOTHING_SELECTED));
        }
        found.into_iter().take(ERRORS_MAX).map(told).collect()
    }
}

impl std::fmt::Debug for Validator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Validator")
    }
}

/// Names the field that is nearest to one that is not there: "type `Viewer` does not have a field `subjet`".
fn suggest(shapes: &Shapes, error: &mut RequestError) {
    let quoted: Vec<&str> = error.message.split('`').collect();
    let [_, parent, does, field, ..] = quoted.as_slice() else { return };
    if does.trim() == "does not have a field"
        && let Some(near) = nearest(field, shapes.fields(parent))
    {
        error.message.push_str(&format!(" Did you mean `{near}`?"));
    }
}

fn sentence(text: &str) -> String {
    let text: String = text.trim_end_matches('.').chars().take(MESSAGE_MAX).collect();
    let mut rest = text.chars();
    rest.next().map(|first| format!("{}{}.", first.to_uppercase(), rest.as_str())).unwrap_or_default()
}

/// The rule that an input of which exactly one field is given, is given exactly one, not null, and by a variable only
/// if that cannot be null. The library does not know it yet.
struct OneOf<'a> {
    shapes: &'a Shapes,
    document: &'a ExecutableDocument,
    /// The variables of the operation that is looked at.
    declared: HashMap<&'a Name, &'a Type>,
    spread: HashSet<&'a Name>,
    found: Vec<RequestError>,
}

impl<'a> OneOf<'a> {
    fn new(shapes: &'a Shapes, document: &'a ExecutableDocument) -> Self {
        Self { shapes, document, declared: HashMap::new(), spread: HashSet::new(), found: Vec::new() }
    }

    fn errors(mut self) -> Vec<RequestError> {
        for (_, operation) in self.document.operations.iter() {
            self.operation(&operation.node);
        }
        self.found.truncate(ERRORS_MAX);
        self.found
    }

    fn operation(&mut self, operation: &'a OperationDefinition) {
        let definitions = operation.variable_definitions.iter().map(|definition| &definition.node);
        self.declared = definitions.clone().map(|variable| (&variable.name.node, &variable.var_type.node)).collect();
        self.spread.clear();
        for variable in definitions {
            if let Some(default) = &variable.default_value {
                let value = default.node.clone().into_value();
                self.value(&value, base_name(&variable.var_type.node), default.pos);
            }
        }
        self.set(&operation.selection_set.node, self.shapes.root(operation.ty));
    }

    fn set(&mut self, set: &'a SelectionSet, parent: &'a str) {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => self.field(&field.node, parent),
                Selection::InlineFragment(inline) => {
                    let on = inline.node.type_condition.as_ref().map(|condition| condition.node.on.node.as_str());
                    self.set(&inline.node.selection_set.node, on.unwrap_or(parent));
                }
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    if let Some(fragment) = self.document.fragments.get(name)
                        && self.spread.insert(name)
                    {
                        self.set(&fragment.node.selection_set.node, &fragment.node.type_condition.node.on.node);
                    }
                }
            }
        }
    }

    fn field(&mut self, field: &'a Field, parent: &str) {
        if is_introspection(&field.name.node) {
            return;
        }
        let shapes = self.shapes;
        let Some(shape) = shapes.field(parent, &field.name.node) else { return };
        for (name, value) in &field.arguments {
            if let Some(wanted) = shape.argument(&name.node) {
                self.value(&value.node, base_name(&wanted.ty), value.pos);
            }
        }
        self.set(&field.selection_set.node, &shape.result);
    }

    /// Looks through a value for an input of this type, in lists too.
    fn value(&mut self, value: &Value, name: &str, at: Pos) {
        match value {
            Value::List(items) => items.iter().for_each(|item| self.value(item, name, at)),
            Value::Object(fields) => {
                let Some(InputType::Object(shape)) = self.shapes.input_type(name) else { return };
                if shape.one_of {
                    self.exactly_one(name, fields.values(), at);
                }
                for (field, wanted) in shape.fields() {
                    if let Some(value) = fields.get(field.as_str()) {
                        self.value(value, base_name(&wanted.ty), at);
                    }
                }
            }
            _ => {}
        }
    }

    fn exactly_one<'v>(&mut self, name: &str, mut values: impl Iterator<Item = &'v Value>, at: Pos) {
        let message = match (values.next(), values.next()) {
            (Some(Value::Null), None) => format!("{name} takes exactly one field, and not as null."),
            (Some(Value::Variable(variable)), None) => match self.declared.get(variable) {
                Some(ty) if ty.nullable => {
                    format!("Variable `${variable}` of type {ty} may be null, and {name} takes exactly one field.")
                }
                _ => return,
            },
            (Some(_), None) => return,
            (None, _) | (Some(_), Some(_)) => format!("{name} takes exactly one field."),
        };
        self.found.push(RequestError::invalid(message).at(at));
    }
}
