//! Services, tiers, calendars and clients.

use serde_json::{Value, json};

use super::world::{Case, Look, field};

/// Thanksgiving at ten in the morning, in New York.
const HOLIDAY: &str = "2026-11-26T15:00:00Z";
const SATURDAY: &str = "2026-11-21T17:00:00Z";

pub(super) fn cases() -> Vec<Case> {
    [services_and_clients(), calendars(), tiers()].concat()
}

fn services_and_clients() -> Vec<Case> {
    let service = |name, place, value| field(name).change(place, value);
    vec![
        service("PutServiceInput.code", "/catalogue/services/4/code", json!("OTHER"))
            .seen(Look::Query("{ service(by: {code: \"SPARE\"}) { code } }")),
        service("PutServiceInput.name", "/catalogue/services/0/name", json!("Service desk")).written(),
        service("PutServiceInput.description", "/catalogue/services/0/description", json!("Answers everything."))
            .written(),
        service("PutServiceInput.kind", "/catalogue/services/4/kind", json!("CLOUD"))
            .seen(Look::Query("{ services(filter: {kind: CLOUD}) { nodes { code } } }")),
        service("PutServiceInput.unit", "/catalogue/services/0/unit", json!("device")).written(),
        service("PutServiceInput.components", "/catalogue/services/5/components", json!([{"code": "BACKUP"}]))
            .decides(json!({"service": {"code": "PATCHING"}})),
        service("PutServiceInput.retired", "/catalogue/services/0/retired", json!(true)).finds(),
        service("PutServiceInput.externalRefs", "/catalogue/services/0/externalRefs", json!([]))
            .decides(json!({"service": {"external": {"system": "psa", "id": "77"}}})),
        service("PutClientInput.code", "/catalogue/clients/1/code", json!("OTHER"))
            .decides(json!({"client": {"code": "FABRIKAM"}})),
        service("PutClientInput.name", "/catalogue/clients/0/name", json!("Northwind Traders")).written(),
        // When it was accepted is said in the client's zone.
        service("PutClientInput.timeZone", "/catalogue/clients/0/timeZone", json!("Asia/Tokyo")).written(),
        service("PutClientInput.externalRefs", "/catalogue/clients/0/externalRefs", json!([]))
            .decides(json!({"client": {"external": {"system": "crm", "id": "4711"}}})),
    ]
}

fn calendars() -> Vec<Case> {
    let change = |name, place, value| field(name).change(place, value);
    let half_day =
        json!({"date": "2026-11-24", "name": "Half-day", "periods": [{"opens": "08:00", "closes": "12:00"}]});
    let on_the_half_day = |name, place, value| {
        change(name, place, value)
            .given("/catalogue/calendars/0/exceptions/-", half_day.clone())
            .decides(json!({"at": "2026-11-24T16:45:00Z"}))
    };
    vec![
        change("PutCalendarInput.code", "/catalogue/calendars/1/code", json!("DARK"))
            .seen(Look::Query("{ calendar(by: {code: \"NIGHT\"}) { code } }")),
        change("PutCalendarInput.name", "/catalogue/calendars/0/name", json!("Shop hours")).written(),
        change("PutCalendarInput.timeZone", "/catalogue/calendars/0/timeZone", json!("Europe/Berlin"))
            .decides(json!({})),
        change(
            "PutCalendarInput.weekly",
            "/catalogue/calendars/0/weekly",
            json!([{"weekday": "TUESDAY", "opens": "08:00", "closes": "17:00"}]),
        )
        .decides(json!({})),
        change("PutCalendarInput.exceptions", "/catalogue/calendars/0/exceptions", json!([]))
            .decides(json!({"at": HOLIDAY})),
        change("PutCalendarInput.staffed", "/catalogue/calendars/0/staffed", json!(true))
            .seen(Look::Query("{ calendar(by: {code: \"OFFICE\"}) { staffed } }")),
        change("PutCalendarInput.weekend", "/catalogue/calendars/0/weekend", json!(["SUNDAY"]))
            .decides(json!({"at": SATURDAY})),
        change("OpenPeriodInput.weekday", "/catalogue/calendars/0/weekly/0/weekday", json!("SATURDAY"))
            .decides(json!({"at": SATURDAY})),
        change("OpenPeriodInput.opens", "/catalogue/calendars/0/weekly/0/opens", json!("10:30")).decides(json!({})),
        change("OpenPeriodInput.closes", "/catalogue/calendars/0/weekly/0/closes", json!("10:15")).decides(json!({})),
        change("CalendarExceptionInput.date", "/catalogue/calendars/0/exceptions/0/date", json!("2026-11-27"))
            .decides(json!({"at": HOLIDAY})),
        change("CalendarExceptionInput.name", "/catalogue/calendars/0/exceptions/0/name", json!("Day off")).written(),
        change("CalendarExceptionInput.holiday", "/catalogue/calendars/0/exceptions/0/holiday", json!(false))
            .decides(json!({"at": HOLIDAY})),
        change(
            "CalendarExceptionInput.periods",
            "/catalogue/calendars/0/exceptions/0/periods",
            json!([{"opens": "08:00", "closes": "12:00"}]),
        )
        .decides(json!({"at": HOLIDAY})),
        on_the_half_day(
            "LocalPeriodInput.opens",
            "/catalogue/calendars/0/exceptions/1/periods/0/opens",
            json!("11:55"),
        ),
        on_the_half_day(
            "LocalPeriodInput.closes",
            "/catalogue/calendars/0/exceptions/1/periods/0/closes",
            json!("16:00"),
        ),
    ]
}

fn tiers() -> Vec<Case> {
    let tier = |name, place, value| field(name).change(place, value);
    // A second answer to P1 that only applies where its own condition holds.
    let special = |more: Value| {
        let mut target = json!({"priority": "P1", "milestone": "RESPONSE", "within": "PT5M", "openedIn": ["WEEKEND"]});
        target.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        target
    };
    let best_effort = json!(["P1", "P2", "P3", "P4"].map(
        |priority| json!({"priority": priority, "milestone": "RESPONSE", "within": "PT1H", "strength": "BEST_EFFORT"})
    ));
    vec![
        tier("PutSlaTierInput.code", "/catalogue/tiers/1/code", json!("BRONZE"))
            .seen(Look::Query("{ slaTier(by: {code: \"SILVER\"}) { code } }")),
        tier("PutSlaTierInput.name", "/catalogue/tiers/0/name", json!("Golden")).written(),
        tier("PutSlaTierInput.description", "/catalogue/tiers/0/description", json!("For shops.")).written(),
        tier(
            "PutSlaTierInput.targets",
            "/catalogue/tiers/0/targets/0",
            json!({"priority": "P1", "milestone": "RESPONSE", "within": "PT20M"}),
        )
        .decides(json!({})),
        waits(tier("PutSlaTierInput.waiting", "/catalogue/tiers/0/waiting", json!([]))),
        tier("PutSlaTierInput.updates", "/catalogue/tiers/0/updates", json!([])).decides(json!({})),
        tier("PutSlaTierInput.escalations", "/catalogue/tiers/0/escalations", json!([])).decides(json!({})),
        tier("SlaTargetInput.priority", "/catalogue/tiers/0/targets/1/priority", json!("P3")).decides(json!({})),
        tier("SlaTargetInput.milestone", "/catalogue/tiers/0/targets/1/milestone", json!("PLAN")).decides(json!({})),
        tier("SlaTargetInput.clock", "/catalogue/tiers/0/targets/1/clock", json!("AROUND_THE_CLOCK"))
            .decides(json!({"at": SATURDAY})),
        tier("SlaTargetInput.within", "/catalogue/tiers/0/targets/1/within", json!("PT3H")).decides(json!({})),
        tier("SlaTargetInput.businessDays", "/catalogue/tiers/0/targets/5/businessDays", json!(3))
            .decides(json!({"priority": "P2"})),
        tier("SlaTargetInput.openedIn", "/catalogue/tiers/0/targets/6/openedIn", json!(["WEEKEND", "BUSINESS"]))
            .given("/catalogue/tiers/0/targets/-", special(json!({})))
            .decides(json!({})),
        tier("SlaTargetInput.channels", "/catalogue/tiers/0/targets/6/channels", json!(["phone"]))
            .given("/catalogue/tiers/0/targets/-", special(json!({})))
            .decides(json!({"at": SATURDAY})),
        tier("SlaTargetInput.delivery", "/catalogue/tiers/0/targets/6/delivery", json!("ON_SITE"))
            .given("/catalogue/tiers/0/targets/-", special(json!({})))
            .decides(json!({"at": SATURDAY})),
        tier("SlaTargetInput.calendar", "/catalogue/tiers/0/targets/1/calendar", json!({"code": "NIGHT"}))
            .decides(json!({})),
        tier("SlaTargetInput.strength", "/catalogue/tiers/0/targets/0/strength", json!("TARGET"))
            .given("/catalogue/tiers/0/targets", best_effort)
            .finds(),
        tier("SlaTargetInput.attainmentPercent", "/catalogue/tiers/0/targets/0/attainmentPercent", json!("100"))
            .given("/catalogue/tiers/0/targets/0/strength", json!("GUARANTEE"))
            .finds(),
        waits(tier("WaitingRuleInput.reason", "/catalogue/tiers/0/waiting/0/reason", json!("OTHER"))),
        waits(tier("WaitingRuleInput.stops", "/catalogue/tiers/0/waiting/0/stops", json!(["PLAN"]))),
        tier("UpdateCadenceInput.priority", "/catalogue/tiers/0/updates/0/priority", json!("P2")).decides(json!({})),
        tier("UpdateCadenceInput.every", "/catalogue/tiers/0/updates/0/every", json!("PT1H")).decides(json!({})),
        tier("UpdateCadenceInput.clock", "/catalogue/tiers/0/updates/0/clock", json!("AROUND_THE_CLOCK"))
            .decides(json!({"at": SATURDAY})),
        tier("EscalationStepInput.priority", "/catalogue/tiers/0/escalations/0/priority", json!("P2"))
            .decides(json!({})),
        tier("EscalationStepInput.after", "/catalogue/tiers/0/escalations/0/after", json!("PT1H")).decides(json!({})),
        tier("EscalationStepInput.clock", "/catalogue/tiers/0/escalations/0/clock", json!("AROUND_THE_CLOCK"))
            .decides(json!({"at": SATURDAY})),
        tier("EscalationStepInput.to", "/catalogue/tiers/0/escalations/0/to", json!("The board")).written(),
        tier("EscalationStepInput.action", "/catalogue/tiers/0/escalations/0/action", json!("Meets.")).written(),
    ]
}

/// A tier seen in a ticket that waits for parts.
fn waits(case: Case) -> Case {
    let ticket = json!({
        "ref": {"system": "psa", "id": "NUMBER"}, "agreement": {"code": "NUMBER"}, "title": "A disk", "priority": "P1",
        "openedAt": "2026-11-23T14:00:00Z", "events": [{"id": "1", "kind": "WAITING", "at": "2026-11-23T14:10:00Z", "waitingFor": "PARTS"}]
    });
    case.given("/steps/3", json!({"do": "recordTickets", "with": {"tickets": [ticket]}})).seen(Look::Query(
        "{ ticket(by: {external: {system: \"psa\", id: \"NUMBER\"}}) { clocks(at: \"2026-11-23T14:30:00Z\") { milestone state } } }",
    ))
}
