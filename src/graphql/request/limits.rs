//! How much a document may ask before anything of it is checked or run.

use std::collections::HashMap;

use async_graphql::{
    Name, Pos, Positioned,
    parser::types::{Directive, ExecutableDocument, Field, Selection, SelectionSet},
};

use super::RequestError;

/// The bounds of a document. They stop what costs more to look at than to send; what a query costs to run is decided
/// elsewhere.
///
/// The default is for clients that write their own documents: each bound is several times what the largest screen or
/// export in practice asks, and together they keep the answer to any document under 50 ms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Characters of the text: 65,536. A full introspection is 2 thousand; nothing written by hand comes near.
    pub characters: usize,
    /// Names, numbers, strings and punctuators: 5,000. What the parser keeps, at about 200 bytes each, stays under 1 MB.
    pub tokens: usize,
    /// Brackets of any kind open at once: 64, where the engine's parser stops too. It descends once per bracket, so
    /// this bounds its stack.
    pub brackets: usize,
    /// Fields below each other: 15. Client, agreement, terms, tier, target and its amount are 6; connections double it.
    pub depth: usize,
    /// Fields below each other through `__schema` or `__type`: 25. The standard introspection query has 14.
    pub introspection_depth: usize,
    /// Lists of fields, types or inputs within each other in an introspection: 2. Each multiplies the answer by all that
    /// a type has.
    pub introspection_lists: usize,
    /// Selection sets within each other, fragments included: 32, where the engine stops too. A chain of fragments adds
    /// no depth of fields, yet the engine descends into each.
    pub nesting: usize,
    /// Aliases in the text: 50. They repeat one costly field many times in one request.
    pub aliases: usize,
    /// Directives in the text: 50. Each is looked up and checked by itself.
    pub directives: usize,
    /// Selections with every fragment written out at every spread: 10,000. The engine visits that many several times,
    /// and 30 fragments of two spreads each are 2^30.
    pub selections: u64,
    /// Items of one list in the input: 500. A larger import comes in parts.
    pub list: usize,
    /// What a request may cost, by the rule that the schema publishes: 500,000. Five hundred agreements with all that
    /// their terms say cost 100,000; what multiplies pages with pages costs millions.
    pub cost: u64,
    /// Bytes that documents which have passed may take in memory: 8 MB, some thousand pages of a portal.
    pub kept_documents: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            characters: 65_536,
            tokens: 5_000,
            brackets: 64,
            depth: 15,
            introspection_depth: 25,
            introspection_lists: 2,
            nesting: 32,
            aliases: 50,
            directives: 50,
            selections: 10_000,
            list: 500,
            cost: 500_000,
            kept_documents: 8 * 1024 * 1024,
        }
    }
}

/// Whether a parsed document stays within the limits.
///
/// Every operation and every fragment is measured, for the engine validates those it does not run too. A fragment is
/// measured once, however often it is spread.
///
/// # Errors
/// `QUERY_TOO_COMPLEX` or `QUERY_TOO_DEEP` for the first limit overrun, `GRAPHQL_VALIDATION_FAILED` for a fragment that
/// spreads itself, if only through others.
pub(super) fn check(document: &ExecutableDocument, limits: &Limits) -> Result<(), RequestError> {
    Survey::new(document, limits).run().map(|_| ())
}

/// How many selections the check itself looks at.
#[cfg(test)]
pub(super) fn selections_looked_at(document: &ExecutableDocument, limits: &Limits) -> Result<usize, RequestError> {
    Survey::new(document, limits).run()
}

/// The fields of an introspection that give all of a kind that a type has. (Others of these names are no part of one.)
const SCHEMA_LISTS: [&str; 4] = ["fields", "interfaces", "possibleTypes", "inputFields"];

/// What lies in a selection set, fragments written out.
#[derive(Clone, Copy, Default)]
struct Extent {
    /// Fields below each other outside introspection.
    depth: usize,
    /// Fields below each other on the ways through `__schema` or `__type`.
    introspection: usize,
    /// Lists of a schema's parts within each other.
    lists: usize,
    /// Selection sets within each other.
    nesting: usize,
    /// Selections, saturating.
    selections: u64,
}

enum Fragment {
    Open,
    Measured(Extent),
}

struct Survey<'a> {
    document: &'a ExecutableDocument,
    limits: &'a Limits,
    fragments: HashMap<&'a Name, Fragment>,
    aliases: usize,
    directives: usize,
    /// Selections looked at, the measure of this check's own work.
    visited: usize,
}

impl<'a> Survey<'a> {
    fn new(document: &'a ExecutableDocument, limits: &'a Limits) -> Self {
        Self { document, limits, fragments: HashMap::new(), aliases: 0, directives: 0, visited: 0 }
    }

    /// Measures everything; answers how many selections were looked at.
    fn run(mut self) -> Result<usize, RequestError> {
        let document = self.document;
        let mut selections = 0u64;
        for (_, operation) in document.operations.iter() {
            self.count_directives(&operation.node.directives)?;
            for variable in &operation.node.variable_definitions {
                self.count_directives(&variable.node.directives)?;
            }
            let extent = self.measure(&operation.node.selection_set, 1)?;
            self.judge_depth(extent, operation.pos)?;
            self.judge_nesting(extent, operation.pos)?;
            selections = selections.saturating_add(extent.selections);
            self.judge_selections(selections, operation.pos)?;
        }
        for (name, fragment) in &document.fragments {
            let extent = self.fragment(name, 1)?;
            self.judge_nesting(extent, fragment.pos)?;
            self.judge_selections(extent.selections, fragment.pos)?;
        }
        Ok(self.visited)
    }

    /// An operation's depth; a fragment's own counts only where it is spread.
    fn judge_depth(&self, extent: Extent, at: Pos) -> Result<(), RequestError> {
        let Limits { depth, introspection_depth, introspection_lists, .. } = *self.limits;
        let (what, found, most) = if extent.depth > depth {
            ("Fields", extent.depth, depth)
        } else if extent.introspection > introspection_depth {
            ("Fields of an introspection", extent.introspection, introspection_depth)
        } else if extent.introspection > 0 && extent.lists > introspection_lists {
            ("Lists of an introspection", extent.lists, introspection_lists)
        } else {
            return Ok(());
        };
        Err(RequestError::too_deep(format!("{what} are at most {most} deep; these are {found} deep.")).at(at))
    }

    fn judge_nesting(&self, extent: Extent, at: Pos) -> Result<(), RequestError> {
        if extent.nesting > self.limits.nesting { Err(self.nested().at(at)) } else { Ok(()) }
    }

    fn judge_selections(&self, selections: u64, at: Pos) -> Result<(), RequestError> {
        let most = self.limits.selections;
        if selections <= most {
            return Ok(());
        }
        let message = format!("With its fragments written out the document selects more than {most} times.");
        Err(RequestError::too_complex(message).at(at))
    }

    fn nested(&self) -> RequestError {
        RequestError::too_deep(format!("Selections and fragments are nested more than {} times.", self.limits.nesting))
    }

    /// `level` counts the selection sets around this one, so that no document can lead this check far down.
    fn measure(&mut self, set: &'a Positioned<SelectionSet>, level: usize) -> Result<Extent, RequestError> {
        if level > self.limits.nesting {
            return Err(self.nested().at(set.pos));
        }
        let mut whole = Extent::default();
        for selection in &set.node.items {
            self.visited += 1;
            self.count_directives(selection.node.directives())?;
            let part = self.selection(&selection.node, level)?;
            whole.depth = whole.depth.max(part.depth);
            whole.introspection = whole.introspection.max(part.introspection);
            whole.lists = whole.lists.max(part.lists);
            whole.nesting = whole.nesting.max(part.nesting);
            whole.selections = whole.selections.saturating_add(part.selections).saturating_add(1);
        }
        whole.nesting += 1;
        Ok(whole)
    }

    fn selection(&mut self, selection: &'a Selection, level: usize) -> Result<Extent, RequestError> {
        match selection {
            Selection::Field(field) => self.field(&field.node, level),
            Selection::InlineFragment(inline) => self.measure(&inline.node.selection_set, level + 1),
            Selection::FragmentSpread(spread) => self.fragment(&spread.node.fragment_name.node, level + 1),
        }
    }

    fn field(&mut self, field: &'a Field, level: usize) -> Result<Extent, RequestError> {
        if let Some(alias) = &field.alias {
            self.aliases += 1;
            if self.aliases > self.limits.aliases {
                let message = format!("A document has at most {} aliases.", self.limits.aliases);
                return Err(RequestError::too_complex(message).at(alias.pos));
            }
        }
        let mut extent = Extent::default();
        if !field.selection_set.node.items.is_empty() {
            extent = self.measure(&field.selection_set, level + 1)?;
        }
        let name = field.name.node.as_str();
        if SCHEMA_LISTS.contains(&name) {
            extent.lists += 1;
        }
        if matches!(name, "__schema" | "__type") {
            return Ok(Extent { depth: 1, introspection: extent.depth.max(extent.introspection) + 1, ..extent });
        }
        let introspection = if extent.introspection > 0 { extent.introspection + 1 } else { 0 };
        Ok(Extent { depth: extent.depth + 1, introspection, ..extent })
    }

    /// A fragment's extent, measured at the first spread. One that is not defined is the engine's to report.
    fn fragment(&mut self, name: &'a Name, level: usize) -> Result<Extent, RequestError> {
        let Some(fragment) = self.document.fragments.get(name) else { return Ok(Extent::default()) };
        match self.fragments.get(name) {
            Some(Fragment::Measured(extent)) => return Ok(*extent),
            Some(Fragment::Open) => {
                let message = format!("Fragment \"{name}\" spreads itself.");
                return Err(RequestError::invalid(message).at(fragment.pos));
            }
            None => self.fragments.insert(name, Fragment::Open),
        };
        self.count_directives(&fragment.node.directives)?;
        let extent = self.measure(&fragment.node.selection_set, level)?;
        self.fragments.insert(name, Fragment::Measured(extent));
        Ok(extent)
    }

    fn count_directives(&mut self, directives: &[Positioned<Directive>]) -> Result<(), RequestError> {
        self.directives += directives.len();
        match directives.last() {
            Some(last) if self.directives > self.limits.directives => {
                let message = format!("A document has at most {} directives.", self.limits.directives);
                Err(RequestError::too_complex(message).at(last.pos))
            }
            _ => Ok(()),
        }
    }
}
