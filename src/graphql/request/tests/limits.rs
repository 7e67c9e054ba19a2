//! Every bound at its edge, and the documents that would hang or fell a server.

use async_graphql::parser::parse_query;

use super::*;
use crate::graphql::request::limits::{self, selections_looked_at};

/// `{ f { f … } }` with so many fields below each other.
fn deep(field: &str, fields: usize) -> String {
    format!("{}{}", format!("{{ {field} ").repeat(fields), "}".repeat(fields))
}

fn check(text: &str) -> Option<&'static str> {
    limits::check(&parse_query(text).unwrap(), &Limits::default()).err().map(|refused| refused.code)
}

/// Fragments that each spread the next one twice: 2^n selections.
fn bomb(fragments: usize) -> String {
    let link = |n: usize| format!("fragment F{n} on Query {{ ...F{} ...F{} }} ", n + 1, n + 1);
    let chain: String = (0..fragments).map(link).collect();
    format!("{{ ...F0 }} {chain} fragment F{fragments} on Query {{ a }}")
}

fn ring(fragments: usize) -> String {
    let link = |n: usize| format!("fragment F{n} on Query {{ ...F{} }} ", (n + 1) % fragments);
    format!("{{ ...F0 }} {}", (0..fragments).map(link).collect::<String>())
}

#[test]
fn each_limit_holds_at_its_edge() {
    const DEEP: Option<&str> = Some("QUERY_TOO_DEEP");
    const COMPLEX: Option<&str> = Some("QUERY_TOO_COMPLEX");
    const INVALID: Option<&str> = Some("GRAPHQL_VALIDATION_FAILED");
    let aliases = |count: usize| format!("{{ {} }}", "a: b ".repeat(count));
    let directives = |count: usize| format!("{{ a {} }}", "@x ".repeat(count));
    // 100 spreads of a fragment of 98 selections: 1 + 100 * (1 + 98) and one more per `a`.
    let spreads = |more: usize| {
        format!("{{ {} {} }} fragment F on Q {{ {} }}", "...F ".repeat(100), "a ".repeat(more), "a ".repeat(98))
    };
    for (text, expected) in [
        (deep("a", 15), None),
        (deep("a", 16), DEEP),
        (format!("{{ a {{ ...F }} }} fragment F on A {}", deep("a", 14)), None),
        (format!("{{ a {{ ...F }} }} fragment F on A {}", deep("a", 15)), DEEP),
        (format!("{{ __schema {} }}", deep("a", 24)), None),
        (format!("{{ __schema {} }}", deep("a", 25)), DEEP),
        (format!("{{ __type(name: \"A\") {} }}", deep("a", 25)), DEEP),
        (format!("{{ a {{ __schema {} }} }}", deep("a", 24)), DEEP),
        (format!("{{ __schema {{ ...F }} }} fragment F on __Type {}", deep("a", 24)), None),
        (deep("...", 31).replacen("... }", "... { a } }", 1), None),
        (deep("...", 32).replacen("... }", "... { a } }", 1), DEEP),
        (aliases(50), None),
        (aliases(51), COMPLEX),
        (directives(50), None),
        (directives(51), COMPLEX),
        (format!("query ($a: Int {}) @x {{ a }}", "@x ".repeat(49)), None),
        (format!("query ($a: Int {}) @x {{ a }}", "@x ".repeat(50)), COMPLEX),
        (spreads(100), None),
        (spreads(101), COMPLEX),
        (format!("{} {}", bomb(8).replacen('{', "query A {", 1), "query B { ...F0 }"), None),
        (bomb(11), None),
        (bomb(12), COMPLEX),
        (bomb(13), COMPLEX),
        (bomb(30), COMPLEX),
        (bomb(80), DEEP),
        (bomb(30).replacen("...F0", "a", 1), COMPLEX),
        (ring(1), INVALID),
        (ring(2), INVALID),
        (ring(30), INVALID),
        (ring(400), DEEP),
        ("{ a ...Unknown }".to_owned(), None),
    ] {
        assert_eq!(check(&text), expected, "{text:.200}");
    }
}

#[test]
fn a_fragment_is_looked_at_once_however_often_it_is_spread() {
    for (fragments, selections) in [(5, 12), (11, 24)] {
        let document = parse_query(bomb(fragments)).unwrap();
        assert_eq!(selections_looked_at(&document, &Limits::default()), Ok(selections));
    }
    // Without bounds on the sum, the largest bomb still takes two looks per fragment, and the sum does not wrap.
    let unbounded = Limits { selections: u64::MAX, nesting: 100, ..Limits::default() };
    assert_eq!(selections_looked_at(&parse_query(bomb(80)).unwrap(), &unbounded), Ok(162));
}

#[test]
fn deeply_nested_text_never_reaches_the_parser() {
    for open in ["{", "[", "(", "{a(b:[", "{a{"] {
        assert_eq!(codes(&open.repeat(60_000 / open.len())), ["QUERY_TOO_DEEP"], "{open}");
    }
    assert_eq!(codes(&format!("{{ a(b: {}{}) }}", "[".repeat(3_000), "]".repeat(3_000))), ["QUERY_TOO_DEEP"]);
    assert_eq!(
        codes(&format!("{{ a(b: {}{}) }}", "[".repeat(62), "]".repeat(62))),
        ["GRAPHQL_VALIDATION_FAILED"],
        "it is read, and there is no such field"
    );
    assert_eq!(codes(&format!("{{ a(b: {}{}) }}", "[".repeat(63), "]".repeat(63))), ["QUERY_TOO_DEEP"]);
    assert_eq!(codes(&format!("query($a: {}Int{}) {{ a }}", "[".repeat(64), "]".repeat(64))), ["QUERY_TOO_DEEP"]);
}

#[test]
fn the_standard_introspection_query_passes() {
    let of_type = format!("{}{}", "{ kind name ofType ".repeat(9), "{ kind name }".to_owned() + &"}".repeat(9));
    let query = format!(
        "query IntrospectionQuery {{ __schema {{ description queryType {{ name kind }} mutationType {{ name }}
            types {{ ...FullType }} directives {{ name isRepeatable locations args(includeDeprecated: true) {{ ...InputValue }} }} }} }}
         fragment FullType on __Type {{ kind name fields(includeDeprecated: true) {{ name args {{ ...InputValue }}
            type {{ ...TypeRef }} isDeprecated }} inputFields {{ ...InputValue }} interfaces {{ ...TypeRef }}
            enumValues(includeDeprecated: true) {{ name }} possibleTypes {{ ...TypeRef }} }}
         fragment InputValue on __InputValue {{ name description type {{ ...TypeRef }} defaultValue }}
         fragment TypeRef on __Type {of_type}"
    );
    assert_eq!(codes(&query), [""; 0]);
}
