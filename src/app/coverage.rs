//! Answering whether something is covered, for many questions with a constant number of statements.

use std::collections::{BTreeSet, HashMap};

use remit_domain::{
    Duration, Timestamp,
    coverage::{
        AskedService, Decision, ObligationStates, Question, Reason, ReasonCode, decide_coverage, most_favourable,
    },
    lifecycle::Life,
    terms::Sections,
    text::Code,
    words::{AgreementStatus, ComponentClass, Delivery, FailureScenario, Priority},
};

use super::{App, Catalogue, Session, billing::StandingHours, life};
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
    versions: HashMap<Uuid, Vec<TermsRecord>>,
    lives: HashMap<Uuid, Life>,
    states: HashMap<Uuid, ObligationStates>,
    catalogue: Catalogue,
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
        let (mut agreements, mut clients) = (Vec::new(), Vec::new());
        for question in questions {
            match &question.by {
                AskedAgreement::Agreement(handle) => agreements.push(handle.clone()),
                AskedAgreement::Client(handle) => clients.push(handle.clone()),
            }
        }
        let services: Vec<Handle> = questions.iter().filter_map(|question| question.service.clone()).collect();
        let scope = &session.scope;
        let agreements = self.store.find_agreements(scope, &agreements).await?;
        let clients = self.store.find_clients(scope, &clients).await?;
        let services = self.store.find_services(scope, &services).await?;
        let asked: Vec<Uuid> = clients.values().map(|client| client.id).collect();
        let of_clients = self.store.agreements_of_clients(scope, &asked).await?;
        let ids: Vec<Uuid> = agreements.values().chain(&of_clients).map(|agreement| agreement.id).collect();
        let mut versions: HashMap<Uuid, Vec<TermsRecord>> = HashMap::new();
        for terms in self.store.versions(scope, &ids).await? {
            versions.entry(terms.agreement_id).or_default().push(terms);
        }
        let lives = self.lives(session, agreements.values().chain(&of_clients), &versions).await?;
        let decisive: HashMap<Uuid, &TermsRecord> =
            decisive_at(questions, &versions, &lives).map(|(terms, _)| (terms.id, terms)).collect();
        let gating = decisive.values().filter(|terms| !terms.sections.obligations.is_empty());
        let states = self.states(session, gating.map(|terms| terms.agreement_id)).await?;
        let sections: Vec<&Sections> = decisive.values().map(|terms| &*terms.sections).collect();
        let catalogue = self.catalogue(session, &sections).await?;
        // Only terms with included hours, and agreements with blocks of them, have a pool to look at.
        let pooled = decisive_at(questions, &versions, &lives).filter(|(terms, _)| has_hours(terms));
        let pooled: Vec<(Uuid, Timestamp)> = pooled.map(|(terms, at)| (terms.agreement_id, at)).collect();
        let hours = self.standing_hours(session, &pooled).await?;
        Ok(Known { agreements, clients, of_clients, services, versions, lives, states, catalogue, hours })
    }

    /// Each agreement on the line of time.
    pub(super) async fn lives(
        &self,
        session: &Session,
        agreements: impl Iterator<Item = &AgreementRecord>,
        versions: &HashMap<Uuid, Vec<TermsRecord>>,
    ) -> Result<HashMap<Uuid, Life>, StoreError> {
        let accepted = |agreement: &&AgreementRecord| agreement.standing.accepted_version.is_some();
        let agreements: HashMap<Uuid, &AgreementRecord> =
            agreements.filter(accepted).map(|agreement| (agreement.id, agreement)).collect();
        let ids: Vec<Uuid> = agreements.keys().copied().collect();
        let suspensions = self.store.suspensions(&session.scope, &ids).await?;
        let one = |(id, agreement): (Uuid, &AgreementRecord)| {
            let suspensions = suspensions.iter().filter(|suspension| suspension.agreement_id == id);
            (id, life(agreement, versions.get(&id).into_iter().flatten(), suspensions))
        };
        Ok(agreements.into_iter().map(one).collect())
    }

    /// How the obligations of some agreements stand.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    async fn states(
        &self,
        session: &Session,
        agreements: impl Iterator<Item = Uuid>,
    ) -> Result<HashMap<Uuid, ObligationStates>, StoreError> {
        let agreements: BTreeSet<Uuid> = agreements.collect();
        let agreements: Vec<Uuid> = agreements.into_iter().collect();
        let mut states: HashMap<Uuid, ObligationStates> = HashMap::new();
        for status in self.store.statuses(&session.scope, &agreements).await? {
            if let Ok(code) = status.code.parse::<Code>() {
                states.entry(status.agreement_id).or_default().entry(code).or_default().push(status.change);
            }
        }
        Ok(states)
    }
}

/// The versions that decide questions, with the instants that they are asked for.
fn decisive_at<'a>(
    questions: &'a [CoverageRequest],
    versions: &'a HashMap<Uuid, Vec<TermsRecord>>,
    lives: &'a HashMap<Uuid, Life>,
) -> impl Iterator<Item = (&'a TermsRecord, Timestamp)> {
    let each = questions.iter().flat_map(move |question| versions.iter().map(move |of| (of, question.at)));
    each.filter_map(|((agreement, versions), at)| Some((terms_at(versions, lives.get(agreement)?, at)?, at)))
}

/// Whether work under these terms can draw hours.
fn has_hours(terms: &TermsRecord) -> bool {
    terms.sections.extra_hours.as_ref().is_some_and(|policy| policy.included.is_some())
}

/// The version in force at an instant.
pub(super) fn terms_at<'a>(versions: &'a [TermsRecord], life: &Life, at: Timestamp) -> Option<&'a TermsRecord> {
    let number = life.in_force(at)?.number;
    versions.iter().find(|terms| terms.version.number == number)
}

impl Known {
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
        let versions = self.versions.get(&agreement.id).map_or(&[][..], Vec::as_slice);
        let life = self.lives.get(&agreement.id);
        let found = life.and_then(|life| terms_at(versions, life, asked.at));
        let agreed = found.and_then(|terms| Some((terms, self.catalogue.agree(&terms.sections, agreement.currency)?)));
        let Some((terms, agreed)) = agreed else {
            let suspended = life.is_some_and(|life| life.status(asked.at) == AgreementStatus::Suspended);
            let why = if suspended { ": it is suspended" } else { "" };
            let text = format!("No terms of agreement {} are in force at {}{why}.", agreement.number, asked.at);
            return nothing(ReasonCode::NotInForce, text);
        };
        let unsaid = ObligationStates::new();
        let states = self.states.get(&agreement.id).unwrap_or(&unsaid);
        let left = if has_hours(terms) { self.hours.left(agreement.id, asked.at) } else { None };
        let (question, pool) = (self.question(asked), left.as_ref().map(|(pool, _)| pool));
        let decision = decide_coverage(&agreed, terms.version.number, states, pool, &question);
        Answer { decision, terms: Some(terms.clone()) }
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
