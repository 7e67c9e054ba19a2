//! The statement of a billing period: what is charged and why, in words that a client can check.

use jiff::Timestamp;

use super::{
    Block, Clause, Document, Level, Line, Table, heading,
    model::fact,
    paragraph, phrases,
    say::{self, brief, date, instant},
};
use crate::{
    billing::{LotOrigin, Month, PoolLine, PrepaidBlock},
    money::{Currency, Money, Rate},
    rating::PoolTime,
    time::Duration,
    words::{ChargeKind, HoursClass},
};

/// A billing period with all that its statement says.
#[derive(Clone, Debug)]
pub struct Statement<'a> {
    /// What the provider is called.
    pub provider: &'a str,
    /// The client's name.
    pub client: &'a str,
    /// The agreement's number.
    pub number: &'a str,
    /// The agreement's title.
    pub title: &'a str,
    /// The currency of all amounts.
    pub currency: Currency,
    /// The zone of its days and hours.
    pub zone: &'a str,
    /// The month.
    pub month: Month,
    /// When it was closed; none: it can still change.
    pub closed: Option<Timestamp>,
    /// Its charges, in order.
    pub lines: Vec<StatementLine>,
    /// What became of the hours paid for, draws apart.
    pub hours: Vec<PoolLine>,
    /// What was drawn from each lot.
    pub drawn: Vec<(LotOrigin, PoolTime)>,
    /// The blocks of hours that were bought.
    pub blocks: &'a [PrepaidBlock],
}

/// One charge of a statement.
#[derive(Clone, Debug)]
pub struct StatementLine {
    /// What it is for.
    pub kind: ChargeKind,
    /// The month that it is for: of an adjustment the closed one.
    pub for_month: Month,
    /// When the work began.
    pub from: Option<Timestamp>,
    /// What was worked on: the entry's reference, and the service; empty: no work, but a promise that was not kept.
    pub work: String,
    /// The class of the hours; none: it is no work.
    pub class: Option<HoursClass>,
    /// Time worked.
    pub worked: Duration,
    /// Rounded time that hours paid for cover.
    pub included: Duration,
    /// Rounded time less what is included.
    pub charged: Duration,
    /// The rate of what is charged.
    pub rate: Option<Rate>,
    /// What it comes to, in minor units.
    pub minor: i64,
    /// Why: the clause and the sentence.
    pub reasons: Vec<(Option<String>, String)>,
}

/// The statement as a document. The same period always gives the same text.
#[must_use]
pub fn statement(of: &Statement<'_>) -> Document {
    let month = say::month(of.month);
    let mut blocks = vec![heading(Level::Title, None, format!("Statement for {month}"))];
    if of.closed.is_none() {
        let text = " What is recorded until it is closed can change it.";
        blocks.push(Block::Notice(Line::default().strong("This period is not closed.").say(text)));
    }
    blocks.push(Block::List(facts(of)));
    blocks.push(heading(Level::Chapter, None, "Charges"));
    if of.lines.is_empty() {
        blocks.push(paragraph("Nothing was charged in this period."));
    } else {
        blocks.push(Block::Table(charges(of)));
    }
    let total = of.lines.iter().fold(0_i64, |sum, line| sum.saturating_add(line.minor));
    blocks.push(Block::Paragraph(Line::default().strong("Total:").say(" ").strong(money(total, of.currency))));
    blocks.extend(hours(of));
    blocks.extend(why(of));
    Document { title: format!("{} – statement for {month}", of.number), blocks }
}

fn facts(of: &Statement<'_>) -> Vec<Line> {
    let closed = of.closed.map_or_else(|| "not yet".to_owned(), |at| instant(at, of.zone));
    vec![
        fact("Provider", of.provider),
        fact("Client", of.client),
        fact("Agreement", format!("{} {}", of.number, of.title)),
        fact("Period", format!("{} to {}", date(of.month.first()), date(of.month.last()))),
        fact("Days and hours", format!("in the zone {}", of.zone)),
        fact("Closed", closed),
    ]
}

fn money(minor: i64, currency: Currency) -> String {
    format!("{} {}", currency.code(), Money { minor, currency }.amount())
}

impl StatementLine {
    /// What it is of, in words.
    fn what(&self) -> &str {
        if self.work.is_empty() { "Service credit" } else { &self.work }
    }

    /// When it was worked, and what it is for.
    fn class(&self) -> String {
        let kind = phrases::charge(self.kind);
        self.class.map_or_else(|| kind.to_owned(), |class| format!("{}, {kind}", phrases::worked(class)))
    }

    /// Time worked, covered or charged, which a credit has none of.
    fn time(&self, of: Duration) -> String {
        if self.class.is_some() { brief(of) } else { String::new() }
    }
}

fn charges(of: &Statement<'_>) -> Table {
    let columns = vec!["No.", "Begun", "Work", "Hours", "Worked", "Covered", "Charged", "Rate an hour", "Amount"];
    let row = |(place, line): (usize, &StatementLine)| {
        let of_month =
            if line.for_month == of.month { String::new() } else { format!(", for {}", say::month(line.for_month)) };
        vec![
            Line::from((place + 1).to_string()),
            Line::from(line.from.map(|at| instant(at, of.zone)).unwrap_or_default()),
            Line::from(format!("{}{of_month}", line.what())),
            Line::from(line.class()),
            Line::from(line.time(line.worked)),
            Line::from(line.time(line.included)),
            Line::from(line.time(line.charged)),
            Line::from(line.rate.map(|rate| rate.display_amount()).unwrap_or_default()),
            Line::from(Money { minor: line.minor, currency: of.currency }.amount()),
        ]
    };
    let rows = of.lines.iter().enumerate().map(row).collect();
    Table { caption: Line::from(format!("Charges, amounts in {}", of.currency.code())), columns, rows }
}

/// The ledger of the hours paid for; nothing where there are none.
fn hours(of: &Statement<'_>) -> Vec<Block> {
    if of.hours.is_empty() {
        return Vec::new();
    }
    let line = |line: &PoolLine| match *line {
        PoolLine::Carried(origin, time) => (origin, "left over from before", time),
        PoolLine::Added(origin, time) => (origin, "added", time),
        PoolLine::Capped(origin, time) => (origin, "lost: more was left over than can be carried", time),
        PoolLine::Expired(origin, time) => (origin, "lost: not used in time", time),
    };
    let (before, after): (Vec<&PoolLine>, Vec<&PoolLine>) =
        of.hours.iter().partition(|line| !matches!(line, PoolLine::Expired(..)));
    let drawn = of.drawn.iter().map(|(origin, time)| (*origin, "drawn by the work above", *time));
    let all = before.into_iter().map(line).chain(drawn).chain(after.into_iter().map(line));
    let row = |(origin, what, time): (LotOrigin, &str, PoolTime)| {
        vec![Line::from(say::lot(origin, of.blocks)), Line::from(what), Line::from(brief(time.whole()))]
    };
    let rows = all.map(row).collect();
    let table = Table { caption: Line::from("Hours paid for"), columns: vec!["Which", "What", "How many"], rows };
    vec![heading(Level::Chapter, None, "Hours paid for"), Block::Table(table)]
}

/// For each charge, why it is what it is.
fn why(of: &Statement<'_>) -> Vec<Block> {
    if of.lines.is_empty() {
        return Vec::new();
    }
    let mut blocks = vec![
        heading(Level::Chapter, None, "Why"),
        paragraph("For each charge, by its number. The numbers in brackets are clauses of the agreement."),
    ];
    for (place, line) in of.lines.iter().enumerate() {
        let says = |(clause, text): &(Option<String>, String)| match clause {
            Some(clause) => Line::from(format!("{text} [{clause}]")),
            None => Line::from(text),
        };
        blocks.push(Block::Clause(Clause {
            number: (place + 1).to_string(),
            title: Line::from(format!("{}: {}", line.what(), money(line.minor, of.currency))),
            facts: line.reasons.iter().map(says).collect(),
        }));
    }
    blocks
}
