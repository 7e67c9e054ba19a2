//! The forms: how a charge is written for each billing system.

mod chargebee;
mod quickbooks;
mod stripe;

use std::io::{Result, Write};

use remit_domain::{Duration, Timestamp, document::InvoiceLine, money::Money, words::HoursClass};
use serde_json::{Value, json};

use super::Form;
use crate::{app::ChargeLine, store::ExternalRef};
use chargebee::Chargebee;
use quickbooks::Quickbooks;
use stripe::Stripe;

/// Writes charges one after another.
pub(super) trait Writer {
    /// What comes before the first.
    fn begin(&mut self, out: &mut dyn Write) -> Result<()>;
    /// One charge.
    fn line(&mut self, line: &ChargeLine, out: &mut dyn Write) -> Result<()>;
    /// What comes after the last.
    fn end(&mut self, out: &mut dyn Write) -> Result<()>;
    /// What whoever writes them should know, a line each: what the form has no place for.
    fn notes(&self) -> Vec<String> {
        Vec::new()
    }
}

pub(super) fn of(form: Form) -> Box<dyn Writer> {
    match form {
        Form::Csv => Box::new(Csv),
        Form::Jsonl => Box::new(Jsonl),
        Form::Stripe => Box::new(Stripe),
        Form::Chargebee => Box::new(Chargebee::default()),
        Form::Quickbooks => Box::new(Quickbooks),
    }
}

/// The charge's id, as the API gives it.
fn id(line: &ChargeLine) -> String {
    format!("chg_{}", line.charge.id.simple())
}

fn amount(line: &ChargeLine) -> String {
    Money { minor: line.charge.minor, currency: line.charge.currency }.amount()
}

/// Hours as a decimal, to six digits: what spreadsheets and billing systems count in.
fn hours(time: Duration) -> String {
    let millionths = i128::from(time.micros()) * 1_000_000 / 3_600_000_000;
    let (sign, whole) = (if millionths < 0 { "-" } else { "" }, millionths.unsigned_abs());
    let text = format!("{sign}{}.{:06}", whole / 1_000_000, whole % 1_000_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// What a system calls something, else a name of ours.
fn called<'a>(system: &str, references: &'a [ExternalRef], otherwise: &'a str) -> &'a str {
    references.iter().find(|reference| reference.system == system).map_or(otherwise, |reference| &reference.id)
}

/// The item that a charge is of: what the billing system calls the rule, else the rule's code, else the kind.
fn item(line: &ChargeLine) -> &str {
    let rule = line.item_code.as_deref().or(line.charge.rule_code.as_deref());
    rule.unwrap_or_else(|| line.charge.kind.as_str())
}

/// A line for an invoice, for people.
fn description(line: &ChargeLine) -> String {
    let charge = &line.charge;
    let said = InvoiceLine {
        kind: charge.kind,
        class: charge.hours_class,
        begun: charge.from,
        zone: line.calendar.as_ref().map_or("UTC", |calendar| calendar.hours().zone()),
        entry: line.entry.as_ref().map(|entry| (&*entry.reference.system, &*entry.reference.id)),
        corrects: (charge.for_month != charge.month).then_some(charge.for_month),
    };
    said.to_string()
}

/// A cell of a table. A text that a spreadsheet would take for a formula gets an apostrophe in front.
fn cell(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']) && text.parse::<f64>().is_err();
    let text = if formula { format!("'{text}") } else { text.to_owned() };
    if text.contains(['"', ',', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

fn row(cells: &[&str], out: &mut dyn Write) -> Result<()> {
    let cells: Vec<String> = cells.iter().map(|text| cell(text)).collect();
    writeln!(out, "{}\r", cells.join(","))
}

/// A table with a head.
struct Csv;

const COLUMNS: [&str; 23] = [
    "id",
    "period",
    "for_period",
    "status",
    "kind",
    "client",
    "client_name",
    "agreement",
    "entry_system",
    "entry_id",
    "service",
    "role",
    "hours_class",
    "rule",
    "item_code",
    "from",
    "to",
    "worked_hours",
    "included_hours",
    "charged_hours",
    "hourly_rate",
    "amount",
    "currency",
];

impl Writer for Csv {
    fn begin(&mut self, out: &mut dyn Write) -> Result<()> {
        row(&COLUMNS, out)
    }

    fn line(&mut self, line: &ChargeLine, out: &mut dyn Write) -> Result<()> {
        let (charge, entry) = (&line.charge, line.entry.as_ref());
        let instant = |at: Option<Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
        row(
            &[
                &id(line),
                &charge.month.to_string(),
                &charge.for_month.to_string(),
                charge.status.as_str(),
                charge.kind.as_str(),
                &line.client.code,
                &line.client.name,
                &line.agreement.number,
                entry.map_or("", |entry| &entry.reference.system),
                entry.map_or("", |entry| &entry.reference.id),
                line.service.as_ref().map_or("", |service| &service.code),
                entry.map_or("", |entry| &entry.role),
                charge.hours_class.map_or("", |class| class.as_str()),
                charge.rule_code.as_deref().unwrap_or_default(),
                line.item_code.as_deref().unwrap_or_default(),
                &instant(charge.from),
                &instant(charge.to),
                &hours(charge.worked),
                &hours(charge.included),
                &hours(charge.charged),
                &charge.rate.map(|rate| rate.display_amount()).unwrap_or_default(),
                &amount(line),
                charge.currency.code(),
            ],
            out,
        )
    }

    fn end(&mut self, _: &mut dyn Write) -> Result<()> {
        Ok(())
    }
}

/// A JSON object on each line.
struct Jsonl;

fn write_json(value: &Value, out: &mut dyn Write) -> Result<()> {
    writeln!(out, "{value}")
}

impl Writer for Jsonl {
    fn begin(&mut self, _: &mut dyn Write) -> Result<()> {
        Ok(())
    }

    fn line(&mut self, line: &ChargeLine, out: &mut dyn Write) -> Result<()> {
        let (charge, entry) = (&line.charge, line.entry.as_ref());
        let value = json!({
            "id": id(line),
            "period": charge.month.to_string(),
            "forPeriod": charge.for_month.to_string(),
            "status": charge.status.as_str(),
            "kind": charge.kind.as_str(),
            "client": line.client.code,
            "agreement": line.agreement.number,
            "timeEntry": entry.map(|entry| json!({"system": entry.reference.system, "id": entry.reference.id})),
            "service": line.service.as_ref().map(|service| &service.code),
            "hoursClass": charge.hours_class.map(HoursClass::as_str),
            "rateRule": charge.rule_code,
            "itemCode": line.item_code,
            "from": charge.from.map(|at| at.to_string()),
            "to": charge.to.map(|at| at.to_string()),
            "worked": charge.worked.to_string(),
            "included": charge.included.to_string(),
            "charged": charge.charged.to_string(),
            "hourlyRate": charge.rate.map(|rate| rate.display_amount()),
            "amount": amount(line),
            "currency": charge.currency.code(),
            "invoiceRef": charge.invoice_ref,
            "reasons": line.reasons,
        });
        write_json(&value, out)
    }

    fn end(&mut self, _: &mut dyn Write) -> Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_and_no_text_is_a_formula() {
        for (text, written) in [
            ("plain", "plain"),
            ("a,b", "\"a,b\""),
            ("say \"x\"", "\"say \"\"x\"\"\""),
            ("=1+1", "'=1+1"),
            ("@cmd", "'@cmd"),
            ("-225.00", "-225.00"),
            ("-x", "'-x"),
        ] {
            assert_eq!(cell(text), written);
        }
    }

    #[test]
    fn hours_are_decimals_of_either_sign() {
        for (minutes, written) in [(90, "1.5"), (20, "0.333333"), (0, "0"), (-45, "-0.75"), (600, "10")] {
            assert_eq!(hours(Duration::from_minutes(minutes)), written);
        }
    }
}
