//! Everything that can be asked, made from the schema.

use serde_json::{Map, Value, json};

use super::{
    attacks::id_means,
    objects::{Objects, Part},
    schema::{Field, Schema, Taken},
};

/// A document with its variables.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Question {
    pub(super) document: String,
    pub(super) variables: Value,
}

/// Which kind of object a `Ref` of this name means; that of `by` follows from what is asked for.
const REFS: &[(&str, &str)] = &[
    ("agreement", "Agreement"),
    ("client", "Client"),
    ("service", "Service"),
    ("tier", "SlaTier"),
    ("calendar", "ServiceCalendar"),
    ("apiClient", "ApiClient"),
    ("ticket", "Ticket"),
    ("timeEntry", "TimeEntry"),
    ("webhook", "Webhook"),
];

/// The kind of object that a `Ref` means at a place.
pub(super) fn meant<'a>(place: &'a str, asked_for: &'a str) -> &'a str {
    if place == "by" {
        return asked_for;
    }
    let known = REFS.iter().find(|(name, _)| *name == place);
    known.map_or_else(|| panic!("a Ref called {place}: teach the walk which kind it means (REFS)"), |(_, kind)| kind)
}

/// Who asks: what is their own, and which fields are not for them.
pub(super) struct Asker<'a> {
    pub(super) schema: &'a Schema,
    pub(super) objects: &'a Objects,
    pub(super) own: &'a [Part],
    pub(super) is_staff: bool,
}

impl Asker<'_> {
    /// Whether a field is asked for: what is for staff alone is tried apart.
    fn leaves_out(&self, kind: &str, field: &str) -> bool {
        !self.is_staff && remit::graphql::is_for_staff(kind, field)
    }

    fn select(&self, kind: &str, depth: usize) -> String {
        if !self.schema.objects.contains_key(kind) {
            return String::new();
        }
        self.schema.select(kind, depth, &|kind, field| self.leaves_out(kind, field))
    }

    /// All questions.
    pub(super) fn questions(&self) -> Vec<Question> {
        let mut questions = Vec::new();
        for root in self.schema.fields("Query").iter().filter(|root| !self.leaves_out("Query", &root.name)) {
            match root.name.as_str() {
                "node" | "nodes" => {}
                // The first shows all there is below, the others which objects there are.
                _ => questions.extend(self.calls(root).into_iter().enumerate().map(|(place, given)| {
                    let depth = if place == 0 { 2 } else { 1 };
                    self.ask_as_deep(root, given, depth)
                })),
            }
        }
        for kind in self.schema.nodes.iter().filter(|kind| !self.leaves_out(kind, "id")) {
            let ids = self.objects.ends_of(kind, self.own);
            questions.extend(ids.map(|id| self.ask_node(kind, id)));
        }
        questions
    }

    /// The lists, whole.
    pub(super) fn lists(&self) -> Vec<Question> {
        let lists =
            self.schema.fields("Query").iter().filter(|root| root.takes.iter().any(|taken| taken.name == "first"));
        lists.map(|root| self.ask_root(root, Map::from_iter([("first".to_owned(), json!(500))]))).collect()
    }

    /// What an object shows, if it leads on to objects that have ids.
    pub(super) fn what_leads_on(&self, kind: &str, id: &str) -> Option<Question> {
        let leads_on = |field: &Field| {
            let target = &field.gives.name;
            let below = self.schema.fields(target).iter();
            self.schema.nodes.contains(target)
                || below.into_iter().any(|field| self.schema.nodes.contains(&field.gives.name))
        };
        self.schema.fields(kind).iter().any(leads_on).then(|| self.ask_node(kind, id))
    }

    /// The questions that are for staff alone.
    pub(super) fn for_staff(&self) -> Vec<Question> {
        let staff = self.schema.fields("Query").iter().filter(|root| remit::graphql::is_for_staff("Query", &root.name));
        let roots = staff.filter_map(|root| Some(self.ask_root(root, self.calls(root).pop()?)));
        let kinds = self.schema.nodes.iter().filter(|kind| remit::graphql::is_for_staff(kind, "id"));
        let objects = kinds.filter_map(|kind| self.objects.of(kind, self.own).next());
        let by_id = objects.map(|(id, _)| Question {
            document: "query ($id: ID!) { node(id: $id) { id } }".into(),
            variables: json!({"id": id}),
        });
        roots.chain(by_id).collect()
    }

    /// A root with some arguments.
    pub(super) fn ask_root(&self, root: &Field, given: Map<String, Value>) -> Question {
        self.ask_as_deep(root, given, 2)
    }

    fn ask_as_deep(&self, root: &Field, given: Map<String, Value>, depth: usize) -> Question {
        self.ask(root, given, &self.select(&root.gives.name, depth))
    }

    /// A root with some arguments, and what is selected of it.
    pub(super) fn ask(&self, root: &Field, given: Map<String, Value>, selection: &str) -> Question {
        let of = |name: &String| root.takes.iter().find(|taken| taken.name == *name).unwrap();
        let declared: Vec<String> = given.keys().map(|name| format!("${name}: {}", of(name).kind.written)).collect();
        let passed: Vec<String> = given.keys().map(|name| format!("{name}: ${name}")).collect();
        let brackets =
            |list: Vec<String>| if list.is_empty() { String::new() } else { format!("({})", list.join(", ")) };
        let (declared, passed) = (brackets(declared), brackets(passed));
        let document = format!("query{declared} {{ {}{passed} {selection} }}", root.name);
        Question { document, variables: Value::Object(given) }
    }

    /// What an object shows, and what it leads on to: those have questions of their own.
    fn ask_node(&self, kind: &str, id: &str) -> Question {
        Question {
            document: format!("query ($id: ID!) {{ node(id: $id) {{ ... on {kind} {} }} }}", self.select(kind, 3)),
            variables: json!({"id": id}),
        }
    }

    /// The ways to call a field: with what it must be given, and with each other argument in turn.
    pub(super) fn calls(&self, field: &Field) -> Vec<Map<String, Value>> {
        let mut calls = vec![Map::new()];
        for taken in &field.takes {
            let values = self.values(taken, &field.gives.name, 0);
            let given = |call: &Map<String, Value>, value: &Value| {
                let mut call = call.clone();
                call.insert(taken.name.clone(), value.clone());
                call
            };
            if taken.must_be_given() {
                calls = calls.iter().flat_map(|call| values.iter().map(move |value| given(call, value))).collect();
            } else if let Some(first) = calls.first().cloned() {
                calls.extend(values.iter().map(|value| given(&first, value)));
            }
        }
        calls
    }

    /// Values for a place that takes something.
    fn values(&self, taken: &Taken, asked_for: &str, depth: usize) -> Vec<Value> {
        let one = self.one_of(taken, asked_for, depth);
        match taken.kind.lists {
            0 => one,
            _ => vec![json!(one)],
        }
    }

    fn one_of(&self, taken: &Taken, asked_for: &str, depth: usize) -> Vec<Value> {
        let (name, kind) = (taken.name.as_str(), taken.kind.name.as_str());
        if kind == "Ref" {
            let of_kind = self.objects.of(meant(name, asked_for), self.own);
            return of_kind.flat_map(|(_, object)| object.handles.clone()).collect();
        }
        if kind == "ID" {
            if let Some(of_kind) = id_means(name) {
                return self.objects.of(&of_kind, self.own).map(|(id, _)| json!(id)).collect();
            }
            let own = self.objects.0.iter().filter(|(_, object)| self.own.contains(&object.part));
            return own.map(|(id, _)| json!(id)).step_by(7).take(5).collect();
        }
        if let Some(values) = self.schema.enums.get(kind) {
            let most = if taken.kind.lists > 0 { values.len() } else { 2 };
            return values.iter().take(most).map(|value| json!(value)).collect();
        }
        if let Some(fields) = self.schema.inputs.get(kind) {
            return self.inputs(kind, fields, depth);
        }
        match (kind, name) {
            ("Int", "first") => vec![json!(500)],
            ("Int", "last" | "months" | "pageSize") => vec![json!(2)],
            ("String", "query") => vec![json!("{ agreements { nodes { number } } }")],
            ("JSONObject", _) => vec![json!({})],
            ("String", "after" | "before") => Vec::new(),
            ("String", "actor") => vec![json!("tester"), json!("nobody")],
            ("String", "role") => vec![json!("engineer")],
            ("String", "workKind" | "channel" | "caller" | "technician" | "approvedBy") => vec![json!("somebody")],
            ("String", "about") => vec![json!("mail")],
            ("Boolean", _) => vec![json!(true), json!(false)],
            ("DateTime", "to" | "until") => vec![json!("2026-11-20T16:00:00Z")],
            ("DateTime", "endedAt") => vec![json!("2026-11-21T01:00:00Z")],
            ("DateTime", _) => vec![json!("2026-11-20T15:00:00Z")],
            ("Date", "period") => vec![json!("2026-11-01")],
            ("Date", _) => vec![json!("2027-06-01")],
            ("Duration", "wait") => vec![json!("PT0S")],
            ("Duration", _) => vec![json!("PT1H")],
            _ => panic!("nothing to give for {name}: {kind}; teach the walk a value"),
        }
    }

    /// Inputs of a type: with what they must be given, and with each other field in turn.
    fn inputs(&self, kind: &str, fields: &[Taken], depth: usize) -> Vec<Value> {
        assert!(depth < 4, "{kind} holds itself: teach the walk to stop");
        // Exactly one of these two must be there.
        let either: &[&str] = if kind == "CoverageInput" { &["agreement", "client"] } else { &[] };
        let mut base = Map::new();
        for field in fields.iter().filter(|field| field.must_be_given()) {
            base.extend(self.values(field, "", depth + 1).pop().map(|value| (field.name.clone(), value)));
        }
        let mut bases = vec![base.clone()];
        for field in fields.iter().filter(|field| either.contains(&field.name.as_str())) {
            let values = self.values(field, "", depth + 1).into_iter();
            let named = values.map(|value| base.clone().into_iter().chain([(field.name.clone(), value)]).collect());
            bases.extend(named.collect::<Vec<Map<String, Value>>>());
        }
        if !either.is_empty() {
            bases.remove(0);
        }
        let Some(first) = bases.first().cloned() else { return Vec::new() };
        for field in fields.iter().filter(|field| !field.must_be_given() && !either.contains(&field.name.as_str())) {
            for value in self.values(field, "", depth + 1) {
                bases.push(first.clone().into_iter().chain([(field.name.clone(), value)]).collect());
            }
        }
        bases.into_iter().map(Value::Object).collect()
    }
}
