//! What fields cost, as the schema publishes it.
//!
//! Costs stand in the schema's own text: `@cost` where a field costs more than what it gives, `@listSize` where it says how
//! long a list is. What is counted is read from there (`request::cost`), so that what is published is what is meant. The
//! directives are those of the GraphQL cost specification, with one thing added: an argument that is a list says its length.
//!
//! A new root needs nothing here: whatever has `first` is a list of so many, and an argument that is a list says how many
//! come back. Only a field that works more than it shows needs a line in [`WEIGHTS`].

/// The rule, as the directives' descriptions say it.
const DIRECTIVES: &str = r#"
"""
What a field costs beside what it gives. The cost of a request is the sum over its fields: the field's weight, 0 unless
said here; 1 for every input object in its arguments; and for a field that gives objects, 1 and the cost of their fields
for each of them. A list is as long as `@listSize` says, else 10. A mutation's root field weighs 10. Fragments count where
they are spread; what `@skip` and `@include` leave out does not count. `extensions.cost` of an answer says what was
`requested` by this rule, and what it came to when the lists were as long as they were (`actual`).
"""
directive @cost(
	"""
	The weight, a whole number.
	"""
	weight: String!
) on FIELD_DEFINITION

"""
How long a list is taken to be before it is read.
"""
directive @listSize(
	"""
	So long, if no argument says otherwise.
	"""
	assumedSize: Int,
	"""
	The arguments that say how long: a number itself, a list by its length. The first that is given counts.
	"""
	slicingArguments: [String!],
	"""
	The fields of the result that are lists of this length; left out: the result itself is.
	"""
	sizedFields: [String!],
	"""
	Always false: without an argument it is `assumedSize`.
	"""
	requireOneSlicingArgument: Boolean = true
) on FIELD_DEFINITION
"#;

/// Fields that work more than they show: parent, field, weight. One unit is about what an object of a list costs.
const WEIGHTS: &[(&str, &str, u32)] = &[
    ("AgreementTerms", "document", 50),
    ("AgreementTerms", "readiness", 20),
    ("AgreementTerms", "commitmentReport", 200),
    ("AgreementTerms", "promiseCheck", 1_000),
    ("CommitmentReport", "recovery", 300),
    ("Agreement", "slaReport", 500),
    ("Agreement", "hours", 20),
    ("BillingPeriod", "hours", 20),
    ("BillingPeriod", "statement", 200),
    ("Mutation", "testWebhook", 100),
    ("Query", "coverage", 10),
    ("Query", "rehearse", 1_000),
    ("Query", "coverages", 10),
];

/// What counting a list costs: a statement that reads all of it.
const COUNT: u32 = 10;
/// What a page costs whose length is not said, as `paging` makes it.
const PAGE: u32 = 50;

/// The schema's text with the cost of each field.
pub(crate) fn published(sdl: &str) -> String {
    let mut published = String::with_capacity(sdl.len() + sdl.len() / 8);
    let mut parent = "";
    let mut arguments = Vec::new();
    let mut quoted = false;
    for line in sdl.lines() {
        published.push_str(line);
        let quotes = line.matches("\"\"\"").count();
        let is_text = quoted || quotes > 0;
        quoted ^= quotes % 2 == 1;
        if is_text {
        } else if let Some(rest) = line.strip_prefix("type ") {
            parent = rest.split([' ', '{']).next().unwrap_or_default();
        } else if line == "}" {
            parent = "";
        } else if let (false, Some(part)) = (parent.is_empty(), Part::read(line)) {
            match part {
                Part::Opening(name) => arguments = vec![name],
                Part::Argument(name, ty) if !arguments.is_empty() => arguments.extend([name, ty]),
                Part::Argument(name, ty) => published.push_str(&directives(parent, name, ty, &[])),
                Part::Closing(ty) => {
                    let opened = std::mem::take(&mut arguments);
                    if let Some((name, rest)) = opened.split_first() {
                        published.push_str(&directives(parent, name, ty, rest));
                    }
                }
            }
        }
        published.push('\n');
    }
    published.push_str(DIRECTIVES);
    published
}

/// A line of a type.
enum Part<'a> {
    /// `name(`, whose arguments follow.
    Opening(&'a str),
    /// `name: Type`, an argument or a field without arguments.
    Argument(&'a str, &'a str),
    /// `): Type`.
    Closing(&'a str),
}

impl<'a> Part<'a> {
    fn read(line: &'a str) -> Option<Self> {
        let line = line.trim();
        if let Some(ty) = line.strip_prefix("):") {
            return Some(Self::Closing(named(ty)));
        }
        if let Some(name) = line.strip_suffix('(') {
            return Some(Self::Opening(name));
        }
        let (name, ty) = line.split_once(':')?;
        // On one line: `name(a: Int, b: Int): Type`.
        if name.contains('(') {
            return None;
        }
        Some(Self::Argument(name, named(ty)))
    }
}

/// The type that a line ends with, without a default, directives and commas behind it.
fn named(text: &str) -> &str {
    text.trim().split([' ', ',', '=']).next().unwrap_or_default()
}

/// What is published of a field.
///
/// - `arguments`: names and types in turn.
fn directives(parent: &str, field: &str, ty: &str, arguments: &[&str]) -> String {
    let weight = WEIGHTS.iter().find(|(of, name, _)| *of == parent && *name == field).map(|(_, _, weight)| *weight);
    let counts = (field == "totalCount" && parent.ends_with("Connection")).then_some(COUNT);
    let mut text = weight.or(counts).map(|weight| format!(" @cost(weight: \"{weight}\")")).unwrap_or_default();
    let pairs = || arguments.chunks_exact(2).map(|pair| (pair[0], pair[1]));
    if ty.trim_end_matches('!').ends_with("Connection") {
        let sizes: Vec<String> = pairs()
            .filter(|(name, _)| matches!(*name, "first" | "last"))
            .map(|(name, _)| format!("\"{name}\""))
            .collect();
        text.push_str(&format!(
            " @listSize(assumedSize: {PAGE}, slicingArguments: [{}], sizedFields: [\"edges\", \"nodes\"], \
             requireOneSlicingArgument: false)",
            sizes.join(", ")
        ));
    } else if ty.starts_with('[')
        && let Some((name, _)) = pairs().find(|(_, ty)| ty.starts_with('['))
    {
        text.push_str(&format!(" @listSize(slicingArguments: [\"{name}\"], requireOneSlicingArgument: false)"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn costs_stand_behind_the_fields() {
        let sdl = "\"\"\"\ntype Query {\n\tcoverage: X\n\"\"\"\ntype Query {\n\t\"\"\"\n\tdocument: String\n\t\"\"\"\n\tcoverage(\n\t\t\"\"\"\n\t\t\
                   a: b\n\t\t\"\"\"\n\t\tinput: I!\n\t): D!\n\tnodes(\n\t\tids: [ID!]!\n\t): [Node]!\n\tall(\n\t\tfirst: Int,\n\t\tlast: \
                   Int = 3\n\t): ThingConnection!\n\tplain: Int!\n}\n\ninput I {\n\tcoverage: Int\n}\ntype ThingConnection \
                   {\n\ttotalCount: Int!\n}\n";
        let published = published(sdl);
        let marked: Vec<&str> = published
            .lines()
            .take_while(|line| !line.starts_with("directive"))
            .filter(|line| line.contains(" @"))
            .collect();
        assert_eq!(
            marked,
            [
                "\t): D! @cost(weight: \"10\")",
                "\t): [Node]! @listSize(slicingArguments: [\"ids\"], requireOneSlicingArgument: false)",
                "\t): ThingConnection! @listSize(assumedSize: 50, slicingArguments: [\"first\", \"last\"], sizedFields: [\"edges\", \"nodes\"], requireOneSlicingArgument: false)",
                "\ttotalCount: Int! @cost(weight: \"10\")",
            ]
        );
    }
}
