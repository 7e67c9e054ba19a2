//! Naming what is another's: in every place of every root that takes a name, and in every place of every mutation.

use serde_json::{Value, json};

use super::{
    objects::{Objects, Part, name, unknown},
    questions::{Asker, Question, meant},
    schema::{Schema, Used},
    world::Step,
};

/// The same request twice: with the name of something foreign, and with one of nothing.
#[derive(Debug)]
pub(super) struct Attack {
    pub(super) foreign: Question,
    pub(super) nothing: Question,
    /// The two names, which answers may repeat.
    pub(super) names: [String; 2],
}

/// A place in a value that names an object: the way to it, and which kind it means; none: any.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) way: Vec<String>,
    kind: Option<String>,
    is_ref: bool,
}

/// The places of a value that name objects.
pub(super) fn places(schema: &Schema, value: &Value, kind: &Used, called: &str, asked_for: &str) -> Vec<Place> {
    let below = |part: String, found: Vec<Place>| {
        found.into_iter().map(move |mut place| {
            place.way.insert(0, part.clone());
            place
        })
    };
    match (value, kind.name.as_str()) {
        (Value::Null, _) => Vec::new(),
        (Value::Array(items), _) => {
            let each = items.iter().enumerate();
            each.flat_map(|(n, item)| below(n.to_string(), places(schema, item, kind, called, asked_for))).collect()
        }
        (_, "Ref") => vec![Place { way: Vec::new(), kind: Some(meant_in_input(called, asked_for)), is_ref: true }],
        // In a step that is not done yet: a list that is still to be found.
        (Value::String(text), "ID") if text == "@found" && kind.lists > 0 => {
            vec![Place { way: vec!["0".into()], kind: id_means(called), is_ref: false }]
        }
        (_, "ID") => vec![Place { way: Vec::new(), kind: id_means(called), is_ref: false }],
        (Value::Object(fields), input) => {
            let taken = schema.inputs.get(input).into_iter().flatten();
            taken
                .filter_map(|taken| Some((taken, fields.get(&taken.name)?)))
                .flat_map(|(taken, value)| {
                    below(taken.name.clone(), places(schema, value, &taken.kind, &taken.name, asked_for))
                })
                .collect()
        }
        _ => Vec::new(),
    }
}

/// Lists of names are called by their objects.
fn meant_in_input(called: &str, asked_for: &str) -> String {
    let called = match called {
        "components" | "gatesServices" | "services" => "service",
        other => other,
    };
    meant(called, asked_for).to_owned()
}

/// The kind of object that an id means; none: any.
pub(super) fn id_means(called: &str) -> Option<String> {
    match called {
        "id" | "ids" | "subjectId" => None,
        "status" => Some("ObligationStatus".into()),
        "charges" => Some("Charge".into()),
        "terms" => Some("AgreementTerms".into()),
        "deliveries" => Some("WebhookDelivery".into()),
        other => panic!("an id called {other}: teach the walk which kind it means"),
    }
}

fn put(value: &mut Value, way: &[String], new: Value) {
    let pointer: String = way.iter().map(|part| format!("/{part}")).collect();
    *value.pointer_mut(&pointer).unwrap() = new;
}

/// The names of foreign objects for a place. A code counts only where it is no name of something own.
fn foreign_names(objects: &Objects, place: &Place, own: &[Part], foreign: &[Part]) -> Vec<Value> {
    let of_kind = |object: &&super::objects::Object| place.kind.as_ref().is_none_or(|kind| *kind == object.kind);
    let theirs = objects.0.values().filter(of_kind).filter(|object| foreign.contains(&object.part));
    let ours: Vec<&Value> =
        objects.0.values().filter(|object| own.contains(&object.part)).flat_map(|object| &object.handles).collect();
    let mut names: Vec<Value> = theirs.flat_map(|object| object.handles.clone()).collect();
    names.retain(|handle| !ours.contains(&handle) && (place.is_ref || handle.get("id").is_some()));
    // A few of each form are enough.
    let form = |handle: &Value| handle.as_object().unwrap().keys().next().unwrap().clone();
    let mut kept: Vec<Value> = Vec::new();
    for handle in names {
        let of_form = kept.iter().filter(|known| form(known) == form(&handle)).count();
        let most = if place.kind.is_none() { 12 } else { 1 };
        if of_form < most {
            kept.push(handle);
        }
    }
    kept
}

fn attack(question: &Question, place: &Place, handle: &Value) -> Attack {
    let with = |handle: &Value| {
        let mut question = question.clone();
        let value = if place.is_ref { handle.clone() } else { handle["id"].clone() };
        put(&mut question.variables, &place.way, value);
        question
    };
    let nothing = unknown(handle);
    Attack {
        foreign: with(handle),
        nothing: with(&nothing),
        names: [name(handle).to_owned(), name(&nothing).to_owned()],
    }
}

/// Attacks by every place of the arguments of every root.
pub(super) fn by_questions(asker: &Asker<'_>, foreign: &[Part]) -> Vec<Attack> {
    let mut attacks = Vec::new();
    for root in asker.schema.fields("Query") {
        let calls = match root.name.as_str() {
            "node" => vec![json!({"id": "x"}).as_object().unwrap().clone()],
            "nodes" => vec![json!({"ids": ["x", "y"]}).as_object().unwrap().clone()],
            _ => asker.calls(root),
        };
        let mut seen: Vec<String> = Vec::new();
        for call in calls {
            let question = asker.ask_root(root, call);
            for taken in &root.takes {
                let Some(value) = question.variables.get(&taken.name) else { continue };
                for mut place in places(asker.schema, value, &taken.kind, &taken.name, &root.gives.name) {
                    place.way.insert(0, taken.name.clone());
                    // One item of a list is enough.
                    let spelled = spelled(&place.way);
                    if seen.contains(&spelled) {
                        continue;
                    }
                    seen.push(spelled);
                    let names = foreign_names(asker.objects, &place, asker.own, foreign);
                    attacks.extend(names.iter().map(|handle| attack(&question, &place, handle)));
                }
            }
        }
    }
    attacks
}

/// Attacks by every place of the inputs of every step.
pub(super) fn by_steps(asker: &Asker<'_>, steps: &[Step], foreign: &[Part]) -> Vec<Attack> {
    let mut attacks = Vec::new();
    let mut seen: Vec<(&str, Vec<String>)> = Vec::new();
    for step in steps {
        let input = input_of(asker.schema, step.mutation);
        let document = format!(
            "mutation ($input: {}) {{ {}(input: $input) {{ __typename errors {{ code message path }} }} }}",
            input.written, step.mutation
        );
        let question = Question { document, variables: json!({"input": step.input}) };
        for mut place in places(asker.schema, &step.input, &input, "input", "") {
            place.way.insert(0, "input".into());
            let known = (step.mutation, place.way.clone());
            if seen.contains(&known) {
                continue;
            }
            seen.push(known);
            let names = foreign_names(asker.objects, &place, asker.own, foreign);
            attacks.extend(names.iter().map(|handle| attack(&question, &place, handle)));
        }
    }
    attacks
}

/// The type of a mutation's `input`.
pub(super) fn input_of(schema: &Schema, mutation: &str) -> Used {
    let field = schema.fields("Mutation").iter().find(|field| field.name == mutation);
    let takes = &field.unwrap_or_else(|| panic!("there is no mutation {mutation}")).takes;
    takes.iter().find(|taken| taken.name == "input").unwrap().kind.clone()
}

/// Every place of a mutation's input type that names an object, without the numbers in lists: `input.services.service`.
pub(super) fn places_of(schema: &Schema, mutation: &str) -> Vec<String> {
    fn walk(schema: &Schema, kind: &str, way: &str, depth: usize, found: &mut Vec<String>) {
        match kind {
            "Ref" | "ID" => found.push(way.to_owned()),
            _ if depth == 0 => {}
            _ => {
                for taken in schema.inputs.get(kind).into_iter().flatten() {
                    walk(schema, &taken.kind.name, &format!("{way}.{}", taken.name), depth - 1, found);
                }
            }
        }
    }
    let mut found = Vec::new();
    walk(schema, &input_of(schema, mutation).name, "input", 8, &mut found);
    found
}

/// A place without the numbers in lists.
pub(super) fn spelled(way: &[String]) -> String {
    let names: Vec<&str> = way.iter().map(String::as_str).filter(|part| part.parse::<usize>().is_err()).collect();
    names.join(".")
}
