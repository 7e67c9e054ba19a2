//! What billing systems are told: days of the zone, corrections in their own period, prices that can be checked.

use serde_json::{Value, json};

use super::{
    tickets::with,
    work::{entry, record},
};
use crate::support::{Remit, User, both, command, fixtures};

/// An hour costs 150.00; of those on weekends one a month is included, and what is beyond costs 80.00. A visit costs 50.00
/// beside its time.
async fn agreed(admin: &User<'_>) {
    fixtures::catalogue(admin).await;
    let mut draft = fixtures::draft("MSA-1");
    draft["effectiveFrom"] = json!("2026-09-01");
    draft["extraHours"] = json!({
        "rates": [
            {"itemCode": "visit", "workKind": ["visit"], "treatment": "MULTIPLIER", "multiplier": "1", "callOut": {"amount": "50", "currency": "USD"}},
            {"itemCode": "hour", "treatment": "MULTIPLIER", "multiplier": "1"},
        ],
        "roles": [{"role": "engineer", "hourly": {"amount": "150", "currency": "USD"}}],
        "included": {"perPeriod": "PT1H", "rolloverPeriods": 0, "draws": [{"hoursClass": ["WEEKEND"], "factor": "1"}], "overageHourly": {"amount": "80", "currency": "USD"}},
    });
    fixtures::agree(admin, "MSA-1", draft).await;
}

/// September is closed with two hours; then these are taken back and another one becomes known. October is closed too.
async fn two_months(admin: &User<'_>) {
    let close = |from: &str| {
        let close = json!({"agreement": {"code": "MSA-1"}, "from": from});
        admin.done("closeBillingPeriod", close, "")
    };
    let before = entry("before", "2026-09-16T10:00:00Z", "2026-09-16T12:00:00Z");
    let batch = json!([
        before,
        // On the seventh in New York.
        entry("evening", "2026-10-08T01:00:00Z", "2026-10-08T02:00:00Z"),
        with(entry("visit", "2026-10-09T15:00:00Z", "2026-10-09T16:00:00Z"), json!({"workKind": "visit"})),
        entry("weekend", "2026-10-10T10:00:00Z", "2026-10-10T13:00:00Z"),
    ]);
    record(admin, batch).await;
    close("2026-09-01").await;
    let late = entry("late", "2026-09-23T10:00:00Z", "2026-09-23T11:00:00Z");
    record(admin, json!([with(before, json!({"deleted": true})), late])).await;
    close("2026-10-01").await;
}

async fn export(remit: &Remit, format: &str) -> command::Said {
    let folder = tempfile::tempdir().unwrap();
    let line = format!("export charges --provider acme --period 2026-10 --format {format}");
    command::run(remit, folder.path().to_owned(), command::words(&line)).await
}

both! {
    async fn corrections_go_where_they_are_billed(remit: Remit) {
        let admin = remit.admin("acme");
        agreed(&admin).await;
        two_months(&admin).await;
        let stripe = export(&remit, "stripe").await.out;
        let told: Vec<String> = stripe.lines().map(|line| {
            let told: Value = serde_json::from_str(line).unwrap();
            match told["event_name"].as_str() {
                Some(name) => format!("{name} {} {}", told["timestamp"], told["payload"]["value"].as_str().unwrap()),
                None => format!("{} {}", told["object"].as_str().unwrap(), told["amount"]),
            }
        }).collect();
        // What is late is told of the last second of October in New York, and what is negative is no meter's.
        let end_of_october = 1_793_505_599;
        assert_eq!(told, [
            "invoiceitem -30000".to_owned(),
            format!("hour {end_of_october} 15000"),
            "hour 1791421200 15000".to_owned(),
            "visit 1791558000 20000".to_owned(),
            "hour 1791626400 16000".to_owned(),
        ]);
        let quickbooks = export(&remit, "quickbooks").await.out;
        let lines: Vec<String> = quickbooks.lines().skip(1).map(|line| line.rsplitn(6, ',').take(5).collect::<Vec<_>>().join(" ")).collect();
        assert_eq!(lines, [
            "2026-09-16 USD -300.00 -300.00 1",
            "2026-09-23 USD 150.00 150.00 1",
            "2026-10-07 USD 150.00 150.00 1",
            "2026-10-09 USD 200.00 200.00 1",
            "2026-10-10 USD 160.00 80.00 2",
        ]);
    }

    async fn usages_say_their_price_and_what_is_none_is_named(remit: Remit) {
        let admin = remit.admin("acme");
        agreed(&admin).await;
        two_months(&admin).await;
        let usages = export(&remit, "chargebee").await;
        let lines: Vec<&str> = usages.out.lines().skip(1).collect();
        assert_eq!(lines, [
            "MSA-1,hour,2026-10-07,1,Extra hours at 150.00 USD an hour: 150.00 USD",
            "MSA-1,hour,2026-10-10,2,Extra hours at 80.00 USD an hour: 160.00 USD",
            "MSA-1,hour,2026-10-31,1,Extra hours at 150.00 USD an hour: 150.00 USD",
            "MSA-1,visit,2026-10-09,1,Extra hours at 150.00 USD an hour: 150.00 USD",
        ]);
        for said in [
            "MSA-1: -300.00 USD is no usage, since it is negative",
            "MSA-1: 50.00 USD is no usage, since it is more than its hours cost, such as a call-out fee",
            "MSA-1: hours of the item price hour cost 150.00 USD and 80.00 USD; one item price has one rate",
        ] {
            assert!(usages.error.contains(said), "{said}\n{}", usages.error);
        }
    }
}
