//! Documents, each read and validated once.

use std::sync::Arc;

use async_graphql::parser::types::ExecutableDocument;
use aws_lc_rs::digest::{SHA256, digest};
use quick_cache::{Weighter, sync::Cache};

use super::{
    GraphqlRequest, Limits, Prepared, RequestError, ScalarCheck, Shapes, bind, limits, parse, scan, validate::Validator,
};

/// What documents are held to, and those that have passed.
#[derive(Debug)]
pub struct Documents {
    shapes: Shapes,
    limits: Limits,
    validator: Validator,
    kept: Cache<Hash, Arc<Kept>, BySize>,
}

/// The SHA-256 of a document's exact text.
pub type Hash = [u8; 32];

/// The hash of a text.
#[must_use]
pub fn hash(text: &str) -> Hash {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, text.as_bytes()).as_ref());
    hash
}

impl Documents {
    /// Documents of a schema.
    ///
    /// - `sdl`: the schema's own text.
    /// - `scalars`: what the values of its scalars are held to.
    ///
    /// # Errors
    /// What is wrong with the schema.
    pub fn new(sdl: &str, scalars: &[(&'static str, ScalarCheck)], limits: Limits) -> Result<Self, String> {
        let kept = Cache::with_weighter(KEPT_ITEMS, limits.kept_documents, BySize);
        Ok(Self { shapes: Shapes::from_sdl(sdl, scalars)?, validator: Validator::new(sdl)?, limits, kept })
    }

    /// What the schema's inputs look like.
    #[must_use]
    pub fn shapes(&self) -> &Shapes {
        &self.shapes
    }

    /// Makes a request ready to run, or says everything that keeps it from running.
    ///
    /// # Errors
    /// One `GRAPHQL_PARSE_FAILED`, `QUERY_TOO_DEEP` or `QUERY_TOO_COMPLEX`; or up to 20 `BAD_USER_INPUT`, each with the
    /// way to its value; or up to 20 `GRAPHQL_VALIDATION_FAILED`.
    pub fn prepare(&self, request: &GraphqlRequest) -> Result<Prepared, Vec<RequestError>> {
        let key = hash(&request.query);
        if let Some(known) = self.kept.get(&key) {
            return self.bind(&known.document, request);
        }
        let parsed = self.read(&request.query).map_err(|refused| vec![refused])?;
        let wrong = self.validator.errors(&self.shapes, &parsed);
        if wrong.is_empty() {
            let bytes = SWELLING.saturating_mul(request.query.len() as u64);
            let kept = Arc::new(Kept { document: parsed.document, bytes });
            self.kept.insert(key, Arc::clone(&kept));
            return self.bind(&kept.document, request);
        }
        // A wrong value is told with the way to it; what values would not mend is told as it was found.
        match self.bind(&parsed.document, request) {
            Err(refusals) if refusals.iter().all(|refusal| refusal.code == "BAD_USER_INPUT") => Err(refusals),
            _ => Err(wrong),
        }
    }

    /// How many documents are kept.
    #[must_use]
    pub fn kept(&self) -> usize {
        self.kept.len()
    }

    fn read(&self, text: &str) -> Result<parse::Parsed, RequestError> {
        let scanned = scan::scan(text, &self.limits)?;
        let parsed = parse::parse(text, &scanned, &self.limits)?;
        limits::check(&parsed.document, &self.limits)?;
        Ok(parsed)
    }

    fn bind(&self, document: &ExecutableDocument, request: &GraphqlRequest) -> Result<Prepared, Vec<RequestError>> {
        bind::bind(&self.shapes, &self.limits, document.clone(), request)
    }
}

/// A document that may run.
#[derive(Debug)]
struct Kept {
    document: ExecutableDocument,
    /// About how many bytes it takes.
    bytes: u64,
}

/// About how many documents are kept, which only spaces the table.
const KEPT_ITEMS: usize = 1_000;
/// About how many bytes a document takes for each byte of its text: a token of five is a node of two hundred.
const SWELLING: u64 = 40;

/// Weighs documents by about the bytes they take.
#[derive(Clone, Debug)]
struct BySize;

impl Weighter<Hash, Arc<Kept>> for BySize {
    fn weight(&self, _: &Hash, kept: &Arc<Kept>) -> u64 {
        kept.bytes
    }
}
