//! `remit export charges`: a month's charges in the forms that billing systems take.

mod forms;

use std::{
    fs::File,
    io::{BufWriter, Write},
    path::PathBuf,
};

use clap::{Args, ValueEnum};
use remit_domain::{Timestamp, billing::Month, words::ChargeStatus};

use super::{
    Failure,
    files::{existing, meant},
};
use crate::{
    app::App,
    auth::{Caller, ProviderCode},
    config::Flags,
    store::{ChargeFilter, Window},
};

/// How many charges are read at once.
const PAGE: u64 = 500;

#[derive(Debug, Args)]
pub(super) struct ExportCharges {
    /// The billing period: a month such as 2026-11.
    #[arg(long)]
    period: Month,
    /// The provider whose charges they are. Left out: the only one there is.
    #[arg(long)]
    provider: Option<ProviderCode>,
    /// In which form.
    #[arg(long, value_enum)]
    format: Form,
    /// Provisional charges too, which can still change. Left out: only those of closed periods.
    #[arg(long)]
    provisional: bool,
    /// Write to this file and not to the standard output.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    flags: Flags,
}

/// The forms that billing systems take.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Form {
    /// A table with a head.
    Csv,
    /// A JSON object on each line, with the reasons.
    Jsonl,
    /// Meter events for Stripe, a JSON object on each line.
    Stripe,
    /// Usages for Chargebee: one per subscription, item price and date.
    Chargebee,
    /// Invoice lines for QuickBooks.
    Quickbooks,
}

impl ExportCharges {
    /// Writes the charges, page by page. The same period gives the same lines, whenever it is written once it is closed.
    ///
    /// # Errors
    /// What went wrong, in one line.
    pub(super) async fn run(self, now: Timestamp) -> Result<(), Failure> {
        let store = existing(self.flags.clone()).await?;
        let provider = meant(&store, self.provider.clone()).await?;
        let app = App::new(store);
        let session = app.session(Caller::operator(provider, now.as_second()), now).await?;
        let out: Box<dyn Write> = match &self.output {
            Some(file) => Box::new(File::create(file).map_err(|error| format!("{}: {error}", file.display()))?),
            None => Box::new(std::io::stdout()),
        };
        let mut out = BufWriter::new(out);
        let mut form = forms::of(self.format);
        let statuses = (!self.provisional).then(|| vec![ChargeStatus::Final, ChargeStatus::Invoiced]);
        let filter =
            ChargeFilter { statuses, from: Some(self.period), until: Some(self.period), ..ChargeFilter::default() };
        let mut window = Window { limit: PAGE, after: None, before: None, from_end: false };
        form.begin(&mut out)?;
        loop {
            let page = app.charge_lines(&session, &filter, &window).await?;
            for line in &page.items {
                form.line(line, &mut out)?;
            }
            window.after = page.items.last().map(|line| line.charge.place());
            if !page.more || window.after.is_none() {
                break;
            }
        }
        form.end(&mut out)?;
        out.flush()?;
        for note in form.notes() {
            eprintln!("remit: {note}");
        }
        Ok(())
    }
}
