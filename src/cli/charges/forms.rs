//! The forms: how a charge is written for each billing system.

use std::{
    collections::BTreeMap,
    io::{Result, Write},
};

use remit_domain::{Duration, Timestamp, billing::Month, money::Money, time::utc_date, words::HoursClass};
use serde_json::{Value, json};

use super::Form;
use crate::{app::ChargeLine, store::ExternalRef};

/// Writes charges one after another.
pub(super) trait Writer {
    /// What comes before the first.
    fn begin(&mut self, out: &mut dyn Write) -> Result<()>;
    /// One charge.
    fn line(&mut self, line: &ChargeLine, out: &mut dyn Write) -> Result<()>;
    /// What comes after the last.
    fn end(&mut self, out: &mut dyn Write) -> Result<()>;
    /// What whoever writes them should know: charges that the form has no place for.
    fn note(&self) -> Option<String> {
        None
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

/// A sentence for an invoice.
fn description(line: &ChargeLine) -> String {
    let charge = &line.charge;
    let mut parts = vec![charge.kind.as_str().to_owned()];
    parts.extend(charge.hours_class.map(|class| class.as_str().to_owned()));
    parts.extend(charge.from.map(|from| from.to_string()));
    parts.extend(line.entry.as_ref().map(|entry| format!("{} {}", entry.reference.system, entry.reference.id)));
    parts.extend((charge.for_month != charge.month).then(|| format!("for {}", charge.for_month)));
    parts.join(", ")
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

/// Meter events: the value is the amount in the currency's minor unit, for a price of one such unit. What comes to nothing
/// is left out. What is no work, a credit and what adjusts one, is an invoice item: a meter that comes to less than nothing
/// would be taken for nothing.
struct Stripe;

impl Writer for Stripe {
    fn begin(&mut self, _: &mut dyn Write) -> Result<()> {
        Ok(())
    }

    fn line(&mut self, line: &ChargeLine, out: &mut dyn Write) -> Result<()> {
        let charge = &line.charge;
        if charge.minor == 0 {
            return Ok(());
        }
        let customer = called("stripe", &line.client_refs, &line.client.code);
        if charge.hours_class.is_none() {
            let item = json!({
                "object": "invoiceitem",
                "customer": customer,
                "amount": charge.minor,
                "currency": charge.currency.code().to_lowercase(),
                "description": description(line),
                "metadata": { "charge": id(line) },
            });
            return write_json(&item, out);
        }
        let event = json!({
            "event_name": item(line),
            "identifier": id(line),
            "timestamp": charge.from.map_or_else(|| end_of(charge.month), Timestamp::as_second),
            "payload": { "stripe_customer_id": customer, "value": charge.minor.to_string() },
        });
        write_json(&event, out)
    }

    fn end(&mut self, _: &mut dyn Write) -> Result<()> {
        Ok(())
    }
}

/// The last second of a month by UTC.
fn end_of(month: Month) -> i64 {
    let next = month.next().first();
    let days = (next - remit_domain::Date::constant(1970, 1, 1)).get_days();
    i64::from(days) * 86_400 - 1
}

/// Usages, added up by subscription, item price and date, since Chargebee takes one of each: the charged hours. An amount
/// without hours, such as a credit, is no usage.
#[derive(Default)]
struct Chargebee {
    usages: BTreeMap<(String, String, String), Duration>,
    /// How many charges are amounts without hours.
    without_hours: u32,
}

impl Writer for Chargebee {
    fn begin(&mut self, out: &mut dyn Write) -> Result<()> {
        row(&["subscription_id", "item_price_id", "usage_date", "quantity", "note"], out)
    }

    fn line(&mut self, line: &ChargeLine, _: &mut dyn Write) -> Result<()> {
        let charge = &line.charge;
        if charge.charged.is_zero() {
            self.without_hours += u32::from(charge.minor != 0);
            return Ok(());
        }
        let date = charge.from.map_or_else(|| charge.month.last(), utc_date);
        let subscription = called("chargebee", &line.agreement_refs, &line.agreement.number).to_owned();
        let sum = self.usages.entry((subscription, item(line).to_owned(), date.to_string())).or_default();
        *sum = sum.plus(charge.charged);
        Ok(())
    }

    fn end(&mut self, out: &mut dyn Write) -> Result<()> {
        for ((subscription, item, date), time) in &self.usages {
            row(&[subscription, item, date, &hours(*time), "Extra hours"], out)?;
        }
        Ok(())
    }

    fn note(&self) -> Option<String> {
        let left_out = self.without_hours;
        (left_out > 0).then(|| {
            format!(
                "{left_out} of the charges are amounts without hours, which are no usage: see `--format jsonl` for them"
            )
        })
    }
}

/// Invoice lines: one invoice per agreement and period, a line per charge. What comes to nothing is left out. A line without
/// hours, such as a credit, is one of its amount.
struct Quickbooks;

impl Writer for Quickbooks {
    fn begin(&mut self, out: &mut dyn Write) -> Result<()> {
        let columns = [
            "InvoiceNo",
            "Customer",
            "InvoiceDate",
            "DueDate",
            "Item(Product/Service)",
            "ItemDescription",
            "ItemQuantity",
            "ItemRate",
            "ItemAmount",
            "Currency",
            "Service Date",
        ];
        row(&columns, out)
    }

    fn line(&mut self, line: &ChargeLine, out: &mut dyn Write) -> Result<()> {
        let charge = &line.charge;
        if charge.minor == 0 {
            return Ok(());
        }
        let invoice = format!("{}-{}", line.agreement.number, charge.month);
        let date = charge.month.last().to_string();
        let (quantity, rate) = match charge.rate {
            Some(rate) if !charge.charged.is_zero() => (hours(charge.charged), rate.display_amount()),
            _ => ("1".to_owned(), amount(line)),
        };
        let service_date = charge.from.map_or_else(|| date.clone(), |from| utc_date(from).to_string());
        row(
            &[
                &invoice,
                called("quickbooks", &line.client_refs, &line.client.name),
                &date,
                &date,
                item(line),
                &description(line),
                &quantity,
                &rate,
                &amount(line),
                charge.currency.code(),
                &service_date,
            ],
            out,
        )
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
        assert_eq!(end_of("2026-11".parse().unwrap()), 1_796_083_199);
    }
}
