//! What a request costs: before it runs by the rule that the schema publishes, afterwards by what came.
//!
//! A [`Plan`] is made once per operation and holds only what costs: fields that give objects or have a weight, fragments
//! written out. So both sums are a walk over few nodes, whatever the number of leaves.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{
    Name, PathSegment, Positioned, ServerError, Value as ConstValue, Variables,
    parser::types::{
        Directive, ExecutableDocument, Field, OperationDefinition, OperationType, Selection, SelectionSet,
    },
};
use async_graphql_value::Value;

use super::{
    rewrite::is_introspection,
    shapes::{FieldShape, ListSize, Shapes},
};
use crate::graphql::as_json;

/// What a list of objects is taken to hold when the schema does not say.
const LIST: u64 = 10;
/// What a mutation's root field weighs: its statements, and the commit.
const MUTATION: u64 = 10;
/// What looking at the schema weighs; its own bounds hold its size.
const INTROSPECTION: u64 = 100;

/// What an operation's fields cost.
#[derive(Debug, Default)]
pub(super) struct Plan {
    nodes: Vec<Node>,
}

/// A field that costs something.
#[derive(Debug)]
struct Node {
    /// What it is answered under.
    key: Name,
    /// Counts only while these hold: a variable or a constant, and whether it has to be true.
    conditions: Vec<(Value, bool)>,
    weight: u64,
    /// Objects written in its arguments.
    inputs: u64,
    /// Variables in its arguments, which may hold objects.
    variables: Vec<Name>,
    size: Size,
    /// Whether each thing that it gives is an object.
    objects: bool,
    children: Vec<Node>,
}

/// How many a field gives.
#[derive(Debug)]
enum Size {
    One,
    /// As many as the field above it says.
    Above,
    /// What the first of these says that is given, else so many. `below`: that many of the fields within.
    Said {
        said: Vec<Value>,
        otherwise: u64,
        below: bool,
    },
}

/// Makes the plan of an operation. The limits bound its size.
pub(super) fn plan(shapes: &Shapes, document: &ExecutableDocument, operation: &OperationDefinition) -> Plan {
    let planner = Planner { shapes, document };
    let root = shapes.root(operation.ty);
    let mut nodes = planner.set(&operation.selection_set.node, root, &[], &mut Vec::new());
    if operation.ty == OperationType::Mutation {
        nodes.iter_mut().for_each(|node| node.weight += MUTATION);
    }
    Plan { nodes }
}

struct Planner<'a> {
    shapes: &'a Shapes,
    document: &'a ExecutableDocument,
}

impl Planner<'_> {
    /// - `sized`: the fields here that are as long as the field above says.
    fn set(&self, set: &SelectionSet, parent: &str, sized: &[String], within: &mut Vec<(Value, bool)>) -> Vec<Node> {
        let mut nodes = Vec::new();
        for selection in &set.items {
            let before = within.len();
            within.extend(selection.node.directives().iter().filter_map(condition));
            match &selection.node {
                Selection::Field(field) => nodes.extend(self.field(&field.node, parent, sized, within)),
                Selection::InlineFragment(inline) => {
                    let on = inline.node.type_condition.as_ref().map(|on| on.node.on.node.as_str());
                    nodes.extend(self.set(&inline.node.selection_set.node, on.unwrap_or(parent), sized, within));
                }
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = self.document.fragments.get(&spread.node.fragment_name.node) {
                        let on = &fragment.node.type_condition.node.on.node;
                        nodes.extend(self.set(&fragment.node.selection_set.node, on, sized, within));
                    }
                }
            }
            within.truncate(before);
        }
        nodes
    }

    /// The node of a field; none for one that costs nothing.
    fn field(&self, field: &Field, parent: &str, sized: &[String], within: &[(Value, bool)]) -> Option<Node> {
        let key = field.response_key().node.clone();
        let conditions = within.to_vec();
        if is_introspection(&field.name.node) {
            let weight = if field.name.node == "__typename" { return None } else { INTROSPECTION };
            let (inputs, variables, children) = (0, Vec::new(), Vec::new());
            return Some(Node {
                key,
                conditions,
                weight,
                inputs,
                variables,
                size: Size::One,
                objects: false,
                children,
            });
        }
        let shape = self.shapes.field(parent, &field.name.node)?;
        let objects = self.shapes.is_output(&shape.result);
        let mut variables = Vec::new();
        let inputs = field.arguments.iter().map(|(_, value)| written(&value.node, &mut variables)).sum();
        let below = shape.cost.size.as_ref().map_or(&[][..], |size| &size.fields);
        let children = self.set(&field.selection_set.node, &shape.result, below, &mut Vec::new());
        let is_sized = sized.iter().any(|name| *name == *field.name.node);
        let size = size(field, shape, is_sized);
        let costs = objects || shape.cost.weight > 0 || inputs > 0 || !variables.is_empty();
        let weight = shape.cost.weight;
        costs.then_some(Node { key, conditions, weight, inputs, variables, size, objects, children })
    }
}

fn size(field: &Field, shape: &FieldShape, is_sized: bool) -> Size {
    match &shape.cost.size {
        Some(ListSize { assumed, slicing, fields }) => {
            let said = slicing.iter().filter_map(|name| field.get_argument(name)).map(|value| value.node.clone());
            Size::Said { said: said.collect(), otherwise: assumed.unwrap_or(LIST), below: !fields.is_empty() }
        }
        None if is_sized => Size::Above,
        None if shape.list => Size::Said { said: Vec::new(), otherwise: LIST, below: false },
        None => Size::One,
    }
}

/// What `@skip` and `@include` ask for.
fn condition(directive: &Positioned<Directive>) -> Option<(Value, bool)> {
    let wanted = match directive.node.name.node.as_str() {
        "include" => true,
        "skip" => false,
        _ => return None,
    };
    directive.node.get_argument("if").map(|value| (value.node.clone(), wanted))
}

/// The objects written in a value; its variables are put aside.
fn written(value: &Value, variables: &mut Vec<Name>) -> u64 {
    match value {
        Value::Variable(name) => {
            variables.push(name.clone());
            0
        }
        Value::List(items) => items.iter().map(|item| written(item, variables)).sum(),
        Value::Object(fields) => 1 + fields.values().map(|field| written(field, variables)).sum::<u64>(),
        _ => 0,
    }
}

/// The objects in a value.
fn held(value: &ConstValue) -> u64 {
    match value {
        ConstValue::List(items) => items.iter().map(held).sum(),
        ConstValue::Object(fields) => 1 + fields.values().map(held).sum::<u64>(),
        _ => 0,
    }
}

/// What of a variable's value has a cost.
#[derive(Clone, Copy, Debug, Default)]
struct Summary {
    /// Whether it is true; none: it is no boolean.
    truth: Option<bool>,
    /// How many it says: a number itself, a list by its length.
    length: Option<u64>,
    /// The objects in it.
    objects: u64,
}

impl Summary {
    fn of(value: &ConstValue) -> Self {
        let truth = match value {
            ConstValue::Boolean(flag) => Some(*flag),
            _ => None,
        };
        let length = match value {
            ConstValue::Null => None,
            ConstValue::Number(number) => Some(number.as_u64().unwrap_or_default()),
            ConstValue::List(items) => Some(items.len() as u64),
            _ => Some(1),
        };
        Self { truth, length, objects: held(value) }
    }
}

type Summaries = HashMap<Name, Summary>;

/// What one request costs.
#[derive(Clone, Debug)]
pub struct Price {
    plan: Arc<Plan>,
    variables: Summaries,
    requested: u64,
}

impl Price {
    pub(super) fn new(plan: Arc<Plan>, variables: &Variables) -> Self {
        let variables = variables.iter().map(|(name, value)| (name.clone(), Summary::of(value))).collect();
        let requested = sum(&plan.nodes, |node| node.requested(&variables, 1));
        Self { plan, variables, requested }
    }

    /// What it may cost, by the rule that the schema publishes; never wraps.
    #[must_use]
    pub fn requested(&self) -> u64 {
        self.requested
    }

    /// Whether below the root fields only objects cost, one each.
    pub(super) fn is_of_objects(&self) -> bool {
        self.plan.nodes.iter().all(|root| root.children.iter().all(|node| node.is_of_objects(&self.variables)))
    }

    /// What it came to, at most what was requested. What an error took out of the answer, with all that was read for it,
    /// counts as it was asked for.
    ///
    /// - `data`: what was answered.
    /// - `errors`: what failed.
    #[must_use]
    pub fn actual(&self, data: &ConstValue, errors: &[ServerError]) -> u64 {
        let mut paths: Vec<Vec<Step<'_>>> =
            errors.iter().map(|error| error.path.iter().map(Step::of).collect()).collect();
        paths.sort_unstable();
        actual(&self.plan.nodes, &self.variables, data, Failed { paths: &paths, depth: 0 }).min(self.requested)
    }
}

fn sum(nodes: &[Node], cost: impl Fn(&Node) -> u64) -> u64 {
    nodes.iter().fold(0, |sum: u64, node| sum.saturating_add(cost(node)))
}

impl Node {
    /// - `above`: how many the field above it says.
    fn requested(&self, variables: &Summaries, above: u64) -> u64 {
        if !self.counts(variables) {
            return 0;
        }
        let (size, below) = match &self.size {
            Size::One => (1, 1),
            Size::Above => (above, 1),
            Size::Said { said, otherwise, below } => {
                let said = said.iter().find_map(|value| length(value, variables)).unwrap_or(*otherwise);
                if *below { (1, said) } else { (said, 1) }
            }
        };
        self.own(variables).saturating_add(size.saturating_mul(self.each(variables, below)))
    }

    /// What each thing that it gives costs.
    ///
    /// - `below`: how many the field says of those within.
    fn each(&self, variables: &Summaries, below: u64) -> u64 {
        match self.objects {
            true => sum(&self.children, |child| child.requested(variables, below)).saturating_add(1),
            false => 0,
        }
    }

    fn counts(&self, variables: &Summaries) -> bool {
        let holds = |(value, wanted): &(Value, bool)| match value {
            Value::Variable(name) => variables.get(name).and_then(|summary| summary.truth) == Some(*wanted),
            value => *value == Value::Boolean(*wanted),
        };
        self.conditions.iter().all(holds)
    }

    /// What the field costs whatever it gives.
    fn own(&self, variables: &Summaries) -> u64 {
        let held = self.variables.iter().filter_map(|name| variables.get(name)).map(|summary| summary.objects);
        held.fold(self.weight.saturating_add(self.inputs), u64::saturating_add)
    }

    fn is_of_objects(&self, variables: &Summaries) -> bool {
        self.own(variables) == 0 && self.children.iter().all(|child| child.is_of_objects(variables))
    }

    /// What the field came to.
    ///
    /// - `failed`: what failed within it.
    fn actual(&self, variables: &Summaries, given: &ConstValue, failed: Failed<'_>) -> u64 {
        match given {
            ConstValue::Null if failed.is_within() => self.requested(variables, 1),
            given => self.own(variables).saturating_add(self.given(variables, given, failed)),
        }
    }

    /// What came of the field.
    fn given(&self, variables: &Summaries, given: &ConstValue, failed: Failed<'_>) -> u64 {
        match given {
            ConstValue::Binary(object) if self.objects => as_json::objects(object),
            ConstValue::List(items) => items.iter().enumerate().fold(0, |sum: u64, (place, item)| {
                sum.saturating_add(self.given(variables, item, failed.below(Step::Item(place))))
            }),
            ConstValue::Object(_) if self.objects => actual(&self.children, variables, given, failed).saturating_add(1),
            ConstValue::Null if failed.is_within() => self.each(variables, 1),
            _ => 0,
        }
    }
}

fn actual(nodes: &[Node], variables: &Summaries, data: &ConstValue, failed: Failed<'_>) -> u64 {
    let below = |node: &Node| failed.below(Step::Field(&node.key));
    match data {
        ConstValue::Object(fields) => sum(nodes, |node| match fields.get(&node.key) {
            Some(given) => node.actual(variables, given, below(node)),
            None => 0,
        }),
        // What did not fail itself was lost with what did.
        ConstValue::Null if failed.is_within() => sum(nodes, |node| match below(node).is_here() {
            true => node.own(variables),
            false => node.requested(variables, 1),
        }),
        _ => 0,
    }
}

/// A step of a path in an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step<'a> {
    Item(usize),
    Field(&'a str),
}

impl<'a> Step<'a> {
    fn of(segment: &'a PathSegment) -> Self {
        match segment {
            PathSegment::Index(place) => Self::Item(*place),
            PathSegment::Field(name) => Self::Field(name),
        }
    }
}

/// The paths, in order, that lead to or through one place, which is so deep.
#[derive(Clone, Copy, Debug)]
struct Failed<'a> {
    paths: &'a [Vec<Step<'a>>],
    depth: usize,
}

impl<'a> Failed<'a> {
    /// Those of them that go on by a step.
    fn below(self, step: Step<'_>) -> Self {
        let next = |path: &Vec<Step<'a>>| path.get(self.depth).copied();
        let from = self.paths.partition_point(|path| next(path) < Some(step));
        let rest = self.paths.get(from..).unwrap_or_default();
        let count = rest.partition_point(|path| next(path) == Some(step));
        Self { paths: rest.get(..count).unwrap_or_default(), depth: self.depth + 1 }
    }

    /// Whether the place itself failed.
    fn is_here(self) -> bool {
        self.paths.first().is_some_and(|path| path.len() == self.depth)
    }

    /// Whether something within it failed.
    fn is_within(self) -> bool {
        self.paths.last().is_some_and(|path| path.len() > self.depth)
    }
}

/// How many an argument says.
fn length(value: &Value, variables: &Summaries) -> Option<u64> {
    match value {
        Value::Variable(name) => variables.get(name).and_then(|summary| summary.length),
        Value::Number(number) => Some(number.as_u64().unwrap_or_default()),
        Value::List(items) => Some(items.len() as u64),
        Value::Null => None,
        _ => Some(1),
    }
}
