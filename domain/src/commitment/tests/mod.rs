//! What was kept, against tables and an oracle that steps through minutes.

mod oracle;
mod recovery;
mod report;
mod tables;

use jiff::Timestamp;

use crate::{
    calendar::{Calendar, Exceptions, Hours, WallPeriod, WeeklyPeriod},
    span::Span,
    terms::{AvailabilityCommitment, Formula},
    time::{Duration, parse_instant},
    words::{Clock, PromiseStrength, Weekday, Window},
};

fn at(text: &str) -> Timestamp {
    parse_instant(text).unwrap()
}

fn span(from: &str, to: &str) -> Span {
    Span::new(at(from), at(to)).unwrap()
}

fn duration(text: &str) -> Duration {
    text.parse().unwrap()
}

fn weekly(weekday: Weekday, opens: &str, closes: &str) -> WeeklyPeriod {
    WeeklyPeriod { weekday, period: WallPeriod::new(opens.parse().unwrap(), closes.parse().unwrap()).unwrap() }
}

/// Monday to Friday, eight to five.
fn office(zone: &str) -> Calendar {
    let week = Weekday::ALL[..5].iter().map(|day| weekly(*day, "08:00", "17:00")).collect();
    Calendar::compile(&Hours::new(zone, week, &[]).unwrap(), &Exceptions::default())
}

/// Mail is there for 99.9 % of each month.
fn mail() -> AvailabilityCommitment {
    AvailabilityCommitment {
        subject: "Mail".into(),
        percent: "99.9".parse().unwrap(),
        window: Window::CalendarMonth,
        clock: Clock::AroundTheClock,
        maintenance_notice: None,
        maintenance_allowance: None,
        strength: PromiseStrength::Target,
        credits: Vec::new(),
        formula: Formula::default(),
        credit_triggers: Vec::new(),
        credit_per: None,
    }
}
