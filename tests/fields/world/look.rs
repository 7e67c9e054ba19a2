//! What can be seen of a world.

use reqwest::{Method, header::CONTENT_TYPE};
use serde_json::{Value, json};

use super::World;
use crate::{
    support::{claims, receiver::Received},
    webhooks::send_all,
};

/// A look at a world.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::fields) enum Look {
    /// What is decided, without its texts.
    Decision(Value),
    /// What is decided for another question in the second world.
    Question(Value, Value),
    /// What readiness finds.
    Findings,
    /// The document.
    Document,
    /// The agreement on the line of time.
    Life,
    /// What is refused on the way.
    Refusal,
    /// What a query answers.
    Query(&'static str),
    /// What a query answers with other variables in the second world.
    Variables(&'static str, Value, Value),
    /// What an export holds that is asked for in another way in the second world.
    Export(Value, Value),
    /// What arrived by webhooks.
    Sent,
    /// What a token allows that an API client gets for the secret that was LEARNT.
    Token,
    /// Whether the token is still taken by which the world was made.
    Welcome,
}

const LIFE: &str = "status currentTerm { endsOn renewal decideBy nextEndsOn } suspensions { from until reason } termination { on reason } renewals { decision endsOn saidBy reason }
    then: termsAt(at: \"2026-11-23T12:00:00Z\") { version } later: termsAt(at: \"2027-06-01T12:00:00Z\") { version }
    versions { status withdrawal { reason } obligations { state history { state since until evidence status rejection } } }";
const DECISION: &str = "query ($input: CoverageInput!) { coverage(input: $input) { verdict responsible costs { item party } liable unmetObligations { code }
    hoursClass offered chargeable hourlyRate { amount currency } nextOpening nextUpdateDue escalations { due } deadlines { milestone due }
    estimate { amount { amount } segments { from to hoursClass treatment included charged hourlyRate { amount } amount { amount } } } reasons { code clause } } }";
const EXPORT: &str = "query ($input: BulkExportInput!) { bulkExport(input: $input) { url pageCost } }";

impl World<'_> {
    pub(super) async fn see(&self, look: &Look, second: bool) -> Value {
        let of = |first: &Value, other: &Value| if second { other.clone() } else { first.clone() };
        match look {
            Look::Decision(question) => self.decide(question).await,
            Look::Question(first, other) => self.decide(&of(first, other)).await,
            Look::Findings => self.agreement("versions { readiness { findings { code path } } }").await,
            Look::Document => self.agreement("versions { document }").await,
            Look::Life => self.agreement(LIFE).await,
            Look::Refusal => json!(self.refused),
            Look::Query(query) => self.admin.ask(&self.told(query)).await,
            Look::Variables(query, first, other) => {
                self.admin.ask_with(&self.told(query), self.named(&of(first, other))).await
            }
            Look::Export(first, other) => self.export(&of(first, other)).await,
            Look::Sent => self.sent().await,
            Look::Token => self.token().await,
            Look::Welcome => json!(self.admin.send("{ viewer { subject } }", json!({})).await.get("errors").is_none()),
        }
    }

    async fn agreement(&self, selection: &str) -> Value {
        let query = format!("query ($n: String!) {{ agreement(by: {{code: $n}}) {{ {selection} }} }}");
        self.admin.ask_with(&query, json!({"n": self.number})).await
    }

    /// What is decided, but for what is only said.
    async fn decide(&self, question: &Value) -> Value {
        let mut input = json!({"service": {"code": "HELPDESK"}, "priority": "P1", "role": "engineer", "caller": "A. Person", "at": "2026-11-23T15:00:00Z"});
        input.as_object_mut().unwrap().extend(question.as_object().unwrap().clone());
        let given = input.as_object_mut().unwrap();
        if !given.contains_key("agreement") && !given.contains_key("client") {
            given.insert("agreement".into(), json!({"code": self.number}));
        }
        self.admin.ask_with(DECISION, json!({"input": input})).await
    }

    /// What is in an export, and what a page of it costs.
    async fn export(&self, input: &Value) -> Value {
        let answer = self.admin.ask_with(EXPORT, json!({"input": input})).await;
        let asked = &answer["bulkExport"];
        let response = self.admin.request(Method::GET, asked["url"].as_str().unwrap()).send().await.unwrap();
        let text = response.text().await.unwrap();
        let node = |line: &str| serde_json::from_str::<Value>(line).unwrap()["node"].take();
        json!([asked["pageCost"], text.lines().map(node).collect::<Vec<_>>()])
    }

    /// Where messages came to, of which type they are, what they hold and what signed them; not what only this world is
    /// called.
    async fn sent(&self) -> Value {
        send_all(self.remit, &self.provider).await;
        let said = |message: Received| {
            let data: Vec<&String> = message.body["data"].as_object().unwrap().keys().collect();
            let signatures = message.signatures.split(' ').filter_map(|signature| signature.split(',').next());
            let signatures: Vec<&str> = signatures.collect();
            json!([message.path, message.body["type"], data, signatures])
        };
        self.receiver.as_ref().unwrap().received().into_iter().map(said).collect()
    }

    async fn token(&self) -> Value {
        let (id, secret) = (format!("{}.{}", self.provider, self.number), &self.learnt);
        let form = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}");
        let request = self.remit.request(Method::POST, "/oauth/token").body(form);
        let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        let answer: Value = request.send().await.unwrap().json().await.unwrap();
        let Some(token) = answer["access_token"].as_str() else { return answer["error"].clone() };
        let claims = claims(token);
        json!([claims["scope"], claims["client"], answer["expires_in"]])
    }
}
