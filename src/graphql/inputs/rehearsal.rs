//! What is to be rehearsed.

use async_graphql::InputObject;

use super::{Ref, handle, optional};
use crate::{
    app::{AskRehearsal, Problems, UserErrorCode},
    graphql::ids::Kind,
};

/// The most months that are rehearsed.
const MONTHS_MAX: i32 = 36;

/// Response times, and the tickets that they are rehearsed with.
#[derive(Debug, InputObject)]
pub(crate) struct RehearseInput {
    /// The tier.
    tier: Ref,
    /// The hours.
    calendar: Ref,
    /// Only with tickets of this client.
    client: Option<Ref>,
    /// Only with tickets of this agreement; credits are then a share of its present fee.
    agreement: Option<Ref>,
    /// How many whole months up to now, from 1 to 36.
    #[graphql(default = 12)]
    months: i32,
}

impl RehearseInput {
    pub(crate) fn read(self, p: &mut Problems) -> Option<AskRehearsal> {
        let tier = p.at("tier", |p| handle(p, self.tier, Kind::SlaTier));
        let calendar = p.at("calendar", |p| handle(p, self.calendar, Kind::ServiceCalendar));
        let client = p.at("client", |p| optional(self.client, |client| handle(p, client, Kind::Client)));
        let agreement = p.at("agreement", |p| optional(self.agreement, |named| handle(p, named, Kind::Agreement)));
        let months = u32::try_from(self.months).ok().filter(|_| (1..=MONTHS_MAX).contains(&self.months));
        if months.is_none() {
            p.at("months", |p| p.refuse(UserErrorCode::Invalid, format!("must be from 1 to {MONTHS_MAX}")));
        }
        Some(AskRehearsal { tier: tier?, calendar: calendar?, client: client?, agreement: agreement?, months: months? })
    }
}
