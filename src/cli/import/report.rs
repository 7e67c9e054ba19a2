//! What an import says of itself.

use std::{fmt::Write as _, ops::RangeInclusive};

use remit_domain::{calendar::Exception, holidays::Region, text::Code};

use crate::app::{Doing, Imported};

/// Whose holidays, of which years, from where, and what they do not hold.
pub(super) fn heading(region: Region, years: &RangeInclusive<i16>, with: &[String]) -> String {
    let (first, last) = (years.start(), years.end());
    let mut text = format!("{region} {}, {first} to {last}\n", region.name());
    let _ = writeln!(text, "  source: {}; checked {}", region.source(), region.checked());
    let others: Vec<&str> = region.local().into_iter().filter(|name| !with.iter().any(|taken| taken == name)).collect();
    if !others.is_empty() {
        let _ = writeln!(text, "  kept in some places only, taken by --with: {}", others.join(", "));
    }
    text
}

/// What became of each exception, then all in one line.
pub(super) fn spelled(code: &Code, imported: &Imported, left_out: &[String], doing: Doing) -> String {
    let merged = &imported.merged;
    let mut text = String::new();
    for reason in left_out {
        let _ = writeln!(text, "  left out  {reason}");
    }
    for new in &merged.added {
        let _ = writeln!(text, "  added     {}", exception(new));
    }
    for (new, old) in &merged.replaced {
        let _ = writeln!(text, "  replaced  {} (was {})", exception(new), hours_and_name(old));
    }
    for (new, old) in &merged.kept {
        let _ = writeln!(text, "  kept      {} (--replace makes it {})", exception(old), hours_and_name(new));
    }
    for new in &merged.begun {
        let _ = writeln!(text, "  begun     {}: terms use the calendar, and the date has begun", exception(new));
    }
    let made = match (imported.is_new, merged.changes(), doing) {
        (_, _, Doing::Told) => "nothing is written: this is a dry run",
        (true, _, Doing::Done) => "the calendar is made",
        (false, true, Doing::Done) => "done",
        (false, false, Doing::Done) => "nothing changes",
    };
    let counted = [
        (merged.added.len(), "added"),
        (merged.replaced.len(), "replaced"),
        (merged.kept.len(), "kept"),
        (merged.begun.len(), "begun"),
        (merged.same, "there already"),
    ];
    let counted: Vec<String> = counted.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
    let counted = if counted.is_empty() { "no exceptions".into() } else { counted.join(", ") };
    let _ = writeln!(text, "{code}: {counted}; {made}");
    text
}

fn exception(exception: &Exception) -> String {
    format!("{} {}", exception.date, hours_and_name(exception))
}

fn hours_and_name(exception: &Exception) -> String {
    let hours: Vec<String> = exception.periods.iter().map(ToString::to_string).collect();
    let hours = if hours.is_empty() { "closed".into() } else { hours.join(", ") };
    format!("{hours} {}", exception.name)
}
