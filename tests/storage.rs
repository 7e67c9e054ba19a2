//! Tables and entities agree, nothing crosses providers, extremes come back, writers do not tear each other's work.

use std::collections::BTreeSet;

use remit_entity as entity;
use sea_orm::{
    ConnectionTrait, Database, DatabaseConnection, DbBackend, EntityTrait, IdenStatic, Iterable, PrimaryKeyToColumn,
    Statement,
};
use serde_json::{Value, json};

use crate::support::{Remit, both, fixtures};

async fn connect(remit: &Remit) -> DatabaseConnection {
    Database::connect(remit.database_url()).await.unwrap()
}

/// The columns of a table, and those of its primary key in order.
async fn table(connection: &DatabaseConnection, name: &str) -> (BTreeSet<String>, Vec<String>) {
    let backend = connection.get_database_backend();
    let (columns, key) = match backend {
        DbBackend::Postgres => (
            format!("SELECT column_name::text AS name FROM information_schema.columns WHERE table_name = '{name}'"),
            format!("SELECT a.attname::text AS name FROM pg_index i CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k(attnum, place)
                JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum WHERE i.indrelid = to_regclass('{name}') AND i.indisprimary ORDER BY k.place"),
        ),
        _ => (format!("SELECT name FROM pragma_table_info('{name}')"), format!("SELECT name FROM pragma_table_info('{name}') WHERE pk > 0 ORDER BY pk")),
    };
    let names = async |sql: String| {
        let rows = connection.query_all_raw(Statement::from_string(backend, sql)).await.unwrap();
        rows.iter().map(|row| row.try_get::<String>("", "name").unwrap()).collect::<Vec<_>>()
    };
    (names(columns).await.into_iter().collect(), names(key).await)
}

async fn compare<E: EntityTrait>(connection: &DatabaseConnection, row: E)
where
    E::PrimaryKey: PrimaryKeyToColumn<Column = E::Column>,
{
    let name = row.table_name();
    let (columns, key) = table(connection, name).await;
    let declared: BTreeSet<String> = E::Column::iter().map(|column| column.as_str().to_owned()).collect();
    assert_eq!(columns, declared, "columns of {name}");
    let declared: Vec<String> = E::PrimaryKey::iter().map(|part| part.into_column().as_str().to_owned()).collect();
    assert_eq!(key, declared, "key of {name}");
    assert!(key[0] == "provider_id" || ["provider", "feed"].contains(&name), "the provider leads the key of {name}");
}

async fn compare_all(connection: &DatabaseConnection) {
    macro_rules! each {
        ($($table:ident),+ $(,)?) => { $(compare(connection, entity::$table::Entity).await;)+ };
    }
    each!(
        agreement,
        agreement_suspension,
        agreement_terms,
        api_client,
        api_secret,
        audit,
        billing_period,
        calendar,
        calendar_revision,
        change,
        charge,
        change_floor,
        client,
        external_ref,
        fact,
        feed,
        kept_answer,
        obligation,
        obligation_status,
        prepaid_hours,
        provider,
        revocation,
        service,
        service_component,
        sla_tier,
        sla_tier_revision,
        terms_calendar,
        terms_overpromise,
        terms_renewal,
        terms_service,
        terms_tier,
        webhook,
        webhook_delivery,
        webhook_key,
        webhook_lane,
        ticket,
        ticket_clock,
        ticket_clock_span,
        time_entry,
        watched_subject,
    );
}

/// What the feed holds: event, subject and kind, in order.
async fn feed(connection: &DatabaseConnection) -> Vec<(String, String, String)> {
    let sql = "SELECT event, subject, kind FROM change ORDER BY epoch, transaction_id, sequence";
    let rows = connection.query_all_raw(Statement::from_string(connection.get_database_backend(), sql)).await.unwrap();
    let text = |row: &sea_orm::QueryResult, name: &str| row.try_get::<String>("", name).unwrap();
    rows.iter().map(|row| (text(row, "event"), text(row, "subject"), text(row, "kind"))).collect()
}

both! {
    async fn every_step_goes_up_down_and_up_again(remit: Remit) {
        let connection = connect(&remit).await;
        compare_all(&connection).await;
        remit.store.unmigrate().await.unwrap();
        assert_eq!(table(&connection, "agreement").await.0.len().min(1), 0);
        assert!(!remit.store.is_ready().await);
        remit.store.migrate().await.unwrap();
        compare_all(&connection).await;
        assert!(remit.store.is_ready().await);
    }

    async fn a_row_cannot_refer_to_another_providers(remit: Remit) {
        let (ours, theirs) = (remit.admin("acme"), remit.admin("zenith"));
        fixtures::catalogue(&ours).await;
        fixtures::catalogue(&theirs).await;
        let connection = connect(&remit).await;
        let client = |provider: &str| format!("(SELECT id FROM client WHERE provider_id = '{provider}')");
        let insert = |id: &str, provider: &str, of: &str| {
            let id = match connection.get_database_backend() { DbBackend::Postgres => format!("'{id}'::uuid"), _ => format!("X'{}'", id.replace('-', "")) };
            format!("INSERT INTO agreement (provider_id, id, number, title, client_id, currency, revision, offered) VALUES ('{provider}', {id}, 'X', 'X', {}, 'USD2', 1, false)", client(of))
        };
        let crossing = connection.execute_unprepared(&insert("0193f000-0000-7000-8000-000000000001", "acme", "zenith")).await;
        assert!(crossing.unwrap_err().to_string().to_lowercase().contains("foreign key"));
        connection.execute_unprepared(&insert("0193f000-0000-7000-8000-000000000002", "acme", "acme")).await.unwrap();
    }

    async fn extremes_come_back_as_they_went_in(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        let (code, text) = ("Ä\"\\'%_🦀".repeat(9), "long \"text\"\\ with\nlines\t and 'quotes' ".repeat(250));
        let code: String = code.chars().take(64).collect();
        let service = json!({"code": code, "name": "x", "kind": "CLOUD", "description": text});
        admin.done("putService", service, "").await;
        let found = admin.ask_with("query ($c: String!) { service(by: {code: $c}) { code description } }", json!({"c": code})).await;
        assert_eq!(found["service"], json!({"code": code, "description": text}));
        for (number, currency, hourly, fee, shown) in [
            ("JPY", "JPY", "999999999999.999999", "999999999999", ("999999999999.999999", "999999999999")),
            ("KWD", "KWD", "0.000001", "0.001", ("0.000001", "0.001")),
            ("USD", "USD", "100", "0", ("100.00", "0.00")),
        ] {
            let create = json!({"number": number, "title": "x", "client": {"code": "NORTHWIND"}, "currency": currency});
            admin.done("createAgreement", create, "").await;
            let money = |amount: &str| json!({"amount": amount, "currency": currency});
            let draft = json!({"agreement": {"code": number}, "effectiveFrom": "1900-01-01", "effectiveUntil": "2399-12-31",
                "extraHours": {"roles": [{"role": "r", "hourly": money(hourly)}], "rates": [{"treatment": "MULTIPLIER", "multiplier": "1000", "callOut": money(fee)}],
                    "rounding": {"minimum": "PT1000000H", "increment": "PT0.000001S"}},
                "availability": [{"subject": "x", "percent": "99.999999", "window": "CALENDAR_YEAR"}],
                "services": [{"service": {"code": "HELPDESK"}, "quantity": 2_147_483_647}]});
            let selection = "terms { effectiveFrom effectiveUntil services { quantity } availability { percent }
                extraHours { roles { hourly { amount } } rates { multiplier callOut { amount } } rounding { minimum increment } } }";
            let drafted = admin.done("draftTerms", draft, selection).await;
            let expected = json!({"effectiveFrom": "1900-01-01", "effectiveUntil": "2399-12-31", "services": [{"quantity": 2_147_483_647}], "availability": [{"percent": "99.999999"}],
                "extraHours": {"roles": [{"hourly": {"amount": shown.0}}], "rates": [{"multiplier": "1000", "callOut": {"amount": shown.1}}], "rounding": {"minimum": "PT1000000H", "increment": "PT0.000001S"}}});
            assert_eq!(drafted["terms"], expected);
            let read = admin.ask_with(&format!("query ($n: String!) {{ agreement(by: {{code: $n}}) {{ pending {{ {} }} }} }}", &selection[8..selection.len() - 2]), json!({"n": number})).await;
            assert_eq!(read["agreement"]["pending"], expected);
        }
        let edges = admin.ask("{ calendar(by: {code: \"OFFICE\"}) { first: isOpen(at: \"1900-01-01T00:00:00Z\") last: isOpen(at: \"2399-12-31T23:59:59.999999Z\")
            all: openTime(from: \"1900-01-01T00:00:00Z\", to: \"2399-12-31T23:59:59.999999Z\") } }").await;
        assert_eq!((&edges["calendar"]["first"], &edges["calendar"]["last"]), (&json!(false), &json!(false)));
        assert!(edges["calendar"]["all"].as_str().unwrap().starts_with("PT11"), "{edges}");
    }

    async fn each_change_is_in_the_feed_once_and_nothing_else(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        let connection = connect(&remit).await;
        let before = feed(&connection).await.len();
        assert_eq!(before, 8);
        // The same again, and what is refused, is no change.
        fixtures::catalogue(&admin).await;
        admin.denied("putClient", json!({"code": "", "name": "x"})).await;
        assert_eq!(feed(&connection).await.len(), before);
        fixtures::agreement_in_force(&admin, "A").await;
        admin.denied("offerTerms", json!({"agreement": {"code": "A"}})).await;
        let rows = feed(&connection).await.split_off(before);
        let rows: Vec<(&str, &str, &str)> = rows.iter().map(|(a, b, c)| (a.as_str(), b.as_str(), c.as_str())).collect();
        assert_eq!(rows, [("agreement.created", "AGREEMENT", "CREATED"), ("terms.drafted", "TERMS", "CREATED"), ("terms.offered", "TERMS", "UPDATED"), ("terms.activated", "TERMS", "UPDATED")]);
    }

    async fn writers_at_once_do_not_tear_each_others_work(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        let put = json!({"code": "SAME", "name": "Same", "kind": "CLOUD", "externalRefs": [{"system": "psa", "id": "same"}]});
        let puts = (0..20).map(|_| admin.done("putService", put.clone(), "service { id }"));
        let ids: BTreeSet<String> = join_all(puts).await.iter().map(|payload| payload["service"]["id"].to_string()).collect();
        assert_eq!(ids.len(), 1);
        admin.done("createAgreement", json!({"number": "A", "title": "A", "client": {"code": "NORTHWIND"}, "currency": "USD"}), "").await;
        let draft = |day: usize| json!({"agreement": {"code": "A"}, "revision": 1, "effectiveFrom": format!("2027-01-{:02}", day + 1)});
        let drafts = join_all((0..20).map(|day| admin.call("draftTerms", draft(day), ""))).await;
        let refused: Vec<&Value> = drafts.iter().flat_map(|payload| payload["errors"].as_array().unwrap()).collect();
        assert_eq!((refused.len(), refused.iter().all(|error| error["code"] == "STALE_REVISION")), (19, true));
        let agreement = admin.ask("{ agreement(by: {code: \"A\"}) { revision versions { version } } }").await;
        assert_eq!(agreement["agreement"], json!({"revision": 2, "versions": [{"version": 1}]}));
    }
}

/// Waits for all of them at once.
async fn join_all<F: Future>(futures: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut waiting: Vec<_> = futures.map(|future| (Box::pin(future), None)).collect();
    std::future::poll_fn(move |context| {
        for (future, output) in waiting.iter_mut().filter(|(_, output)| output.is_none()) {
            if let std::task::Poll::Ready(value) = future.as_mut().poll(context) {
                *output = Some(value);
            }
        }
        match waiting.iter().all(|(_, output)| output.is_some()) {
            true => std::task::Poll::Ready(waiting.iter_mut().filter_map(|(_, output)| output.take()).collect()),
            false => std::task::Poll::Pending,
        }
    })
    .await
}
