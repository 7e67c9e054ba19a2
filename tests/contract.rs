//! The schema keeps what integrators were promised: every name, type, argument, default and nullability of the promised
//! part of the API.
//!
//! What is promised and not there yet is listed in [`NOT_THERE_YET`], exactly: whoever builds it takes its line out.

use std::{collections::BTreeMap, process::Command};

use async_graphql::parser::{
    parse_schema,
    types::{InputValueDefinition, TypeKind, TypeSystemDefinition},
};

/// Promised and not built. A type that is not there stands for all that is below it.
const NOT_THERE_YET: &[&str] = &[];

/// One thing that a schema says: its name, what it is, and whether a caller may leave it out.
#[derive(Debug)]
struct Said {
    what: String,
    optional: bool,
}

/// A schema as what it says of each name: `Query`, `Query.node`, `Query.node(id)`, `Clock.BUSINESS_HOURS`, `Client.(Node)`.
struct Schema(BTreeMap<String, Said>);

impl Schema {
    fn read(sdl: &str) -> Self {
        let mut said = BTreeMap::new();
        let mut say = |name: String, what: String, optional| said.insert(name, Said { what, optional });
        for definition in parse_schema(sdl).unwrap().definitions {
            let TypeSystemDefinition::Type(definition) = definition else { continue };
            let name = definition.node.name.node.to_string();
            let directives = definition.node.directives.iter().map(|d| format!(" @{}", d.node.name.node));
            let marks: String = directives.filter(|mark| mark == " @oneOf").collect();
            match definition.node.kind {
                TypeKind::Scalar => say(name, "scalar".into(), true),
                TypeKind::Enum(kind) => {
                    for value in kind.values {
                        say(format!("{name}.{}", value.node.value.node), "value".into(), true);
                    }
                    say(name, "enum".into(), true)
                }
                TypeKind::InputObject(kind) => {
                    for field in kind.fields {
                        let (what, optional) = input(&field.node);
                        say(format!("{name}.{}", field.node.name.node), what, optional);
                    }
                    say(name, format!("input{marks}"), true)
                }
                TypeKind::Union(_) => say(name, "union".into(), true),
                TypeKind::Object(_) | TypeKind::Interface(_) => {
                    let (kind, fields, interfaces) = match definition.node.kind {
                        TypeKind::Object(kind) => ("type", kind.fields, kind.implements),
                        TypeKind::Interface(kind) => ("interface", kind.fields, kind.implements),
                        _ => unreachable!("matched above"),
                    };
                    for field in fields {
                        let place = format!("{name}.{}", field.node.name.node);
                        for argument in &field.node.arguments {
                            let (what, optional) = input(&argument.node);
                            say(format!("{place}({})", argument.node.name.node), what, optional);
                        }
                        say(place, field.node.ty.node.to_string(), true);
                    }
                    for interface in interfaces {
                        say(format!("{name}.({})", interface.node), "implemented".into(), true);
                    }
                    say(name, kind.into(), true)
                }
            };
        }
        Self(said)
    }

    /// The names in this schema that another has not, without those below a name that is missing itself.
    fn not_in(&self, other: &Self) -> Vec<&str> {
        let missing = |name: &str| !other.0.contains_key(name);
        let above = |name: &str| name.rfind(['.', '(']).map(|end| name[..end].to_owned());
        self.0
            .keys()
            .map(String::as_str)
            .filter(|name| missing(name) && !above(name).is_some_and(|a| missing(&a)))
            .collect()
    }
}

/// The type of an argument or input field with its default, and whether it may be left out.
fn input(value: &InputValueDefinition) -> (String, bool) {
    let default = value.default_value.as_ref().map(|default| format!(" = {}", default.node)).unwrap_or_default();
    let kind = value.ty.node.to_string();
    let optional = !kind.ends_with('!') || !default.is_empty();
    (format!("{kind}{default}"), optional)
}

/// The promised part; none where it is not on this machine.
fn promised() -> Option<Schema> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/contract.graphql");
    let Ok(text) = std::fs::read_to_string(path) else {
        println!("not run: {path} is not there");
        return None;
    };
    Some(Schema::read(&text))
}

#[test]
fn what_is_promised_and_there_is_as_promised() {
    let Some(promised) = promised() else { return };
    let ours = Schema::read(&remit::graphql::sdl());
    let differs = |(name, promise): (&String, &Said)| {
        let found = ours.0.get(name)?;
        (found.what != promise.what).then(|| format!("{name}: promised {}, is {}", promise.what, found.what))
    };
    assert_eq!(promised.0.iter().filter_map(differs).collect::<Vec<_>>(), Vec::<String>::new());
}

#[test]
fn what_is_promised_and_not_there_is_known() {
    let Some(promised) = promised() else { return };
    let ours = Schema::read(&remit::graphql::sdl());
    let (mut missing, mut known) = (promised.not_in(&ours), NOT_THERE_YET.to_vec());
    missing.sort_unstable();
    known.sort_unstable();
    assert_eq!(missing, known);
}

#[test]
fn what_is_ours_alone_can_be_left_out() {
    let Some(promised) = promised() else { return };
    let ours = Schema::read(&remit::graphql::sdl());
    let added = ours.not_in(&promised);
    let demanded: Vec<&str> = added.into_iter().filter(|name| !ours.0[*name].optional).collect();
    assert_eq!(
        demanded,
        Vec::<&str>::new(),
        "callers who know the promised part alone must be able to leave these out"
    );
}

#[test]
fn the_file_is_the_schema_that_is_served() {
    let served = Command::new(env!("CARGO_BIN_EXE_remit")).arg("schema").output().unwrap();
    assert!(served.status.success(), "{served:?}");
    let served = String::from_utf8(served.stdout).unwrap();
    let kept = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/schema.graphql")).unwrap();
    let differs = served.split('\n').zip(kept.split('\n')).zip(1..).find(|((served, kept), _)| served != kept);
    assert!(
        served == kept,
        "schema.graphql is not the server's schema, which `cargo xtask schema --write` writes; line, served and kept: {differs:?}"
    );
}
