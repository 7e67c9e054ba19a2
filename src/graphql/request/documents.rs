//! Documents, each read and validated once.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use async_graphql::{
    Name,
    parser::types::{ExecutableDocument, OperationType},
};
use aws_lc_rs::digest::{SHA256, digest};
use quick_cache::{Weighter, sync::Cache};

use super::{
    GraphqlRequest, Limits, OperationKind, Outline, Prepared, RequestError, ScalarCheck, Shapes, TrustedDocuments,
    bind,
    cost::{self, Plan, Price},
    export::{self, Way},
    limits, parse, presence,
    reach::{introspects, roots},
    scan,
    validate::Validator,
};
use crate::graphql::scopes::Demands;

/// The SHA-256 of a document's exact text.
pub type Hash = [u8; 32];

/// The hash of a text.
#[must_use]
pub fn hash(text: &str) -> Hash {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, text.as_bytes()).as_ref());
    hash
}

/// Which documents are taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DocumentRules {
    /// The bounds of a document.
    pub limits: Limits,
    /// Whether a document may not look at the schema.
    pub no_introspection: bool,
    /// Whether a message about a name that is not there may name one that is.
    pub suggestions: bool,
    /// The documents that the server trusts, by name.
    pub trusted: TrustedDocuments,
}

/// What documents are held to, and those that have passed.
#[derive(Debug)]
pub struct Documents {
    shapes: Shapes,
    rules: DocumentRules,
    validator: Validator,
    trusted: HashMap<Hash, Arc<Kept>>,
    kept: Cache<Hash, Arc<Kept>, BySize>,
    hits: AtomicU64,
    misses: AtomicU64,
}

/// A document that may run.
#[derive(Debug)]
struct Kept {
    document: ExecutableDocument,
    operations: HashMap<Option<Name>, Operation>,
    introspects: bool,
    /// Of a page of an export, the way to what is exported.
    way: Option<Arc<Way>>,
    /// About how many bytes it takes.
    bytes: u64,
}

/// What is known of an operation before it runs.
#[derive(Debug)]
struct Operation {
    kind: OperationKind,
    roots: Arc<HashMap<String, String>>,
    plan: Arc<Plan>,
    outline: Arc<Outline>,
    merges: bool,
    demands: Demands,
}

impl Documents {
    /// Documents of a schema.
    ///
    /// - `sdl`: the schema's own text.
    /// - `scalars`: what the values of its scalars are held to.
    ///
    /// # Errors
    /// What is wrong with the schema, or with a trusted document.
    pub fn new(sdl: &str, scalars: &[(&'static str, ScalarCheck)], rules: DocumentRules) -> Result<Self, String> {
        let kept = Cache::with_weighter(KEPT_ITEMS, rules.limits.kept_documents, BySize);
        let validator = Validator::new(sdl, rules.suggestions)?;
        let shapes = Shapes::new(validator.schema(), scalars)?;
        let mut documents = Self {
            shapes,
            validator,
            rules,
            trusted: HashMap::new(),
            kept,
            hits: AtomicU64::new(0),
            misses: AtomicU64::new(0),
        };
        for (id, text) in documents.rules.trusted.texts() {
            let refused = |wrong: &[RequestError]| format!("The trusted document {id:?} may not run: {}", first(wrong));
            let parsed = documents.read(&text).map_err(|wrong| refused(&[wrong]))?;
            let wrong = documents.validator.errors(&documents.shapes, &parsed);
            if !wrong.is_empty() {
                return Err(refused(&wrong));
            }
            let kept = Arc::new(documents.ready(&text, parsed.document, None));
            documents.trusted.insert(hash(&text), kept);
        }
        Ok(documents)
    }

    /// What the schema's inputs look like.
    #[must_use]
    pub fn shapes(&self) -> &Shapes {
        &self.shapes
    }

    /// The bounds of a document.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.rules.limits
    }

    /// How many documents are kept.
    #[must_use]
    pub fn kept(&self) -> usize {
        self.kept.len()
    }

    /// How often a document that came was kept, and how often not.
    #[must_use]
    pub fn found(&self) -> (u64, u64) {
        (self.hits.load(Ordering::Relaxed), self.misses.load(Ordering::Relaxed))
    }

    /// Makes a request ready to run, or says everything that keeps it from running.
    ///
    /// # Errors
    /// One `GRAPHQL_PARSE_FAILED`, `QUERY_TOO_DEEP`, `QUERY_TOO_COMPLEX` or `PERSISTED_QUERY_NOT_FOUND`; or up to 20
    /// `BAD_USER_INPUT`, each with the way to its value; or up to 20 `GRAPHQL_VALIDATION_FAILED`.
    pub fn prepare(&self, request: &GraphqlRequest) -> Result<Prepared, Vec<RequestError>> {
        let (hash, kept) = self.find(request)?;
        self.bound(hash, &kept, request)
    }

    /// Makes a request ready to run once more.
    ///
    /// - `hash`: that of its document, as it was found the first time.
    ///
    /// # Errors
    /// As [`Documents::prepare`].
    pub(in crate::graphql) fn prepare_again(
        &self,
        hash: Hash,
        request: &GraphqlRequest,
    ) -> Result<Prepared, Vec<RequestError>> {
        match self.trusted.get(&hash).cloned().or_else(|| self.kept.get(&hash)) {
            Some(kept) => self.bound(hash, &kept, request),
            None => self.prepare(request),
        }
    }

    /// Makes a page of an export ready to run, or says everything that keeps it from running.
    ///
    /// - `request`: the query that is exported, which has to be one that may run itself.
    /// - `page_size`: how many nodes a page has at most.
    /// - `after`: the cursor behind which the page begins; none: from the beginning.
    ///
    /// # Errors
    /// As [`Documents::prepare`], and one `BAD_USER_INPUT` where the query is not of one connection.
    pub fn prepare_page(
        &self,
        request: &GraphqlRequest,
        page_size: u64,
        after: Option<&str>,
    ) -> Result<(Prepared, Arc<Way>), Vec<RequestError>> {
        self.prepare(request)?;
        let (hash, kept) = self.page(&request.query, page_size).map_err(|refused| vec![refused])?;
        let way = kept.way.clone().unwrap_or_default();
        let mut request = request.clone();
        request.variables.remove(&way.after);
        request.variables.extend(after.map(|after| (way.after.clone(), after.into())));
        Ok((self.bound(hash, &kept, &request)?, way))
    }

    /// Whether a request is no dearer than one may be.
    ///
    /// # Errors
    /// `QUERY_TOO_COMPLEX` where it is.
    pub fn affordable(&self, prepared: &Prepared) -> Result<(), RequestError> {
        let (cost, most) = (prepared.price.requested(), self.rules.limits.cost);
        if cost > most {
            let message =
                format!("The request may cost {cost}, and the most is {most}. Ask for less, or for smaller pages.");
            return Err(RequestError::too_complex(message));
        }
        Ok(())
    }

    /// What a page of an export runs.
    fn page(&self, text: &str, page_size: u64) -> Result<(Hash, Arc<Kept>), RequestError> {
        let key = hash(&format!("{page_size} of each page\n{text}"));
        if let Some(kept) = self.kept.get(&key) {
            return Ok((key, kept));
        }
        let paged = export::paged(&self.shapes, &self.read(text)?.ast, page_size)?;
        let page = self.read(&paged.query)?;
        if let Some(wrong) = self.validator.errors(&self.shapes, &page).into_iter().next() {
            return Err(wrong);
        }
        let kept = Arc::new(self.ready(&paged.query, page.document, Some(paged.way)));
        self.kept.insert(key, Arc::clone(&kept));
        Ok((key, kept))
    }

    /// A document that is ready, with what a request brings to it.
    fn bound(&self, hash: Hash, kept: &Kept, request: &GraphqlRequest) -> Result<Prepared, Vec<RequestError>> {
        if self.rules.no_introspection && kept.introspects {
            return Err(vec![RequestError::invalid("This server does not show its schema to queries.")]);
        }
        let bound = self.bind(&kept.document, request)?;
        let name = bound.operation_name.as_deref().map(Name::new);
        let Some(operation) = kept.operations.get(&name) else {
            return Err(vec![RequestError::invalid("The document has no such operation.")]);
        };
        let price = Price::new(Arc::clone(&operation.plan), &bound.variables);
        Ok(Prepared {
            hash,
            kind: operation.kind,
            roots: Arc::clone(&operation.roots),
            outline: Arc::clone(&operation.outline),
            demands: operation.demands,
            may_be_json: operation.kind == OperationKind::Query && !operation.merges && price.is_of_objects(),
            price,
            document: bound.document,
            operation_name: bound.operation_name,
            variables: bound.variables,
        })
    }

    /// The document that a request brings or names, with its hash.
    fn find(&self, request: &GraphqlRequest) -> Result<(Hash, Arc<Kept>), Vec<RequestError>> {
        let one = |refused| vec![refused];
        let text = request.query.as_str();
        let key = self.key(request).map_err(one)?;
        if let Some(trusted) = self.trusted.get(&key) {
            return Ok((key, Arc::clone(trusted)));
        }
        if self.rules.trusted.exclusive {
            return Err(vec![RequestError::not_found("Only documents that this server trusts are taken.")]);
        }
        if let Some(kept) = self.kept.get(&key) {
            self.hits.fetch_add(1, Ordering::Relaxed);
            return Ok((key, kept));
        }
        self.misses.fetch_add(1, Ordering::Relaxed);
        if text.is_empty() && request.persisted.is_some() {
            return Err(vec![RequestError::not_found("PersistedQueryNotFound")]);
        }
        let parsed = self.read(text).map_err(one)?;
        let wrong = self.validator.errors(&self.shapes, &parsed);
        if wrong.is_empty() {
            let kept = Arc::new(self.ready(text, parsed.document, None));
            self.kept.insert(key, Arc::clone(&kept));
            return Ok((key, kept));
        }
        // A wrong value is told with the way to it; what values would not mend is told as it was found.
        match self.bind(&parsed.document, request) {
            Err(refusals) if refusals.iter().all(|refusal| refusal.code == "BAD_USER_INPUT") => Err(refusals),
            _ => Err(wrong),
        }
    }

    /// The hash of the document that is meant.
    fn key(&self, request: &GraphqlRequest) -> Result<Hash, RequestError> {
        if let Some(id) = &request.document_id {
            let text = self.rules.trusted.text(id);
            return text.map(hash).ok_or_else(|| RequestError::not_found("No trusted document has this `documentId`."));
        }
        match request.persisted {
            Some(claimed) if request.query.is_empty() => Ok(claimed),
            Some(claimed) if claimed != hash(&request.query) => {
                Err(RequestError::request("`extensions.persistedQuery.sha256Hash` is not the hash of `query`."))
            }
            Some(claimed) => Ok(claimed),
            None => Ok(hash(&request.query)),
        }
    }

    fn read(&self, text: &str) -> Result<parse::Parsed, RequestError> {
        let scanned = scan::scan(text, &self.rules.limits)?;
        let parsed = parse::parse(text, &scanned, &self.rules.limits)?;
        limits::check(&parsed.document, &self.rules.limits)?;
        Ok(parsed)
    }

    /// A valid document ready to be run again and again.
    ///
    /// - `way`: of a page of an export, the way to what is exported: a node that fails is null, and its page is not.
    fn ready(&self, text: &str, mut document: ExecutableDocument, way: Option<Way>) -> Kept {
        let to_node: Option<Vec<&str>> =
            way.as_ref().map(|way| way.keys.iter().map(String::as_str).chain(["edges", "node"]).collect());
        let operations = document.operations.iter().map(|(name, operation)| {
            let mut outline = Outline::new(&self.shapes, &document, &operation.node);
            to_node.iter().for_each(|way| outline.let_be_null(way));
            let known = Operation {
                kind: kind(operation.node.ty),
                roots: Arc::new(roots(&document, &operation.node.selection_set.node)),
                plan: Arc::new(cost::plan(&self.shapes, &document, &operation.node)),
                merges: outline.merges(),
                outline: Arc::new(outline),
                demands: Demands::of(&self.shapes, &document, &operation.node),
            };
            (name.cloned(), known)
        });
        let operations = operations.collect();
        presence::ensure(&self.shapes, &mut document);
        let bytes = SWELLING.saturating_mul(text.len() as u64);
        Kept { introspects: introspects(&document), operations, document, way: way.map(Arc::new), bytes }
    }

    fn bind(&self, document: &ExecutableDocument, request: &GraphqlRequest) -> Result<bind::Bound, Vec<RequestError>> {
        bind::bind(&self.shapes, &self.rules.limits, document, request)
    }
}

fn first(wrong: &[RequestError]) -> &str {
    wrong.first().map(|error| error.message.as_str()).unwrap_or_default()
}

fn kind(ty: OperationType) -> OperationKind {
    match ty {
        OperationType::Query => OperationKind::Query,
        OperationType::Mutation => OperationKind::Mutation,
        OperationType::Subscription => OperationKind::Subscription,
    }
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
