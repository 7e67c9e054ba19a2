//! Every field of every input changes some answer. What is stored and read by nothing is how after-hours rates come to be
//! ignored.
//!
//! A [`Case`] is two worlds that differ in one field, and a look at them: a decision, a price, a deadline, a finding, the
//! document, the life of the agreement, a query, what a token allows, or what arrives by webhooks. The two looks must
//! differ. A field of the schema without a case fails the test, and so does a case without a field.
//!
//! To add an input field: a case in the file of its subject.

#![allow(clippy::needless_pass_by_value, reason = "JSON is written where it is used")]

mod access;
mod agreements;
mod billing;
mod catalogue;
mod commitments;
mod credits;
mod facts;
mod prices;
mod promises;
mod questions;
mod recorded;
mod webhooks;
mod work;
mod world;

use std::collections::{BTreeMap, BTreeSet};

use async_graphql::parser::{
    parse_schema,
    types::{TypeKind, TypeSystemDefinition},
};

use crate::support::{Remit, both};
use world::{Case, Looked, Worlds};

fn cases() -> Vec<Case> {
    [
        access::cases(),
        agreements::cases(),
        billing::cases(),
        catalogue::cases(),
        commitments::cases(),
        credits::cases(),
        facts::cases(),
        prices::cases(),
        promises::cases(),
        questions::cases(),
        recorded::cases(),
        webhooks::cases(),
        work::cases(),
    ]
    .concat()
}

/// Every field of every input of the schema, `DraftTermsInput.backups`.
fn input_fields() -> BTreeSet<String> {
    let definitions = parse_schema(remit::graphql::sdl()).unwrap().definitions;
    let fields = definitions.into_iter().filter_map(|definition| match definition {
        TypeSystemDefinition::Type(definition) => match definition.node.kind {
            TypeKind::InputObject(input) => Some((definition.node.name.node.to_string(), input.fields)),
            _ => None,
        },
        _ => None,
    });
    fields
        .flat_map(|(name, fields)| fields.into_iter().map(move |field| format!("{name}.{}", field.node.name.node)))
        .collect()
}

#[test]
fn every_field_of_every_input_has_a_case() {
    let shown: BTreeSet<String> = cases().iter().map(|case| case.field.to_owned()).collect();
    assert_eq!(shown, input_fields(), "cases, and fields of the schema");
}

/// Runs the cases whose fields begin with one of some letters.
async fn run(remit: &Remit, first: std::ops::RangeInclusive<char>) {
    let mut worlds = Worlds::new(remit).await;
    let mut before: BTreeMap<String, Looked> = BTreeMap::new();
    let mut without_effect = Vec::new();
    for case in cases().into_iter().filter(|case| case.field.starts_with(|letter| first.contains(&letter))) {
        let key = case.base();
        if !before.contains_key(&key) {
            let looked = worlds.look(&case, false).await;
            before.insert(key.clone(), looked);
        }
        let after = worlds.look(&case, true).await;
        if before[&key] == after {
            without_effect.push(format!("{}: {after:?}", case.field));
        }
    }
    assert_eq!(without_effect, Vec::<String>::new(), "these fields change nothing");
}

both! {
    async fn every_field_changes_an_answer_a_to_e(remit: Remit) {
        run(&remit, 'A'..='E').await;
    }

    async fn every_field_changes_an_answer_f_to_p(remit: Remit) {
        run(&remit, 'F'..='P').await;
    }

    async fn every_field_changes_an_answer_q_to_z(remit: Remit) {
        run(&remit, 'Q'..='Z').await;
    }
}
