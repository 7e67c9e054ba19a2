//! From a document's text to the document that the engine runs.
//!
//! The text is read by the parser whose validator judges it, and put into the engine's form here; the engine's own parser
//! refuses what it should take (a blank before `!`, `\u{…}`).

use std::{borrow::Cow, collections::HashMap, ops::Range};

use apollo_compiler::{
    Name as Word, Node,
    ast::{self, Definition},
    parser::{Parser, SourceSpan},
};
use async_graphql::{
    Name, Pos, Positioned, Value as ConstValue,
    parser::types::{
        BaseType, Directive, DocumentOperations, ExecutableDocument, Field, FragmentDefinition, FragmentSpread,
        InlineFragment, OperationDefinition, OperationType, Selection, SelectionSet, Type, TypeCondition,
        VariableDefinition,
    },
};
use async_graphql_value::{Value, indexmap::IndexMap};

use super::{Limits, RequestError, places::Places, scan::Scanned, written};

/// A document in both forms.
pub(super) struct Parsed {
    /// For the validator.
    pub(super) ast: ast::Document,
    /// For the engine.
    pub(super) document: ExecutableDocument,
}

/// Reads a text that the scan has bounded.
///
/// # Errors
/// `GRAPHQL_PARSE_FAILED` where the text is not GraphQL; `GRAPHQL_VALIDATION_FAILED` for what the engine's form cannot
/// hold: definitions of types, two operations, fragments or fields of an input of one name, an operation without a name
/// beside another, a number beyond all bounds.
pub(super) fn parse(text: &str, scanned: &Scanned, limits: &Limits) -> Result<Parsed, RequestError> {
    let places = Places::new(text);
    let text = without(text, &scanned.descriptions);
    let mut parser = Parser::new().recursion_limit(limits.brackets * 4).token_limit(usize::MAX);
    let ast = parser.parse_ast(&*text, "").map_err(|failed| {
        let first = failed.errors.iter().next().map(|found| found.to_json());
        let found = first.as_ref().map(|found| found.message.as_str()).unwrap_or_default();
        let found = found.strip_prefix("syntax error: ").unwrap_or(found);
        let at = first.as_ref().and_then(|found| found.locations.first());
        let at = at.map_or(Pos { line: 1, column: 1 }, |at| Pos { line: at.line, column: at.column });
        let message = format!("The document is not GraphQL at line {}, column {}: {found}.", at.line, at.column);
        RequestError::syntax(message, at)
    })?;
    let document = Reader { places }.document(&ast)?;
    if written::tokens(&ast, &text) != scanned.tokens {
        return Err(misread(&text));
    }
    Ok(Parsed { ast, document })
}

/// The text with blanks where descriptions stood.
fn without<'a>(text: &'a str, descriptions: &[Range<usize>]) -> Cow<'a, str> {
    let mut text = Cow::Borrowed(text);
    for place in descriptions {
        text.to_mut().replace_range(place.clone(), &" ".repeat(place.len()));
    }
    text
}

/// The parser passes over an argument that has no value and the like. Another one, which does not, says where.
fn misread(text: &str) -> RequestError {
    let at = async_graphql::parser::parse_query(text).err().and_then(|error| error.positions().next());
    match at {
        Some(at) => {
            let message = format!("The document is not GraphQL at line {}, column {}.", at.line, at.column);
            RequestError::syntax(message, at)
        }
        None => {
            RequestError::syntax("The document holds something that belongs to nothing.", Pos { line: 1, column: 1 })
        }
    }
}

type Read<T> = Result<T, RequestError>;

struct Reader<'a> {
    places: Places<'a>,
}

impl Reader<'_> {
    fn pos(&self, span: Option<SourceSpan>) -> Pos {
        span.map_or_else(Pos::default, |span| self.places.at(span.offset()))
    }

    fn name(&self, word: &Word) -> Positioned<Name> {
        Positioned::new(Name::new(word), self.pos(word.location()))
    }

    fn document(&self, ast: &ast::Document) -> Read<ExecutableDocument> {
        let mut anonymous = None;
        let mut named = HashMap::new();
        let mut fragments = HashMap::new();
        for definition in &ast.definitions {
            match definition {
                Definition::OperationDefinition(node) => {
                    let operation = Positioned::new(self.operation(node)?, self.pos(node.location()));
                    let at = operation.pos;
                    let free = match &node.name {
                        Some(name) => anonymous.is_none() && named.insert(Name::new(name), operation).is_none(),
                        None => named.is_empty() && anonymous.replace(operation).is_none(),
                    };
                    if !free {
                        let message = "An operation stands alone, or each has a name of its own.";
                        return Err(RequestError::invalid(message).at(at));
                    }
                }
                Definition::FragmentDefinition(node) => {
                    let at = self.pos(node.location());
                    let fragment = Positioned::new(self.fragment(node)?, at);
                    if fragments.insert(Name::new(&node.name), fragment).is_some() {
                        let message = format!("Fragment \"{}\" is there twice.", node.name);
                        return Err(RequestError::invalid(message).at(at));
                    }
                }
                other => {
                    let message = "A document to run has operations and fragments, and defines no types.";
                    return Err(RequestError::invalid(message).at(self.pos(other.location())));
                }
            }
        }
        match (anonymous, named.is_empty()) {
            (Some(only), _) => Ok(ExecutableDocument { operations: DocumentOperations::Single(only), fragments }),
            (None, false) => Ok(ExecutableDocument { operations: DocumentOperations::Multiple(named), fragments }),
            (None, true) => Err(RequestError::invalid("The document has no operation.")),
        }
    }

    fn operation(&self, node: &Node<ast::OperationDefinition>) -> Read<OperationDefinition> {
        let ty = match node.operation_type {
            ast::OperationType::Query => OperationType::Query,
            ast::OperationType::Mutation => OperationType::Mutation,
            ast::OperationType::Subscription => OperationType::Subscription,
        };
        Ok(OperationDefinition {
            ty,
            variable_definitions: node.variables.iter().map(|variable| self.variable(variable)).collect::<Read<_>>()?,
            directives: self.directives(&node.directives)?,
            selection_set: self.set(&node.selection_set, self.pos(node.location()))?,
        })
    }

    fn variable(&self, node: &Node<ast::VariableDefinition>) -> Read<Positioned<VariableDefinition>> {
        let default_value = node.default_value.as_ref().map(|value| self.constant(value)).transpose()?;
        let variable = VariableDefinition {
            name: self.name(&node.name),
            var_type: Positioned::new(ty(&node.ty), self.pos(node.ty.location())),
            directives: self.directives(&node.directives)?,
            default_value,
        };
        Ok(Positioned::new(variable, self.pos(node.location())))
    }

    fn fragment(&self, node: &Node<ast::FragmentDefinition>) -> Read<FragmentDefinition> {
        Ok(FragmentDefinition {
            type_condition: self.condition(&node.type_condition),
            directives: self.directives(&node.directives)?,
            selection_set: self.set(&node.selection_set, self.pos(node.location()))?,
        })
    }

    fn condition(&self, on: &Word) -> Positioned<TypeCondition> {
        let on = self.name(on);
        Positioned::new(TypeCondition { on: on.clone() }, on.pos)
    }

    fn set(&self, selections: &[ast::Selection], at: Pos) -> Read<Positioned<SelectionSet>> {
        let items = selections.iter().map(|selection| self.selection(selection)).collect::<Read<_>>()?;
        Ok(Positioned::new(SelectionSet { items }, at))
    }

    fn selection(&self, selection: &ast::Selection) -> Read<Positioned<Selection>> {
        let at = self.pos(selection.location());
        let selection = match selection {
            ast::Selection::Field(node) => Selection::Field(Positioned::new(self.field(node, at)?, at)),
            ast::Selection::FragmentSpread(node) => {
                let directives = self.directives(&node.directives)?;
                let spread = FragmentSpread { fragment_name: self.name(&node.fragment_name), directives };
                Selection::FragmentSpread(Positioned::new(spread, at))
            }
            ast::Selection::InlineFragment(node) => {
                let inline = InlineFragment {
                    type_condition: node.type_condition.as_ref().map(|on| self.condition(on)),
                    directives: self.directives(&node.directives)?,
                    selection_set: self.set(&node.selection_set, at)?,
                };
                Selection::InlineFragment(Positioned::new(inline, at))
            }
        };
        Ok(Positioned::new(selection, at))
    }

    fn field(&self, node: &Node<ast::Field>, at: Pos) -> Read<Field> {
        Ok(Field {
            alias: node.alias.as_ref().map(|alias| self.name(alias)),
            name: self.name(&node.name),
            arguments: self.arguments(&node.arguments)?,
            directives: self.directives(&node.directives)?,
            selection_set: self.set(&node.selection_set, at)?,
        })
    }

    fn directives(&self, directives: &[Node<ast::Directive>]) -> Read<Vec<Positioned<Directive>>> {
        let directive = |node: &Node<ast::Directive>| {
            let directive = Directive { name: self.name(&node.name), arguments: self.arguments(&node.arguments)? };
            Ok(Positioned::new(directive, self.pos(node.location())))
        };
        directives.iter().map(directive).collect()
    }

    fn arguments(&self, arguments: &[Node<ast::Argument>]) -> Read<Vec<(Positioned<Name>, Positioned<Value>)>> {
        let argument = |node: &Node<ast::Argument>| {
            let at = self.pos(node.value.location());
            Ok((self.name(&node.name), Positioned::new(self.value(&node.value)?, at)))
        };
        arguments.iter().map(argument).collect()
    }

    fn value(&self, node: &Node<ast::Value>) -> Read<Value> {
        Ok(match &**node {
            ast::Value::Null => Value::Null,
            ast::Value::Enum(word) => Value::Enum(Name::new(word)),
            ast::Value::Variable(word) => Value::Variable(Name::new(word)),
            ast::Value::String(text) => Value::String(text.clone()),
            ast::Value::Int(number) => self.number(number.as_str(), node)?,
            ast::Value::Float(number) => self.number(number.as_str(), node)?,
            ast::Value::Boolean(flag) => Value::Boolean(*flag),
            ast::Value::List(items) => Value::List(items.iter().map(|item| self.value(item)).collect::<Read<_>>()?),
            ast::Value::Object(fields) => {
                let mut object = IndexMap::with_capacity(fields.len());
                for (name, value) in fields {
                    if object.insert(Name::new(name), self.value(value)?).is_some() {
                        let message = format!("The field \"{name}\" is given twice.");
                        return Err(RequestError::invalid(message).at(self.pos(name.location())));
                    }
                }
                Value::Object(object)
            }
        })
    }

    fn number(&self, digits: &str, node: &Node<ast::Value>) -> Read<Value> {
        let number = digits.parse().map(Value::Number);
        number.map_err(|_| RequestError::invalid("A number is beyond all bounds.").at(self.pos(node.location())))
    }

    fn constant(&self, node: &Node<ast::Value>) -> Read<Positioned<ConstValue>> {
        let at = self.pos(node.location());
        let value = self.value(node)?.into_const();
        let value = value.ok_or_else(|| RequestError::invalid("A default holds no variable.").at(at))?;
        Ok(Positioned::new(value, at))
    }
}

/// A type as the engine has it.
pub(super) fn ty(node: &ast::Type) -> Type {
    let (base, nullable) = match node {
        ast::Type::Named(name) => (BaseType::Named(Name::new(name)), true),
        ast::Type::NonNullNamed(name) => (BaseType::Named(Name::new(name)), false),
        ast::Type::List(item) => (BaseType::List(Box::new(ty(item))), true),
        ast::Type::NonNullList(item) => (BaseType::List(Box::new(ty(item))), false),
    };
    Type { base, nullable }
}
