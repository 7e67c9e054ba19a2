//! Recording work in tests.

use serde_json::{Value, json};

use crate::support::User;

/// An engineer's work on the help desk under MSA-1.
pub(crate) fn entry(id: &str, from: &str, to: &str) -> Value {
    json!({"ref": {"system": "PSA", "id": id}, "agreement": {"code": "MSA-1"}, "service": {"code": "HELPDESK"},
        "role": "engineer", "startedAt": from, "endedAt": to})
}

/// Records a batch; the results.
#[allow(clippy::needless_pass_by_value, reason = "JSON is written where it is used")]
#[track_caller]
pub(crate) fn record(user: &User<'_>, entries: Value) -> impl Future<Output = Value> {
    let selection = "results { outcome ref { system id } errors { code message path } timeEntry { id flags externalRef { id } agreement { number } segments { from to hoursClass treatment worked included charged hourlyRate { amount } amount { amount currency } } } }";
    let done = user.done("recordTimeEntries", json!({"entries": entries}), selection);
    async move { done.await["results"].clone() }
}

/// Records one entry that must be taken; its id.
pub(crate) async fn recorded(user: &User<'_>, entry: Value) -> Value {
    let results = record(user, json!([entry])).await;
    assert_eq!(results[0]["errors"], json!([]));
    results[0]["timeEntry"]["id"].clone()
}

/// Records one entry that must be refused; the codes of its errors.
pub(crate) async fn rejected(user: &User<'_>, entry: Value) -> Vec<String> {
    let results = record(user, json!([entry])).await;
    assert_eq!(results[0]["outcome"], "REJECTED");
    results[0]["errors"].as_array().unwrap().iter().map(|error| error["code"].as_str().unwrap().to_owned()).collect()
}
