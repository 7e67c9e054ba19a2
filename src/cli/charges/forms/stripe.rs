//! Stripe: meter events and invoice items.

use std::io::{Result, Write};

use serde_json::json;

use super::{Writer, called, description, id, item, write_json};
use crate::app::ChargeLine;

/// Meter events: the value is the amount in the currency's minor unit, for a price of one such unit. What comes to nothing
/// is left out. A meter that comes to less than nothing would be taken for nothing, so what is negative is an invoice item,
/// and so is what is no work: a credit and what adjusts one.
pub(super) struct Stripe;

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
        if charge.hours_class.is_none() || charge.minor < 0 {
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
            "timestamp": line.billed_at().as_second(),
            "payload": { "stripe_customer_id": customer, "value": charge.minor.to_string() },
        });
        write_json(&event, out)
    }

    fn end(&mut self, _: &mut dyn Write) -> Result<()> {
        Ok(())
    }
}
