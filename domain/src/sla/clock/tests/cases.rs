//! The worked deadlines that were handed to the project, where they are at hand.

use std::path::PathBuf;

use super::*;

/// One of the file's targets as a target of a tier.
fn targets(priority: &str, limits: &Value, clock: &str) -> Vec<String> {
    let limits = limits.as_object().unwrap().iter();
    limits.map(|(milestone, limit)| format!("{priority} {milestone} {} {clock}", limit.as_str().unwrap())).collect()
}

fn events(case: &Value) -> Vec<Event> {
    let one = |(place, given): (usize, &Value)| {
        let rest = [&given["priority"], &given["waitingFor"]].into_iter().filter_map(Value::as_str);
        let words: Vec<&str> = std::iter::once(given["kind"].as_str().unwrap()).chain(rest).collect();
        event(place, at(given["at"].as_str().unwrap()), &words.join(" "))
    };
    case["events"].as_array().unwrap().iter().enumerate().map(one).collect()
}

#[test]
fn handed_cases_come_out() {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/cases/sla.json");
    let Ok(text) = std::fs::read_to_string(&file) else {
        println!("not there, so not run: {}", file.display());
        return;
    };
    let cases: Value = serde_json::from_str(&text).unwrap();
    let mut run = 0;
    for case in cases["cases"].as_array().unwrap() {
        let hours = &case["calendar"];
        let holidays: Vec<String> = hours["holidays"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|day| format!("{} holiday", day.as_str().unwrap()))
            .collect();
        let holidays: Vec<&str> = holidays.iter().map(String::as_str).collect();
        let calendar = calendar(hours["timeZone"].as_str().unwrap(), hours["weekly"].as_str().unwrap(), &holidays);
        let clock = case["clock"].as_str().unwrap();
        let mut all = targets("P3", &case["targets"], clock);
        let changes = case["events"].as_array().unwrap().iter().filter(|event| event["targets"].is_object());
        all.extend(changes.flat_map(|change| targets(change["priority"].as_str().unwrap(), &change["targets"], clock)));
        let all: Vec<&str> = all.iter().map(String::as_str).collect();
        let office = Office::new(tier(&all, &[]), calendar);
        let ticket = Ticket { events: events(case), ..ticket(case["opened"].as_str().unwrap(), "P3", &[]) };
        let asked = ticket.events.iter().map(|event| event.at).max().unwrap_or(ticket.opened_at);
        let rules = office.rules();
        let found = clocks(&rules, &ticket, asked);
        for (name, due) in case["due"].as_object().unwrap() {
            let clock = found.iter().find(|clock| clock.milestone == milestone(name)).unwrap();
            assert_eq!(clock.due, Some(at(due.as_str().unwrap())), "{}: {name}", case["name"]);
            let breached = case["breachedAt"][name].as_str().map(at);
            assert_eq!(clock.breached_at, breached, "{}: {name}", case["name"]);
            check_proof(clock, asked);
            run += 1;
        }
    }
    assert!(run >= 11, "{run} deadlines");
}
