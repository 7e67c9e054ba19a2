//! The field's words, each with the one meaning it has in code, schema and documents.

use serde::{Deserialize, Serialize};

/// A closed set of words with their meanings: one definition for code, storage, API and documents.
pub trait Word: Copy + Eq + Send + Sync + 'static {
    /// What the set is called.
    const NAME: &'static str;
    /// What the set is.
    const MEANING: &'static str;
    /// Every word, in the order of declaration.
    const WORDS: &'static [Self];

    /// The word as the API and the database spell it.
    fn text(self) -> &'static str;
    /// What the word means.
    fn meaning(self) -> &'static str;
}

/// Declares an enum whose wire and storage form is its name in capitals.
macro_rules! words {
    (
        $(#[doc = $type_doc:literal])+
        $name:ident { $($(#[doc = $doc:literal])+ $variant:ident = $text:literal),+ $(,)? }
    ) => {
        $(#[doc = $type_doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name { $($(#[doc = $doc])+ #[serde(rename = $text)] $variant),+ }

        impl $name {
            /// Every value, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word as the API and the database spell it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl Word for $name {
            const NAME: &'static str = stringify!($name);
            const MEANING: &'static str = concat!($($type_doc),+);
            const WORDS: &'static [Self] = Self::ALL;

            fn text(self) -> &'static str {
                self.as_str()
            }

            fn meaning(self) -> &'static str {
                match self { $(Self::$variant => concat!($($doc),+)),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

mod tickets;

pub use tickets::{ClockChangeKind, ClockState, TicketEventKind, WaitingReason};

words! {
    /// What a provider sells.
    ServiceKind {
        /// Help when something fails or a user asks.
        Support = "SUPPORT",
        /// Care that goes on without being asked: monitoring, patching, backups.
        Management = "MANAGEMENT",
        /// Something that runs elsewhere: hosting, licences, mail.
        Cloud = "CLOUD",
        /// Several services sold as one.
        Package = "PACKAGE",
    }
}
words! {
    /// How urgent a ticket is; P1 is the most urgent.
    Priority { /// The most urgent.
        P1 = "P1", /// High.
        P2 = "P2", /// Normal.
        P3 = "P3", /// Low.
        P4 = "P4", /// Planned, or without urgency.
        P5 = "P5" }
}
words! {
    /// What a target promises a time for.
    Milestone { /// Somebody has taken the ticket up.
        Response = "RESPONSE", /// It is known what will be done.
        Plan = "PLAN", /// The client can work again.
        Workaround = "WORKAROUND", /// It is mended.
        Resolution = "RESOLUTION" }
}
words! {
    /// Which time counts.
    Clock { /// Only the calendar's open hours.
        BusinessHours = "BUSINESS_HOURS", /// Every hour.
        AroundTheClock = "AROUND_THE_CLOCK" }
}
words! {
    /// What kind of hour an instant lies in (rule C6).
    HoursClass { /// Open, and not on a holiday.
        Business = "BUSINESS", /// Closed on a day that is neither weekend nor holiday.
        AfterHours = "AFTER_HOURS", /// Closed on a weekend day of the calendar.
        Weekend = "WEEKEND", /// On a date whose exception is a holiday, open or not.
        Holiday = "HOLIDAY" }
}
words! {
    /// How firmly something is promised.
    PromiseStrength { /// Owed: falling short has consequences.
        Guarantee = "GUARANTEE", /// Aimed at and measured.
        Target = "TARGET", /// Tried, not promised.
        BestEffort = "BEST_EFFORT" }
}
words! {
    /// How things fail.
    FailureScenario { /// A device breaks.
        HardwareFailure = "HARDWARE_FAILURE", /// Connections are down or slow.
        NetworkFailure = "NETWORK_FAILURE", /// A program misbehaves.
        SoftwareGlitch = "SOFTWARE_GLITCH", /// A whole system stops.
        SystemFailure = "SYSTEM_FAILURE", /// A cloud service is down.
        CloudOutage = "CLOUD_OUTAGE", /// Another supplier's system is down.
        ThirdPartyOutage = "THIRD_PARTY_OUTAGE", /// An attack, an intrusion, malware.
        SecurityIncident = "SECURITY_INCIDENT", /// Data are gone or damaged.
        DataLoss = "DATA_LOSS", /// The power is out.
        PowerFailure = "POWER_FAILURE", /// Somebody did the wrong thing.
        UserError = "USER_ERROR" }
}
words! {
    /// Who answers for something.
    Party { /// The managed service provider.
        Provider = "PROVIDER", /// The client.
        Client = "CLIENT", /// Another supplier.
        ThirdParty = "THIRD_PARTY", /// Provider and client together; counts as the provider's for liability.
        Shared = "SHARED" }
}
words! {
    /// What a repair costs money for.
    CostItem { /// Working time.
        Labour = "LABOUR", /// Spare parts and replacements.
        Parts = "PARTS", /// Carriage of parts.
        Shipping = "SHIPPING", /// Ways to the site.
        Travel = "TRAVEL" }
}
words! {
    /// What kind of thing is concerned.
    ComponentClass { /// Devices in general.
        Hardware = "HARDWARE", /// What a person works at.
        Workstation = "WORKSTATION", /// What serves several.
        Server = "SERVER", /// Switches, routers, firewalls, lines.
        Network = "NETWORK", /// What runs at a cloud supplier.
        Cloud = "CLOUD", /// What another supplier answers for.
        ThirdPartySystem = "THIRD_PARTY_SYSTEM" }
}
words! {
    /// How an obligation stands.
    ObligationState { /// The standard is kept.
        Met = "MET", /// It is not; after the days of grace the effects apply.
        Unmet = "UNMET", /// The provider does without it for now; counts as met.
        Waived = "WAIVED", /// Nobody has said; counts as met and is named.
        Unknown = "UNKNOWN" }
}
words! {
    /// Whose word a recorded state is, and whether it counts (rule V4).
    StatementStatus { /// The provider's: it counts.
        Recorded = "RECORDED", /// The client's, not judged yet: it does not count.
        Attested = "ATTESTED", /// The client's, and the provider agrees: it counts.
        Confirmed = "CONFIRMED", /// The client's, and the provider does not agree: it does not count.
        Rejected = "REJECTED" }
}
words! {
    /// What an unmet obligation does to what it gates.
    ObligationEffect { /// The provider is not liable.
        NotLiable = "NOT_LIABLE", /// SLA clocks do not count.
        SlaSuspended = "SLA_SUSPENDED", /// The work is charged although it is covered.
        Chargeable = "CHARGEABLE" }
}
words! {
    /// What recording one thing came to.
    RecordOutcome { /// It is new.
        Created = "CREATED", /// It was there and is different now.
        Updated = "UPDATED", /// Nothing is different: it was known, or something newer is.
        Unchanged = "UNCHANGED", /// It was there and is gone.
        Deleted = "DELETED", /// It cannot be: nothing of it was taken.
        Rejected = "REJECTED" }
}
words! {
    /// What an hours rule does with the work it matches (rule R2).
    RateTreatment { /// Paid for already.
        InFee = "IN_FEE", /// The role's hourly rate times the multiplier.
        Multiplier = "MULTIPLIER", /// A rate of its own.
        Hourly = "HOURLY", /// Not to be had.
        NotOffered = "NOT_OFFERED" }
}
words! {
    /// How work reaches the client.
    Delivery { /// From afar.
        Remote = "REMOTE", /// Where the client is.
        OnSite = "ON_SITE" }
}
words! {
    /// What an availability's percentage is of (rule Q1).
    AvailabilityBase { /// The hours that its window has.
        Window = "WINDOW", /// Thirty days, 43,200 minutes, however long the month is.
        ThirtyDays = "THIRTY_DAYS" }
}
words! {
    /// When something of several members counts as down (rule Q1).
    DownWhen { /// As soon as one member is.
        AnyMember = "ANY_MEMBER", /// Only when all of them are.
        AllMembers = "ALL_MEMBERS" }
}
words! {
    /// What a year's credits are held against (rule Q3).
    CapBasis { /// The fees of that year.
        FeesOfYear = "FEES_OF_YEAR", /// The mean monthly fee of the year before.
        MeanMonthBefore = "MEAN_MONTH_BEFORE", /// The fees of the whole term.
        FeesOfTerm = "FEES_OF_TERM" }
}
words! {
    /// What is measured to see whether a trigger is met (rule Q4).
    Measure { /// The share of the time that things are there.
        Availability = "AVAILABILITY", /// The share of tickets answered in time.
        Response = "RESPONSE", /// The share of tickets mended in time.
        Resolution = "RESOLUTION", /// The share of backup runs that went well.
        Backup = "BACKUP" }
}
words! {
    /// Whether history supports a promise (rule P2).
    PromiseVerdict { /// What was delivered supports it.
        Supported = "SUPPORTED", /// There is too little to go by, or it could be either.
        Unproven = "UNPROVEN", /// It is beyond what was delivered, or beyond the hours in which people are at work.
        Overpromised = "OVERPROMISED" }
}
words! {
    /// How a commitment stands in a time (rule Q7).
    CommitmentState { /// It was kept.
        Kept = "KEPT", /// It was not kept.
        NotKept = "NOT_KEPT", /// The time is not over, and it is kept so far.
        Running = "RUNNING", /// Nothing was recorded that it could be told from.
        NotKnown = "NOT_KNOWN" }
}
words! {
    /// What is recorded that commitments are held against.
    FactKind { /// Something was not there.
        Outage = "OUTAGE", /// A backup or a restore ran.
        BackupRun = "BACKUP_RUN", /// Something was measured.
        Measurement = "MEASUREMENT" }
}
words! {
    /// What a run of a backup was for.
    BackupRunKind { /// Data were saved.
        Backup = "BACKUP", /// It was tried whether they can be had back, or they were needed back.
        Restore = "RESTORE" }
}
words! {
    /// How a run of a backup came out.
    RunOutcome { /// It did what it was for.
        Succeeded = "SUCCEEDED", /// It did not.
        Failed = "FAILED" }
}
words! {
    /// Kinds of price.
    PriceKind { /// What services cost a month.
        Fees = "FEES", /// What an hour of work costs.
        Rates = "RATES" }
}
words! {
    /// What a charge is for (rules R2, R8, R9).
    ChargeKind { /// Work beyond the fee, at the rate of its hour.
        ExtraHours = "EXTRA_HOURS", /// Work that draws included hours when none are left.
        Overage = "OVERAGE", /// Work that the terms do not cover, or do not offer.
        OutOfScope = "OUT_OF_SCOPE", /// What falling short of a promise earns the client; negative.
        ServiceCredit = "SERVICE_CREDIT", /// What a later change makes of a charge in a closed period; of either sign.
        Adjustment = "ADJUSTMENT" }
}
words! {
    /// How far a charge has come (rule R10).
    ChargeStatus { /// Its period is open: it may still change.
        Provisional = "PROVISIONAL", /// Its period is closed: it never changes again.
        Final = "FINAL", /// It stands on an invoice.
        Invoiced = "INVOICED" }
}
words! {
    /// What a time entry is to cost.
    EntryBilling { /// What the terms say.
        ByTerms = "BY_TERMS", /// Nothing: it is rated and shown, comes to 0 and draws no hours.
        NoCharge = "NO_CHARGE", /// It is not rated at all.
        NotBillable = "NOT_BILLABLE" }
}
words! {
    /// What is odd about a time entry that was taken all the same.
    EntryFlag { /// Another entry of the same technician is for some of the same time.
        Overlaps = "OVERLAPS", /// Only its length is known, so all of it goes by the hour at which it starts.
        TimesUnknown = "TIMES_UNKNOWN", /// The terms it is rated by now have no rate for its role, so it has no price.
        Unpriced = "UNPRICED" }
}
words! {
    /// Which pieces of work are rounded together (rule R3).
    RoundingAggregate { /// Each time entry.
        Entry = "ENTRY", /// All entries of a ticket.
        Ticket = "TICKET", /// A ticket's entries of one day.
        TicketDay = "TICKET_DAY", /// A technician's entries of one day.
        TechnicianDay = "TECHNICIAN_DAY" }
}
words! {
    /// In which order increment and minimum act (rule R3).
    RoundingOrder { /// Up to the increment, then up to the minimum.
        RoundThenMinimum = "ROUND_THEN_MINIMUM", /// Up to the minimum, then up to the increment.
        MinimumThenRound = "MINIMUM_THEN_ROUND" }
}
words! {
    /// What happens to several rules' minima in one aggregate (rule R3).
    MinimaRule { /// Each acts.
        Each = "EACH", /// Only the largest acts.
        Largest = "LARGEST" }
}
words! {
    /// How a measured value is held against the promised one.
    Comparator { /// At least so much.
        AtLeast = "AT_LEAST", /// At most so much.
        AtMost = "AT_MOST" }
}
words! {
    /// Over which time something is measured.
    Window { /// A calendar month.
        CalendarMonth = "CALENDAR_MONTH", /// A calendar quarter.
        CalendarQuarter = "CALENDAR_QUARTER", /// A calendar year.
        CalendarYear = "CALENDAR_YEAR", /// The thirty days before the instant of asking.
        Rolling30Days = "ROLLING_30_DAYS" }
}
words! {
    /// The seven things an accurate agreement states.
    Section { /// What is done, and what is not.
        Services = "SERVICES", /// How fast, in which hours, and what other hours cost.
        ResponseTime = "RESPONSE_TIME", /// Who answers for which failure.
        Accountability = "ACCOUNTABILITY", /// The standard the client's systems must meet.
        ClientRequirements = "CLIENT_REQUIREMENTS", /// Nothing beyond what can be delivered.
        Promises = "PROMISES", /// What is expected of hardware, third-party systems and workstations.
        Performance = "PERFORMANCE", /// How fast failures are fixed and how often backups run.
        Availability = "AVAILABILITY" }
}
words! {
    /// Whether something is covered.
    CoverageVerdict { /// By the fee or at the agreed rates.
        Included = "INCLUDED", /// The agreement says it is not done.
        Excluded = "EXCLUDED", /// The agreement does not speak of it.
        NotListed = "NOT_LISTED", /// No terms are in force at the instant asked about.
        NotInForce = "NOT_IN_FORCE" }
}
words! {
    /// How an agreement stands.
    AgreementStatus { /// Nothing was offered yet.
        Draft = "DRAFT", /// The first terms are with the client.
        Offered = "OFFERED", /// Terms were accepted: they are in force, or will be.
        Active = "ACTIVE", /// Nothing holds until it is resumed.
        Suspended = "SUSPENDED", /// The last day of the last terms has passed.
        Expired = "EXPIRED", /// It was ended before its time.
        Terminated = "TERMINATED" }
}
words! {
    /// What happens when a term ends.
    RenewalKind { /// Another term begins unless somebody declines in time.
        Automatic = "AUTOMATIC", /// It ends unless somebody renews it.
        ByHand = "BY_HAND" }
}
words! {
    /// How one version of the terms stands.
    TermsStatus { /// It is being written.
        Draft = "DRAFT", /// The client can read it, nothing can change it.
        Offered = "OFFERED", /// Accepted, its first day is still to come.
        Scheduled = "SCHEDULED", /// What holds now.
        InForce = "IN_FORCE", /// A newer version has begun, or its last day has passed.
        Superseded = "SUPERSEDED", /// Taken back before it was accepted.
        Withdrawn = "WITHDRAWN" }
}
words! {
    /// A day of the week.
    Weekday { /// Monday.
        Monday = "MONDAY", /// Tuesday.
        Tuesday = "TUESDAY", /// Wednesday.
        Wednesday = "WEDNESDAY", /// Thursday.
        Thursday = "THURSDAY", /// Friday.
        Friday = "FRIDAY", /// Saturday.
        Saturday = "SATURDAY", /// Sunday.
        Sunday = "SUNDAY" }
}

impl From<Weekday> for jiff::civil::Weekday {
    fn from(day: Weekday) -> Self {
        match day {
            Weekday::Monday => Self::Monday,
            Weekday::Tuesday => Self::Tuesday,
            Weekday::Wednesday => Self::Wednesday,
            Weekday::Thursday => Self::Thursday,
            Weekday::Friday => Self::Friday,
            Weekday::Saturday => Self::Saturday,
            Weekday::Sunday => Self::Sunday,
        }
    }
}

impl From<jiff::civil::Weekday> for Weekday {
    fn from(day: jiff::civil::Weekday) -> Self {
        match day {
            jiff::civil::Weekday::Monday => Self::Monday,
            jiff::civil::Weekday::Tuesday => Self::Tuesday,
            jiff::civil::Weekday::Wednesday => Self::Wednesday,
            jiff::civil::Weekday::Thursday => Self::Thursday,
            jiff::civil::Weekday::Friday => Self::Friday,
            jiff::civil::Weekday::Saturday => Self::Saturday,
            jiff::civil::Weekday::Sunday => Self::Sunday,
        }
    }
}
