//! Chargebee: usages.

use std::{
    collections::BTreeMap,
    io::{Result, Write},
};

use remit_domain::{Date, Duration, money::Money};

use super::{Writer, called, description, hours, id, item, row};
use crate::app::ChargeLine;

/// Of which usage a charge is part: subscription, item price, date, and what an hour costs.
type Usage = (String, String, Date, String);

/// Usages: the charged hours, added up by subscription, item price, date and rate. Chargebee prices them by the item price,
/// so each says in its note at which rate it comes to how much. What is no hours at a rate is no usage, and is named.
#[derive(Default)]
pub(super) struct Chargebee {
    usages: BTreeMap<Usage, (Duration, Money)>,
    left_out: Vec<String>,
}

impl Chargebee {
    /// Takes what of a charge is usage, and names what is none.
    fn take(&mut self, line: &ChargeLine) {
        let charge = &line.charge;
        let (rate, of_hours) = match line.hours_at_rate() {
            _ if charge.minor < 0 => return self.leave_out(line, charge.minor, "since it is negative"),
            None => return self.leave_out(line, charge.minor, "since there are no hours to it"),
            // A correction may be of the rate too; then no number of hours at the new one comes to it.
            Some((_, of_hours)) if charge.minor < of_hours => {
                return self.leave_out(line, charge.minor, "since it is less than its hours cost");
            }
            Some(priced) => priced,
        };
        if charge.minor > of_hours {
            let why = "since it is more than its hours cost, such as a call-out fee";
            self.leave_out(line, charge.minor - of_hours, why);
        }
        let subscription = called("chargebee", &line.agreement_refs, &line.agreement.number).to_owned();
        let usage = (subscription, item(line).to_owned(), line.billed_on(), rate.to_string());
        let nothing = (Duration::ZERO, Money { minor: 0, currency: charge.currency });
        let (time, amount) = self.usages.entry(usage).or_insert(nothing);
        *time = time.plus(charge.charged);
        amount.minor = amount.minor.saturating_add(of_hours);
    }

    /// Names what is left out of a charge.
    fn leave_out(&mut self, line: &ChargeLine, minor: i64, why: &str) {
        let amount = said(Money { minor, currency: line.charge.currency });
        let (agreement, what) = (&line.agreement.number, description(line));
        self.left_out.push(format!("{} of {agreement}: {amount} is no usage, {why} ({what})", id(line)));
    }

    /// The item prices whose hours have several rates, with these.
    fn of_several_rates(&self) -> impl Iterator<Item = String> {
        let mut rates: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
        for (subscription, item, _, rate) in self.usages.keys() {
            let known = rates.entry((subscription, item)).or_default();
            if !known.contains(&rate.as_str()) {
                known.push(rate);
            }
        }
        rates.into_iter().filter(|(_, rates)| rates.len() > 1).map(|((subscription, item), rates)| {
            let rates = rates.join(" and ");
            format!("{subscription}: hours of the item price {item} cost {rates}; one item price has one rate")
        })
    }
}

impl Writer for Chargebee {
    fn begin(&mut self, out: &mut dyn Write) -> Result<()> {
        row(&["subscription_id", "item_price_id", "usage_date", "quantity", "note"], out)
    }

    fn line(&mut self, line: &ChargeLine, _: &mut dyn Write) -> Result<()> {
        if line.charge.minor != 0 {
            self.take(line);
        }
        Ok(())
    }

    fn end(&mut self, out: &mut dyn Write) -> Result<()> {
        for ((subscription, item, date, rate), (time, amount)) in &self.usages {
            let note = format!("Extra hours at {rate} an hour: {}", said(*amount));
            row(&[subscription, item, &date.to_string(), &hours(*time), &note], out)?;
        }
        Ok(())
    }

    fn notes(&self) -> Vec<String> {
        self.left_out.iter().cloned().chain(self.of_several_rates()).collect()
    }
}

/// An amount with its currency.
fn said(amount: Money) -> String {
    format!("{} {}", amount.amount(), amount.currency.code())
}
