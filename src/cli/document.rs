//! `remit document`: the document of one version, as text or as PDF.

use std::{io::Write, path::PathBuf};

use clap::{Args, ValueEnum};
use remit_domain::{
    Timestamp,
    document::{Document, html, markdown},
};

use super::{
    Failure,
    files::{existing, meant},
};
use crate::{
    app::{App, WantedVersion},
    auth::{Caller, ProviderCode},
    config::Flags,
    pdf::pdf,
};

#[derive(Debug, Args)]
pub(super) struct DocumentArgs {
    /// The agreement's number.
    number: String,
    /// The provider whose agreement it is. Left out: the only one there is.
    #[arg(long)]
    provider: Option<ProviderCode>,
    /// The number of the version. Left out: the one in force, else the newest that was not withdrawn.
    #[arg(long, value_name = "VERSION")]
    terms: Option<u32>,
    /// How the text is written. Left out: markdown.
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Write a PDF to this file; without one, to a file of the agreement's number in this folder. The text is then
    /// written only if --format or --output asks for it.
    #[arg(long, value_name = "FILE")]
    pdf: Option<Option<PathBuf>>,
    /// Write the text to this file and not to the standard output.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    flags: Flags,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// CommonMark with tables.
    Markdown,
    /// A complete page that prints well.
    Html,
}

/// Writes the document that the arguments name.
///
/// # Errors
/// What went wrong, in one line.
pub(super) async fn document(args: DocumentArgs) -> Result<(), Failure> {
    let document = find(&args).await?;
    if let Some(file) = &args.pdf {
        write(&file.clone().unwrap_or_else(|| named_after(&args.number)), &pdf(&document)?)?;
    }
    if args.pdf.is_some() && args.format.is_none() && args.output.is_none() {
        return Ok(());
    }
    let text = match args.format.unwrap_or(Format::Markdown) {
        Format::Markdown => markdown(&document),
        Format::Html => html(&document),
    };
    match &args.output {
        Some(file) => write(file, text.as_bytes()),
        // Whoever reads may stop early; that is no reason to panic.
        None => std::io::stdout().write_all(text.as_bytes()).map_err(Into::into),
    }
}

async fn find(args: &DocumentArgs) -> Result<Document, Failure> {
    let store = existing(args.flags.clone()).await?;
    let provider = meant(&store, args.provider.clone()).await?;
    let (app, now) = (App::new(store), Timestamp::now());
    let session = app.session(Caller::operator(provider.clone(), now.as_second()), now).await?;
    let wanted = args.terms.map_or(WantedVersion::Current, WantedVersion::Number);
    let found = app.find_document(&session, &args.number, wanted).await?;
    found.ok_or_else(|| nothing(args, &provider).into())
}

/// `MSA-1.pdf`; what a file's name had better not have becomes a hyphen.
fn named_after(number: &str) -> PathBuf {
    let plain = |sign: char| if sign.is_alphanumeric() || "-_.".contains(sign) { sign } else { '-' };
    PathBuf::from(format!("{}.pdf", number.chars().map(plain).collect::<String>().trim_start_matches('.')))
}

fn nothing(args: &DocumentArgs, provider: &ProviderCode) -> String {
    let number = &args.number;
    match args.terms {
        Some(version) => format!("{provider} has no agreement {number} with a version {version}"),
        None => format!("{provider} has no agreement {number} with terms"),
    }
}

fn write(file: &PathBuf, bytes: &[u8]) -> Result<(), Failure> {
    std::fs::write(file, bytes).map_err(|error| format!("{}: {error}", file.display()).into())
}
