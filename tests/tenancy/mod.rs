//! Nothing of another is seen, counted or changed: not another provider's, and with a token that is bound to a client not
//! another client's.
//!
//! The walk is made from the schema: every root with every argument, every object with every field, every place of every
//! input that names an object. It asks before the others are there and after, and every answer must be the same to the
//! byte; it names what is another's, and every answer must be that to a name of nothing.
//!
//! What it does not know how to exercise fails it. To add
//!
//! - a mutation, or a place of an input that names an object: a step in `world.rs` that fills it;
//! - a type: a step that brings one about, so that answers show it; one that none can show stands in [`UNSEEN`];
//! - an argument of a new type, or a `Ref` of a new name: a value in `questions.rs`;
//! - a subscription: a line in `listening.rs`;
//! - a route: a line in [`ROUTES`].

mod attacks;
mod listening;
mod objects;
mod questions;
mod schema;
mod two_ways;
mod world;

use std::{collections::BTreeSet, fmt, fs, path::Path};

use remit::{
    graphql::{
        ApiRules,
        request::{DocumentRules, Limits},
    },
    http::HttpRules,
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Backend, Remit, User};
use attacks::{Attack, by_questions, by_steps, places_of, spelled};
use objects::{Objects, Part};
use questions::{Asker, Question};
use schema::Schema;
use world::{Step, build, of_client, shared};

/// Places of inputs that no step can fill, and why.
const EMPTY: &[(&str, &str)] = &[("replayWebhook input.deliveries", "nothing is delivered here: webhooks::isolation")];

/// Types that no answer of the walk shows, and why.
const UNSEEN: &[(&str, &str)] = &[
    ("AcceptedOverpromise", "nothing is overpromised here: promises"),
    ("EarnedCredit", "deeper than is asked here: commitments"),
    ("ObligationSuspension", "no obligation suspends clocks here: clocks"),
    ("OverpromisedClause", "nothing is overpromised here: promises"),
    ("Query", "a root"),
    ("RerateLine", "all terms here charge the same: time::dry_runs"),
    ("WebhookAttempt", "nothing is delivered here: webhooks::isolation"),
    ("WebhookDelivery", "nothing is delivered here: webhooks::isolation"),
    ("WebhookDeliveryEdge", "nothing is delivered here: webhooks::isolation"),
];

/// What is served, and what holds each to its tenant.
const ROUTES: &[(&str, &str)] = &[
    ("/", "the same for everybody"),
    ("/bulk/{handle}", "bulk::what_a_token_does_not_reach_is_not_exported"),
    ("/editor.css", "the same for everybody"),
    ("/editor.js", "the same for everybody"),
    ("/graphql", "this walk"),
    ("/graphql/stream", "who_listens_hears_nothing_foreign"),
    ("/graphql/ws", "who_listens_hears_nothing_foreign"),
    ("/metrics", "the same for everybody: names no tenant"),
    ("/healthz", "the same for everybody"),
    ("/readyz", "the same for everybody"),
    ("/.well-known/jwks.json", "the same for everybody"),
    ("/.well-known/oauth-authorization-server", "the same for everybody"),
    ("/oauth/token", "access::requests_for_tokens_are_refused_as_rfc_6749_says"),
];

const ACME: Part = Part("acme");
const NORTH: Part = Part("acme NORTHWIND");
const FABRIKAM: Part = Part("acme FABRIKAM");
const ZENITH: Part = Part("zenith");

/// Somebody who asks, and what they were answered.
struct Witness<'a> {
    who: &'static str,
    user: User<'a>,
    /// What they ask about.
    own: Vec<Part>,
    /// Whether any of it may be named to them.
    is_there: bool,
    is_staff: bool,
    answers: Vec<(Question, Answer)>,
}

impl<'a> Witness<'a> {
    fn staff(remit: &'a Remit, who: &'static str, provider: &str, own: Vec<Part>) -> Self {
        Self { who, user: remit.admin(provider), own, is_there: true, is_staff: true, answers: Vec::new() }
    }

    fn portal(remit: &'a Remit, who: &'static str, client: &str, own: Vec<Part>) -> Self {
        let user = remit.portal("acme", client, &remit::auth::ScopeSet::all().to_string());
        Self { who, user, own, is_there: client != "NOBODY", is_staff: false, answers: Vec::new() }
    }

    fn asker<'b>(&'b self, schema: &'b Schema, objects: &'b Objects) -> Asker<'b> {
        Asker { schema, objects, own: &self.own, is_staff: self.is_staff }
    }

    /// Asks everything there is to ask now, and keeps the answers. Nothing that is not for the witness may be in them.
    async fn ask_everything(&mut self, schema: &Schema, objects: &Objects, seen: &mut BTreeSet<String>) {
        let questions = self.asker(schema, objects).questions();
        for question in questions {
            let answer = raw(&self.user, &question).await;
            let (body, Question { document, variables }) = (&answer.body, &question);
            assert!(body.get("errors").is_none(), "{}: {document}\n{variables}\n{body:#}", self.who);
            types_in(body, seen);
            self.answers.push((question, answer));
        }
        for question in self.asker(schema, objects).for_staff().into_iter().filter(|_| !self.is_staff) {
            let answer = raw(&self.user, &question).await;
            let code = &answer.body["errors"][0]["extensions"]["code"];
            assert_eq!(code, "FORBIDDEN", "{}: {}", self.who, question.document);
            self.answers.push((question, answer));
        }
    }

    /// Asks the same again: every answer must be what it was, and name nothing foreign.
    async fn ask_again(&self, objects: &Objects, after: &str) {
        assert!(self.answers.len() > 50, "{} asks next to nothing", self.who);
        let own: &[Part] = if self.is_there { &self.own } else { &[] };
        for (question, before) in &self.answers {
            let now = raw(&self.user, question).await;
            let Question { document, variables } = question;
            let why = format!("{}, after {after}: {document}\n{variables}\n", self.who);
            assert!(now == *before, "{why}{}", difference(&before.body, &now.body, ""));
            assert_eq!(objects.foreign_in(&now.body.to_string(), own), None, "{why}{now}");
        }
    }

    /// Names what is foreign wherever a name is taken: the answer must be that to a name of nothing.
    async fn attack(&self, attacks: &[Attack]) {
        assert!(attacks.len() > 50, "{} has only {} attacks", self.who, attacks.len());
        for Attack { foreign, nothing, names: [foreign_name, nothing_name] } in attacks {
            let found = raw(&self.user, foreign).await.without(foreign_name);
            let expected = raw(&self.user, nothing).await.without(nothing_name);
            let Question { document, variables } = foreign;
            let why = format!("{} learns of {foreign_name}: {document}\n{variables}\n", self.who);
            assert!(found == expected, "{why}{}", difference(&expected.body, &found.body, ""));
        }
    }
}

/// An answer. Two are the same if their status and their JSON are: the order of an object's fields says nothing.
#[derive(Clone, Debug, PartialEq)]
struct Answer {
    status: u16,
    body: Value,
}

impl Answer {
    /// The same without a name that was asked for.
    fn without(self, name: &str) -> Self {
        let body = self.body.to_string().replace(name, "…");
        Self { body: serde_json::from_str(&body).unwrap(), ..self }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.status, self.body)
    }
}

/// Where two answers part.
fn difference(expected: &Value, found: &Value, at: &str) -> String {
    let parts: Vec<String> = match (expected, found) {
        (Value::Object(expected), Value::Object(found)) => {
            let names: BTreeSet<&String> = expected.keys().chain(found.keys()).collect();
            let of = |fields: &serde_json::Map<String, Value>, name| fields.get(name).cloned().unwrap_or_default();
            names
                .iter()
                .map(|name| difference(&of(expected, *name), &of(found, *name), &format!("{at}.{name}")))
                .collect()
        }
        (Value::Array(expected), Value::Array(found)) if expected.len() == found.len() => {
            let pairs = expected.iter().zip(found).enumerate();
            pairs.map(|(n, (expected, found))| difference(expected, found, &format!("{at}.{n}"))).collect()
        }
        _ if expected == found => Vec::new(),
        _ => return format!("{at}: not {expected} but {found}\n"),
    };
    parts.concat()
}

async fn raw(user: &User<'_>, question: &Question) -> Answer {
    let body = json!({"query": question.document, "variables": question.variables});
    let response = user.request(Method::POST, "/graphql").json(&body).send().await.unwrap();
    Answer { status: response.status().as_u16(), body: response.json().await.unwrap() }
}

/// The types of the objects in an answer.
fn types_in(answer: &Value, seen: &mut BTreeSet<String>) {
    match answer {
        Value::Array(items) => items.iter().for_each(|item| types_in(item, seen)),
        Value::Object(fields) => {
            seen.extend(fields.get("__typename").and_then(Value::as_str).map(str::to_owned));
            fields.values().for_each(|field| types_in(field, seen));
        }
        _ => {}
    }
}

/// Learns what a part of the world brought: what lists show to staff, and what objects lead on to.
async fn learn(schema: &Schema, objects: &mut Objects, staff: &User<'_>, part: Part) {
    let asker = Asker { schema, objects, own: &[], is_staff: true };
    let mut questions = asker.lists();
    while !questions.is_empty() {
        let mut found = Vec::new();
        for question in questions {
            let answer = raw(staff, &question).await;
            found.extend(objects.learn(&answer.body, part));
        }
        let asker = Asker { schema, objects, own: &[], is_staff: true };
        questions = found.iter().flat_map(|id| asker.what_leads_on(&objects.0[id].kind, id)).collect();
    }
}

/// The questions are larger than anybody asks.
fn generous() -> ApiRules {
    let limits = Limits { cost: 20_000_000, selections: 200_000, tokens: 50_000, ..Limits::default() };
    ApiRules { documents: DocumentRules { limits, ..DocumentRules::default() }, ..ApiRules::default() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_of_another_is_seen_counted_or_changed_on_sqlite() {
    walk(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_of_another_is_seen_counted_or_changed_on_postgres() {
    walk(Backend::Postgres).await;
}

async fn walk(backend: Backend) {
    let remit = Remit::start_by(backend, generous(), HttpRules::default()).await;
    let schema = Schema::read();
    let (mut objects, mut seen) = (Objects::default(), BTreeSet::new());
    let acme = remit.admin("acme");
    let shared_steps = build(&remit, "acme", "NORTHWIND", shared()).await;
    learn(&schema, &mut objects, &acme, ACME).await;
    let clients_steps = build(&remit, "acme", "NORTHWIND", of_client("NORTHWIND")).await;
    learn(&schema, &mut objects, &acme, NORTH).await;
    let mut north = Witness::portal(&remit, "the portal of NORTHWIND", "NORTHWIND", vec![ACME, NORTH]);
    let mut nobody = Witness::portal(&remit, "the portal of a client that is not there", "NOBODY", vec![ACME, NORTH]);
    north.ask_everything(&schema, &objects, &mut seen).await;
    nobody.ask_everything(&schema, &objects, &mut seen).await;

    build(&remit, "acme", "FABRIKAM", of_client("FABRIKAM")).await;
    learn(&schema, &mut objects, &acme, FABRIKAM).await;
    for witness in [&north, &nobody] {
        witness.ask_again(&objects, "another client has come").await;
    }
    let mut staff = Witness::staff(&remit, "acme", "acme", vec![ACME, NORTH, FABRIKAM]);
    staff.ask_everything(&schema, &objects, &mut seen).await;

    // Another provider: all the same names, and one client more.
    let zenith = remit.admin("zenith");
    build(&remit, "zenith", "NORTHWIND", shared()).await;
    for client in ["NORTHWIND", "FABRIKAM", "CONTOSO"] {
        build(&remit, "zenith", client, of_client(client)).await;
    }
    learn(&schema, &mut objects, &zenith, ZENITH).await;
    let mut strangers = Witness::staff(&remit, "zenith", "zenith", vec![ZENITH]);
    strangers.ask_everything(&schema, &objects, &mut seen).await;
    staff.ask_again(&objects, "another provider has come").await;

    let own_steps = [shared_steps, clients_steps].concat();
    for (witness, foreign) in [(&staff, &[ZENITH][..]), (&north, &[FABRIKAM, ZENITH])] {
        let asker = witness.asker(&schema, &objects);
        witness.attack(&by_questions(&asker, foreign)).await;
        witness.attack(&by_steps(&asker, &own_steps, foreign)).await;
    }
    foreign_cursors(&schema, &objects, &staff, &strangers).await;
    for witness in [&staff, &strangers] {
        witness.ask_again(&objects, "the attacks").await;
    }
    let unseen = schema.asked_for().into_iter().filter(|kind| !seen.contains(*kind));
    let unknown: Vec<&str> = unseen.filter(|kind| UNSEEN.iter().all(|(known, _)| known != kind)).collect();
    assert_eq!(unknown, Vec::<&str>::new(), "no answer showed these types: bring them about in tests/tenancy/world.rs");
}

/// A cursor of another's list shows nothing of theirs.
async fn foreign_cursors(schema: &Schema, objects: &Objects, staff: &Witness<'_>, strangers: &Witness<'_>) {
    let cursor = |name: &str| {
        let cursor = |answer: &Answer| answer.body["data"][name]["pageInfo"]["endCursor"].as_str().map(str::to_owned);
        strangers.answers.iter().find_map(|(_, answer)| cursor(answer))
    };
    for root in schema.fields("Query").iter().filter(|root| root.takes.iter().any(|taken| taken.name == "after")) {
        for argument in root.takes.iter().filter(|taken| ["after", "before"].contains(&taken.name.as_str())) {
            let Some(cursor) = cursor(&root.name) else {
                assert_eq!(root.name, "webhookDeliveries", "no cursor: the walk brings none about");
                continue;
            };
            let given = json!({(argument.name.clone()): cursor});
            let question = staff.asker(schema, objects).ask_root(root, given.as_object().unwrap().clone());
            let answer = raw(&staff.user, &question).await;
            assert_eq!(
                objects.foreign_in(&answer.body.to_string(), &staff.own),
                None,
                "{}\n{answer}",
                question.document
            );
        }
    }
}

#[test]
fn every_mutation_and_every_place_that_names_something_is_walked() {
    let schema = Schema::read();
    let steps: Vec<Step> = shared().into_iter().chain(of_client("NORTHWIND")).collect();
    let mut missing = Vec::new();
    for mutation in schema.fields("Mutation") {
        let own: Vec<&Step> = steps.iter().filter(|step| step.mutation == mutation.name).collect();
        if own.is_empty() {
            missing.push(mutation.name.clone());
        }
        let input = attacks::input_of(&schema, &mutation.name);
        let filled: BTreeSet<String> = own
            .iter()
            .flat_map(|step| attacks::places(&schema, &step.input, &input, "input", ""))
            .map(|place| format!("input.{}", spelled(&place.way)))
            .collect();
        let empty = places_of(&schema, &mutation.name).into_iter().filter(|place| !filled.contains(place));
        missing.extend(empty.filter(|_| !own.is_empty()).map(|place| format!("{} {place}", mutation.name)));
    }
    missing.retain(|place| EMPTY.iter().all(|(known, _)| known != place));
    assert_eq!(missing, Vec::<String>::new(), "tests/tenancy/world.rs has no step that does or fills these");
}

#[test]
fn every_subscription_is_listened_to() {
    let schema = Schema::read();
    for field in schema.fields("Subscription") {
        let known = listening::SUBSCRIPTIONS.iter().find(|(name, ..)| *name == field.name);
        let (_, _, takes) = known.unwrap_or_else(|| panic!("{} is missing in tests/tenancy/listening.rs", field.name));
        let named: Vec<&str> =
            field.takes.iter().filter(|taken| taken.kind.name == "Ref").map(|taken| taken.name.as_str()).collect();
        assert!(named.iter().all(|name| takes.contains(name)), "{} may name {named:?}", field.name);
    }
}

#[test]
fn every_route_is_known() {
    let mut found = BTreeSet::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src/http")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                folders.push(entry);
                continue;
            }
            let text = fs::read_to_string(entry).unwrap();
            let routes = text.split(".route(\"").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned());
            found.extend(routes);
        }
    }
    let known: BTreeSet<String> = ROUTES.iter().map(|(route, _)| (*route).to_owned()).collect();
    assert_eq!(found, known, "say in ROUTES what holds each to its tenant");
}
