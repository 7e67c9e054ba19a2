//! Agreements, the sections of their drafts, and what happens to them in the course of time.

use serde_json::{Value, json};

use super::world::{Case, Look, field};

const SATURDAY: &str = "2026-11-21T17:00:00Z";

pub(super) fn cases() -> Vec<Case> {
    [making(), drafting(), offering(), renewing(), living(), recording(), judging(), naming_and_reading()].concat()
}

fn making() -> Vec<Case> {
    let made = |name, place, value| field(name).change(place, value);
    let by_reference = "{ agreement(by: {external: {system: \"crm\", id: \"NUMBER\"}}) { title } }";
    vec![
        made("CreateAgreementInput.number", "/agreement/number", json!("NUMBER-2"))
            .given("/steps", json!([]))
            .seen(Look::Query("{ agreement(by: {code: \"NUMBER\"}) { title } }")),
        made("CreateAgreementInput.title", "/agreement/title", json!("Care")).written(),
        made("CreateAgreementInput.client", "/agreement/client", json!({"code": "FABRIKAM"})).written(),
        made("CreateAgreementInput.currency", "/agreement/currency", json!("EUR")).finds(),
        made("CreateAgreementInput.externalRefs", "/agreement/externalRefs", json!([])).seen(Look::Query(by_reference)),
        updated("UpdateAgreementInput.title", "title", json!("Care")).written(),
        updated("UpdateAgreementInput.externalRefs", "externalRefs", json!([])).seen(Look::Query(by_reference)),
    ]
}

fn updated(name: &'static str, changed: &str, value: Value) -> Case {
    let mut input = json!({"agreement": {"code": "NUMBER"}});
    input[changed] = value;
    field(name).change("/steps/3", json!({"do": "updateAgreement", "with": input}))
}

fn drafting() -> Vec<Case> {
    let says = |name, place, value| field(name).change(place, value);
    vec![
        says("DraftTermsInput.effectiveFrom", "/steps/0/with/effectiveFrom", json!("2026-12-01")).decides(json!({})),
        says("DraftTermsInput.effectiveUntil", "/steps/0/with/effectiveUntil", json!("2026-10-31"))
            .given("/steps/0/with/renewal", Value::Null)
            .decides(json!({})),
        says("DraftTermsInput.calendar", "/steps/0/with/calendar", json!({"code": "NIGHT"})).decides(json!({})),
        says("DraftTermsInput.tier", "/steps/0/with/tier", json!({"code": "SILVER"})).decides(json!({})),
        says("DraftTermsInput.renewal", "/steps/0/with/renewal", Value::Null).seen(Look::Life),
        says("DraftTermsInput.callers", "/steps/0/with/callers", Value::Null)
            .decides(json!({"caller": "Somebody else"})),
        says("DraftTermsInput.services", "/steps/0/with/services", json!([{"service": {"code": "CARE"}}]))
            .decides(json!({})),
        says(
            "DraftTermsInput.exclusions",
            "/steps/0/with/exclusions",
            json!([{"title": "Toner", "reason": "Bought by the client."}]),
        )
        .decides(json!({"service": {"code": "PROJECTS"}})),
        says(
            "DraftTermsInput.extraHours",
            "/steps/0/with/extraHours",
            json!({"roles": [], "rates": [{"treatment": "IN_FEE"}]}),
        )
        .decides(json!({"at": SATURDAY})),
        says("DraftTermsInput.responsibilities", "/steps/0/with/responsibilities/0/party", json!("PROVIDER"))
            .decides(json!({"scenario": "HARDWARE_FAILURE"})),
        says("DraftTermsInput.obligations", "/steps/0/with/obligations/0/gatesServices", json!([{"code": "HELPDESK"}]))
            .decides(json!({})),
        says("DraftTermsInput.performance", "/steps/0/with/performance", json!([])).finds(),
        says("DraftTermsInput.availability", "/steps/0/with/availability", json!([])).written(),
        says("DraftTermsInput.recovery", "/steps/0/with/recovery", json!([])).finds(),
        says("DraftTermsInput.backups", "/steps/0/with/backups", json!([])).finds(),
    ]
}

/// What is not offered cannot be accepted.
fn offering() -> Vec<Case> {
    let offered = |name, place, value| field(name).change(place, value).seen(Look::Life);
    vec![
        offered("OfferTermsInput.agreement", "/steps/1/with/agreement", json!({"code": "NOPE"})),
        offered("OfferTermsInput.revision", "/steps/1/with/revision", json!(99)),
    ]
}

fn renewing() -> Vec<Case> {
    let renews = |name, place, value| field(name).change(place, value).seen(Look::Life);
    vec![
        renews("RenewalInput.kind", "/steps/0/with/renewal/kind", json!("BY_HAND")),
        renews("RenewalInput.months", "/steps/0/with/renewal/months", json!(6)),
        renews("RenewalInput.firstTermMonths", "/steps/0/with/renewal/firstTermMonths", json!(36)),
        renews("RenewalInput.noticeMonths", "/steps/0/with/renewal/noticeMonths", json!(3)),
        renews("RenewalInput.noticeDays", "/steps/0/with/renewal/noticeDays", json!(6)),
    ]
}

/// What is done to the accepted agreement in both worlds, with one field of it changed in the second.
fn after(name: &'static str, mutation: &str, input: Value, changed: &'static str, value: Value) -> Case {
    let mut with = json!({"agreement": {"code": "NUMBER"}});
    with.as_object_mut().unwrap().extend(input.as_object().unwrap().clone());
    field(name).given("/steps/3", json!({"do": mutation, "with": with})).change(changed, value).seen(Look::Life)
}

fn living() -> Vec<Case> {
    let suspension = json!({"on": "2026-11-01", "reason": "Unpaid."});
    let by_hand = |case: Case| case.given("/steps/0/with/renewal/kind", json!("BY_HAND"));
    let renewed = json!({"until": "2028-12-31", "acceptedBy": "Northwind"});
    let declined = json!({"on": "2026-11-20", "saidBy": "Northwind", "reason": "Moving."});
    vec![
        after(
            "SuspendAgreementInput.on",
            "suspendAgreement",
            suspension.clone(),
            "/steps/3/with/on",
            json!("2027-01-01"),
        ),
        after(
            "SuspendAgreementInput.reason",
            "suspendAgreement",
            suspension.clone(),
            "/steps/3/with/reason",
            json!("By wish."),
        ),
        after(
            "SuspendAgreementInput.until",
            "suspendAgreement",
            suspension.clone(),
            "/steps/3/with/until",
            json!("2026-11-20"),
        ),
        after("ResumeAgreementInput.on", "suspendAgreement", suspension, "/steps/4/with/on", json!("2026-11-12"))
            .given(
                "/steps/4",
                json!({"do": "resumeAgreement", "with": {"agreement": {"code": "NUMBER"}, "on": "2026-11-10"}}),
            ),
        after(
            "TerminateAgreementInput.on",
            "terminateAgreement",
            json!({"on": "2026-11-01", "reason": "Moving."}),
            "/steps/3/with/on",
            json!("2027-07-01"),
        ),
        after(
            "TerminateAgreementInput.reason",
            "terminateAgreement",
            json!({"on": "2026-11-01", "reason": "Moving."}),
            "/steps/3/with/reason",
            json!("Bought."),
        ),
        by_hand(after(
            "RenewAgreementInput.until",
            "renewAgreement",
            renewed.clone(),
            "/steps/3/with/until",
            json!("2029-12-31"),
        )),
        by_hand(after(
            "RenewAgreementInput.acceptedBy",
            "renewAgreement",
            renewed,
            "/steps/3/with/acceptedBy",
            json!("The board"),
        )),
        after("DeclineRenewalInput.on", "declineRenewal", declined.clone(), "/steps/3/with/on", json!("2027-12-20")),
        after(
            "DeclineRenewalInput.saidBy",
            "declineRenewal",
            declined.clone(),
            "/steps/3/with/saidBy",
            json!("The provider"),
        ),
        after("DeclineRenewalInput.reason", "declineRenewal", declined, "/steps/3/with/reason", json!("Too dear.")),
        field("WithdrawTermsInput.reason")
            .given(
                "/steps/2",
                json!({"do": "withdrawTerms", "with": {"agreement": {"code": "NUMBER"}, "reason": "A typing error."}}),
            )
            .change("/steps/2/with/reason", json!("The client asked."))
            .seen(Look::Life),
    ]
}

fn recording() -> Vec<Case> {
    let disk = json!({"code": "BACKUP-DISK", "state": "WAIVED", "since": "2026-10-01T00:00:00Z", "until": "2027-01-01T00:00:00Z", "evidence": "Report 7"});
    let second =
        json!({"code": "SECOND", "title": "Second", "standard": "Is met.", "gatesServices": [{"code": "BACKUP"}]});
    let recorded = |name, place, value| after(name, "recordObligationStatus", disk.clone(), place, value);
    vec![
        recorded("RecordObligationStatusInput.code", "/steps/3/with/code", json!("SECOND"))
            .given("/steps/0/with/obligations/-", second),
        recorded("RecordObligationStatusInput.state", "/steps/3/with/state", json!("MET"))
            .given("/steps/3/with/until", Value::Null),
        recorded("RecordObligationStatusInput.since", "/steps/3/with/since", json!("2026-12-01T00:00:00Z")),
        recorded("RecordObligationStatusInput.until", "/steps/3/with/until", json!("2026-11-01T00:00:00Z")),
        recorded("RecordObligationStatusInput.evidence", "/steps/3/with/evidence", json!("Report 8")),
    ]
}

/// The client has said that the disk is there, and the provider has looked.
fn judging() -> Vec<Case> {
    let said = json!({"agreement": {"code": "NUMBER"}, "code": "BACKUP-DISK", "state": "MET", "since": "2026-11-01T00:00:00Z"});
    let judged = |name, mutation, judgement, place, value| {
        field(name)
            .then_learning("obligation { history { id } }", "recordObligationStatus", said.clone())
            .then(mutation, judgement)
            .change(place, value)
            .seen(Look::Life)
    };
    let unknown = json!("obs_0193f00000007000800000000000000a");
    let full = json!({"status": "LEARNT", "reason": "The disk is full."});
    vec![
        judged(
            "ConfirmObligationStatusInput.status",
            "confirmObligationStatus",
            json!({"status": "LEARNT"}),
            "/steps/4/with/status",
            unknown.clone(),
        ),
        judged(
            "RejectObligationStatusInput.status",
            "rejectObligationStatus",
            full.clone(),
            "/steps/4/with/status",
            unknown,
        ),
        judged(
            "RejectObligationStatusInput.reason",
            "rejectObligationStatus",
            full,
            "/steps/4/with/reason",
            json!("It is not there."),
        ),
    ]
}

/// Whose agreement is meant, and which revision was read.
fn naming_and_reading() -> Vec<Case> {
    let record = json!({"code": "BACKUP-DISK", "state": "MET", "since": "2026-10-01T00:00:00Z"});
    let day = json!({"on": "2026-12-01", "reason": "So."});
    let acts: [(&str, &str, &str, Value); 9] = [
        ("DraftTermsInput.agreement", "DraftTermsInput.revision", "draftTerms", json!({})),
        ("WithdrawTermsInput.agreement", "WithdrawTermsInput.revision", "withdrawTerms", json!({"reason": "So."})),
        (
            "UpdateAgreementInput.agreement",
            "UpdateAgreementInput.revision",
            "updateAgreement",
            json!({"title": "Care"}),
        ),
        ("SuspendAgreementInput.agreement", "SuspendAgreementInput.revision", "suspendAgreement", day.clone()),
        (
            "ResumeAgreementInput.agreement",
            "ResumeAgreementInput.revision",
            "resumeAgreement",
            json!({"on": "2026-12-01"}),
        ),
        ("TerminateAgreementInput.agreement", "TerminateAgreementInput.revision", "terminateAgreement", day),
        (
            "RenewAgreementInput.agreement",
            "RenewAgreementInput.revision",
            "renewAgreement",
            json!({"until": "2030-12-31", "acceptedBy": "x"}),
        ),
        (
            "DeclineRenewalInput.agreement",
            "DeclineRenewalInput.revision",
            "declineRenewal",
            json!({"saidBy": "x", "reason": "So."}),
        ),
        ("RecordObligationStatusInput.agreement", "", "recordObligationStatus", record),
    ];
    let mut cases = Vec::new();
    for (agreement, revision, mutation, input) in acts {
        cases.push(
            after(agreement, mutation, input.clone(), "/steps/3/with/agreement", json!({"code": "NOPE"}))
                .seen(Look::Refusal),
        );
        if !revision.is_empty() {
            cases.push(after(revision, mutation, input, "/steps/3/with/revision", json!(1)).seen(Look::Refusal));
        }
    }
    cases
}
