//! Why an answer is what it is.

/// Declares the reason codes with their text forms.
macro_rules! reason_codes {
    ($($(#[$doc:meta])* $variant:ident = $text:literal),+ $(,)?) => {
        /// What decided a part of an answer. Stable: integrators branch on it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ReasonCode { $($(#[$doc])* $variant),+ }

        impl ReasonCode {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The code as the API spells it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }
    };
}

reason_codes! {
    /// These terms are in force (V1).
    InForce = "IN_FORCE",
    /// No terms are in force at the instant (V1).
    NotInForce = "NOT_IN_FORCE",
    /// The agreement's handle names nothing (V7).
    AgreementUnknown = "AGREEMENT_UNKNOWN",
    /// The client's handle names nothing (V7).
    ClientUnknown = "CLIENT_UNKNOWN",
    /// The service is listed (V2).
    ServiceIncluded = "SERVICE_INCLUDED",
    /// A listed package holds the service (V2).
    PackageIncludes = "PACKAGE_INCLUDES",
    /// An exclusion matches (V2).
    Excluded = "EXCLUDED",
    /// The terms do not speak of it (V2).
    NotListed = "NOT_LISTED",
    /// The service's handle names nothing (V7).
    ServiceUnknown = "SERVICE_UNKNOWN",
    /// No service was given; the scenario's responsibility decides (V7).
    ScenarioDecides = "SCENARIO_DECIDES",
    /// A responsibility names who answers (V3).
    Responsible = "RESPONSIBLE",
    /// No responsibility is for this scenario (V3).
    ScenarioUnassigned = "SCENARIO_UNASSIGNED",
    /// An obligation is unmet and past its grace: its effects apply (V4, V9).
    ObligationUnmet = "OBLIGATION_UNMET",
    /// An obligation is unmet and still within its days of grace (V9).
    ObligationInGrace = "OBLIGATION_IN_GRACE",
    /// An obligation is waived: counts as met (V4).
    ObligationWaived = "OBLIGATION_WAIVED",
    /// Nobody has said how an obligation stands: counts as met (V4).
    ObligationUnknown = "OBLIGATION_UNKNOWN",
    /// The client says how an obligation stands and the provider has not confirmed it: it does not count yet (V4).
    ObligationAttested = "OBLIGATION_ATTESTED",
    /// An obligation's failure was recorded after the instant asked about (V9).
    ObligationRecordedLate = "OBLIGATION_RECORDED_LATE",
    /// A rule of price applies (R2).
    RateRule = "RATE_RULE",
    /// The fee pays for it (R2).
    InFee = "IN_FEE",
    /// It is not covered, or an obligation makes it chargeable: it is charged even where the fee would pay (R2).
    OutsideTheFee = "OUTSIDE_THE_FEE",
    /// The rule says that it is not to be had (V5).
    NotOffered = "NOT_OFFERED",
    /// No rule of price matches: not to be had (V5).
    NoRateRule = "NO_RATE_RULE",
    /// There are several roles and none was given (V7).
    RoleNeeded = "ROLE_NEEDED",
    /// The role given has no rate in the terms.
    RoleUnknown = "ROLE_UNKNOWN",
    /// A fixed fee comes on top, once.
    CallOut = "CALL_OUT",
    /// Hours paid for in the fee cover it (V5).
    PoolCovers = "POOL_COVERS",
    /// No hours are left that would cover it (V5, R4).
    PoolExhausted = "POOL_EXHAUSTED",
    /// The class of the hours that were worked (R1).
    HoursClass = "HOURS_CLASS",
    /// The work is charged although it is not offered: somebody asked for it (R2).
    Approved = "APPROVED",
    /// The entry says that it is not to be charged.
    NoCharge = "NO_CHARGE",
    /// Only the length of the work is known (R0).
    TimesUnknown = "TIMES_UNKNOWN",
    /// Worked time became charged time (R3).
    Rounded = "ROUNDED",
    /// What the charged time comes to (R5).
    Amount = "AMOUNT",
    /// It has no price although it should.
    Unpriced = "UNPRICED",
    /// A later change to a closed period, and what it corrects (R8).
    Adjusts = "ADJUSTS",
    /// A promise fell short and earns the client something (R9).
    CreditEarned = "CREDIT_EARNED",
    /// More was earned than a period's credits may come to (R9).
    CreditCapped = "CREDIT_CAPPED",
    /// A credit has to be claimed by a day (Q3).
    ClaimBy = "CLAIM_BY",
    /// A service has no price, so the fee is not the whole fee (R9).
    FeeUnknown = "FEE_UNKNOWN",
    /// What the whole work comes to (R1–R5).
    Estimate = "ESTIMATE",
    /// The whole work cannot be priced.
    NoEstimate = "NO_ESTIMATE",
    /// A target gives a deadline (S2).
    Target = "TARGET",
    /// No target is promised for this priority and hour (S2).
    NoTarget = "NO_TARGET",
    /// Somebody says how it stands, by then for the first time (Q5).
    UpdateDue = "UPDATE_DUE",
    /// Who is brought in when it is not resolved by then (Q5).
    Escalation = "ESCALATION",
    /// The terms name callers, and the question does not say who asks (V10).
    CallerNeeded = "CALLER_NEEDED",
    /// Who asks is none of the named callers: nothing is promised (V10).
    CallerNotNamed = "CALLER_NOT_NAMED",
    /// Who asks may not ask for work that costs extra (V10).
    CallerCannotApprove = "CALLER_CANNOT_APPROVE",
    /// Rates may rise from one version of the terms to the next (Q6).
    Indexed = "INDEXED",
    /// No priority was given, so nothing is due (V7).
    NoPriority = "NO_PRIORITY",
    /// An unmet obligation suspends the service levels (S9).
    SlaSuspended = "SLA_SUSPENDED",
    /// A rule failed on one condition only (V6).
    NearMiss = "NEAR_MISS",
}

/// One part of the answer with its ground.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// What decided.
    pub code: ReasonCode,
    /// The clause it comes from, where it comes from one.
    pub clause: Option<String>,
    /// The same in a sentence.
    pub text: String,
}

impl Reason {
    /// A reason with its clause and sentence.
    #[must_use]
    pub fn new(code: ReasonCode, clause: Option<String>, text: impl Into<String>) -> Self {
        Self { code, clause, text: text.into() }
    }
}
