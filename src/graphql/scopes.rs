//! Who may see which field: one table, and the guard that holds every field to it.
//!
//! What the table does not name is refused, and a test walks the schema to find that out first. A rule on a type counts
//! for its fields unless the field has one of its own. A field that a scope does not reach is FORBIDDEN and names the scope.
//!
//! To add a type: a line in [`TYPES`]; a root field: a line in [`FIELDS`].

mod beforehand;
mod fields;

use std::{collections::HashMap, sync::Arc};

use async_graphql::{
    CacheControl, Error, PathSegment, QueryPathNode, QueryPathSegment, ServerError, ServerResult, ValidationResult,
    Value,
    extensions::{Extension, ExtensionContext, ExtensionFactory, NextResolve, NextValidation, ResolveInfo},
};

pub(crate) use beforehand::{Demands, Unguarded};
use fields::FIELDS;

use super::errors::forbidden;
use crate::{app::Session, auth::Scope};

/// What a field asks of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    /// Nothing: whoever reached the object may see it.
    Open,
    /// This scope.
    Needs(Scope),
    /// This scope, and a token that is not bound to a client.
    Staff(Scope),
}

use Rule::{Needs, Open, Staff};

/// The rules of types.
const TYPES: &[(&str, Rule)] = &[
    ("Service", Needs(Scope::CatalogueRead)),
    ("SlaTier", Needs(Scope::CatalogueRead)),
    ("ServiceCalendar", Needs(Scope::CatalogueRead)),
    ("Client", Needs(Scope::ClientsRead)),
    ("Agreement", Needs(Scope::AgreementsRead)),
    ("AgreementTerms", Needs(Scope::AgreementsRead)),
    ("Obligation", Needs(Scope::AgreementsRead)),
    ("Ticket", Needs(Scope::TicketsRead)),
    ("SlaClock", Needs(Scope::TicketsRead)),
    ("SlaClockChange", Needs(Scope::TicketsRead)),
    ("ObligationStatus", Needs(Scope::AgreementsRead)),
    ("CoverageDecision", Needs(Scope::CoverageRead)),
    ("TimeEntry", Needs(Scope::TimeRead)),
    ("Charge", Needs(Scope::ChargesRead)),
    ("BillingPeriod", Needs(Scope::ChargesRead)),
    ("Outage", Needs(Scope::TicketsRead)),
    ("BackupRun", Needs(Scope::TicketsRead)),
    ("Measurement", Needs(Scope::TicketsRead)),
    ("Change", Staff(Scope::ChangesRead)),
    ("Webhook", Staff(Scope::WebhooksWrite)),
    ("WebhookDelivery", Staff(Scope::WebhooksWrite)),
    // Between the provider and its own staff.
    ("ApiClient", Staff(Scope::TokensWrite)),
    ("Revocation", Staff(Scope::TokensWrite)),
    ("AuditEntry", Staff(Scope::AuditRead)),
    ("Viewer", Open),
    ("_Service", Open),
    // The resolver of `node` holds each object to the rule of its own type.
    ("Node", Open),
    // What is reached only through objects that have a rule.
    ("AcceptedOverpromise", Open),
    ("AgreementRenewal", Open),
    ("ApiSecret", Open),
    ("AuditActor", Open),
    ("AvailabilityCommitment", Open),
    ("AvailabilityOutcome", Open),
    ("AvailabilityWindow", Open),
    ("BackupCommitment", Open),
    ("BackupOutcome", Open),
    ("BulkExport", Open),
    ("CalendarException", Open),
    ("CheckedPromise", Open),
    ("ClockSegment", Open),
    ("CommitmentReport", Open),
    ("CostShare", Open),
    ("UpdateCadence", Open),
    ("TerminationTrigger", Open),
    ("TerminationRight", Open),
    ("TriggerMonth", Open),
    ("NamedCaller", Open),
    ("Indexation", Open),
    ("EscalationStep", Open),
    ("EscalationDue", Open),
    ("CreditTrigger", Open),
    ("CreditPolicy", Open),
    ("UnitCredit", Open),
    ("CurrentTerm", Open),
    ("Deadline", Open),
    ("DrawRule", Open),
    ("EarnedCredit", Open),
    ("Estimate", Open),
    ("Exclusion", Open),
    ("ExternalRef", Open),
    ("ExtraHoursPolicy", Open),
    ("FlagOutcome", Open),
    ("IncludedHours", Open),
    ("IncludedService", Open),
    ("HoursBalance", Open),
    ("HoursDraw", Open),
    ("HoursLine", Open),
    ("HoursLot", Open),
    ("Interval", Open),
    ("LocalPeriod", Open),
    ("Maintenance", Open),
    ("Money", Open),
    ("OpenPeriod", Open),
    ("OverpromisedClause", Open),
    ("PerformanceExpectation", Open),
    ("PerformanceOutcome", Open),
    ("PerformanceWindow", Open),
    ("PromiseCheck", Open),
    ("RateRule", Open),
    ("PrepaidHours", Open),
    ("Quote", Open),
    ("QuotedCharge", Open),
    ("RatedSegment", Open),
    ("Rehearsal", Open),
    ("RehearsedLine", Open),
    ("RehearsedMonth", Open),
    ("RerateLine", Open),
    ("Rerating", Open),
    ("Readiness", Open),
    ("ReadinessFinding", Open),
    ("Reason", Open),
    ("RecoveryCommitment", Open),
    ("RecoveryOutcome", Open),
    ("Renewal", Open),
    ("Responsibility", Open),
    ("RoleRate", Open),
    ("RoundingRule", Open),
    ("ServiceCreditStep", Open),
    ("SlaTarget", Open),
    ("SlaReport", Open),
    ("SlaReportLine", Open),
    ("ObligationSuspension", Open),
    ("TicketEvent", Open),
    ("Suspension", Open),
    ("Termination", Open),
    ("TimeOutcome", Open),
    ("UserError", Open),
    ("WaitingRule", Open),
    ("WatchedSubject", Open),
    ("Withdrawal", Open),
    ("WebhookAttempt", Open),
    ("WebhookKey", Open),
    // The root of what webhooks send; it is in no token's reach.
    ("WebhookPayload", Open),
    // Lists: the items have rules of their own, and the field that gives the list has one.
    ("PageInfo", Open),
    ("AgreementConnection", Open),
    ("AgreementEdge", Open),
    ("BillingPeriodConnection", Open),
    ("BillingPeriodEdge", Open),
    ("ChargeConnection", Open),
    ("ChargeEdge", Open),
    ("ChargeRelease", Open),
    ("ChangeConnection", Staff(Scope::ChangesRead)),
    ("ChangeEdge", Staff(Scope::ChangesRead)),
    ("ApiClientConnection", Open),
    ("ApiClientEdge", Open),
    ("AuditEntryConnection", Open),
    ("AuditEntryEdge", Open),
    ("RevocationConnection", Open),
    ("RevocationEdge", Open),
    ("ClientConnection", Open),
    ("ClientEdge", Open),
    ("ServiceCalendarConnection", Open),
    ("ServiceCalendarEdge", Open),
    ("ServiceConnection", Open),
    ("ServiceEdge", Open),
    ("SlaTierConnection", Open),
    ("SlaTierEdge", Open),
    ("OutageConnection", Open),
    ("OutageEdge", Open),
    ("BackupRunConnection", Open),
    ("BackupRunEdge", Open),
    ("MeasurementConnection", Open),
    ("MeasurementEdge", Open),
    ("WebhookConnection", Open),
    ("WebhookEdge", Open),
    ("WebhookDeliveryConnection", Open),
    ("WebhookDeliveryEdge", Open),
    ("TicketConnection", Open),
    ("TicketEdge", Open),
    // Payloads: the mutation has the rule.
    ("ActivateTermsPayload", Open),
    ("CreateAgreementPayload", Open),
    ("DraftTermsPayload", Open),
    ("OfferTermsPayload", Open),
    ("PutApiClientPayload", Open),
    ("RevokeTokensPayload", Open),
    ("RotateApiClientPayload", Open),
    ("PutCalendarPayload", Open),
    ("PutClientPayload", Open),
    ("PutServicePayload", Open),
    ("PutSlaTierPayload", Open),
    ("ConfirmObligationStatusPayload", Open),
    ("DeclineRenewalPayload", Open),
    ("RecordObligationStatusPayload", Open),
    ("RecordTimeEntriesPayload", Open),
    ("CloseBillingPeriodPayload", Open),
    ("PutPrepaidHoursPayload", Open),
    ("MarkChargesInvoicedPayload", Open),
    ("ReleaseInvoicePayload", Open),
    ("TimeEntryResult", Open),
    ("RejectObligationStatusPayload", Open),
    ("RenewAgreementPayload", Open),
    ("ResumeAgreementPayload", Open),
    ("SuspendAgreementPayload", Open),
    ("TerminateAgreementPayload", Open),
    ("UpdateAgreementPayload", Open),
    ("WithdrawTermsPayload", Open),
    ("RecordOutagesPayload", Open),
    ("RecordBackupRunsPayload", Open),
    ("RecordMeasurementsPayload", Open),
    ("OutageResult", Open),
    ("BackupRunResult", Open),
    ("MeasurementResult", Open),
    ("WatchSubjectPayload", Open),
    ("DeleteWebhookPayload", Open),
    ("PutWebhookPayload", Open),
    ("ReplayWebhookPayload", Open),
    ("RotateWebhookSecretPayload", Open),
    ("TestWebhookPayload", Open),
    ("RecordTicketsPayload", Open),
    ("TicketResult", Open),
];

/// Mutations whose payload has a result for each item of a batch.
const RECORDING: [&str; 5] =
    ["recordTickets", "recordTimeEntries", "recordOutages", "recordBackupRuns", "recordMeasurements"];

/// Mutations whose payload has an obligation, and with it what was said of that.
const ON_OBLIGATIONS: [&str; 3] = ["recordObligationStatus", "confirmObligationStatus", "rejectObligationStatus"];

/// What of terms `coverage:read` reaches.
const TERMS_IN_COVERAGE: [&str; 5] = ["id", "version", "status", "effectiveFrom", "effectiveUntil"];

/// The rule of a field; none: it may not be seen by anyone.
pub(crate) fn rule(parent: &str, field: &str) -> Option<Rule> {
    rule_of_field(parent, field).or_else(|| rule_of_type(parent))
}

fn rule_of_field(parent: &str, field: &str) -> Option<Rule> {
    FIELDS.iter().find(|(of, name, _)| *of == parent && *name == field).map(|(_, _, rule)| *rule)
}

fn rule_of_type(name: &str) -> Option<Rule> {
    TYPES.iter().find(|(of, _)| *of == name).map(|(_, rule)| *rule)
}

/// Where in a request a field stands.
#[derive(Clone, Copy, Debug)]
struct Place<'a> {
    /// The root field.
    root: &'a str,
    /// How many fields lead to it, itself counted.
    depth: usize,
    is_mutation: bool,
}

/// The rule that counts for a field where it stands.
fn rule_at(parent: &str, field: &str, place: Place<'_>) -> Option<Rule> {
    let rule = rule(parent, field)?;
    if place.is_own_of_payload(parent) {
        return Some(in_payload(parent, field, place.root).unwrap_or(rule));
    }
    if place.depth > 1 && matches!(place.root, "coverage" | "coverages") {
        return Some(in_coverage(parent, field, rule));
    }
    Some(rule)
}

impl Place<'_> {
    /// Whether it is a field of the object that a payload is about: that stands in the payload itself, or in its list of
    /// results, and an obligation has what was said of it.
    fn is_own_of_payload(&self, parent: &str) -> bool {
        let is_below =
            RECORDING.contains(&self.root) || (parent == "ObligationStatus" && ON_OBLIGATIONS.contains(&self.root));
        self.is_mutation && (self.depth == 3 || (self.depth == 4 && is_below))
    }
}

/// The rule of a field of the object that a payload is about; none: it is that of everywhere, as the field leads on. Whoever may
/// change the object sees what became of it, save that what is for staff stays so.
fn in_payload(parent: &str, field: &str, root: &str) -> Option<Rule> {
    match (rule_of_field(parent, field), rule_of_type(parent), rule_of_field("Mutation", root)) {
        (None, ..) => Some(Open),
        (Some(Staff(asked)), Some(Needs(of_type)), Some(Needs(scope) | Staff(scope))) if asked == of_type => {
            Some(Staff(scope))
        }
        _ => None,
    }
}

/// What a decision reaches is seen with `coverage:read`, save clients, agreements, and most of the terms.
fn in_coverage(parent: &str, field: &str, rule: Rule) -> Rule {
    match parent {
        "Client" | "Agreement" => rule,
        "AgreementTerms" if !TERMS_IN_COVERAGE.contains(&field) => rule,
        _ if matches!(rule, Staff(_)) => Staff(Scope::CoverageRead),
        _ => Needs(Scope::CoverageRead),
    }
}

/// The root fields of a request by the name they are answered under; part of the request's data.
#[derive(Clone, Debug, Default)]
pub(crate) struct Roots {
    pub(crate) fields: Arc<HashMap<String, String>>,
    pub(crate) is_mutation: bool,
}

/// Holds every field to the table.
pub(crate) struct ScopeGuard;

impl ExtensionFactory for ScopeGuard {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self)
    }
}

#[async_graphql::async_trait::async_trait]
impl Extension for ScopeGuard {
    /// The engine looks at no document again: `request` has validated each that comes here.
    async fn validation(
        &self,
        _: &ExtensionContext<'_>,
        _: NextValidation<'_>,
    ) -> Result<ValidationResult, Vec<ServerError>> {
        Ok(ValidationResult { cache_control: CacheControl::default(), complexity: 0, depth: 0 })
    }

    async fn resolve(
        &self,
        ctx: &ExtensionContext<'_>,
        info: ResolveInfo<'_>,
        next: NextResolve<'_>,
    ) -> ServerResult<Option<Value>> {
        let is_item = matches!(info.path_node.segment, QueryPathSegment::Index(_));
        if !info.is_for_introspection && !is_item {
            check(ctx, &info)?;
        }
        next.run(ctx, info).await
    }
}

fn check(ctx: &ExtensionContext<'_>, info: &ResolveInfo<'_>) -> ServerResult<()> {
    if info.parent_type.starts_with("__") || info.name.starts_with("__") {
        return Ok(());
    }
    let at = info.field.name.pos;
    let placed = |error: Error| ServerError { path: path(info.path_node), ..error.into_server_error(at) };
    let no_rule = || placed(no_rule(info.parent_type, info.name));
    let (Ok(roots), Ok(serving)) = (ctx.data::<Roots>(), ctx.data::<super::context::Serving>()) else {
        return Err(no_rule());
    };
    let (root, depth) = measure(info.path_node);
    let root = roots.fields.get(root).map_or("", String::as_str);
    let place = Place { root, depth, is_mutation: roots.is_mutation };
    let rule = rule_at(info.parent_type, info.name, place).ok_or_else(no_rule)?;
    hold(&serving.session, rule).map_err(placed)
}

/// Holds a root field to its rule before it is run.
///
/// # Errors
/// FORBIDDEN with the scope that would do.
pub(crate) fn admit(session: &Session, parent: &str, field: &str) -> Result<(), Error> {
    hold(session, rule(parent, field).ok_or_else(|| no_rule(parent, field))?)
}

fn hold(session: &Session, rule: Rule) -> Result<(), Error> {
    lacking(rule, session).map_or(Ok(()), |(scope, why)| Err(forbidden(scope, &why)))
}

/// What a caller lacks to be let in by a rule, and why.
pub(crate) fn lacking(rule: Rule, session: &Session) -> Option<(Scope, String)> {
    match rule {
        Open => None,
        Needs(scope) | Staff(scope) if !session.caller.may(scope) => {
            Some((scope, format!("This needs a token with the scope {scope}.")))
        }
        Staff(scope) if session.scope.is_client_bound() => {
            Some((scope, "This is not for a token that is bound to a client.".into()))
        }
        Needs(_) | Staff(_) => None,
    }
}

fn no_rule(parent: &str, field: &str) -> Error {
    Error::new(format!("The field {parent}.{field} has no rule, so nobody may see it."))
}

/// The way to a place in the answer.
fn path(node: &QueryPathNode<'_>) -> Vec<PathSegment> {
    let segment = |node: &QueryPathNode<'_>| match node.segment {
        QueryPathSegment::Name(name) => PathSegment::Field(name.to_owned()),
        QueryPathSegment::Index(index) => PathSegment::Index(index),
    };
    let mut path: Vec<PathSegment> = node.parents().map(segment).collect();
    path.reverse();
    path.push(segment(node));
    path
}

/// The name that the root field is answered under, and how many fields lead to a place.
fn measure<'a>(node: &QueryPathNode<'a>) -> (&'a str, usize) {
    let (mut root, mut depth) = ("", 0);
    let mut at = Some(node);
    while let Some(here) = at {
        if let QueryPathSegment::Name(name) = here.segment {
            (root, depth) = (name, depth + 1);
        }
        at = here.parent;
    }
    (root, depth)
}
