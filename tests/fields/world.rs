//! Two worlds that differ in one field, and looks at them.

use serde_json::{Value, json};

use crate::support::{Remit, User, fixtures};

/// Where the agreement's number stands in a world.
const NUMBER: &str = "NUMBER";

/// What one field changes.
#[derive(Clone, Debug)]
pub(super) struct Case {
    pub(super) field: &'static str,
    /// What both worlds have, where that is not what every world has.
    given: Vec<(&'static str, Value)>,
    /// What the second world has.
    change: Option<(&'static str, Value)>,
    look: Look,
}

/// A look at a world.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Look {
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
    /// What the last mutation refuses.
    Refusal,
    /// What a query answers.
    Query(&'static str),
    /// What a query answers with other variables in the second world.
    Variables(&'static str, Value, Value),
}

/// What was seen.
pub(super) type Looked = String;

/// A case of a field; what is changed and looked at is said behind it.
pub(super) fn field(field: &'static str) -> Case {
    Case { field, given: Vec::new(), change: None, look: Look::Document }
}

impl Case {
    /// Both worlds have this at a place.
    pub(super) fn given(mut self, place: &'static str, value: Value) -> Self {
        self.given.push((place, value));
        self
    }

    /// The second world has this at a place.
    pub(super) fn change(mut self, place: &'static str, value: Value) -> Self {
        self.change = Some((place, value));
        self
    }

    pub(super) fn seen(mut self, look: Look) -> Self {
        self.look = look;
        self
    }

    /// Seen in what is decided for work on Monday at 10:00, with more or other fields of the question.
    pub(super) fn decides(self, question: Value) -> Self {
        self.seen(Look::Decision(question))
    }

    pub(super) fn finds(self) -> Self {
        self.seen(Look::Findings)
    }

    pub(super) fn written(self) -> Self {
        self.seen(Look::Document)
    }

    /// What the first world is: cases that share it look at it once.
    pub(super) fn base(&self) -> String {
        let look = match &self.look {
            Look::Question(first, _) => format!("{:?}", Look::Decision(first.clone())),
            Look::Variables(query, first, _) => format!("{query} {first}"),
            other => format!("{other:?}"),
        };
        format!("{:?} {look}", self.given)
    }

    /// Whether the second world needs a catalogue of its own.
    fn touches_catalogue(&self) -> bool {
        self.given.iter().chain(&self.change).any(|(place, _)| place.starts_with("/catalogue"))
    }
}

/// Worlds at one server.
pub(super) struct World<'a> {
    remit: &'a Remit,
    made: usize,
}

impl<'a> World<'a> {
    pub(super) async fn new(remit: &'a Remit) -> Self {
        put_catalogue(&remit.admin("shared"), &all()).await;
        Self { remit, made: 0 }
    }

    /// Makes a world and looks at it.
    pub(super) async fn look(&mut self, case: &Case, second: bool) -> Looked {
        self.made += 1;
        let number = format!("N{:04}", self.made);
        let mut world = all();
        for (place, value) in case.given.iter().chain(case.change.iter().filter(|_| second)) {
            set(&mut world, place, value.clone());
        }
        let world: Value = serde_json::from_str(&world.to_string().replace(NUMBER, &number)).unwrap();
        let provider = if case.touches_catalogue() { number.to_lowercase() } else { "shared".into() };
        let admin = self.remit.admin(&provider);
        if case.touches_catalogue() {
            put_catalogue(&admin, &world).await;
        }
        let refused = make(&admin, &world).await;
        let seen = match &case.look {
            Look::Refusal => refused,
            look => see(&admin, &number, look, second).await,
        };
        seen.to_string().replace(&number, NUMBER).replace(&number.to_lowercase(), "shared")
    }
}

/// Puts the catalogue of a world.
async fn put_catalogue(admin: &User<'_>, world: &Value) {
    let mut puts = Vec::new();
    for (list, mutation) in
        [("calendars", "putCalendar"), ("services", "putService"), ("tiers", "putSlaTier"), ("clients", "putClient")]
    {
        puts.extend(world["catalogue"][list].as_array().unwrap().iter().map(|input| (mutation, input.clone())));
    }
    assert_eq!(act(admin, &puts).await, json!([]));
}

/// Makes the agreement of a world; what is refused on the way.
async fn make(admin: &User<'_>, world: &Value) -> Value {
    let mut acts = vec![("createAgreement", world["agreement"].clone())];
    let steps = world["steps"].as_array().unwrap().iter().filter(|step| !step["with"].is_null());
    acts.extend(steps.map(|step| (step["do"].as_str().unwrap(), step["with"].clone())));
    act(admin, &acts).await
}

/// Does several things in one request, one after the other; what is refused of them.
async fn act(admin: &User<'_>, acts: &[(&str, Value)]) -> Value {
    let (mut variables, mut fields, mut given) = (Vec::new(), Vec::new(), json!({}));
    for (place, (mutation, input)) in acts.iter().enumerate() {
        let kind = format!("{}{}Input", mutation[..1].to_uppercase(), &mutation[1..]);
        variables.push(format!("$i{place}: {kind}!"));
        fields.push(format!("m{place}: {mutation}(input: $i{place}) {{ errors {{ code path }} }}"));
        given[format!("i{place}")] = input.clone();
    }
    let document = format!("mutation ({}) {{ {} }}", variables.join(", "), fields.join(" "));
    let answer = admin.ask_with(&document, given).await;
    let errors = (0..acts.len()).flat_map(|place| answer[format!("m{place}")]["errors"].as_array().unwrap().clone());
    errors.collect()
}

async fn see(admin: &User<'_>, number: &str, look: &Look, second: bool) -> Value {
    let newest = |selection: &str| format!("query ($n: String!) {{ agreement(by: {{code: $n}}) {{ {selection} }} }}");
    let of_agreement = json!({"n": number});
    match look {
        Look::Decision(question) => decide(admin, number, question).await,
        Look::Question(first, other) => decide(admin, number, if second { other } else { first }).await,
        Look::Findings => {
            admin.ask_with(&newest("versions { readiness { findings { code path } } }"), of_agreement).await
        }
        Look::Document => admin.ask_with(&newest("versions { document }"), of_agreement).await,
        Look::Life => {
            let life = "status currentTerm { endsOn renewal decideBy nextEndsOn } suspensions { from until reason } termination { on reason } renewals { decision endsOn saidBy reason }
                then: termsAt(at: \"2026-11-23T12:00:00Z\") { version } later: termsAt(at: \"2027-06-01T12:00:00Z\") { version } versions { status withdrawal { reason } obligations { state history { state since until evidence status } } }";
            admin.ask_with(&newest(life), of_agreement).await
        }
        Look::Query(query) => admin.ask(&query.replace(NUMBER, number)).await,
        Look::Variables(query, first, other) => {
            let variables = (if second { other } else { first }).to_string().replace(NUMBER, number);
            admin.ask_with(&query.replace(NUMBER, number), serde_json::from_str(&variables).unwrap()).await
        }
        Look::Refusal => unreachable!("seen before"),
    }
}

/// What is decided, but for what is only said.
async fn decide(admin: &User<'_>, number: &str, question: &Value) -> Value {
    let mut input = json!({"service": {"code": "HELPDESK"}, "priority": "P1", "role": "engineer", "caller": "A. Person", "at": "2026-11-23T15:00:00Z"});
    input.as_object_mut().unwrap().extend(question.as_object().unwrap().clone());
    let given = input.as_object_mut().unwrap();
    if !given.contains_key("agreement") && !given.contains_key("client") {
        given.insert("agreement".into(), json!({"code": number}));
    }
    let query = "query ($input: CoverageInput!) { coverage(input: $input) { verdict responsible costs { item party } liable unmetObligations { code }
        hoursClass offered chargeable hourlyRate { amount currency } nextOpening nextUpdateDue escalations { due } deadlines { milestone due }
        estimate { amount { amount } segments { from to hoursClass treatment included charged hourlyRate { amount } amount { amount } } } reasons { code clause } } }";
    admin.ask_with(query, json!({"input": input})).await
}

/// Puts a value at a place; at one that ends in `-` at the end of the list; null takes a field out.
fn set(world: &mut Value, place: &str, value: Value) {
    let (above, last) = place.rsplit_once('/').unwrap();
    let at = world.pointer_mut(above).unwrap_or_else(|| panic!("a world has no {above}"));
    match at {
        Value::Array(items) if last == "-" => items.push(value),
        Value::Array(items) => items[last.parse::<usize>().unwrap()] = value,
        Value::Object(fields) if value.is_null() => _ = fields.remove(last),
        Value::Object(fields) => _ = fields.insert(last.to_owned(), value),
        _ => panic!("{above} is no place for something"),
    }
}

/// A world with everything: catalogue, agreement, draft, offer, acceptance, and places for what comes after.
fn all() -> Value {
    let weekly = |days: &[&str], opens: &str, closes: &str| {
        days.iter().map(|day| json!({"weekday": day, "opens": opens, "closes": closes})).collect::<Vec<_>>()
    };
    let office = fixtures::calendar();
    let night = json!({"code": "NIGHT", "name": "Night shift", "timeZone": "America/New_York", "weekly": weekly(&["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY"], "18:00", "24:00")});
    let service = |code: &str, kind: &str| json!({"code": code, "name": code.to_lowercase(), "kind": kind});
    let silver = json!({"code": "SILVER", "name": "Silver", "targets": (["P1", "P2", "P3", "P4"].map(|priority| json!({"priority": priority, "milestone": "RESPONSE", "within": "PT6H"})))});
    json!({
        "catalogue": {
            "calendars": [office, night],
            "services": [
                {"code": "HELPDESK", "name": "Help desk", "kind": "SUPPORT", "unit": "seat", "description": "Answers questions.", "externalRefs": [{"system": "psa", "id": "77"}]},
                service("PATCHING", "MANAGEMENT"), service("BACKUP", "CLOUD"), service("PROJECTS", "SUPPORT"), service("SPARE", "SUPPORT"),
                {"code": "CARE", "name": "Server care", "kind": "PACKAGE", "components": [{"code": "PATCHING"}, {"code": "BACKUP"}]},
            ],
            "tiers": [gold(), silver],
            "clients": [{"code": "NORTHWIND", "name": "Northwind", "timeZone": "America/New_York", "externalRefs": [{"system": "crm", "id": "4711"}]}, {"code": "FABRIKAM", "name": "Fabrikam"}],
        },
        "agreement": {"number": NUMBER, "title": "Managed services", "client": {"code": "NORTHWIND"}, "currency": "USD", "externalRefs": [{"system": "crm", "id": NUMBER}]},
        "steps": [
            {"do": "draftTerms", "with": draft()},
            {"do": "offerTerms", "with": {"agreement": {"code": NUMBER}}},
            {"do": "activateTerms", "with": {"agreement": {"code": NUMBER}, "acceptedBy": "Northwind's board", "acceptedAt": "2025-12-15T10:00:00Z"}},
            {"do": "none", "with": null},
            {"do": "none", "with": null},
        ],
    })
}

fn gold() -> Value {
    let target = |priority: &str, milestone: &str, within: &str| json!({"priority": priority, "milestone": milestone, "within": within});
    json!({
        "code": "GOLD", "name": "Gold", "description": "For offices.",
        "targets": [
            target("P1", "RESPONSE", "PT30M"), target("P1", "RESOLUTION", "PT4H"), target("P2", "RESPONSE", "PT1H"), target("P3", "RESPONSE", "PT4H"), target("P4", "RESPONSE", "PT8H"),
            {"priority": "P2", "milestone": "RESOLUTION", "businessDays": 2},
        ],
        "waiting": [{"reason": "PARTS", "stops": ["RESOLUTION"]}],
        "updates": [{"priority": "P1", "every": "PT2H"}],
        "escalations": [{"priority": "P1", "after": "PT3H", "to": "Head of service", "action": "Calls the client."}],
        "credits": [{"fromPercent": "90", "belowPercent": "95", "creditPercent": "5"}, {"belowPercent": "90", "creditPercent": "10"}],
        "creditCapPercent": "20", "creditMinimumTickets": 3,
    })
}

fn draft() -> Value {
    let usd = |amount: &str| json!({"amount": amount, "currency": "USD"});
    let mut draft = fixtures::draft(NUMBER);
    for (section, value) in [
        (
            "renewal",
            json!({"kind": "AUTOMATIC", "months": 12, "firstTermMonths": 24, "noticeMonths": 2, "noticeDays": 5}),
        ),
        (
            "callers",
            json!([{"name": "A. Person", "services": [{"code": "HELPDESK"}, {"code": "CARE"}, {"code": "PROJECTS"}]}, {"name": "Front desk", "mayApprove": true}]),
        ),
        (
            "indexation",
            json!({"index": "consumer prices", "appliesTo": ["FEES", "RATES"], "capPercent": "3", "everyMonths": 12}),
        ),
        (
            "creditPolicy",
            json!({"monthCapPercent": "20", "yearCapPercent": "100", "yearBasis": "FEES_OF_YEAR", "claimWithinDays": 7}),
        ),
        (
            "terminationTriggers",
            json!([{"title": "Chronic failure", "party": "CLIENT", "measure": "AVAILABILITY", "belowPercent": "99", "times": 2, "withinPeriods": 3, "noticeDays": 30}]),
        ),
        (
            "extraHours",
            json!({
                "roles": [{"role": "engineer", "hourly": usd("150")}, {"role": "planner", "hourly": usd("100")}],
                "rates": [
                    {"code": "HOL", "hoursClass": ["HOLIDAY"], "treatment": "MULTIPLIER", "multiplier": "2", "callOut": usd("80"), "minimum": "PT2H", "increment": "PT1H", "itemCode": "ITEM-1"},
                    {"code": "PROJ", "workKind": ["project"], "treatment": "HOURLY", "hourly": usd("90")},
                    {"code": "LATE", "hoursClass": ["AFTER_HOURS", "WEEKEND"], "treatment": "MULTIPLIER", "multiplier": "1.5"},
                    {"code": "DAY", "hoursClass": ["BUSINESS"], "treatment": "IN_FEE"},
                ],
                "rounding": {"aggregate": "ENTRY", "order": "ROUND_THEN_MINIMUM", "minima": "EACH", "minimum": "PT45M", "increment": "PT30M"},
                "included": {"perPeriod": "PT10H", "draws": [{"hoursClass": ["AFTER_HOURS"], "role": ["planner"], "workKind": ["telephone"], "factor": "2"}], "rolloverPeriods": 1, "rolloverCap": "PT5H", "overageHourly": usd("140")},
            }),
        ),
        (
            "availability",
            json!([{
                "subject": "Mail", "percent": "99.9", "window": "CALENDAR_MONTH", "clock": "BUSINESS_HOURS", "base": "WINDOW", "downWhen": "ANY_MEMBER", "members": ["Line A", "Line B"],
                "ignoresOutagesUnder": "PT5M", "excused": ["force majeure"], "maintenanceWindows": [{"weekday": "SUNDAY", "opens": "02:00", "closes": "06:00"}], "maintenanceNotice": "PT24H", "maintenanceAllowance": "PT4H",
                "strength": "TARGET", "credits": [{"fromPercent": "99", "belowPercent": "99.9", "creditPercent": "5"}, {"belowPercent": "99", "creditPercent": "10"}],
                "creditTriggers": [{"atMostPercent": "96.5", "times": 3, "withinPeriods": 6, "creditPercent": "6"}], "creditPer": {"each": "PT30M", "creditPercent": "5"},
            }]),
        ),
        (
            "recovery",
            json!([{"scenario": "SYSTEM_FAILURE", "component": "SERVER", "fixWithin": "PT8H", "clock": "BUSINESS_HOURS", "strength": "TARGET"}]),
        ),
        (
            "backups",
            json!([{"subject": "Servers", "every": "PT24H", "retentionDays": 30, "offSite": true, "restoreTestEveryDays": 90, "restoreWithin": "PT4H", "strength": "TARGET"}]),
        ),
    ] {
        draft[section] = value;
    }
    draft["responsibilities"][4]["exclusions"] = json!("The screen.");
    draft
}
