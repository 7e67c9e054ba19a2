//! What webhooks send: a selection on a change, read with the webhook's own scopes.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use async_graphql::parser::types::{DocumentOperations, ExecutableDocument, Selection, SelectionSet};
use async_graphql::{Context, EmptyMutation, EmptySubscription, Object, Response, Result, Schema};
use serde_json::{Value, json};

use super::{
    context::Serving,
    costs, errors,
    nodes::Node,
    paging::changes_cursor,
    request::{DocumentRules, Documents, GraphqlRequest, Limits, OperationKind, Prepared, selection},
    scalars,
    scopes::{self, Roots, Rule, ScopeGuard},
    serve::{Ran, Reached, run},
    types::ChangeNode,
};
use crate::{
    app::{App, Session},
    auth::ScopeSet,
    store::{ChangeRecord, Delivered, DeliveryRecord, WebhookRecord},
};

/// What is sent of a change where nothing else is selected.
const PLAIN: &str = "{ type kind event subjectId agreementId clientId at }";
/// What is said of a text that asks for something else, or for more.
const NO_SELECTION: &str = "A selection is written in braces, such as { event subjectId }, without named fragments.";
/// The most that is said of one selection: its author mends these first.
const PROBLEMS_MAX: usize = 20;
/// The longest message, in bytes.
const MESSAGE_MAX: usize = 1024 * 1024;

/// What is said of a fault.
const FAULT: &str = "the message could not be made: something went wrong on the server";

/// The root of what is sent.
struct Payload;

/// What is sent.
#[Object(name = "WebhookPayload")]
impl Payload {
    /// What happened.
    async fn change(&self, ctx: &Context<'_>) -> Result<Option<ChangeNode>> {
        Ok(ChangeNode::all(vec![ctx.data::<ChangeRecord>()?.clone()]).next())
    }
}

type PayloadSchema = Schema<Payload, EmptyMutation, EmptySubscription>;

/// Selections on changes: held to the schema, and executed.
pub(super) struct Payloads {
    limits: Limits,
    /// How long a selection may take.
    deadline: Duration,
    /// Made when it is asked for: it takes as long and as much memory as what requests are held to, and many servers have no
    /// webhooks.
    made: OnceLock<Result<Made, String>>,
}

/// What selections are held to, and run on.
struct Made {
    schema: PayloadSchema,
    documents: Documents,
}

/// What a selection comes to.
struct Selected {
    /// What was selected; none: nothing could be read.
    data: Option<String>,
    errors: Vec<Value>,
}

impl Made {
    /// # Errors
    /// The schema's own text cannot be read back.
    fn new(limits: Limits) -> Result<Self, String> {
        let schema = Schema::build(Payload, EmptyMutation, EmptySubscription)
            .register_output_type::<Node>()
            .extension(ScopeGuard)
            .finish();
        let rules = DocumentRules { limits, ..DocumentRules::default() };
        let documents = Documents::new(&costs::published(&schema.sdl()), &scalars::checks(), rules)?;
        Ok(Self { schema, documents })
    }

    fn prepared(&self, selection: &str) -> Result<Prepared, Vec<String>> {
        let query = format!("query {{ change {selection} }}");
        let request = GraphqlRequest { query, ..GraphqlRequest::default() };
        let prepared = self
            .documents
            .prepare(&request)
            .map_err(|errors| errors.into_iter().map(|error| error.message).collect::<Vec<_>>())?;
        if prepared.kind != OperationKind::Query || below_change(&prepared.document).is_none() {
            return Err(vec![NO_SELECTION.to_owned()]);
        }
        let (cost, most) = (prepared.price.requested(), self.documents.limits().cost);
        if cost > most {
            return Err(vec![format!("The selection may cost {cost}, and the most is {most}. Ask for smaller pages.")]);
        }
        Ok(prepared)
    }
}

impl Payloads {
    pub(super) fn new(limits: Limits, deadline: Duration) -> Self {
        Self { limits, deadline, made: OnceLock::new() }
    }

    fn made(&self) -> Result<&Made, String> {
        self.made.get_or_init(|| Made::new(self.limits)).as_ref().map_err(String::clone)
    }

    /// Why a selection does not fit the schema, or asks for what the scopes do not reach; empty: it fits.
    pub(super) fn problems(&self, selection: &str, scopes: ScopeSet) -> Vec<String> {
        let made = match self.made() {
            Ok(made) => made,
            Err(problem) => return vec![problem],
        };
        let prepared = match made.prepared(selection) {
            Ok(prepared) => prepared,
            Err(problems) => return problems,
        };
        let Some(selected) = below_change(&prepared.document) else { return vec![NO_SELECTION.to_owned()] };
        let mut unreached = Vec::new();
        selection::walk(made.documents.shapes(), "Change", selected, &mut |parent, field| {
            let problem = match scopes::rule(parent, field) {
                Some(Rule::Open) => return,
                Some(Rule::Needs(scope) | Rule::Staff(scope)) if scopes.contains(scope) => return,
                Some(Rule::Needs(scope) | Rule::Staff(scope)) => format!("{parent}.{field} needs the scope {scope}."),
                None => format!("{parent}.{field} may be seen by nobody."),
            };
            if !unreached.contains(&problem) {
                unreached.push(problem);
            }
        });
        unreached.truncate(PROBLEMS_MAX);
        unreached
    }

    /// The same of what a webhook selects, with its own scopes.
    pub(super) fn problems_of(&self, webhook: &WebhookRecord) -> Vec<String> {
        let scopes = ScopeSet::from_claim(&webhook.scopes);
        webhook.selection.as_deref().map(|selection| self.problems(selection, scopes)).unwrap_or_default()
    }

    /// The message that tells of a delivery: its body, to the byte.
    ///
    /// # Errors
    /// Why it could not be made, which is the server's fault.
    pub(super) async fn message(
        &self,
        app: &Arc<App>,
        session: Session,
        webhook: &WebhookRecord,
        delivery: &DeliveryRecord,
    ) -> Result<String, String> {
        let (kind, at) = (json!(delivery.event), json!(delivery.at.to_string()));
        let Delivered::Change(change) = &delivery.what else {
            let text = "Changes were not taken up in time and are no longer kept. Read everything anew.";
            return Ok(format!("{{\"type\":{kind},\"timestamp\":{at},\"data\":{}}}", json!({"message": text})));
        };
        let serving = Serving { app: Arc::clone(app), session };
        let mut selected = match &webhook.selection {
            Some(selection) => self.select(&serving, change, selection).await?,
            None => Selected { data: None, errors: Vec::new() },
        };
        if selected.data.as_ref().is_some_and(|data| data.len() > MESSAGE_MAX) {
            let text = format!("The selection gives more than {MESSAGE_MAX} bytes.");
            selected = Selected { data: None, errors: vec![json!({"message": text})] };
        }
        let data = match selected.data {
            Some(data) => data,
            None => self.select(&serving, change, PLAIN).await?.data.ok_or("the message could not be made")?,
        };
        let cursor = json!(changes_cursor(change.place));
        let errors = match selected.errors.is_empty() {
            true => String::new(),
            false => format!(",\"errors\":{}", Value::Array(selected.errors)),
        };
        Ok(format!("{{\"type\":{kind},\"timestamp\":{at},\"cursor\":{cursor},\"data\":{data}{errors}}}"))
    }

    async fn select(&self, serving: &Serving, change: &ChangeRecord, selection: &str) -> Result<Selected, String> {
        let made = self.made()?;
        let prepared = match made.prepared(selection) {
            Ok(prepared) => prepared,
            Err(problems) => {
                let errors = problems.into_iter().map(|problem| json!({"message": problem})).collect();
                return Ok(Selected { data: None, errors });
            }
        };
        let (reached, outline) = (Reached::default(), Arc::clone(&prepared.outline));
        let roots = Roots { fields: Arc::clone(&prepared.roots), is_mutation: false };
        let request =
            prepared.into_request().data(serving.clone()).data(roots).data(reached.clone()).data(change.clone());
        let schema = made.schema.clone();
        let work = Box::pin(async move { schema.execute(request).await });
        match run((work, reached), false, (), self.deadline).await {
            Ran::Done(mut response) => {
                outline.complete(&mut response);
                read(*response)
            }
            Ran::Panicked => Err(FAULT.to_owned()),
            Ran::Late { .. } => Err("the message could not be made: its selection took too long".to_owned()),
        }
    }
}

/// What is selected of the change; none: the document asks for something else too.
fn below_change(document: &ExecutableDocument) -> Option<&SelectionSet> {
    let DocumentOperations::Single(operation) = &document.operations else { return None };
    let [root] = operation.node.selection_set.node.items.as_slice() else { return None };
    match &root.node {
        Selection::Field(field) if document.fragments.is_empty() => Some(&field.node.selection_set.node),
        _ => None,
    }
}

/// What an answer holds.
///
/// # Errors
/// What is the server's fault is not for the receiver: it is tried again.
fn read(mut response: Response) -> Result<Selected, String> {
    response.errors.iter_mut().for_each(errors::settle);
    let mut errors = Vec::with_capacity(response.errors.len());
    for error in &response.errors {
        let mut error = json!(error);
        let code = error["extensions"]["code"].as_str().unwrap_or_default();
        if matches!(code, "INTERNAL" | "UNAVAILABLE") {
            return Err(FAULT.to_owned());
        }
        // Where in the document is no matter: its author wrote a part of it only.
        if let Some(members) = error.as_object_mut() {
            members.remove("locations");
        }
        if let Some(path) = error["path"].as_array_mut() {
            path.drain(..path.len().min(1));
        }
        errors.push(error);
    }
    let data = match response.data {
        async_graphql::Value::Object(mut root) => root.swap_remove("change"),
        _ => None,
    };
    let data = data.filter(|data| *data != async_graphql::Value::Null);
    Ok(Selected { data: data.and_then(|data| serde_json::to_string(&data).ok()), errors })
}
