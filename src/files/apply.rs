//! Writing agreements as files, checking files, and applying them.

use remit_domain::Timestamp;
use serde_json::{Map, Value, json};
use toml::Table;

use super::{AgreementFile, FileError, Plan, Source, file::CATALOGUE, source::input_name};
use crate::{auth::ProviderCode, graphql::request::Named};

/// What is no part of what `draftTerms` makes.
const NOT_TERMS: [&str; 2] = ["agreement", "revision"];
/// What of an agreement is there beside its terms, and what of that can become another.
const HEAD: &str = "CreateAgreementInput";
const CHANGED_HEAD: &str = "UpdateAgreementInput";
const TERMS: &str = "DraftTermsInput";

/// What applying a file came to.
#[derive(Clone, Debug)]
pub struct Applied {
    /// What it changes.
    pub plan: Plan,
    /// What the terms then leave unsaid or say badly.
    pub readiness: Readiness,
}

/// What terms leave unsaid or say badly.
#[derive(Clone, Debug, Default)]
pub struct Readiness {
    /// Whether they can be offered.
    pub ready: bool,
    /// A line for each finding.
    pub lines: Vec<String>,
    /// Whether the file was looked at alone, without the terms that were accepted before.
    pub is_alone: bool,
}

impl std::fmt::Display for Readiness {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.lines.iter().try_for_each(|line| writeln!(f, "{line}"))?;
        f.write_str(match (self.ready, self.is_alone) {
            (true, false) => "ready: nothing keeps it from being offered",
            (true, true) => {
                "ready as far as the file tells: without the terms before, TERMS_OVERLAP and INDEXATION_EXCEEDED are not \
                 looked for"
            }
            (false, _) => "not ready",
        })
    }
}

/// An agreement with one version of its terms, as a file.
///
/// - `version`: none: the newest that was not withdrawn.
/// - `with_catalogue`: whether it brings along what it names.
///
/// # Errors
/// [`FileError::Unknown`] where there is no such agreement or version.
pub async fn export(
    source: &Source,
    number: &str,
    version: Option<u32>,
    with_catalogue: bool,
) -> Result<AgreementFile, FileError> {
    let unknown = || FileError::Unknown { provider: source.provider().to_string(), number: number.to_owned(), version };
    let mut file = find(source, number, version).await?.ok_or_else(unknown)?;
    if version.is_some() && file.terms.is_none() {
        return Err(unknown());
    }
    if with_catalogue {
        file.catalogue = source.catalogue_for(&file).await?;
    }
    Ok(file)
}

/// The agreement with this number; none where there is none.
async fn find(source: &Source, number: &str, version: Option<u32>) -> Result<Option<AgreementFile>, FileError> {
    let shapes = source.api.shapes();
    let (head, terms) = (shapes.selection(HEAD, &[]), shapes.selection(TERMS, &NOT_TERMS));
    let query = format!(
        "query ($number: String!) {{ agreement(by: {{code: $number}}) {{ {head} versions {{ version status }} }} }}"
    );
    let variables = Map::from_iter([("number".to_owned(), Value::from(number))]);
    let answer = source.ask(query, variables.clone()).await?["agreement"].take();
    if answer.is_null() {
        return Ok(None);
    }
    let versions = answer["versions"].as_array().cloned().unwrap_or_default();
    let chosen = versions.iter().position(|terms| match version {
        Some(version) => terms["version"] == version,
        None => terms["status"] != "WITHDRAWN",
    });
    let head = shapes.to_file(HEAD, &answer);
    let provider = Some(source.provider().to_string());
    let mut file = AgreementFile { provider, head, terms: None, catalogue: Table::new() };
    if let Some(place) = chosen {
        let query =
            format!("query ($number: String!) {{ agreement(by: {{code: $number}}) {{ versions {{ {terms} }} }} }}");
        let answer = source.ask(query, variables).await?;
        let mut terms = shapes.to_file(TERMS, &answer["agreement"]["versions"][place]);
        // Where the first term's length is agreed, its last day follows from it.
        if terms.get("renewal").is_some_and(|renewal| renewal.get("firstTermMonths").is_some()) {
            terms.remove("effectiveUntil");
        }
        file.terms = Some(terms);
    }
    Ok(Some(file))
}

/// Puts a file into a throw-away database, with what it names and does not bring along taken from `source`.
async fn rehearse(file: &AgreementFile, source: Option<&Source>, scratch: &Source) -> Result<(), FileError> {
    if let Some(source) = source {
        let named = AgreementFile { catalogue: source.catalogue_for(file).await?, ..file.clone() };
        put_catalogue(&named, scratch).await?;
    }
    put_catalogue(file, scratch).await?;
    put_agreement(file, scratch).await?;
    put_terms(file, scratch).await
}

async fn put_catalogue(file: &AgreementFile, source: &Source) -> Result<(), FileError> {
    for (list, mutation, _) in CATALOGUE {
        // Packages last: they name the others.
        let (packages, others): (Vec<_>, Vec<_>) =
            file.brought(list).enumerate().partition(|(_, item)| item.contains_key("components"));
        for (place, item) in others.into_iter().chain(packages) {
            let input = source.api.shapes().from_file(&input_name(mutation), item, false);
            source.put(&format!("catalogue.{list}[{place}]"), mutation, input).await?;
        }
    }
    Ok(())
}

async fn put_agreement(file: &AgreementFile, source: &Source) -> Result<(), FileError> {
    source.put("", "createAgreement", source.api.shapes().from_file(HEAD, &file.head, false)).await
}

/// Gives an agreement that is there the title and the references of a file.
async fn change_agreement(file: &AgreementFile, source: &Source) -> Result<(), FileError> {
    let kept = ["title", "externalRefs"].iter().filter_map(|name| file.head.get_key_value(*name));
    let head: Table = kept.map(|(name, value)| (name.clone(), value.clone())).collect();
    let mut input = source.api.shapes().from_file(CHANGED_HEAD, &head, true);
    input.insert("agreement".into(), json!({"code": file.number()?}));
    input.remove("revision");
    source.put("", "updateAgreement", input).await
}

async fn put_terms(file: &AgreementFile, source: &Source) -> Result<(), FileError> {
    let Some(terms) = &file.terms else { return Ok(()) };
    let mut input = source.api.shapes().from_file(TERMS, terms, true);
    input.insert("agreement".into(), json!({"code": file.number()?}));
    input.remove("revision");
    source.put("terms", "draftTerms", input).await
}

/// What a file leaves unsaid or says badly, beside what is there.
///
/// - `source`: where the agreement is looked for, and names that the file does not bring along; none: what follows from
///   the terms before is not found.
///
/// # Errors
/// [`FileError`] for what the API refuses.
pub async fn check(
    file: &AgreementFile,
    source: Option<&Source>,
    provider: ProviderCode,
    now: Timestamp,
) -> Result<Readiness, FileError> {
    let scratch = Source::scratch(provider, now).await?;
    rehearse(file, source, &scratch).await?;
    match source {
        Some(source) => foresee(file, source, &scratch, &plan(file, source, &scratch).await?).await,
        None => Ok(Readiness { is_alone: true, ..readiness(&scratch, file.number()?).await? }),
    }
}

/// What the terms would leave unsaid or say badly once a plan is carried out.
///
/// Beside terms that were accepted that is more than the file itself says. So where the agreement is there, the plan is
/// carried out in a transaction that is undone.
async fn foresee(
    file: &AgreementFile,
    source: &Source,
    scratch: &Source,
    planned: &Planned,
) -> Result<Readiness, FileError> {
    let number = file.number()?;
    if planned.plan.is_empty() {
        return readiness(source, number).await;
    }
    if !planned.is_there {
        return readiness(scratch, number).await;
    }
    let trial = source.trial().await?;
    take_back_offer(&trial, number).await?;
    carry_out(file, &trial, planned).await?;
    readiness(&trial, number).await
}

/// Withdraws an offer that stands open, so that terms can be drafted.
async fn take_back_offer(source: &Source, number: &str) -> Result<(), FileError> {
    let query = "query ($number: String!) { agreement(by: {code: $number}) { pending { status } } }";
    let variables = Map::from_iter([("number".to_owned(), Value::from(number))]);
    let answer = source.ask(query.to_owned(), variables).await?;
    if answer["agreement"]["pending"]["status"] != "OFFERED" {
        return Ok(());
    }
    let input = json!({"agreement": {"code": number}, "reason": "Other terms are tried."});
    source.put("terms", "withdrawTerms", input.as_object().cloned().unwrap_or_default()).await
}

async fn readiness(source: &Source, number: &str) -> Result<Readiness, FileError> {
    let query = "query ($number: String!) { agreement(by: {code: $number}) { versions { status readiness { ready findings { code section blocking message hint path } } } } }";
    let variables = Map::from_iter([("number".to_owned(), Value::from(number))]);
    let answer = source.ask(query.to_owned(), variables).await?;
    let versions = answer["agreement"]["versions"].as_array().cloned().unwrap_or_default();
    let Some(newest) = versions.iter().find(|terms| terms["status"] != "WITHDRAWN") else {
        return Ok(Readiness { lines: vec!["there are no terms".into()], ..Readiness::default() });
    };
    let found = &newest["readiness"];
    let lines = found["findings"].as_array().into_iter().flatten().map(line).collect();
    Ok(Readiness { ready: found["ready"] == true, lines, is_alone: false })
}

/// `NO_BACKUP blocks AVAILABILITY at backups: How often backups run is not said. Add a backup commitment.`
fn line(finding: &Value) -> String {
    let text = |field: &str| finding[field].as_str().unwrap_or_default().to_owned();
    let path: Vec<&str> = finding["path"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let weight = if finding["blocking"] == true { "blocks" } else { "note" };
    format!("{} {weight} {} at {}: {} {}", text("code"), text("section"), path.join("."), text("message"), text("hint"))
}

/// Brings a provider's agreement to what a file says; what is so already is left alone.
///
/// First the file is put into a throw-away database, so that what the API refuses is found before anything is written.
///
/// - `write`: whether it is done, or only planned.
///
/// # Errors
/// [`FileError`] for what the API refuses.
pub async fn apply(file: &AgreementFile, source: &Source, write: bool) -> Result<Applied, FileError> {
    let number = file.number()?;
    let scratch = Source::scratch(source.provider().clone(), source.now()).await?;
    rehearse(file, Some(source), &scratch).await?;
    let planned = plan(file, source, &scratch).await?;
    if planned.is_there {
        refuse_what_cannot_change(&planned.plan, source, number).await?;
    }
    let readiness = if write {
        carry_out(file, source, &planned).await?;
        readiness(source, number).await?
    } else {
        foresee(file, source, &scratch, &planned).await?
    };
    Ok(Applied { plan: planned.plan, readiness })
}

/// What a file changes, and whether its agreement is there.
struct Planned {
    plan: Plan,
    is_there: bool,
}

/// What a file changes.
///
/// - `scratch`: where it has been rehearsed.
async fn plan(file: &AgreementFile, source: &Source, scratch: &Source) -> Result<Planned, FileError> {
    let number = file.number()?;
    let mut wanted = find(scratch, number, None).await?.map(|file| file.table()).unwrap_or_default();
    let mut there = find(source, number, None).await?.map(|file| file.table()).unwrap_or_default();
    compare_catalogue(file, source, scratch, &mut there, &mut wanted).await?;
    Ok(Planned { plan: Plan::between(&there, &wanted), is_there: there.contains_key("number") })
}

/// Writes what a plan is of.
async fn carry_out(file: &AgreementFile, source: &Source, planned: &Planned) -> Result<(), FileError> {
    let Planned { plan, is_there } = planned;
    if plan.is_empty() {
        return Ok(());
    }
    put_catalogue(file, source).await?;
    if !is_there {
        put_agreement(file, source).await?;
    } else if plan.touches("title") || plan.touches("externalRefs") {
        change_agreement(file, source).await?;
    }
    if plan.touches("terms") {
        put_terms(file, source).await?;
    }
    Ok(())
}

/// Refuses a plan that the API would refuse on its way, before anything is written.
async fn refuse_what_cannot_change(plan: &Plan, source: &Source, number: &str) -> Result<(), FileError> {
    let fixed = ["client", "currency"].into_iter().filter(|field| plan.touches(field));
    let mut lines: Vec<String> =
        fixed.map(|field| format!("{field}: agreement {number} has another, for good")).collect();
    if plan.touches("terms") {
        let query =
            "query ($number: String!) { agreement(by: {code: $number}) { termination { on } pending { status } } }";
        let variables = Map::from_iter([("number".to_owned(), Value::from(number))]);
        let agreement = source.ask(query.to_owned(), variables).await?["agreement"].take();
        if agreement["pending"]["status"] == "OFFERED" {
            lines.push("terms: an offer stands open: withdraw it, then apply".into());
        }
        if let Some(on) = agreement["termination"]["on"].as_str() {
            lines.push(format!("terms: the agreement was terminated on {on}: make a new one"));
        }
    }
    if lines.is_empty() { Ok(()) } else { Err(FileError::Refused(lines)) }
}

/// Adds what a file brings along to both sides of a comparison.
async fn compare_catalogue(
    file: &AgreementFile,
    source: &Source,
    scratch: &Source,
    there: &mut Table,
    wanted: &mut Table,
) -> Result<(), FileError> {
    for (list, _, root) in CATALOGUE {
        for item in file.brought(list) {
            let Some(code) = item.get("code").and_then(toml::Value::as_str) else { continue };
            let named = Named { root, code: code.to_owned() };
            let key = format!("catalogue.{list}.{code}");
            there.extend(source.find(&named).await?.map(|found| (key.clone(), toml::Value::Table(found))));
            wanted.extend(scratch.find(&named).await?.map(|found| (key, toml::Value::Table(found))));
        }
    }
    Ok(())
}
