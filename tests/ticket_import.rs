//! `remit import tickets`, run as an operator runs it, on the event log of a real help desk.
//!
//! The log is `../shared/data/uci_incident_event_log.zip`: 24,918 incidents in 141,712 rows. One test takes all of it, another
//! what is said of single rows of the first of them. `.ci/long` shows how long the former takes in release.

use std::{
    fs,
    io::Read,
    path::{Path, PathBuf},
    time::Instant,
};

use remit_domain::{DateTime, Timestamp};
use serde_json::{Value, json};

use crate::support::{Remit, User, both, command::Said, fixtures};

/// How many incidents are enough to look at single rows.
const FEW: usize = 600;

/// The log; none, with a line that says so: it is not there.
fn log() -> Option<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/uci_incident_event_log.zip");
    let Ok(file) = fs::File::open(&path) else {
        eprintln!("not run: {} is missing", path.display());
        return None;
    };
    let mut archive = zip::ZipArchive::new(file).unwrap();
    let mut text = String::new();
    archive.by_name("incident_event_log/incident_event_log.csv").unwrap().read_to_string(&mut text).unwrap();
    Some(text)
}

/// The first incidents of the log, whole.
fn first(log: &str, incidents: usize) -> String {
    let mut seen: Vec<&str> = Vec::new();
    let mut taken = String::new();
    for line in log.lines() {
        let id = line.split(',').next().unwrap();
        if seen.last() != Some(&id) {
            seen.push(id);
        }
        // The head is none.
        if seen.len() > incidents + 1 {
            break;
        }
        taken.push_str(line);
        taken.push('\n');
    }
    taken
}

/// Incidents answered within four hours, and all of them: by a plain reading of the rows.
///
/// - `until`: only those count that were answered, or of which the four hours had passed, before this.
fn answered(log: &str, until: DateTime) -> (i64, i64) {
    let at = |text: &str| {
        let (date, time) = text.split_once(' ').unwrap();
        let parts: Vec<&str> = date.split('/').collect();
        format!("{}-{:0>2}-{:0>2}T{time}", parts[2], parts[1], parts[0]).parse::<DateTime>().unwrap()
    };
    let (mut within, mut all, mut last) = (0, 0, "");
    for row in log.lines().skip(1) {
        let fields: Vec<&str> = row.split(',').collect();
        if fields[0] == last || matches!(fields[1], "New" | "-100") {
            continue;
        }
        last = fields[0];
        let minutes = at(fields[13]).duration_since(at(fields[9])).as_mins();
        if minutes.min(4 * 60) < until.duration_since(at(fields[9])).as_mins() {
            all += 1;
            within += i64::from(minutes <= 4 * 60);
        }
    }
    (within, all)
}

/// How often incidents were reopened.
fn reopened(log: &str) -> i64 {
    let rows: Vec<Vec<&str>> = log.lines().skip(1).map(|row| row.split(',').collect()).collect();
    let ended = |row: &[&str]| matches!(row[1], "Resolved" | "Closed");
    rows.windows(2).filter(|two| two[0][0] == two[1][0] && ended(&two[0]) && !ended(&two[1])).count() as i64
}

async fn provider(remit: &Remit) -> User<'_> {
    let admin = remit.admin("acme");
    fixtures::catalogue(&admin).await;
    let always = |priority: &&str| json!({"priority": priority, "milestone": "RESPONSE", "within": "PT4H", "clock": "AROUND_THE_CLOCK"});
    let mends = |priority: &&str| json!({"priority": priority, "milestone": "RESOLUTION", "within": "PT16H"});
    let priorities = ["P1", "P2", "P3", "P4"];
    let targets: Vec<Value> = priorities.iter().map(always).chain(priorities.iter().map(mends)).collect();
    admin.done("putSlaTier", json!({"code": "GOLD", "name": "Gold", "targets": targets}), "").await;
    fixtures::agreement_since(&admin, "MSA-1", "2016-01-01").await;
    admin
}

/// When the last incident of the log has ended.
fn afterwards() -> Timestamp {
    "2017-02-20T12:00:00Z".parse().unwrap()
}

const PAST: &str = "query ($input: RehearseInput!) {
    agreement(by: {code: \"MSA-1\"}) { terms { promiseCheck { promises { promise sampleSize kept } } } }
    rehearse(input: $input) { tickets lines { milestone met breached } months { firstDay } } }";

/// What the log says of promises once it has ended: of answers within four hours, how many were asked and kept by the promise
/// check, and how many were met and breached in the twelve whole months before by a rehearsal of the same tier.
async fn past(remit: &Remit) -> ([i64; 2], [i64; 2]) {
    let then = remit.beside_at(afterwards).await;
    let input = json!({"tier": {"code": "GOLD"}, "calendar": {"code": "OFFICE"}, "agreement": {"code": "MSA-1"}});
    let said = then.admin("acme").ask_with(PAST, json!({"input": input})).await;
    let promises = said["agreement"]["terms"]["promiseCheck"]["promises"].as_array().unwrap();
    let answers =
        promises.iter().filter(|promise| promise["promise"].as_str().unwrap().contains(" response within 4 hours"));
    let lines = said["rehearse"]["lines"].as_array().unwrap();
    let responses = lines.iter().filter(|line| line["milestone"] == "RESPONSE");
    let months = said["rehearse"]["months"].as_array().unwrap();
    assert_eq!((months.len(), &months[0]["firstDay"]), (12, &json!("2016-02-01")));
    (sums(&answers, ["sampleSize", "kept"]), sums(&responses, ["met", "breached"]))
}

/// The sum of each of these fields.
fn sums<'a, const N: usize>(of: &(impl Iterator<Item = &'a Value> + Clone), fields: [&str; N]) -> [i64; N] {
    fields.map(|field| of.clone().map(|one| one[field].as_i64().unwrap()).sum())
}

async fn import(remit: &Remit, folder: &Path, more: &[&str]) -> Said {
    let map = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/logs/incidents.toml");
    let map = map.display().to_string();
    let arguments = ["import", "tickets", "log.csv", "--map", &map, "--provider", "acme"];
    let arguments = arguments.iter().chain(more).map(|word| (*word).to_owned()).collect();
    crate::support::command::run(remit, folder.to_owned(), arguments).await
}

/// Clocks of a milestone in the year of the log: met, breached, running.
async fn report(admin: &User<'_>, milestone: &str) -> [i64; 3] {
    let query = "{ agreement(by: {code: \"MSA-1\"}) { slaReport(from: \"2016-02-20T12:00:00Z\", to: \"2017-02-20T12:00:00Z\") { lines { milestone met breached running } } } }";
    let answer = admin.ask(query).await;
    let lines = answer["agreement"]["slaReport"]["lines"].as_array().unwrap();
    let of = |name: &str| {
        lines.iter().filter(|line| line["milestone"] == milestone).map(|line| line[name].as_i64().unwrap()).sum()
    };
    [of("met"), of("breached"), of("running")]
}

both! {
    async fn a_log_is_imported_once(remit: Remit) {
        let Some(log) = log() else { return };
        let log = first(&log, FEW);
        let admin = provider(&remit).await;
        let folder = tempfile::tempdir().unwrap();
        // A row with a state that the map does not know.
        let broken = log.replacen(",New,true,", ",-100,true,", 1);
        let rows = log.lines().count() - 1;
        fs::write(folder.path().join("log.csv"), &broken).unwrap();
        let said = import(&remit, folder.path(), &[]).await;
        let tally = |created: usize, unchanged: usize, rows: usize, rejected: usize| {
            let code = if rejected == 0 { "" } else { " (exit code 3)" };
            format!("{FEW} tickets: {created} created, 0 updated, {unchanged} unchanged; {rows} rows read, {rejected} rejected{code}\n")
        };
        let refused = "line 2: ticket 0000045: \"-100\" is not among the map's states\n";
        assert_eq!((said.code, said.out), (Some(3), format!("{refused}{}", tally(FEW, 0, rows, 1))), "{}", said.error);
        // Mended, again: nothing is new; and from a line on, only what stands there.
        fs::write(folder.path().join("log.csv"), &log).unwrap();
        let said = import(&remit, folder.path(), &[]).await;
        assert_eq!((said.code, said.out), (Some(0), tally(0, FEW, rows, 0)), "{}", said.error);
        let second = log.lines().position(|line| !line.starts_with("0000045") && line.starts_with('0')).unwrap() + 1;
        let said = import(&remit, folder.path(), &["--from-line", &second.to_string()]).await;
        assert!(said.out.starts_with(&format!("{} tickets: 0 created, 0 updated", FEW - 1)), "{}", said.out);

        assert_eq!(admin.ask("{ tickets { totalCount } }").await["tickets"]["totalCount"], FEW);
        let (within, all) = answered(&log, DateTime::MAX);
        assert_eq!(report(&admin, "RESPONSE").await, [within, all - within, 0]);
        assert_eq!(past(&remit).await, ([all, within], [within, all - within]));
        let resolution = report(&admin, "RESOLUTION").await;
        // What was mended, reopened and mended again is judged again.
        let (judged, few) = (resolution[0] + resolution[1], i64::try_from(FEW).unwrap());
        assert!((few..=few + reopened(&log)).contains(&judged) && resolution[2] == 0, "{resolution:?}");
        let query = "{ ticket(by: {external: {system: \"servicenow\", id: \"0000045\"}}) { title priority openedAt resolvedAt events { kind at } clocks { milestone state stoppedAt } } }";
        let expected = json!({
            "title": "0000045", "priority": "P3", "openedAt": "2016-02-29T01:16:00Z", "resolvedAt": "2016-02-29T08:53:00Z",
            "events": [{"kind": "RESOLVED", "at": "2016-02-29T08:53:00Z"}],
            "clocks": [{"milestone": "RESPONSE", "state": "BREACHED", "stoppedAt": "2016-02-29T08:53:00Z"}, {"milestone": "RESOLUTION", "state": "MET", "stoppedAt": "2016-02-29T08:53:00Z"}],
        });
        assert_eq!(admin.ask(query).await["ticket"], expected);
    }

    async fn an_import_that_takes_nothing_does_not_end_well(remit: Remit) {
        remit.admin("acme").done("putCalendar", fixtures::calendar(), "").await;
        let folder = tempfile::tempdir().unwrap();
        let log = "\
number,ident_state,opened_at,sys_updated_at,priority,contact_type
1,New,29/2/2016 01:16,29/2/2016 01:23,3,Phone
1,New,31/02/2016 01:16,29/2/2016 02:00,3,Phone
2,New,29/2/2016 01:16,29/2/2016 01:23,3,Phone
";
        fs::write(folder.path().join("log.csv"), log).unwrap();
        let said = import(&remit, folder.path(), &[]).await;
        let expected = "\
line 3: ticket 1: opened_at: \"31/02/2016 01:16\" is not a time of the form that is given
line 2: ticket 1: no such agreement
line 4: ticket 2: no such agreement
0 tickets: 0 created, 0 updated, 0 unchanged; 3 rows read, 3 rejected (exit code 3)
";
        assert_eq!((said.code, &*said.out), (Some(3), expected), "{}", said.error);
    }

    async fn what_cannot_be_imported_is_said_at_once(remit: Remit) {
        provider(&remit).await;
        let folder = tempfile::tempdir().unwrap();
        let said = import(&remit, folder.path(), &[]).await;
        assert!(said.code == Some(1) && said.error.contains("log.csv: No such file"), "{said:?}");
        fs::write(folder.path().join("log.csv"), "number;opened_at\n").unwrap();
        let said = import(&remit, folder.path(), &[]).await;
        assert!(!said.well && said.error.contains("log.csv: the file has no column \"number\"; it has number;opened_at"), "{said:?}");
    }

    async fn the_whole_log_is_imported_once(remit: Remit) {
        let Some(log) = log() else { return };
        let admin = provider(&remit).await;
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("log.csv"), &log).unwrap();
        for (created, unchanged) in [(24_918, 0), (0, 24_918)] {
            let begun = Instant::now();
            let said = import(&remit, folder.path(), &[]).await;
            let tally = format!("24918 tickets: {created} created, 0 updated, {unchanged} unchanged; 141712 rows read, 5 rejected (exit code 3)");
            assert_eq!((said.code, said.out.lines().last().unwrap()), (Some(3), &*tally), "{}", said.error);
            println!("{tally}: {:.1} s", begun.elapsed().as_secs_f64());
        }
        let (within, all) = answered(&log, DateTime::MAX);
        assert_eq!(report(&admin, "RESPONSE").await, [within, all - within, 0]);
        // The rehearsal ends with January, in New York.
        let (within_its_months, in_its_months) = answered(&log, "2017-02-01T05:00".parse().unwrap());
        let rehearsed = [within_its_months, in_its_months - within_its_months];
        assert_eq!(past(&remit).await, ([all, within], rehearsed));
        let begun = Instant::now();
        let resolution = report(&admin, "RESOLUTION").await;
        println!("report {resolution:?}: {:.0} ms", begun.elapsed().as_secs_f64() * 1000.0);
    }
}
