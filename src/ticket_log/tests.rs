//! What rows say, and what is made of it.

use remit_domain::ticket::TicketVersion;

use super::{Line, Map, rows::Rows};
use crate::app::RecordTicket;

const MAP: &str = r#"
system = "desk"
agreement = "MSA-1"
zone = "Europe/Lisbon"
time = "%d/%m/%Y %H:%M"
unknown = ["", "?"]

[columns]
ticket = "number"
opened = "opened_at"
at = "updated_at"
priority = "priority"
state = "state"

[priorities]
"2" = "P2"
"3" = "P3"

[states]
"New" = "OPEN"
"Active" = "RESPONDED"
"Awaiting User" = "RESPONDED, WAITING CLIENT"
"Awaiting Vendor" = "WAITING THIRD_PARTY"
"Resolved" = "RESOLVED"
"Closed" = "RESOLVED"
"#;

const HEAD: &str = "number,state,priority,opened_at,updated_at\n";

fn read(map: &str, rows: &str, from: Option<Line>) -> (Vec<(Line, RecordTicket)>, Vec<String>) {
    let map = Map::read(map).unwrap();
    let text = format!("{HEAD}{rows}");
    let mut log = Rows::new(text.as_bytes(), &map, from).unwrap();
    let (mut tickets, mut rejected) = (Vec::new(), Vec::new());
    while let Some(ticket) = log.next_ticket(&mut |row| rejected.push(format!("{}: {}", row.line, row.why))).unwrap() {
        tickets.push(ticket);
    }
    (tickets, rejected)
}

fn events(version: &TicketVersion) -> Vec<&str> {
    version.events.iter().map(|event| event.id.as_str()).collect()
}

#[test]
fn changes_of_state_are_events() {
    let rows = "\
1,New,3,29/2/2016 01:16,29/2/2016 01:23
1,Active,3,29/2/2016 01:16,29/2/2016 02:00
1,Active,2,29/2/2016 01:16,29/2/2016 02:30
1,Awaiting User,2,29/2/2016 01:16,29/2/2016 03:00
1,Awaiting Vendor,2,29/2/2016 01:16,29/2/2016 04:00
1,Active,2,29/2/2016 01:16,29/2/2016 05:00
1,Resolved,2,29/2/2016 01:16,29/2/2016 06:00
1,Closed,2,29/2/2016 01:16,5/3/2016 06:00
1,Active,2,29/2/2016 01:16,6/3/2016 06:00
";
    let (tickets, rejected) = read(MAP, rows, None);
    assert_eq!(rejected, [""; 0]);
    assert_eq!((tickets.len(), tickets[0].0), (1, 2));
    let version = &tickets[0].1.version;
    let expected = [
        "RESPONDED 2016-02-29T02:00:00Z",
        "PRIORITY_CHANGED 2016-02-29T02:30:00Z",
        "WAITING 2016-02-29T03:00:00Z",
        "WAITING 2016-02-29T04:00:00Z",
        "RESUMED 2016-02-29T05:00:00Z",
        "RESOLVED 2016-02-29T06:00:00Z",
        "REOPENED 2016-03-06T06:00:00Z",
    ];
    assert_eq!(events(version), expected);
    assert_eq!(version.opened_at.to_string(), "2016-02-29T01:16:00Z");
    assert_eq!(version.changed_at.unwrap().to_string(), "2016-03-06T06:00:00Z");
}

#[test]
fn rows_of_one_instant_are_one_step_wherever_they_stand() {
    // The order of the file is that of the minute; the last row counts for where it led to.
    let rows = "\
1,Awaiting User,3,1/3/2016 01:00,1/3/2016 02:00
1,Active,3,1/3/2016 01:00,1/3/2016 03:00
1,Awaiting Vendor,3,1/3/2016 01:00,1/3/2016 03:00
1,New,3,1/3/2016 01:00,1/3/2016 01:00
2,Resolved,3,1/3/2016 01:00,1/3/2016 03:00
2,Active,3,1/3/2016 01:00,1/3/2016 04:00
2,Resolved,3,1/3/2016 01:00,1/3/2016 04:00
";
    let (tickets, _) = read(MAP, rows, None);
    assert_eq!(
        events(&tickets[0].1.version),
        ["RESPONDED 2016-03-01T02:00:00Z", "WAITING 2016-03-01T02:00:00Z", "WAITING 2016-03-01T03:00:00Z"]
    );
    assert_eq!(events(&tickets[1].1.version), ["RESOLVED 2016-03-01T03:00:00Z", "RESPONDED 2016-03-01T04:00:00Z"]);
}

#[test]
fn rows_that_cannot_be_taken_are_named() {
    let rows = "\
1,New,3,1/3/2016 01:00,1/3/2016 01:00
1,-100,3,1/3/2016 01:00,1/3/2016 02:00
1,New,9,1/3/2016 01:00,1/3/2016 03:00
1,New,3,1/3/2016 01:00,yesterday
?,New,3,1/3/2016 01:00,1/3/2016 01:00
2,New,3,?,1/3/2016 01:00
1,New,3,1/3/2016 01:00,1/3/2016 04:00
3,New
3,Resolved,3,1/3/2016 01:00,1/3/2016 05:00
";
    let (tickets, mut rejected) = read(MAP, rows, None);
    rejected.sort();
    let expected = [
        "3: ticket 1: \"-100\" is not among the map's states",
        "4: ticket 1: \"9\" is not among the map's priorities",
        "5: ticket 1: updated_at: \"yesterday\" is not a time of the form that is given",
        "6: it names no ticket",
        "7: ticket 2: opened_at is empty",
        "8: ticket 1: its rows stand apart; sort the file by ticket, then by time",
        "9: ticket 3: updated_at is empty",
    ];
    assert_eq!(rejected, expected);
    assert_eq!(
        tickets.iter().map(|(line, ticket)| (*line, ticket.reference.id.as_str())).collect::<Vec<_>>(),
        [(2, "1"), (10, "3")]
    );
    assert_eq!(read(MAP, rows, Some(10)).0.len(), 1);
}

#[test]
fn a_time_that_cannot_be_read_is_no_row_to_go_by_wherever_it_stands() {
    let map = MAP.replace("state = \"state\"", "resolved = \"state\"");
    let rows = "\
1,,3,31/02/2026 08:00,1/3/2016 01:00
1,,3,1/3/2016 01:00,1/3/2016 02:00
2,yesterday,3,1/3/2016 01:00,1/3/2016 02:00
2,1/3/2016 02:00,3,1/3/2016 01:00,1/3/2016 03:00
3,,3,1/3/2016 01:00,1/3/2016 02:00
3,,3,31/02/2026 08:00,1/3/2016 03:00
";
    let (tickets, rejected) = read(&map, rows, None);
    let expected = [
        "2: ticket 1: opened_at: \"31/02/2026 08:00\" is not a time of the form that is given",
        "4: ticket 2: state: \"yesterday\" is not a time of the form that is given",
        "7: ticket 3: opened_at: \"31/02/2026 08:00\" is not a time of the form that is given",
    ];
    assert_eq!(rejected, expected);
    let opened: Vec<String> = tickets.iter().map(|(_, ticket)| ticket.version.opened_at.to_string()).collect();
    assert_eq!(opened, ["2016-03-01T01:00:00Z"; 3]);
}

#[test]
fn times_of_milestones_may_stand_in_columns() {
    let map = MAP.replace("state = \"state\"", "resolved = \"state\"\ntitle = \"number\"");
    let rows = "1,2/3/2016 01:00,3,1/3/2016 01:00,3/3/2016 01:00\n2,?,3,1/3/2016 01:00,3/3/2016 01:00\n";
    let (tickets, _) = read(&map, rows, None);
    let resolved = |place: usize| tickets[place].1.version.events[0].happened.map(|(at, _)| at.to_string());
    assert_eq!((resolved(0).as_deref(), resolved(1)), (Some("2016-03-02T01:00:00Z"), None));
}

#[test]
fn a_map_that_says_nothing_usable_is_refused() {
    let refused = |from: &str, to: &str| Map::read(&MAP.replace(from, to)).unwrap_err().to_string();
    for (from, to, says) in [
        ("agreement = \"MSA-1\"", "", "whose the tickets are is said once"),
        ("agreement = \"MSA-1\"", "agreement = \"A\"\nclient = \"B\"", "only one of them"),
        ("Europe/Lisbon", "Europe/Lissabon", "is no IANA time zone"),
        ("%d/%m/%Y %H:%M", "%d/%m %H:%M", "gives no date and time"),
        ("\"P2\"", "\"P9\"", "\"P9\" is none of P1, P2, P3, P4"),
        ("WAITING CLIENT", "WAITING", "states: \"WAITING\" is none of"),
        ("WAITING CLIENT", "WAITING CUSTOMER", "\"CUSTOMER\" is none of CLIENT"),
        ("state = \"state\"", "stat = \"state\"", "unknown field `stat`"),
    ] {
        assert!(refused(from, to).contains(says), "{}", refused(from, to));
    }
    let map = Map::read(&MAP.replace("\"state\"", "\"status\"")).unwrap();
    let error = Rows::new(HEAD.as_bytes(), &map, None).err().unwrap().to_string();
    assert_eq!(error, "the file has no column \"status\"; it has number, state, priority, opened_at, updated_at");
}
