//! `remit import calendar`, run as an operator runs it, beside a server on the same database.
//!
//! Terms make the past fast, and the command reads the real clock: years long gone and far off keep the tests true.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::support::{
    Remit, User, both,
    command::{Said, words},
    fixtures,
};

/// Files as programs write them.
fn files() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/calendars")
}

/// Runs `remit` with these arguments in the folder of files.
async fn command(remit: &Remit, arguments: Vec<String>) -> Said {
    crate::support::command::run(remit, files(), arguments).await
}

/// Imports into OFFICE of acme.
async fn import(remit: &Remit, arguments: &str) -> Said {
    command(remit, words(&format!("import calendar --code OFFICE --provider acme {arguments}"))).await
}

/// The last line of an import that went well.
async fn done(remit: &Remit, arguments: &str) -> String {
    let said = import(remit, arguments).await;
    assert!(said.well, "{arguments}: {said:?}");
    said.out.lines().last().unwrap().to_owned()
}

/// What an import that must be refused says.
async fn refused(remit: &Remit, arguments: &str) -> String {
    let said = import(remit, arguments).await;
    assert!(!said.well && said.out.is_empty(), "{arguments}: {said:?}");
    said.error.trim().to_owned()
}

/// The exceptions of OFFICE, `2026-12-24 08:00-12:00 Christmas Eve`, with `!` where they are holidays.
async fn exceptions(admin: &User<'_>) -> Vec<String> {
    let query = "{ calendar(by: {code: \"OFFICE\"}) { exceptions { date name holiday periods { opens closes } } } }";
    let answer = admin.ask(query).await;
    let spelled = |e: &Value| {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let hours = |p: &Value| format!("{}-{}", text(&p["opens"]), text(&p["closes"]));
        let hours: Vec<String> = e["periods"].as_array().unwrap().iter().map(hours).collect();
        let mark = if e["holiday"] == true { "!" } else { "" };
        format!("{} {}{mark} {}", text(&e["date"]), hours.join(","), text(&e["name"]))
    };
    answer["calendar"]["exceptions"].as_array().map_or(Vec::new(), |list| list.iter().map(spelled).collect())
}

const MADE: &str = "--time-zone Europe/London --weekly \"MON-FRI 09:00-17:00\"";

both! {
    async fn holidays_become_exceptions_once(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        let arguments = "--holidays US --years 2026-2027 --except \"Columbus Day\" --open \"Presidents' Day=08:00-12:00\" \
            --open \"12-24=08:00-12:00=Christmas Eve\" --worked \"Veterans Day=09:00-15:00\"";
        // Thanksgiving is there already under another name, and stays.
        assert_eq!(done(&remit, arguments).await, "OFFICE: 21 added, 1 kept; done");
        let there = exceptions(&admin).await;
        assert_eq!(there.len(), 22);
        for expected in [
            "2026-02-16 08:00-12:00 Washington's Birthday (Presidents' Day)",
            "2026-07-03 ! Independence Day (observed)",
            "2026-11-11 09:00-15:00! Veterans Day",
            "2026-11-26 ! Thanksgiving",
            "2026-12-24 08:00-12:00 Christmas Eve",
            "2027-12-24 ! Christmas Day (observed)",
        ] {
            assert!(there.contains(&expected.to_owned()), "{expected}: {there:#?}");
        }
        assert_eq!(done(&remit, arguments).await, "OFFICE: 1 kept, 21 there already; nothing changes");
        assert_eq!(exceptions(&admin).await, there);
        // The server, which has asked before, sees them at once; the hours are the same revision.
        let asked = "{ calendar(by: {code: \"OFFICE\"}) { revision open: isOpen(at: \"2026-12-24T16:00:00Z\") shut: isOpen(at: \"2026-12-24T18:00:00Z\") } }";
        assert_eq!(admin.ask(asked).await, json!({"calendar": {"revision": 1, "open": true, "shut": false}}));
        assert_eq!(done(&remit, &format!("{arguments} --replace")).await, "OFFICE: 1 replaced, 21 there already; done");
        assert!(exceptions(&admin).await.contains(&"2026-11-26 ! Thanksgiving Day".to_owned()));
    }

    async fn a_dry_run_writes_nothing(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        let before = exceptions(&admin).await;
        let said = import(&remit, "--holidays DE-BY --years 2026 --dry-run").await;
        assert!(said.well && said.out.contains("  added     2026-01-06 closed Heilige Drei Könige\n"), "{said:?}");
        assert!(said.out.contains("kept in some places only, taken by --with: Augsburger Friedensfest, Mariä Himmelfahrt\n"), "{said:?}");
        assert!(said.out.ends_with("OFFICE: 12 added; nothing is written: this is a dry run\n"), "{said:?}");
        assert_eq!(exceptions(&admin).await, before);
        let last = done(&remit, "--holidays DE-BY --with \"Mariä Himmelfahrt\" --years 2026 --dry-run").await;
        assert_eq!(last, "OFFICE: 13 added; nothing is written: this is a dry run");
    }

    async fn dates_that_have_begun_stay_once_terms_use_the_calendar(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        assert_eq!(done(&remit, "--holidays US --years 2015").await, "OFFICE: 10 added; done");
        fixtures::agreement_in_force(&admin, "MSA-1").await;
        let before = exceptions(&admin).await;
        let said = import(&remit, "--holidays GB-ENG --years 2015 --replace").await;
        assert!(said.well && said.out.contains("  begun     2015-04-03 closed Good Friday: terms use the calendar"), "{said:?}");
        // New Year's and Christmas Day are holidays in both places; 25 May is one in both, and names may change.
        assert!(said.out.ends_with("OFFICE: 1 replaced, 5 begun, 2 there already; done\n"), "{said:?}");
        assert_eq!(exceptions(&admin).await.len(), before.len());
        assert_eq!(done(&remit, "--holidays GB-ENG --years 2390").await, "OFFICE: 8 added; done");
        assert_eq!(exceptions(&admin).await.len(), before.len() + 8);
    }

    async fn a_calendar_can_be_made(remit: Remit) {
        let admin = remit.admin("acme");
        let nobody = refused(&remit, "--holidays AT --years 2026").await;
        assert_eq!(nobody, "remit: there is no calendar OFFICE: make it by putCalendar, or give --time-zone and --weekly");
        let made = format!("--holidays AT --years 2026 {MADE} --name \"Office hours\"");
        assert_eq!(done(&remit, &made).await, "OFFICE: 13 added; the calendar is made");
        assert_eq!(done(&remit, &made).await, "OFFICE: 13 there already; nothing changes");
        let other = "--holidays AT --years 2026 --time-zone Europe/London --weekly \"MON-SAT 09:00-17:00\"";
        assert_eq!(refused(&remit, other).await, "remit: the calendar OFFICE is there already, with another zone or other hours");
        let answer = admin.ask("{ calendar(by: {code: \"OFFICE\"}) { name timeZone weekly { weekday } weekend } }").await;
        assert_eq!(answer["calendar"]["name"], "Office hours");
        assert_eq!((answer["calendar"]["timeZone"].as_str(), answer["calendar"]["weekly"].as_array().map(Vec::len)), (Some("Europe/London"), Some(5)));
        // Nobody else's.
        let other = remit.admin("other").ask("{ calendars { totalCount } }").await;
        assert_eq!(other["calendars"]["totalCount"], 0);
    }

    async fn a_file_becomes_exceptions(remit: Remit) {
        let admin = remit.admin("acme");
        assert_eq!(done(&remit, &format!("bank-holidays.ics --years 2026-2027 {MADE}")).await, "OFFICE: 3 added; the calendar is made");
        assert_eq!(exceptions(&admin).await, ["2026-12-25 ! Christmas Day", "2026-12-28 ! Boxing Day", "2027-01-01 ! New Year’s Day"]);
        assert_eq!(done(&remit, "bank-holidays.ics --years 2026-2027").await, "OFFICE: 3 there already; nothing changes");
        // Christmas Day is there already, word for word.
        let google = import(&remit, "google.ics --years 2026-2028").await;
        assert!(google.out.contains("  left out  line 43: \"Company retreat\" is cancelled\n"), "{google:?}");
        assert!(google.out.ends_with("OFFICE: 3 added, 1 there already; done\n"), "{google:?}");
        // What lasts part of a day means nothing until it is said what.
        let unsaid = refused(&remit, "apple.ics --years 2027").await;
        assert!(unsaid.starts_with("remit: apple.ics: line 15: \"Training\" lasts part of a day") && unsaid.contains(", and 4 more: "), "{unsaid}");
        assert_eq!(done(&remit, "apple.ics --years 2027 --timed closes").await, "OFFICE: 8 added; done");
        let there = exceptions(&admin).await;
        assert!(there.contains(&"2027-02-10 09:00-13:00 Training".to_owned()), "{there:#?}");
        let outlook = "outlook.ics --years 2026-2030 --timed opens --except Betriebsferien";
        assert_eq!(done(&remit, outlook).await, "OFFICE: 3 added; done");
        assert!(exceptions(&admin).await.contains(&"2026-12-24 11:00-16:00 Heiligabend".to_owned()));
    }

    async fn a_file_that_is_wrong_changes_nothing(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        let before = exceptions(&admin).await;
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, bytes: &[u8]| {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            path.display().to_string()
        };
        let whole = std::fs::read(files().join("bank-holidays.ics")).unwrap();
        let broken_off = write("half.ics", &whole[..whole.len() / 2]);
        let said = refused(&remit, &broken_off).await;
        assert!(said.contains("half.ics: line "), "{said}");
        let latin = write("latin.ics", b"BEGIN:VCALENDAR\r\nX:\xe4\r\nEND:VCALENDAR\r\n");
        assert!(refused(&remit, &latin).await.ends_with("latin.ics: is not UTF-8: save it as UTF-8"));
        assert!(refused(&remit, "no-such.ics").await.starts_with("remit: no-such.ics: "));
        for wrong in [
            "", "google.ics --holidays US", "--holidays XX", "--holidays US --years 2028-2026", "--holidays US --open 12-24",
            "--holidays US --except \"Boxing Day\"", "--holidays US --with \"Good Friday\"", "google.ics --observed",
            "--holidays US --timed closes", "--holidays US --time-zone Europe/London", "google.ics --except Easter",
        ] {
            refused(&remit, wrong).await;
        }
        assert_eq!(exceptions(&admin).await, before);
    }
}
