//! The rules Remit keeps, and nothing else.
//!
//! No async, no IO, no clock, no database, no GraphQL: every function here is a function of its arguments, and
//! whoever needs to know the time is told it. Nothing panics; what can be wrong is refused where it is made, so that
//! the rules themselves cannot fail.
//!
//! | module | answers | rules |
//! |---|---|---|
//! | [`calendar`] | when is it open, of which class is an hour, when has so much open time passed | C1–C8 |
//! | [`sla`] | which target applies and when is it due | S1, S2 |
//! | [`rating`] | what does work cost | R1–R5 |
//! | [`commitment`] | was it kept: availability, backups, performance | Q1, Q2, Q7–Q9 |
//! | [`billing`] | what does an agreement's work come to, period by period | R0, R4, R6–R9 |
//! | [`coverage`] | is it covered, who answers for it, what does it cost | V1–V9, R2 |
//! | [`promise`] | can it be kept, by what history shows | P1–P4 |
//! | [`readiness`] | what does a draft leave unsaid | L1, L2 |
//! | [`document`] | what does a version say, in words for people | D1–D8 |
//! | [`holidays`] | which days a country or region keeps as public holidays | C9 |
//! | [`lifecycle`] | which version of the terms is in force | V1, S8 |
//!
//! The rules are written out in `docs/rules`.

pub mod billing;
pub mod calendar;
pub mod commitment;
pub mod coverage;
pub mod decimal;
pub mod document;
pub mod holidays;
pub mod lifecycle;
pub mod money;
pub mod promise;
pub mod rating;
pub mod readiness;
pub mod share;
pub mod sla;
pub mod span;
pub mod terms;
pub mod text;
pub mod ticket;
pub mod time;
pub mod time_form;
pub mod words;

pub use decimal::{Factor, Percent};
pub use jiff::{
    Timestamp,
    civil::{Date, DateTime},
};
pub use money::{Currency, Money, Rate};
pub use share::Share;
pub use time::{Duration, LocalTime};
