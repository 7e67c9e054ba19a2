//! What stands before the sections: title, parties, days, acceptance, and what a draft still misses.

use super::{
    Block, Level, Line, Subject, heading,
    model::fact,
    paragraph, phrases,
    say::{date, instant},
    unnumbered,
};
use crate::{lifecycle::Stage, readiness::Finding, words::TermsStatus};

pub(super) fn write(subject: &Subject<'_>) -> Vec<Block> {
    let mut blocks = vec![heading(Level::Title, None, subject.title)];
    blocks.extend(notice(subject).map(Block::Notice));
    blocks.push(Block::List(facts(subject)));
    if matches!(subject.version.stage, Stage::Draft) {
        blocks.extend(missing(subject.findings));
    }
    blocks.push(paragraph(
        "The numbers in front of clauses are those by which both sides and their systems name them. They stay the same \
         within a version.",
    ));
    blocks
}

/// What a reader must know before anything else.
fn notice(subject: &Subject<'_>) -> Option<Line> {
    let (strong, text) = match subject.status {
        TermsStatus::Draft => ("This is a draft.", " It is no offer, it binds nobody, and it can still change."),
        TermsStatus::Offered => ("This is an offer.", " It binds nobody until the client has accepted it."),
        TermsStatus::Withdrawn => ("These terms were withdrawn.", " They bind nobody."),
        TermsStatus::Superseded => ("These terms are no longer in force.", ""),
        TermsStatus::Scheduled | TermsStatus::InForce => return None,
    };
    Some(Line::default().strong(strong).say(text))
}

/// Who, what, since when, until when.
fn facts(subject: &Subject<'_>) -> Vec<Line> {
    let client = subject.client;
    let mut facts = vec![
        fact("Provider", subject.provider),
        fact("Client", format!("{} ({})", client.name, client.code)),
        fact("Agreement", subject.number),
        fact("Version", subject.version.number.to_string()),
        fact("Status", phrases::status(subject.status)),
        fact("First day", subject.term.from.map_or("not said yet".into(), date)),
        fact("Last day", subject.term.until.map_or("none: open-ended".into(), date)),
    ];
    facts.extend(subject.successor.map(|next| {
        let from = next.from.map_or_else(String::new, |from| format!(" from {}", date(from)));
        fact("Replaced by", format!("version {}{from}", next.number))
    }));
    facts.extend(zone(subject));
    facts.push(fact("Accepted", acceptance(subject)));
    facts
}

/// Where the days begin and end.
fn zone(subject: &Subject<'_>) -> Option<Line> {
    let zone = subject.calendar?.hours.zone();
    Some(fact("Days", format!("from 00:00 to 24:00 by the clocks of {zone}, first and last day included")))
}

fn acceptance(subject: &Subject<'_>) -> String {
    match &subject.version.stage {
        Stage::Accepted { by, at, .. } => {
            format!("for the client by {by} on {}", instant(*at, subject.client.time_zone))
        }
        Stage::Draft | Stage::Offered { .. } => "not yet".into(),
        Stage::Withdrawn { .. } => "no".into(),
    }
}

/// What a draft leaves unsaid, what keeps it from being offered first.
fn missing(findings: &[Finding]) -> Vec<Block> {
    let (blocking, others): (Vec<_>, Vec<_>) = findings.iter().partition(|finding| finding.rule.blocking);
    let mut blocks = vec![unnumbered("What is missing")];
    if findings.is_empty() {
        blocks.push(paragraph("Nothing that is checked is missing: this draft can be offered."));
    }
    for (text, findings) in
        [("This draft cannot be offered before these are settled:", blocking), ("Worth a second look:", others)]
    {
        if !findings.is_empty() {
            blocks.push(paragraph(text));
            blocks.push(Block::List(findings.into_iter().map(finding).collect()));
        }
    }
    blocks
}

fn finding(finding: &Finding) -> Line {
    let (number, _) = phrases::chapter(finding.rule.section);
    fact(&format!("Chapter {number}"), plain(&finding.message))
}

/// A finding's message with the schema's words, `HARDWARE_FAILURE`, as words: `hardware failure`.
fn plain(message: &str) -> String {
    let word = |word: &str| {
        let (bare, stop) = word.strip_suffix('.').map_or((word, ""), |bare| (bare, "."));
        phrases::spoken(bare).map_or_else(|| word.to_owned(), |spoken| format!("{spoken}{stop}"))
    };
    message.split(' ').map(word).collect::<Vec<_>>().join(" ")
}
