//! QuickBooks: invoice lines.

use std::io::{Result, Write};

use super::{Writer, amount, called, description, hours, item, row};
use crate::app::ChargeLine;

/// Invoice lines: one invoice per agreement and period, a line per charge. What comes to nothing is left out. A line that is
/// more or less than its hours at their rate, such as a credit or one with a call-out fee, is one of its amount.
pub(super) struct Quickbooks;

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
        let date = charge.month.last();
        let (quantity, rate) = match line.hours_at_rate() {
            Some((rate, of_hours)) if of_hours == charge.minor => (hours(charge.charged), rate.display_amount()),
            _ => ("1".to_owned(), amount(line)),
        };
        row(
            &[
                &invoice,
                called("quickbooks", &line.client_refs, &line.client.name),
                &date.to_string(),
                &date.to_string(),
                item(line),
                &description(line),
                &quantity,
                &rate,
                &amount(line),
                charge.currency.code(),
                &line.worked_on().unwrap_or(date).to_string(),
            ],
            out,
        )
    }

    fn end(&mut self, _: &mut dyn Write) -> Result<()> {
        Ok(())
    }
}
