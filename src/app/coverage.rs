//! Answering whether something is covered, for many questions with a constant number of statements.

use std::collections::{HashMap, HashSet};

use remit_domain::{
    Duration, Timestamp,
    coverage::{AskedService, Decision, Question, Reason, ReasonCode, decide_coverage, most_favourable},
    text::Code,
    words::{AgreementStatus, ComponentClass, Delivery, FailureScenario, Priority},
};

use super::{Agreed, App, InForce, Session, billing::StandingHours};
use crate::store::{AgreementRecord, ClientRecord, Handle, ServiceRecord, StoreError, TermsRecord, Uuid};

/// One question.
#[derive(Clone, Debug)]
pub struct CoverageRequest {
    /// By whose agreement it is decided.
    pub by: AskedAgreement,
    /// The service concerned.
    pub service: Option<Handle>,
    /// How urgent it is.
    pub priority: Option<Priority>,
    /// What failed.
    pub scenario: Option<FailureScenario>,
    /// What kind of thing failed.
    pub component: Option<ComponentClass>,
    /// Who works.
    pub role: Option<String>,
    /// What kind of work it is.
    pub work_kind: Option<String>,
    /// By which channel it came.
    pub channel: Option<String>,
    /// How the work reaches the client.
    pub delivery: Option<Delivery>,
    /// Who of the client's asks.
    pub caller: Option<String>,
    /// How long the work takes.
    pub work: Option<Duration>,
    /// When the work or the failure happens.
    pub at: Timestamp,
}

/// By which agreement a question is decided.
#[derive(Clone, Debug)]
pub enum AskedAgreement {
    /// By this one.
    Agreement(Handle),
    /// By the most favourable of this client's (V7).
    Client(Handle),
}

/// One answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// What was decided.
    pub decision: Decision,
    /// The terms that decided.
    pub terms: Option<TermsRecord>,
}

/// What all questions of a request need, looked up at once.
struct Known {
    agreements: HashMap<Handle, AgreementRecord>,
    clients: HashMap<Handle, ClientRecord>,
    of_clients: Vec<AgreementRecord>,
    services: HashMap<Handle, ServiceRecord>,
    agreed: Agreed,
    hours: StandingHours,
}

impl App {
    /// Decides each question by the terms in force at its instant (V1–V9).
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer; a handle that names nothing is an answer (V7).
    pub async fn coverage(&self, session: &Session, questions: &[CoverageRequest]) -> Result<Vec<Answer>, StoreError> {
        let known = self.look_up(session, questions).await?;
        Ok(questions.iter().map(|question| known.answer(question)).collect())
    }

    async fn look_up(&self, session: &Session, questions: &[CoverageRequest]) -> Result<Known, StoreError> {
        let (mut agreements, mut clients) = (HashSet::new(), HashSet::new());
        for question in questions {
            match &question.by {
                AskedAgreement::Agreement(handle) => agreements.insert(handle.clone()),
                AskedAgreement::Client(handle) => clients.insert(handle.clone()),
            };
        }
        let services: HashSet<Handle> = questions.iter().filter_map(|question| question.service.clone()).collect();
        let scope = &session.scope;
        let agreements = self.store.find_agreements(scope, &Vec::from_iter(agreements)).await?;
        let clients = self.store.find_clients(scope, &Vec::from_iter(clients)).await?;
        let services = self.services(session, services).await?;
        let asked: Vec<Uuid> = clients.values().map(|client| client.id).collect();
        let of_clients = self.store.agreements_of_clients(scope, &asked).await?;
        let (agreed, hours) = (Agreed::default(), StandingHours::default());
        let mut known = Known { agreements, clients, of_clients, services, agreed, hours };
        let concerned: Vec<AgreementRecord> = known.agreements.values().chain(&known.of_clients).cloned().collect();
        let asked: Vec<(Uuid, Timestamp)> = questions.iter().flat_map(|asked| known.concerned(asked)).collect();
        known.agreed = self.agreed(session, &concerned, &asked).await?;
        // Only terms with included hours, and agreements with blocks of them, have a pool to look at.
        let pooled = |asked: &&(Uuid, Timestamp)| {
            let bought = concerned.iter().any(|agreement| agreement.id == asked.0 && agreement.has_prepaid);
            bought || known.agreed.version_at(asked.0, asked.1).is_some_and(has_hours)
        };
        let pooled: Vec<(Uuid, Timestamp)> = asked.iter().filter(pooled).copied().collect();
        known.hours = self.standing_hours(session, &pooled, None).await?;
        Ok(known)
    }
}

/// Whether work under these terms can draw hours.
fn has_hours(terms: &TermsRecord) -> bool {
    terms.sections.extra_hours.as_ref().is_some_and(|policy| policy.included.is_some())
}

impl Known {
    /// The agreements that a question may be decided by, with its instant.
    fn concerned(&self, asked: &CoverageRequest) -> Vec<(Uuid, Timestamp)> {
        match &asked.by {
            AskedAgreement::Agreement(handle) => {
                self.agreements.get(handle).map(|agreement| (agreement.id, asked.at)).into_iter().collect()
            }
            AskedAgreement::Client(handle) => {
                let client = self.clients.get(handle).map(|client| client.id);
                let own = self.of_clients.iter().filter(|agreement| Some(agreement.client_id) == client);
                own.map(|agreement| (agreement.id, asked.at)).collect()
            }
        }
    }

    fn answer(&self, asked: &CoverageRequest) -> Answer {
        match &asked.by {
            AskedAgreement::Agreement(handle) => match self.agreements.get(handle) {
                Some(agreement) => self.by_agreement(agreement, asked),
                None => nothing(ReasonCode::AgreementUnknown, "There is no such agreement."),
            },
            AskedAgreement::Client(handle) => match self.clients.get(handle) {
                Some(client) => self.by_client(client, asked),
                None => nothing(ReasonCode::ClientUnknown, "There is no such client."),
            },
        }
    }

    /// The most favourable answer of a client's agreements, which are in the order of their numbers (V7).
    fn by_client(&self, client: &ClientRecord, asked: &CoverageRequest) -> Answer {
        let own = self.of_clients.iter().filter(|agreement| agreement.client_id == client.id);
        let mut answers: Vec<Answer> = own.map(|agreement| self.by_agreement(agreement, asked)).collect();
        let best = most_favourable(answers.iter().map(|answer| &answer.decision));
        best.map(|place| answers.swap_remove(place))
            .unwrap_or_else(|| nothing(ReasonCode::NotInForce, "The client has no agreement."))
    }

    fn by_agreement(&self, agreement: &AgreementRecord, asked: &CoverageRequest) -> Answer {
        let Some(InForce { record, terms }) = self.agreed.at(agreement.id, asked.at) else {
            let life = self.agreed.life(agreement.id);
            let suspended = life.is_some_and(|life| life.status(asked.at) == AgreementStatus::Suspended);
            let why = if suspended { ": it is suspended" } else { "" };
            let text = format!("No terms of agreement {} are in force at {}{why}.", agreement.number, asked.at);
            return nothing(ReasonCode::NotInForce, text);
        };
        let states = self.agreed.states(agreement.id);
        let drawing = has_hours(record) || agreement.has_prepaid;
        let left = if drawing { self.hours.left(agreement.id, asked.at) } else { None };
        let (question, pool) = (self.question(asked), left.as_ref().map(|(pool, _)| pool));
        let decision = decide_coverage(terms, record.version.number, states, pool, &question);
        Answer { decision, terms: Some(record.clone()) }
    }

    fn question(&self, asked: &CoverageRequest) -> Question {
        let code = |handle: &Handle| self.services.get(handle).and_then(|service| service.code.parse::<Code>().ok());
        let service = match &asked.service {
            None => AskedService::Unsaid,
            Some(handle) => code(handle).map_or(AskedService::Unknown, AskedService::Known),
        };
        Question {
            service,
            priority: asked.priority,
            scenario: asked.scenario,
            component: asked.component,
            role: asked.role.clone(),
            work_kind: asked.work_kind.clone(),
            channel: asked.channel.clone(),
            delivery: asked.delivery,
            caller: asked.caller.clone(),
            work: asked.work,
            at: asked.at,
        }
    }
}

fn nothing(code: ReasonCode, text: impl Into<String>) -> Answer {
    Answer { decision: Decision::not_in_force(Reason::new(code, None, text)), terms: None }
}
