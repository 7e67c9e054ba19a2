//! The world that the walk goes through: every mutation is done here, and every place of an input that names an object
//! is filled. What is missing fails the walk.

use serde_json::{Value, json};

use crate::support::{Remit, fixtures, turns::settle};

/// Who does a step.
#[derive(Clone, Copy, Debug)]
pub(super) enum By {
    Staff,
    /// With a token bound to the client that the part is about.
    Portal,
}

/// What is found in an answer.
type Found = fn(&Value) -> Value;

/// One mutation, which must succeed.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) by: By,
    pub(super) mutation: &'static str,
    /// `@found` stands for what `find` finds.
    pub(super) input: Value,
    /// What to ask with staff's token before, and what of the answer is found.
    find: Option<(String, Found)>,
}

fn staff(mutation: &'static str, input: Value) -> Step {
    Step { by: By::Staff, mutation, input, find: None }
}

#[allow(clippy::needless_pass_by_value, reason = "JSON is written where it is used")]
fn with(mut input: Value, more: Value) -> Value {
    for (name, value) in more.as_object().unwrap() {
        input[name] = value.clone();
    }
    input
}

/// What all clients of a provider share.
pub(super) fn shared() -> Vec<Step> {
    let service = |code: &str, kind: &str| {
        let known_as = json!([{"system": "psa", "id": format!("service-{code}")}]);
        staff("putService", json!({"code": code, "name": code.to_lowercase(), "kind": kind, "externalRefs": known_as}))
    };
    let components = json!([{"code": "PATCHING"}, {"code": "BACKUP"}]);
    let package = json!({"code": "CARE", "name": "Server care", "kind": "PACKAGE", "components": components});
    let night = json!({"code": "NIGHT", "name": "Nights", "timeZone": "America/New_York",
        "weekly": [{"weekday": "MONDAY", "opens": "17:00", "closes": "08:00"}],
        "exceptions": [{"date": "2026-12-24", "name": "Eve", "periods": [{"opens": "17:00", "closes": "20:00"}]}]});
    let api_client = json!({"code": "psa", "name": "PSA", "scopes": ["tickets:write"]});
    vec![
        service("HELPDESK", "SUPPORT"),
        service("PATCHING", "MANAGEMENT"),
        service("BACKUP", "CLOUD"),
        service("PROJECTS", "SUPPORT"),
        staff("putService", package),
        staff("putCalendar", fixtures::calendar()),
        staff("putCalendar", night),
        staff("putSlaTier", tier()),
        staff("putApiClient", api_client),
        staff("rotateApiClient", json!({"apiClient": {"code": "psa"}})),
        staff("putWebhook", webhook("crm")),
        staff("rotateWebhookSecret", json!({"webhook": {"code": "crm"}})),
        staff("testWebhook", json!({"webhook": {"code": "crm"}})),
        Step {
            find: Some(("{ webhook(by: {code: \"crm\"}) { cursor } }".into(), |answer| {
                answer["webhook"]["cursor"].clone()
            })),
            ..staff("replayWebhook", json!({"webhook": {"code": "crm"}, "after": "@found"}))
        },
        staff("putWebhook", webhook("gone")),
        staff("deleteWebhook", json!({"webhook": {"code": "gone"}})),
        staff("revokeTokens", json!({"tokens": {"subject": "somebody"}, "reason": "Left."})),
    ]
}

/// A webhook to a receiver that is not there.
fn webhook(code: &str) -> Value {
    json!({"code": code, "url": "https://127.0.0.1:1/", "description": "Ours.", "selection": "{ event }"})
}

fn tier() -> Value {
    let mut tier = fixtures::tier();
    tier["targets"][5]["calendar"] = json!({"code": "NIGHT"});
    tier["waiting"] = json!([{"reason": "CLIENT", "stops": ["RESOLUTION"]}]);
    tier["updates"] = json!([{"priority": "P1", "every": "PT1H"}]);
    tier["escalations"] = json!([{"priority": "P1", "after": "PT2H", "to": "The manager", "action": "Takes over."}]);
    tier["credits"] = json!([{"belowPercent": "95", "creditPercent": "5"}]);
    tier
}

/// All seven sections, and every place in them that names an object.
fn draft(number: &str) -> Value {
    let mut draft = fixtures::draft(number);
    draft["services"][0]["tier"] = json!({"code": "GOLD"});
    draft["services"][0]["calendar"] = json!({"code": "OFFICE"});
    draft["extraHours"]["rates"][0]["calendar"] = json!({"code": "NIGHT"});
    draft["extraHours"]["included"] = json!({"perPeriod": "PT1H", "draws": [{"hoursClass": ["WEEKEND"]}]});
    draft["callers"] = json!([{"name": "The reception", "services": [{"code": "HELPDESK"}]}]);
    draft["indexation"] = json!({"index": "CPI", "capPercent": "3"});
    draft["creditPolicy"] = json!({"monthCapPercent": "20", "claimWithinDays": 30});
    let trigger = json!({"title": "Two bad months of three", "measure": "AVAILABILITY", "belowPercent": "99.9", "times": 2, "withinPeriods": 3});
    draft["terminationTriggers"] = json!([trigger]);
    let mail = &mut draft["availability"][0];
    mail["clock"] = json!("BUSINESS_HOURS");
    mail["calendar"] = json!({"code": "OFFICE"});
    mail["credits"] = json!([{"belowPercent": "99", "creditPercent": "5"}]);
    mail["maintenanceWindows"] = json!([{"weekday": "SUNDAY", "opens": "02:00", "closes": "04:00"}]);
    mail["creditTriggers"] = json!([{"atMostPercent": "98", "times": 2, "withinPeriods": 3, "creditPercent": "5"}]);
    let line = json!({"subject": "Line", "percent": "99.5", "window": "CALENDAR_MONTH", "creditPer": {"each": "PT1H", "creditPercent": "1"}});
    draft["availability"].as_array_mut().unwrap().push(line);
    draft
}

/// All that belongs to one client; names end in its code.
pub(super) fn of_client(code: &str) -> Vec<Step> {
    let client = Client { code };
    [client.agreements(), client.duties(), client.tickets(), client.time(), client.facts()].concat()
}

/// Steps about one client.
struct Client<'a> {
    code: &'a str,
}

impl Client<'_> {
    fn number(&self, kind: &str) -> String {
        format!("{kind}-{}", self.code)
    }

    /// The input of a mutation about an agreement.
    fn of(&self, kind: &str) -> Value {
        json!({"agreement": {"code": self.number(kind)}})
    }

    fn known_as(&self, what: &str) -> Value {
        json!([{"system": "crm", "id": format!("{what}-{}", self.code)}])
    }

    fn create(&self, kind: &str) -> Step {
        let (number, client, refs) = (self.number(kind), json!({"code": self.code}), self.known_as(kind));
        let agreement = json!({"number": number, "title": "Managed services", "client": client, "currency": "USD", "externalRefs": refs});
        staff("createAgreement", agreement)
    }

    /// A life from the first draft to acceptance.
    fn agreed(&self, kind: &str, terms: Value) -> Vec<Step> {
        let accept = json!({"acceptedBy": "The board", "acceptedAt": "2019-12-15T10:00:00Z"});
        vec![
            self.create(kind),
            staff("draftTerms", with(draft(&self.number(kind)), terms)),
            staff("offerTerms", self.of(kind)),
            staff("activateTerms", with(self.of(kind), accept)),
        ]
    }

    fn agreements(&self) -> Vec<Step> {
        let put = json!({"code": self.code, "name": self.code, "timeZone": "America/New_York", "externalRefs": self.known_as("client")});
        let yearly = |from: &str, until: &str, kind: &str| {
            let renewal = json!({"kind": kind, "months": 12, "noticeMonths": 3});
            json!({"effectiveFrom": from, "effectiveUntil": until, "renewal": renewal})
        };
        let bound = json!({"code": format!("portal-{}", self.code), "name": "Portal", "scopes": ["agreements:read"], "client": {"code": self.code}});
        let mut steps = vec![staff("putClient", put)];
        steps.extend(self.agreed("MSA", json!({})));
        steps.extend(self.agreed("AUTO", yearly("2025-01-01", "2025-12-31", "AUTOMATIC")));
        steps.extend(self.agreed("HAND", yearly("2026-01-01", "2026-12-31", "BY_HAND")));
        steps.extend([
            self.create("DRAFT"),
            staff("draftTerms", draft(&self.number("DRAFT"))),
            staff("offerTerms", self.of("DRAFT")),
            staff("withdrawTerms", with(self.of("DRAFT"), json!({"reason": "A slip."}))),
            staff("draftTerms", draft(&self.number("DRAFT"))),
            staff("updateAgreement", with(self.of("MSA"), json!({"title": "All services"}))),
            staff("suspendAgreement", with(self.of("MSA"), json!({"on": "2026-10-01", "reason": "Unpaid."}))),
            staff("resumeAgreement", with(self.of("MSA"), json!({"on": "2026-10-08"}))),
            staff("declineRenewal", with(self.of("AUTO"), json!({"saidBy": "The board", "reason": "Enough."}))),
            staff("renewAgreement", with(self.of("HAND"), json!({"until": "2027-12-31", "acceptedBy": "The board"}))),
            staff("terminateAgreement", with(self.of("HAND"), json!({"on": "2027-06-01", "reason": "Bought."}))),
            staff("putApiClient", bound),
        ]);
        steps
    }

    fn duties(&self) -> Vec<Step> {
        let attest = |state: &str| {
            let input = json!({"code": "BACKUP-DISK", "state": state, "since": "2026-11-01T00:00:00Z"});
            Step { by: By::Portal, ..staff("recordObligationStatus", with(self.of("MSA"), input)) }
        };
        let number = self.number("MSA");
        let history = format!(
            "{{ agreement(by: {{code: \"{number}\"}}) {{ terms {{ obligations {{ history {{ id status }} }} }} }} }}"
        );
        let open = |answer: &Value| {
            let history = answer["agreement"]["terms"]["obligations"][0]["history"].as_array().unwrap();
            history.iter().find(|status| status["status"] == "ATTESTED").unwrap()["id"].clone()
        };
        let judge = |mutation, more: Value| Step {
            find: Some((history.clone(), open)),
            ..staff(mutation, with(json!({"status": "@found"}), more))
        };
        vec![
            attest("UNMET"),
            judge("confirmObligationStatus", json!({})),
            attest("MET"),
            judge("rejectObligationStatus", json!({"reason": "It is not."})),
        ]
    }

    /// What a monitor and a backup say of the agreement.
    fn facts(&self) -> Vec<Step> {
        let fact = |id: &str, more: Value| {
            let known_as = json!({"ref": {"system": "monitor", "id": format!("{id}-{}", self.code)}});
            with(with(self.of("MSA"), known_as), more)
        };
        let (from, to) = ("2026-11-20T10:00:00Z", "2026-11-20T23:00:00Z");
        let outage = json!({"subject": "Mail", "startedAt": from, "endedAt": to, "maintenance": {"from": from, "until": "2026-11-20T10:10:00Z"}});
        let run = json!({"subject": "Servers", "startedAt": from, "endedAt": to, "outcome": "SUCCEEDED"});
        let uptime = json!({"component": "HARDWARE", "metric": "uptime", "value": "99.7", "unit": "%", "from": from});
        vec![
            staff("watchSubject", with(self.of("MSA"), json!({"subject": "Mail", "since": "2026-10-01T00:00:00Z"}))),
            staff("recordOutages", json!({"outages": [fact("outage", outage)]})),
            staff("recordBackupRuns", json!({"runs": [fact("run", run)]})),
            staff("recordMeasurements", json!({"measurements": [fact("uptime", uptime)]})),
        ]
    }

    /// A ticket of the agreement that is mended, and one of the client that is open.
    fn tickets(&self) -> Vec<Step> {
        let ticket = |id: &str, of: Value, events: Value| {
            let known_as = json!({"system": "psa", "id": format!("{id}-{}", self.code)});
            let ticket = json!({"ref": known_as, "title": "Down", "service": {"code": "HELPDESK"}, "priority": "P1", "openedAt": "2026-11-20T14:00:00Z", "events": events});
            with(ticket, of)
        };
        let event = |id: &str, kind: &str| json!({"id": id, "kind": kind, "at": format!("2026-11-20T14:{id}:00Z")});
        let waiting = with(event("20", "WAITING"), json!({"waitingFor": "CLIENT"}));
        let mended = json!([event("10", "RESPONDED"), waiting, event("30", "RESOLVED")]);
        let tickets = json!([
            ticket("mended", self.of("MSA"), mended),
            ticket("open", json!({"client": {"code": self.code}}), json!([])),
        ]);
        vec![staff("recordTickets", json!({"tickets": tickets}))]
    }

    /// Work on two Saturdays, the first in a period that closes and is invoiced.
    fn time(&self) -> Vec<Step> {
        let code = self.code;
        let work = |id: &str, of: Value, day: &str| {
            let at = |time: &str| format!("{day}T{time}:00Z");
            let entry = json!({"ref": {"system": "psa", "id": format!("{id}-{code}")}, "service": {"code": "HELPDESK"}, "role": "engineer",
                "technician": "Kim", "note": "Mended.", "startedAt": at("15:00"), "endedAt": at("18:00"), "breaks": [{"from": at("15:30"), "to": at("16:00")}]});
            with(entry, of)
        };
        let entries = json!([
            work("sep", self.of("MSA"), "2026-09-12"),
            work("nov", json!({"client": {"code": code}}), "2026-11-14"),
            work(
                "mended",
                json!({"ticket": {"external": {"system": "psa", "id": format!("mended-{code}")}}}),
                "2026-11-21"
            ),
        ]);
        let block = json!({"code": "BLOCK", "hours": "PT10H", "from": "2026-11-01", "paid": true});
        let charges =
            format!("{{ charges(filter: {{client: {{code: \"{code}\"}}, status: [FINAL]}}) {{ nodes {{ id }} }} }}");
        let ids = |answer: &Value| {
            let nodes = answer["charges"]["nodes"].as_array().unwrap().iter();
            let ids: Vec<Value> = nodes.map(|charge| charge["id"].clone()).collect();
            assert!(!ids.is_empty(), "nothing was charged");
            json!(ids)
        };
        let invoice = format!("INV-{code}");
        let invoiced = json!({"charges": "@found", "invoiceRef": invoice});
        let invoiced = Step { find: Some((charges, ids)), ..staff("markChargesInvoiced", invoiced) };
        vec![
            staff("putPrepaidHours", with(self.of("MSA"), block)),
            staff("recordTimeEntries", json!({"entries": entries})),
            staff("closeBillingPeriod", with(self.of("MSA"), json!({"from": "2026-09-01", "withEarlier": true}))),
            invoiced.clone(),
            staff("releaseInvoice", json!({"invoiceRef": invoice, "reason": "Voided."})),
            invoiced,
        ]
    }
}

/// Does the steps; what is found along the way fills the inputs, which are given back as they were sent.
pub(super) async fn build(remit: &Remit, provider: &str, client: &str, steps: Vec<Step>) -> Vec<Step> {
    let all = remit::auth::ScopeSet::all().to_string();
    let (admin, portal) = (remit.admin(provider), remit.portal(provider, client, &all));
    let mut done = Vec::new();
    for mut step in steps {
        if let Some((query, find)) = &step.find {
            fill(&mut step.input, &find(&admin.ask(query).await));
        }
        let user = match step.by {
            By::Staff => &admin,
            By::Portal => &portal,
        };
        // Of a batch each item says for itself what became of it.
        let is_batch = step.input.as_object().unwrap().values().any(|field| field[0]["ref"].is_object());
        let selection = if is_batch { "results { outcome errors { code message path } }" } else { "" };
        let payload = user.done(step.mutation, step.input.clone(), selection).await;
        assert!(!payload.to_string().contains("REJECTED"), "{} {}: {payload:#}", step.mutation, step.input);
        done.push(step);
    }
    settle(remit).await;
    done
}

/// Puts what was found wherever `@found` stands.
fn fill(value: &mut Value, found: &Value) {
    match value {
        Value::String(text) if text == "@found" => *value = found.clone(),
        Value::Array(items) => items.iter_mut().for_each(|item| fill(item, found)),
        Value::Object(fields) => fields.values_mut().for_each(|field| fill(field, found)),
        _ => {}
    }
}
