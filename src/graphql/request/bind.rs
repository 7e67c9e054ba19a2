//! The chosen operation's arguments against the schema.

use std::collections::HashSet;

use async_graphql::{
    Name, Positioned, Variables,
    parser::types::{
        BaseType, Directive, DocumentOperations, ExecutableDocument, Field, Selection, SelectionSet, Type,
    },
};

use super::{
    GraphqlRequest, Limits, RequestError, Shapes,
    check::Checker,
    rewrite::{find_operation, is_introspection, leave_out_omitted},
    shapes::ValueShape,
    variables::Declared,
};

/// Chooses the operation, checks every argument it reaches, and leaves out what its variables leave out.
///
/// # Errors
/// `GRAPHQL_VALIDATION_FAILED` when the request does not say which operation, names one that is not there, or puts a
/// variable where its type cannot stand; else up to 20 `BAD_USER_INPUT` for values.
pub(super) fn bind(
    shapes: &Shapes,
    limits: &Limits,
    document: &ExecutableDocument,
    request: &GraphqlRequest,
) -> Result<Bound, Vec<RequestError>> {
    let name = chosen_name(&document.operations, request.operation_name.as_deref()).map_err(|error| vec![error])?;
    let chosen = find_operation(&document.operations, name.as_deref()).map(|chosen| &chosen.node);
    let Some(chosen) = chosen else { return Err(vec![RequestError::invalid("The document has no such operation.")]) };
    let declared = Declared::new(&chosen.variable_definitions, &request.variables);

    let mut walk = Walk::new(document, shapes, Checker::new(shapes, limits, &declared));
    walk.set(&chosen.selection_set.node, shapes.root(chosen.ty));
    let refusals = walk.checker.into_refusals();
    if !refusals.is_empty() {
        return Err(refusals);
    }
    let mut document = document.clone();
    leave_out_omitted(&mut document, name.as_deref(), &declared);
    Ok(Bound { document, operation_name: name, variables: declared.into_variables() })
}

/// A document with its operation chosen and its values found to fit.
pub(super) struct Bound {
    /// The document without what was left out of the request.
    pub(super) document: ExecutableDocument,
    /// The operation to run; absent only for the one anonymous operation of a document.
    pub(super) operation_name: Option<String>,
    /// The values of the variables the operation declares: as given, or else their default.
    pub(super) variables: Variables,
}

/// The name of the operation to run; none for an anonymous one.
fn chosen_name(operations: &DocumentOperations, asked: Option<&str>) -> Result<Option<String>, RequestError> {
    match (operations, asked) {
        (_, Some(asked)) if find_operation(operations, Some(asked)).is_none() => {
            Err(RequestError::invalid("The document has no operation with the name that `operationName` gives."))
        }
        (_, Some(asked)) => Ok(Some(asked.to_owned())),
        (DocumentOperations::Single(_), None) => Ok(None),
        (DocumentOperations::Multiple(named), None) if named.len() == 1 => Ok(named.keys().next().map(Name::to_string)),
        (DocumentOperations::Multiple(_), None) => {
            Err(RequestError::invalid("The document has several operations: `operationName` says which to run."))
        }
    }
}

/// Goes through the fields an operation reaches, each fragment once: its own type condition is its parent, wherever it
/// is spread.
struct Walk<'a> {
    document: &'a ExecutableDocument,
    shapes: &'a Shapes,
    checker: Checker<'a>,
    spread: HashSet<&'a Name>,
    /// What `@skip` and `@include` want of `if`.
    condition: ValueShape,
}

impl<'a> Walk<'a> {
    fn new(document: &'a ExecutableDocument, shapes: &'a Shapes, checker: Checker<'a>) -> Self {
        let ty = Type { base: BaseType::Named(Name::new("Boolean")), nullable: false };
        let condition = ValueShape { ty, defaulted: false };
        Self { document, shapes, checker, spread: HashSet::new(), condition }
    }

    fn set(&mut self, set: &'a SelectionSet, parent: &'a str) {
        for selection in &set.items {
            if self.checker.is_full() {
                return;
            }
            self.directives(selection.node.directives());
            match &selection.node {
                Selection::Field(field) => self.field(&field.node, parent),
                Selection::InlineFragment(inline) => {
                    let condition =
                        inline.node.type_condition.as_ref().map(|condition| condition.node.on.node.as_str());
                    self.set(&inline.node.selection_set.node, condition.unwrap_or(parent));
                }
                Selection::FragmentSpread(spread) => self.fragment(&spread.node.fragment_name.node),
            }
        }
    }

    fn fragment(&mut self, name: &'a Name) {
        if let Some(fragment) = self.document.fragments.get(name)
            && self.spread.insert(name)
        {
            self.set(&fragment.node.selection_set.node, &fragment.node.type_condition.node.on.node);
        }
    }

    /// A field or argument the schema does not have is the engine's to report.
    fn field(&mut self, field: &'a Field, parent: &str) {
        if is_introspection(&field.name.node) {
            return;
        }
        let Some(shape) = self.shapes.field(parent, &field.name.node) else { return };
        for (name, value) in &field.arguments {
            if let Some(wanted) = shape.argument(&name.node) {
                self.checker.argument(&name.node, &value.node, wanted, value.pos);
            }
        }
        self.set(&field.selection_set.node, &shape.result);
    }

    fn directives(&mut self, directives: &[Positioned<Directive>]) {
        let conditions = directives.iter().filter(|on| matches!(on.node.name.node.as_str(), "skip" | "include"));
        for (name, value) in conditions.flat_map(|directive| &directive.node.arguments) {
            if name.node == "if" {
                self.checker.argument("if", &value.node, &self.condition, value.pos);
            }
        }
    }
}
