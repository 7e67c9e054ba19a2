//! Words for tickets and their clocks.

use super::*;

words! {
    /// What happened to a ticket.
    TicketEventKind { /// Somebody has taken it up: meets RESPONSE.
        Responded = "RESPONDED", /// It is known what will be done: meets PLAN.
        Planned = "PLANNED", /// The client can work again: meets WORKAROUND.
        WorkedAround = "WORKED_AROUND", /// It waits for somebody or something from here on.
        Waiting = "WAITING", /// It waits no more, for one thing or for all.
        Resumed = "RESUMED", /// It became more or less urgent.
        PriorityChanged = "PRIORITY_CHANGED", /// It is mended: meets every milestone that is still open.
        Resolved = "RESOLVED", /// It was not mended after all.
        Reopened = "REOPENED", /// It will not be worked on.
        Cancelled = "CANCELLED" }
}
words! {
    /// How a clock of a ticket stands.
    ClockState { /// It runs towards its due time; outside its hours it rests without being held.
        Running = "RUNNING", /// It is held: the ticket waits, or an unmet obligation suspends it. When it is due is not known.
        Paused = "PAUSED", /// The milestone came no later than due.
        Met = "MET", /// The due time passed before the milestone came.
        Breached = "BREACHED", /// It ended without a judgement: the ticket was cancelled, or its new priority has no such target.
        Cancelled = "CANCELLED" }
}
words! {
    /// What happened to a clock of a ticket.
    ClockChangeKind { /// It is new.
        Started = "STARTED", /// It is held.
        Paused = "PAUSED", /// It runs again.
        Resumed = "RESUMED", /// So much of its time is used up.
        Warning = "WARNING", /// Its milestone came in time.
        Met = "MET", /// Its due time has passed.
        Breached = "BREACHED", /// It ended without a judgement.
        Cancelled = "CANCELLED" }
}
words! {
    /// For whom or what a ticket waits.
    WaitingReason { /// The client.
        Client = "CLIENT", /// Another supplier.
        ThirdParty = "THIRD_PARTY", /// Parts on their way.
        Parts = "PARTS", /// An agreed later time.
        Scheduled = "SCHEDULED", /// Anything else.
        Other = "OTHER" }
}
