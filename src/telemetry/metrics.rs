//! What the server counts of its work, and how it tells it: the text form of Prometheus.
//!
//! Names and labels are fixed words. Nothing that a caller sent, no tenant and no secret is ever among them.

use std::{
    fmt::Write as _,
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

/// What became of a request to the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It ran.
    Executed,
    /// It ran, but not to its end.
    TimedOut,
    /// Its document or values were refused.
    Refused,
    /// It was not let in.
    Limited,
}

const OUTCOMES: [(Outcome, &str); 4] = [
    (Outcome::Executed, "executed"),
    (Outcome::TimedOut, "timed_out"),
    (Outcome::Refused, "refused"),
    (Outcome::Limited, "limited"),
];

/// The upper bounds of the times that are told apart, in microseconds.
const BOUNDS: [u64; 12] =
    [500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 1_000_000, 5_000_000, 30_000_000];

/// What was counted since the server started.
#[derive(Debug, Default)]
pub struct Metrics {
    outcomes: [AtomicU64; OUTCOMES.len()],
    errors: [AtomicU64; CODES_MAX],
    times: [AtomicU64; BOUNDS.len() + 1],
    microseconds: AtomicU64,
    answers: [AtomicU64; 6],
}

/// Room for the codes of errors.
const CODES_MAX: usize = 16;

/// A request that is being counted.
pub struct Counting<'a> {
    metrics: &'a Metrics,
    began: Instant,
}

impl Metrics {
    /// Begins to count a request to the API.
    #[must_use]
    pub fn begin(&self) -> Counting<'_> {
        Counting { metrics: self, began: Instant::now() }
    }

    /// Counts an answer of HTTP by its status.
    pub fn answered(&self, status: u16) {
        if let Some(class) = self.answers.get(usize::from(status / 100)) {
            class.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Everything counted, with what is only known when it is asked for.
    ///
    /// - `codes`: the words for the errors, in their order.
    #[must_use]
    pub fn told(&self, codes: &[&str], now: &[Gauge]) -> String {
        let mut page = Page::default();
        let outcomes = OUTCOMES.iter().zip(&self.outcomes).map(|((_, word), count)| (*word, read(count)));
        page.family(
            "remit_requests_total",
            "counter",
            "Requests to the API by what became of them.",
            "outcome",
            outcomes,
        );
        let errors = codes.iter().zip(&self.errors).map(|(code, count)| (*code, read(count)));
        page.family("remit_errors_total", "counter", "Errors told to callers by their code.", "code", errors);
        let classes = ["1xx", "2xx", "3xx", "4xx", "5xx"].into_iter().zip(self.answers.iter().skip(1));
        let classes = classes.map(|(class, count)| (class, read(count)));
        page.family("remit_http_responses_total", "counter", "Answers of HTTP by status.", "status", classes);
        self.tell_times(&mut page);
        for gauge in now {
            page.one(gauge);
        }
        page.0
    }

    fn tell_times(&self, page: &mut Page) {
        page.head("remit_request_seconds", "histogram", "How long requests to the API took.");
        let mut sum = 0;
        for (bound, count) in BOUNDS.iter().zip(&self.times) {
            sum += read(count);
            page.line(format_args!("remit_request_seconds_bucket{{le=\"{}\"}} {sum}", seconds(*bound)));
        }
        let all = sum + self.times.last().map_or(0, read);
        page.line(format_args!("remit_request_seconds_bucket{{le=\"+Inf\"}} {all}"));
        page.line(format_args!("remit_request_seconds_sum {}", seconds(read(&self.microseconds))));
        page.line(format_args!("remit_request_seconds_count {all}"));
    }
}

impl Counting<'_> {
    /// Puts down how a request ended.
    ///
    /// - `errors`: the places of its errors' codes.
    pub fn end(self, outcome: Outcome, errors: impl IntoIterator<Item = usize>) {
        let took = u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX);
        let slot = BOUNDS.partition_point(|bound| *bound < took);
        let places = OUTCOMES.iter().zip(&self.metrics.outcomes).filter(|((known, _), _)| *known == outcome);
        places.for_each(|(_, count)| add(count, 1));
        self.metrics.times.get(slot).into_iter().for_each(|count| add(count, 1));
        add(&self.metrics.microseconds, took);
        errors.into_iter().filter_map(|place| self.metrics.errors.get(place)).for_each(|count| add(count, 1));
    }
}

/// A figure that is read when it is asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gauge {
    /// What it is called; one that only grows ends with `_total`.
    pub name: &'static str,
    /// What it says.
    pub help: &'static str,
    /// Its value.
    pub value: f64,
}

#[derive(Default)]
struct Page(String);

impl Page {
    fn family<'a>(
        &mut self,
        name: &str,
        kind: &str,
        help: &str,
        label: &str,
        values: impl Iterator<Item = (&'a str, u64)>,
    ) {
        self.head(name, kind, help);
        for (word, value) in values {
            self.line(format_args!("{name}{{{label}=\"{word}\"}} {value}"));
        }
    }

    fn one(&mut self, gauge: &Gauge) {
        let kind = if gauge.name.ends_with("_total") { "counter" } else { "gauge" };
        self.head(gauge.name, kind, gauge.help);
        self.line(format_args!("{} {}", gauge.name, gauge.value));
    }

    fn head(&mut self, name: &str, kind: &str, help: &str) {
        self.line(format_args!("# HELP {name} {help}"));
        self.line(format_args!("# TYPE {name} {kind}"));
    }

    fn line(&mut self, line: std::fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        writeln!(self.0, "{line}").ok();
    }
}

fn read(count: &AtomicU64) -> u64 {
    count.load(Ordering::Relaxed)
}

fn add(count: &AtomicU64, by: u64) {
    count.fetch_add(by, Ordering::Relaxed);
}

fn seconds(microseconds: u64) -> f64 {
    Duration::from_micros(microseconds).as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_counted_is_told() {
        let metrics = Metrics::default();
        metrics.begin().end(Outcome::Executed, []);
        metrics.begin().end(Outcome::Refused, [1, 1, 99]);
        metrics.answered(200);
        metrics.answered(999);
        let gauge = Gauge { name: "remit_running", help: "Requests that run.", value: 2.0 };
        let told = metrics.told(&["A", "B"], &[gauge]);
        for line in [
            "remit_requests_total{outcome=\"executed\"} 1",
            "remit_requests_total{outcome=\"limited\"} 0",
            "remit_errors_total{code=\"A\"} 0",
            "remit_errors_total{code=\"B\"} 2",
            "remit_http_responses_total{status=\"2xx\"} 1",
            "remit_request_seconds_bucket{le=\"0.0005\"} 2",
            "remit_request_seconds_bucket{le=\"+Inf\"} 2",
            "remit_request_seconds_count 2",
            "# TYPE remit_running gauge",
            "remit_running 2",
        ] {
            assert!(told.lines().any(|told| told == line), "{line}\n{told}");
        }
        assert!(told.lines().all(|line| line.starts_with('#') || line.split(' ').count() == 2), "{told}");
    }
}
