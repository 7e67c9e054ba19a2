//! Two worlds that differ in one field, and looks at them.
//!
//! | file | has |
//! |---|---|
//! | this | how a world is made |
//! | `case` | what its two worlds have, and where they differ |
//! | `content` | what is in every world |
//! | `look` | what can be seen of a world |

mod case;
mod content;
mod look;

use serde_json::{Value, json};

use crate::{
    support::{Remit, User, receiver::Receiver},
    webhooks::send_all,
};
pub(super) use case::{Case, field};
use content::all;
pub(super) use look::Look;

/// Where the agreement's number stands in a world.
const NUMBER: &str = "NUMBER";
/// Where stands what was learnt from an answer on the way.
const LEARNT: &str = "LEARNT";
/// Where the address of somebody who receives webhooks stands in a world.
const RECEIVER: &str = "RECEIVER";

/// When the token was issued by which worlds are made: before now, so that it can be revoked with all that were.
const ISSUED: &str = "2026-11-23T11:59:00Z";

/// What was seen.
pub(super) type Looked = String;

/// Worlds at one server.
pub(super) struct Worlds<'a> {
    remit: &'a Remit,
    made: usize,
}

impl<'a> Worlds<'a> {
    pub(super) async fn new(remit: &'a Remit) -> Self {
        put_catalogue(&remit.admin("shared"), &all()).await;
        Self { remit, made: 0 }
    }

    /// Makes a world and looks at it.
    pub(super) async fn look(&mut self, case: &Case, second: bool) -> Looked {
        self.made += 1;
        let number = format!("N{:04}", self.made);
        let provider = if case.is_alone() { number.to_lowercase() } else { "shared".into() };
        let receiver = if case.has_receiver() { Some(Receiver::start().await) } else { None };
        let (admin, learnt, refused) = (self.remit.admin_since(&provider, ISSUED), String::new(), Vec::new());
        let mut world = World { remit: self.remit, admin, provider, number, learnt, refused, receiver };
        world.make(&case.world(second), case.is_alone()).await;
        let seen = world.see(&case.look, second).await.to_string();
        seen.replace(&world.number, NUMBER).replace(&world.number.to_lowercase(), "shared")
    }
}

/// A world.
struct World<'a> {
    remit: &'a Remit,
    admin: User<'a>,
    provider: String,
    number: String,
    learnt: String,
    /// What was refused on the way.
    refused: Vec<Value>,
    receiver: Option<Receiver>,
}

impl World<'_> {
    /// Makes all that is in it, step by step.
    async fn make(&mut self, content: &Value, with_catalogue: bool) {
        if with_catalogue {
            put_catalogue(&self.admin, &self.named(content)).await;
        }
        let mut together = vec![("createAgreement", self.named(&content["agreement"]))];
        for step in content["steps"].as_array().unwrap() {
            let mutation = step["do"].as_str();
            match (step["learn"].as_str(), mutation) {
                (None, Some("deliver")) => {
                    self.act(std::mem::take(&mut together)).await;
                    send_all(self.remit, &self.provider).await;
                }
                (None, mutation) => together.push((mutation.unwrap(), self.named(&step["with"]))),
                (Some(selection), mutation) => {
                    self.act(std::mem::take(&mut together)).await;
                    self.learn(selection, mutation, &step["with"]).await;
                }
            }
        }
        self.act(together).await;
    }

    async fn act(&mut self, acts: Vec<(&str, Value)>) {
        if !acts.is_empty() {
            self.refused.extend(act(&self.admin, &acts).await);
        }
    }

    /// Learns something from a mutation's payload, or by asking.
    async fn learn(&mut self, selection: &str, mutation: Option<&str>, input: &Value) {
        let input = self.named(input);
        let answer = match mutation {
            None => self.admin.ask(&self.told(selection)).await,
            // A client says how its own obligations stand, and the provider judges it.
            Some(mutation @ "recordObligationStatus") => {
                let scopes = "obligations:write agreements:read";
                self.remit.portal(&self.provider, "NORTHWIND", scopes).done(mutation, input, selection).await
            }
            Some(mutation) => self.admin.call(mutation, input, selection).await,
        };
        self.learnt = first_text(&answer).unwrap_or_default().to_owned();
    }

    /// A text with the names that things have in this world.
    fn told(&self, text: &str) -> String {
        let receiver = self.receiver.as_ref().map(Receiver::url).unwrap_or_default();
        text.replace(NUMBER, &self.number).replace(LEARNT, &self.learnt).replace(RECEIVER, &receiver)
    }

    /// A value with the names that things have in this world, as far as they are known.
    fn named(&self, value: &Value) -> Value {
        serde_json::from_str(&self.told(&value.to_string())).unwrap()
    }
}

/// Puts the catalogue of a world.
async fn put_catalogue(admin: &User<'_>, world: &Value) {
    let mut puts = Vec::new();
    for (list, mutation) in
        [("calendars", "putCalendar"), ("services", "putService"), ("tiers", "putSlaTier"), ("clients", "putClient")]
    {
        puts.extend(world["catalogue"][list].as_array().unwrap().iter().map(|input| (mutation, input.clone())));
    }
    assert_eq!(act(admin, &puts).await, Vec::<Value>::new());
}

/// Does several things in one request, one after the other; what is refused of them.
async fn act(admin: &User<'_>, acts: &[(&str, Value)]) -> Vec<Value> {
    let (mut variables, mut fields, mut given) = (Vec::new(), Vec::new(), json!({}));
    for (place, (mutation, input)) in acts.iter().enumerate() {
        let kind = format!("{}{}Input", mutation[..1].to_uppercase(), &mutation[1..]);
        variables.push(format!("$i{place}: {kind}!"));
        fields.push(format!("m{place}: {mutation}(input: $i{place}) {{ errors {{ code path }} }}"));
        given[format!("i{place}")] = input.clone();
    }
    let document = format!("mutation ({}) {{ {} }}", variables.join(", "), fields.join(" "));
    let answer = admin.ask_with(&document, given).await;
    let errors = (0..acts.len()).flat_map(|place| answer[format!("m{place}")]["errors"].as_array().unwrap().clone());
    errors.collect()
}

/// The first text in an answer.
fn first_text(answer: &Value) -> Option<&str> {
    match answer {
        Value::String(text) => Some(text),
        Value::Array(items) => items.iter().find_map(first_text),
        Value::Object(fields) => fields.values().find_map(first_text),
        _ => None,
    }
}
