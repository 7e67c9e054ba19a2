//! An operation whose caller may see all of it is answered without a look at each field, many of its objects in turn, and
//! where no key is asked for twice, each object written as soon as it is there. Whatever is asked, that answer is to the byte
//! what the engine answers when it looks at each.

use proptest::{
    prelude::Rng,
    test_runner::{RngAlgorithm, TestRng},
};
use remit::{graphql::ApiRules, http::HttpRules};
use reqwest::Method;
use serde_json::{Value, json};

use super::{
    ACME, NORTH, generous, learn,
    objects::Objects,
    questions::{Asker, Question},
    schema::{Field, Schema, literal},
    world::{build, of_client, shared},
};
use crate::support::{Backend, Remit, User};

/// What makes the engine look at each field, and changes nothing: of what kind a node is, is known only when it is there.
const LOOK: &str = "look: node(id: \"nothing\") @skip(if: true) { id }";

/// How often each root is asked, with other fields each time: once with keys that are asked for twice.
const ROUNDS: usize = 2;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_is_the_same_with_and_without_a_look_at_each_field() {
    let remit = Remit::start_by(Backend::Sqlite, most_generous(), HttpRules::default()).await;
    let schema = Schema::read();
    let (mut objects, staff) = (Objects::default(), remit.admin("acme"));
    build(&remit, "acme", "NORTHWIND", shared()).await;
    learn(&schema, &mut objects, &staff, ACME).await;
    build(&remit, "acme", "NORTHWIND", of_client("NORTHWIND")).await;
    learn(&schema, &mut objects, &staff, NORTH).await;

    let own = [ACME, NORTH];
    let asker = Asker { schema: &schema, objects: &objects, own: &own, is_staff: true };
    let mut chance = Chance(TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let (mut with_errors, mut compared) = (0, 0);
    for root in schema.fields("Query").iter().filter(|root| schema.objects.contains_key(&root.gives.name)) {
        for given in asker.calls(root) {
            for round in 0..ROUNDS {
                let repeats = round == 0;
                let mut writing = Writing { schema: &schema, chance: &mut chance, fragments: Vec::new(), repeats };
                let selection = writing.select(&root.gives.name, 3);
                let fragments = writing.fragments.concat();
                let open = asker.ask(root, given.clone(), &selection);
                let document = |question: &Question, look: &str| {
                    let (head, tail) = question.document.rsplit_once('}').unwrap();
                    format!("{head} {look} }}{tail} {fragments}")
                };
                let [open, looked_at] = ["", LOOK]
                    .map(|look| Question { document: document(&open, look), variables: open.variables.clone() });
                let (open_told, looked_at_told) = (told(&staff, &open).await, told(&staff, &looked_at).await);
                assert!(open_told.0.starts_with("{\"data\":"), "{}\n{}", open.document, open_told.0);
                assert_eq!(open_told, looked_at_told, "{}\n{}", open.document, open.variables);
                with_errors += usize::from(!open_told.1.is_empty());
                compared += 1;
            }
        }
    }
    assert!(compared > 400 && with_errors > 25, "{compared} answers, {with_errors} with errors");
}

/// What agreements are called is read without them, where all of it can be written at once and nothing else is asked.
#[tokio::test]
async fn agreements_that_are_only_called_something_are_told_as_whole_ones_are() {
    let remit = Remit::start_by(Backend::Sqlite, most_generous(), HttpRules::default()).await;
    build(&remit, "acme", "NORTHWIND", shared()).await;
    build(&remit, "acme", "NORTHWIND", of_client("NORTHWIND")).await;
    let staff = remit.admin("acme");
    let selections = [
        "agreement { id number title }",
        "client { code } agreement { title called: number __typename }",
        "agreement { ... on Agreement { number } ...Names }",
        "agreement { ... on Node { id } title @skip(if: true) }",
        "agreement { title @skip(if: true) }",
        "agreement { number } whole: agreement { status number }",
        "whole: agreement { number client { code } } agreement { id }",
        "amount { amount }",
    ];
    for selection in selections {
        let names = if selection.contains("...Names") { "fragment Names on Agreement { id title }" } else { "" };
        for list in ["nodes { # }", "edges { node { # } }"] {
            let [open, looked_at] = ["", LOOK].map(|look| Question {
                document: format!("{{ charges {{ {} }} {look} }} {names}", list.replace('#', selection)),
                variables: json!({}),
            });
            let (open_told, looked_at_told) = (told(&staff, &open).await, told(&staff, &looked_at).await);
            assert_eq!(open_told, looked_at_told, "{}", open.document);
            assert!(open_told.1.is_empty() && open_told.0.len() > 40, "{open_told:?}");
        }
    }
}

/// The selections are wilder than anybody's.
fn most_generous() -> ApiRules {
    let mut rules = generous();
    let limits = &mut rules.documents.limits;
    (limits.aliases, limits.directives, limits.tokens) = (5_000, 5_000, 100_000);
    rules
}

/// What is answered: the data as they were written, the errors, whose order nobody promises, and what it cost.
async fn told(user: &User<'_>, question: &Question) -> (String, Vec<String>, Value) {
    let body = json!({"query": question.document, "variables": question.variables});
    let response = user.request(Method::POST, "/graphql").json(&body).send().await.unwrap();
    let text = response.text().await.unwrap();
    let answer: Value = serde_json::from_str(&text).unwrap();
    let data = text.split(",\"errors\":[{").next().unwrap().rsplit_once(",\"extensions\":{\"cost\"");
    let data = data.map_or_else(|| text.clone(), |(data, _)| data.to_owned());
    let mut errors: Vec<String> = answer["errors"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|error| json!([error["message"], error["path"]]).to_string())
        .collect();
    errors.sort();
    (data, errors, answer["extensions"]["cost"]["actual"].clone())
}

struct Chance(TestRng);

impl Chance {
    /// Once in so many times.
    fn once_in(&mut self, many: u32) -> bool {
        self.0.next_u32().is_multiple_of(many)
    }
}

/// A selection as a person might write it, and stranger.
struct Writing<'a> {
    schema: &'a Schema,
    chance: &'a mut Chance,
    fragments: Vec<String>,
    /// Whether it asks for some of its keys twice.
    repeats: bool,
}

impl Writing<'_> {
    fn select(&mut self, kind: &str, depth: usize) -> String {
        if kind == "Node" {
            return "{ ... on Client { code } ... on Agreement { number } }".into();
        }
        let mut text = "{ ".to_owned();
        for field in self.schema.fields(kind) {
            if self.chance.once_in(2) {
                continue;
            }
            let Some(mut written) = self.field(kind, field, depth) else { continue };
            if self.repeats && self.chance.once_in(12) {
                // The same again, with other fields below: both are merged.
                written += &self.field(kind, field, depth).unwrap_or_default();
            }
            text += &self.wrapped(kind, written);
        }
        if text.ends_with("{ ") || self.chance.once_in(2) {
            text += "__typename ";
        }
        text + "} "
    }

    /// A field in a fragment, with a condition, or as it is.
    fn wrapped(&mut self, kind: &str, written: String) -> String {
        match self.chance.0.next_u32() % 12 {
            0 => format!("... on {kind} {{ {written} }} "),
            1 => format!("... @include(if: true) {{ {written} }} "),
            2 => format!("... @skip(if: true) {{ {written} }} "),
            3 => {
                let name = format!("F{}", self.fragments.len());
                self.fragments.push(format!(" fragment {name} on {kind} {{ {written} }}"));
                format!("...{name} ")
            }
            4 if self.schema.nodes.iter().any(|node| node == kind) => {
                format!("... on {kind} {{ ... on {kind} {{ {written} }} }} ")
            }
            _ => written,
        }
    }

    fn field(&mut self, kind: &str, field: &Field, depth: usize) -> Option<String> {
        let target = field.gives.name.as_str();
        let is_object = self.schema.objects.contains_key(target) || target == "Node";
        if is_object && depth == 0 {
            return None;
        }
        let below = if is_object { self.select(target, depth - 1) } else { String::new() };
        let needed = field.takes.iter().filter(|taken| taken.must_be_given());
        let arguments: Vec<String> = needed.map(|taken| format!("{}: {}", taken.name, literal(taken, kind))).collect();
        let mut arguments = if arguments.is_empty() { String::new() } else { format!("({})", arguments.join(", ")) };
        if self.chance.once_in(3) {
            // A time that ends before it begins is refused where it is asked about.
            arguments = arguments.replace("from: \"2026", "from: \"2027");
        }
        // A name of its own for each way of asking, or the two could not be merged.
        let alias = match (arguments.is_empty(), self.chance.once_in(6)) {
            (false, _) => format!("a{}: ", self.chance.0.next_u32()),
            (true, true) => format!("{}Again: ", field.name),
            (true, false) => String::new(),
        };
        Some(format!("{alias}{}{arguments} {below} ", field.name))
    }
}
