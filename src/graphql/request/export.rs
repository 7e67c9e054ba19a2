//! The query of an export, as it is run for each page.
//!
//! Whoever exports writes `{ agreements { nodes { number } } }`. What is run is the same with `first`, `after`, and each node
//! with its cursor, so that a page ends with the place of the next one.

use apollo_compiler::{
    Name, Node,
    ast::{
        Argument, Definition, DirectiveList, Document, Field, OperationDefinition, OperationType, Selection, Value,
        VariableDefinition,
    },
    name, ty,
};

use super::{RequestError, Shapes};

/// A query whose one connection is read page by page.
#[derive(Debug)]
pub(super) struct Paged {
    /// The query of a page, as text.
    pub(super) query: String,
    /// The way from the root to the connection.
    pub(super) way: Way,
}

/// The way from the root of a query to the connection that is exported.
#[derive(Clone, Debug, Default)]
pub struct Way {
    /// What its fields are answered under.
    pub keys: Vec<String>,
    /// Type and name of each of them.
    pub fields: Vec<(String, String)>,
    /// The variable with the cursor behind which a page begins.
    pub after: String,
}

/// The arguments that a connection is read page by page with.
const SLICING: [&str; 4] = ["first", "after", "last", "before"];

/// Makes the query of an export into that of its pages.
///
/// - `ast`: the query, which is valid.
/// - `page_size`: how many nodes a page has at most.
///
/// # Errors
/// What keeps it from being exported.
pub(super) fn paged(shapes: &Shapes, ast: &Document, page_size: u64) -> Result<Paged, RequestError> {
    let mut document = ast.clone();
    let operation = only_query(&mut document).ok_or_else(|| RequestError::request(ONE_QUERY))?;
    let mut way = Way { after: free_name(operation), ..Way::default() };
    let after = Name::new(&way.after).map_err(|_| RequestError::request(ONE_QUERY))?;
    let connection = descend(shapes, &mut operation.selection_set, &mut way)?;
    let slicing = connection.arguments.iter().find(|argument| SLICING.contains(&argument.name.as_str()));
    if let Some(argument) = slicing {
        let text =
            format!("An export reads its connection from the beginning to the end: leave `{}` out.", argument.name);
        return Err(RequestError::request(text));
    }
    with_cursors(&mut connection.selection_set)?;
    let count = i32::try_from(page_size).unwrap_or(i32::MAX);
    connection.arguments.push(argument(name!(first), Value::Int(count.into())));
    connection.arguments.push(argument(name!(after), Value::Variable(after.clone())));
    let (ty, directives) = (Node::new(ty!(String)), DirectiveList::default());
    operation.variables.push(Node::new(VariableDefinition { name: after, ty, default_value: None, directives }));
    Ok(Paged { query: document.serialize().no_indent().to_string(), way })
}

const ONE_QUERY: &str = "An export is of one query.";
const ONE_CONNECTION: &str = "An export is of one connection: select one field below the other down to it, and of it `nodes` \
                              alone, as in { agreements { nodes { number } } }.";

/// The query of a document that has nothing else to run.
fn only_query(document: &mut Document) -> Option<&mut OperationDefinition> {
    let mut operations = document.definitions.iter_mut().filter_map(|definition| match definition {
        Definition::OperationDefinition(operation) => Some(operation.make_mut()),
        _ => None,
    });
    let only = operations.next().filter(|operation| operation.operation_type == OperationType::Query)?;
    operations.next().is_none().then_some(only)
}

/// A name that no variable of the operation has.
fn free_name(operation: &OperationDefinition) -> String {
    let mut free = "after".to_owned();
    while operation.variables.iter().any(|variable| variable.name == free.as_str()) {
        free.push('_');
    }
    free
}

/// Goes down to the connection.
fn descend<'a>(shapes: &Shapes, set: &'a mut [Selection], way: &mut Way) -> Result<&'a mut Field, RequestError> {
    let mut parent = "Query".to_owned();
    let mut set = set;
    loop {
        let field = only_field(set).ok_or_else(|| RequestError::request(ONE_CONNECTION))?;
        let shape = shapes.field(&parent, &field.name).ok_or_else(|| RequestError::request(ONE_CONNECTION))?;
        way.keys.push(field.response_name().to_string());
        way.fields.push((parent, field.name.to_string()));
        if shapes.is_connection(&shape.result) {
            return Ok(field);
        }
        if shape.list {
            return Err(RequestError::request(ONE_CONNECTION));
        }
        parent = shape.result.clone();
        set = &mut field.selection_set;
    }
}

/// The one thing that is selected, if it is a field and always selected.
fn only_field(set: &mut [Selection]) -> Option<&mut Field> {
    match set {
        [Selection::Field(field)] if field.directives.is_empty() => Some(field.make_mut()),
        _ => None,
    }
}

/// Selects each node with its cursor, and whether there are more.
fn with_cursors(set: &mut Vec<Selection>) -> Result<(), RequestError> {
    let nodes = only_field(set).filter(|field| field.name == "nodes" && field.alias.is_none());
    let selected = nodes.ok_or_else(|| RequestError::request(ONE_CONNECTION))?.selection_set.clone();
    let edge = vec![field(name!(cursor), Vec::new()), field(name!(node), selected)];
    let info = vec![field(name!(hasNextPage), Vec::new())];
    *set = vec![field(name!(edges), edge), field(name!(pageInfo), info)];
    Ok(())
}

fn field(name: Name, selection_set: Vec<Selection>) -> Selection {
    let (alias, arguments, directives) = (None, Vec::new(), DirectiveList::default());
    Selection::Field(Node::new(Field { alias, name, arguments, directives, selection_set }))
}

fn argument(name: Name, value: Value) -> Node<Argument> {
    Node::new(Argument { name, value: Node::new(value) })
}

impl Shapes {
    /// Whether a type is a list that can be read page by page, each item with its cursor.
    pub(super) fn is_connection(&self, name: &str) -> bool {
        ["edges", "nodes", "pageInfo"].iter().all(|field| self.field(name, field).is_some())
    }

    /// The query that exports a connection of the root with what its nodes say themselves, and of other objects their
    /// ids; none: the root has no such connection.
    #[must_use]
    pub fn export(&self, connection: &str) -> Option<String> {
        let result = &self.field("Query", connection)?.result;
        let node = &self.is_connection(result).then(|| self.field(result, "nodes"))??.result;
        Some(format!("{{ {connection} {{ nodes {{ {} }} }} }}", self.own_fields(node, OWN_DEPTH)))
    }

    /// The fields of a type that need no argument: values, what is part of it, and the ids of other objects.
    fn own_fields(&self, parent: &str, depth: usize) -> String {
        let mut names: Vec<&str> = self.fields(parent).collect();
        names.sort_unstable();
        let select = |name: &&str| {
            let shape = self.field(parent, name).filter(|shape| !shape.needs_arguments())?;
            let result = shape.result.as_str();
            if !self.is_output(result) {
                return Some((*name).to_owned());
            }
            if self.field(result, "id").is_some() {
                return Some(format!("{name} {{ id }}"));
            }
            let inside = if depth == 0 || self.is_connection(result) {
                String::new()
            } else {
                self.own_fields(result, depth - 1)
            };
            (!inside.is_empty()).then(|| format!("{name} {{ {inside} }}"))
        };
        names.iter().filter_map(select).collect::<Vec<_>>().join(" ")
    }
}

/// How deep what is part of a node may lie.
const OWN_DEPTH: usize = 4;
