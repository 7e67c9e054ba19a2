//! What a token allows: the scopes, and sets of them.

use std::{fmt, str::FromStr};

/// Declares the scopes, each with the word a token spells it by.
macro_rules! scopes {
    ($($(#[$doc:meta])+ $variant:ident = $text:literal),+ $(,)?) => {
        /// One thing a token may allow. No scope implies another.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Scope { $($(#[$doc])+ $variant),+ }

        impl Scope {
            /// Every scope, in the order in which sets list them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word a token and the API spell it by.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }
    };
}

scopes! {
    /// Services, tiers and calendars.
    CatalogueRead = "catalogue:read",
    /// Put services, tiers and calendars.
    CatalogueWrite = "catalogue:write",
    /// Clients.
    ClientsRead = "clients:read",
    /// Put clients.
    ClientsWrite = "clients:write",
    /// Agreements, their terms and all below them.
    AgreementsRead = "agreements:read",
    /// Create agreements, draft and withdraw terms.
    AgreementsWrite = "agreements:write",
    /// Offer and activate terms; suspend, resume and terminate agreements.
    AgreementsActivate = "agreements:activate",
    /// Ask what is covered.
    CoverageRead = "coverage:read",
    /// Record the state of clients' obligations.
    ObligationsWrite = "obligations:write",
    /// Tickets, their clocks and the reports on them.
    TicketsRead = "tickets:read",
    /// Record tickets and what happened to them.
    TicketsWrite = "tickets:write",
    /// Time entries.
    TimeRead = "time:read",
    /// Record time entries.
    TimeWrite = "time:write",
    /// Charges and billing periods.
    ChargesRead = "charges:read",
    /// Close billing periods and mark charges as invoiced.
    ChargesWrite = "charges:write",
    /// The change feed.
    ChangesRead = "changes:read",
    /// Say where changes are delivered to.
    WebhooksWrite = "webhooks:write",
    /// What the provider can be shown to deliver.
    CapabilityRead = "capability:read",
    /// Record what the provider can deliver.
    CapabilityWrite = "capability:write",
    /// Who did what.
    AuditRead = "audit:read",
    /// API clients and their secrets, and the revoking of tokens.
    TokensWrite = "tokens:write",
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The word names no scope.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a scope")]
pub struct ScopeError(pub String);

impl FromStr for Scope {
    type Err = ScopeError;
    fn from_str(word: &str) -> Result<Self, ScopeError> {
        Self::ALL.iter().copied().find(|scope| scope.as_str() == word).ok_or_else(|| ScopeError(word.to_owned()))
    }
}

/// A set of scopes, one bit each.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct ScopeSet(u32);

// A bit for every scope.
const _: () = assert!(Scope::ALL.len() <= 32);

impl ScopeSet {
    /// No scope at all.
    pub const NONE: Self = Self(0);

    /// Every scope there is.
    #[must_use]
    pub fn all() -> Self {
        Scope::ALL.iter().copied().collect()
    }

    /// The set a token's `scope` claim names: words between single spaces, unknown ones left out.
    ///
    /// An outside issuer may put words for other software into the same claim; they allow nothing here.
    #[must_use]
    pub fn from_claim(claim: &str) -> Self {
        claim.split(' ').filter_map(|word| word.parse::<Scope>().ok()).collect()
    }

    /// Whether the set allows `scope`.
    #[must_use]
    pub const fn contains(self, scope: Scope) -> bool {
        self.0 & bit(scope) != 0
    }

    /// The set that allows this too.
    #[must_use]
    pub const fn with(self, scope: Scope) -> Self {
        Self(self.0 | bit(scope))
    }

    /// Whether the set allows all that another allows.
    #[must_use]
    pub const fn contains_all(self, others: Self) -> bool {
        others.0 & !self.0 == 0
    }

    /// Whether the set allows nothing.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The scopes, in the order of [`Scope::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL.iter().copied().filter(move |&scope| self.contains(scope))
    }
}

const fn bit(scope: Scope) -> u32 {
    1 << scope as u32
}

impl FromIterator<Scope> for ScopeSet {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().fold(0, |bits, scope| bits | bit(scope)))
    }
}

/// Reads words a person typed, so an unknown one is an error; a token's claim is read by [`ScopeSet::from_claim`].
impl FromStr for ScopeSet {
    type Err = ScopeError;
    fn from_str(words: &str) -> Result<Self, ScopeError> {
        words.split_whitespace().map(str::parse).collect()
    }
}

/// The words in the order of [`Scope::ALL`], a space between them: the form of the `scope` claim.
impl fmt::Display for ScopeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, scope) in self.iter().enumerate() {
            let space = if n == 0 { "" } else { " " };
            write!(f, "{space}{scope}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for ScopeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scope_reads_back_from_its_word_and_has_a_bit_of_its_own() {
        for &scope in Scope::ALL {
            assert_eq!(scope.as_str().parse(), Ok(scope));
            assert_eq!(ScopeSet::from_iter([scope]).iter().collect::<Vec<_>>(), [scope]);
        }
        assert_eq!(ScopeSet::all().iter().count(), 21);
        assert_eq!(ScopeSet::all().to_string().parse(), Ok(ScopeSet::all()));
    }

    #[test]
    fn a_claim_is_read_leniently_and_shown_in_one_order() {
        let check = |claim: &str, shown: &str| assert_eq!(ScopeSet::from_claim(claim).to_string(), shown, "{claim:?}");
        check("", "");
        check("audit:read catalogue:read", "catalogue:read audit:read");
        check("openid coverage:read profile", "coverage:read");
        check("coverage:read coverage:read", "coverage:read");
        check("  coverage:read ", "coverage:read");
        check("Coverage:Read", "");
        check("coverage:readX", "");
        check("coverage:read,audit:read", "");
        check("coverage:read\taudit:read", "");
        check("catalogue:*", "");
    }

    #[test]
    fn no_scope_implies_another() {
        let set = ScopeSet::from_iter([Scope::AgreementsWrite]);
        assert!(set.contains(Scope::AgreementsWrite));
        assert!(!set.contains(Scope::AgreementsRead) && !set.contains(Scope::AgreementsActivate));
        assert!(ScopeSet::NONE.is_empty() && !set.is_empty());
        let both = set.with(Scope::AgreementsRead);
        assert!(both.contains_all(set) && both.contains_all(ScopeSet::NONE) && !set.contains_all(both));
    }

    #[test]
    fn a_typed_word_that_is_no_scope_is_named() {
        let error = "coverage:read agreement:read".parse::<ScopeSet>().unwrap_err();
        assert_eq!(error.to_string(), "\"agreement:read\" is not a scope");
    }
}
