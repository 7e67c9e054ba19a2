//! Where agreements are read from and written to: a database, or a throw-away one.

use std::{collections::BTreeSet, sync::Arc};

use remit_domain::Timestamp;
use serde_json::{Map, Value};
use toml::Table;

use super::{AgreementFile, FileError, file::CATALOGUE};
use crate::{
    app::{App, Session},
    auth::{Caller, ProviderCode},
    demo::Folder,
    graphql::{
        Api, Taken,
        request::{GraphqlRequest, Named},
    },
    store::Store,
};

/// One provider's objects in a database, through the API.
#[derive(Clone)]
pub struct Source {
    pub(super) api: Api,
    session: Session,
    /// Keeps a throw-away database's folder.
    _folder: Option<Arc<Folder>>,
}

impl Source {
    /// The objects of a provider in a store, for the operator.
    ///
    /// # Errors
    /// [`FileError`] when the database does not answer.
    pub async fn new(store: Store, provider: ProviderCode, now: Timestamp) -> Result<Self, FileError> {
        let api = Api::new(App::new(store))?;
        let session = api.app().session(Caller::operator(provider, now.as_second()), now).await?;
        Ok(Self { api, session, _folder: None })
    }

    /// A database that is gone with the value.
    pub(super) async fn scratch(provider: ProviderCode, now: Timestamp) -> Result<Self, FileError> {
        let folder = Folder::new()?;
        let store = Store::open(&format!("sqlite://{}", folder.path().join("scratch.db").display())).await?;
        store.migrate().await?;
        Ok(Self { _folder: Some(Arc::new(folder)), ..Self::new(store, provider, now).await? })
    }

    /// The same objects in a transaction of its own: what is written there is undone once the value is gone.
    pub(super) async fn trial(&self) -> Result<Self, FileError> {
        let store = self.api.app().store().trial(&self.session.scope, self.session.now).await?;
        Self::new(store, self.provider().clone(), self.now()).await
    }

    pub(super) fn provider(&self) -> &ProviderCode {
        self.session.caller.provider()
    }

    pub(super) fn now(&self) -> Timestamp {
        self.session.now
    }

    /// Asks the API; what it refuses as a whole is refused line by line.
    pub(super) async fn ask(&self, query: String, variables: Map<String, Value>) -> Result<Value, FileError> {
        let request = GraphqlRequest { query, variables, ..GraphqlRequest::default() };
        let reply = self.api.answer(self.session.clone(), &request, Taken::All).await;
        let mut answer: Value = serde_json::from_str(&reply.body).unwrap_or_default();
        match answer["errors"].take() {
            Value::Array(errors) if !errors.is_empty() => Err(FileError::Refused(errors.iter().map(fault).collect())),
            _ => Ok(answer["data"].take()),
        }
    }

    /// Calls a mutation; its refusals are lines.
    ///
    /// - `at`: where in the file the input stands.
    pub(super) async fn put(&self, at: &str, mutation: &str, input: Map<String, Value>) -> Result<(), FileError> {
        let document = format!(
            "mutation ($input: {}) {{ {mutation}(input: $input) {{ errors {{ code message path }} }} }}",
            input_of(mutation)
        );
        let variables = Map::from_iter([("input".to_owned(), Value::Object(input))]);
        let answer = match self.ask(document, variables).await {
            Err(FileError::Refused(lines)) => {
                return Err(FileError::Refused(lines.into_iter().map(|line| placed(at, &line)).collect()));
            }
            other => other?,
        };
        let refused: Vec<String> = answer[mutation]["errors"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|error| placed(at, &refusal(error)))
            .collect();
        if refused.is_empty() { Ok(()) } else { Err(FileError::Refused(refused)) }
    }

    /// An object of the catalogue as a file says it; none where there is no such thing.
    pub(super) async fn find(&self, named: &Named) -> Result<Option<Table>, FileError> {
        let Some((_, mutation, root)) = CATALOGUE.iter().find(|(.., root)| *root == named.root) else {
            return Ok(None);
        };
        let input = input_name(mutation);
        let selection = self.api.shapes().selection(&input, &[]);
        let query = format!("query ($code: String!) {{ {root}(by: {{code: $code}}) {{ {selection} }} }}");
        let variables = Map::from_iter([("code".to_owned(), Value::from(named.code.as_str()))]);
        let answer = self.ask(query, variables).await?;
        Ok((!answer[*root].is_null()).then(|| self.api.shapes().to_file(&input, &answer[*root])))
    }

    /// Everything of the catalogue that a file names and does not bring along, with what that names in turn.
    pub(super) async fn catalogue_for(&self, file: &AgreementFile) -> Result<Table, FileError> {
        let shapes = self.api.shapes();
        let mut wanted: BTreeSet<Named> =
            file.terms.iter().flat_map(|terms| shapes.named("DraftTermsInput", terms)).collect();
        wanted.extend(shapes.named("CreateAgreementInput", &file.head));
        for (list, mutation, _) in CATALOGUE {
            file.brought(list).for_each(|item| wanted.extend(shapes.named(&input_name(mutation), item)));
        }
        let mut catalogue = Table::new();
        let mut known: BTreeSet<Named> = BTreeSet::new();
        while let Some(named) = wanted.pop_first() {
            let Some((list, mutation, _)) = CATALOGUE.iter().find(|(.., root)| *root == named.root) else { continue };
            let brought =
                file.brought(list).any(|item| item.get("code").and_then(toml::Value::as_str) == Some(&*named.code));
            if brought || !known.insert(named.clone()) {
                continue;
            }
            if let Some(found) = self.find(&named).await? {
                wanted.extend(shapes.named(&input_name(mutation), &found));
                let items = catalogue.entry(*list).or_insert_with(|| toml::Value::Array(Vec::new()));
                items.as_array_mut().into_iter().for_each(|items| items.push(toml::Value::Table(found.clone())));
            }
        }
        Ok(catalogue)
    }
}

/// The input's name: of `putService`, `PutServiceInput`.
pub(super) fn input_name(mutation: &str) -> String {
    let first = mutation.chars().next().unwrap_or_default().to_ascii_uppercase();
    format!("{first}{}Input", mutation.get(1..).unwrap_or_default())
}

fn input_of(mutation: &str) -> String {
    format!("{}!", input_name(mutation))
}

/// An error of the request, as a line: where in the input, and what.
fn fault(error: &Value) -> String {
    let path: Vec<&str> =
        error["extensions"]["inputPath"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let path = path.strip_prefix(&["input"]).unwrap_or(&path).join(".");
    let message = error["message"].as_str().unwrap_or("refused");
    if path.is_empty() { message.to_owned() } else { format!("{path}: {message}") }
}

/// A refusal as a line.
fn refusal(error: &Value) -> String {
    let path: Vec<&str> = error["path"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let path = path.strip_prefix(&["input"]).unwrap_or(&path).join(".");
    let (code, message) = (error["code"].as_str().unwrap_or_default(), error["message"].as_str().unwrap_or_default());
    format!("{path}: {message} ({code})")
}

fn placed(at: &str, line: &str) -> String {
    if at.is_empty() { line.to_owned() } else { format!("{at}.{line}") }
}
