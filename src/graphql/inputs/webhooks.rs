//! Webhooks.

use async_graphql::{ID, InputObject, MaybeUndefined};
use remit_domain::{Timestamp, time};
use url::Url;

use super::{Ref, code, given, handle, optional, prose};
use crate::{
    app::{Problems, PutWebhook, Replay, RotateSecret, UserErrorCode},
    graphql::{
        ids::{self, Kind},
        paging::changes_place,
        scalars::Duration,
        types::{SubjectType, WebhookSignature},
    },
    store::{Handle, Uuid},
    webhooks::is_filter,
};

/// The most characters of a URL.
const URL_MAX: usize = 2048;
/// The most events that a webhook names.
const EVENTS_MAX: usize = 100;
/// The most deliveries replayed at once.
const DELIVERIES_MAX: usize = 500;
/// The longest that old keys go on signing.
const KEEP_MAX: time::Duration = time::Duration::from_hours(30 * 24);

/// A webhook to be made or changed, found by its code.
#[derive(Debug, InputObject)]
pub(crate) struct PutWebhookInput {
    /// The code; it never changes.
    code: String,
    /// Where to: https, and a public address unless the server's operator lets it be another. Needed on creation.
    url: Option<String>,
    /// What it is for. Left out on creation: empty.
    description: MaybeUndefined<String>,
    /// Of which kinds of object it gets changes. Left out on creation or empty: of all.
    types: MaybeUndefined<Vec<SubjectType>>,
    /// Which events it gets, `terms.activated` or `terms.*`. Left out on creation or empty: all.
    events: MaybeUndefined<Vec<String>>,
    /// What is sent of each change: a selection on Change such as `{ event subject { ... on Agreement { number } } }`, without
    /// variables and named fragments. Null, or left out on creation: what stands in the guide.
    selection: MaybeUndefined<String>,
    /// Whether nothing is sent for now; what happens meanwhile is sent later. Left out on creation: false.
    paused: MaybeUndefined<bool>,
    /// How messages are signed; only on creation, later by rotating. Left out: HMAC.
    signature: Option<WebhookSignature>,
}

impl PutWebhookInput {
    /// The selection that is given.
    pub(crate) fn selection(&self) -> Option<&str> {
        match &self.selection {
            MaybeUndefined::Value(selection) => Some(selection),
            _ => None,
        }
    }

    pub(crate) fn read(self, p: &mut Problems) -> Option<PutWebhook> {
        let code = code(p, "code", &self.code);
        let url = optional(self.url, |url| p.take("url", read_url(&url)));
        let description = optional(given(self.description, String::new), |text| prose(p, "description", text));
        let subjects = given(self.types, Vec::new).map(|list| list.into_iter().map(Into::into).collect());
        let events = optional(given(self.events, Vec::new), |list| p.at("events", |p| events(p, list)));
        let selection = given(self.selection.map_value(Some), || None);
        Some(PutWebhook {
            code: code?,
            url: url?,
            description: description?,
            subjects,
            events: events?,
            selection,
            paused: given(self.paused, || false),
            signature: self.signature.map(Into::into),
        })
    }
}

fn read_url(text: &str) -> Result<Url, String> {
    if text.len() > URL_MAX {
        return Err(format!("has more than {URL_MAX} characters"));
    }
    let url = Url::parse(text).map_err(|error| format!("is not a URL ({error})"))?;
    if !matches!(url.scheme(), "https" | "http") {
        return Err("does not begin with https://".to_owned());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("has a user or a password in it; whose a message is, its signature says".to_owned());
    }
    match url.fragment() {
        Some(_) => Err("has a # in it".to_owned()),
        None => Ok(url),
    }
}

/// Events, each once.
fn events(p: &mut Problems, list: Vec<String>) -> Option<Vec<String>> {
    if list.len() > EVENTS_MAX {
        p.refuse(UserErrorCode::Invalid, format!("there are {}, at most {EVENTS_MAX} are taken", list.len()));
        return None;
    }
    let mut read = p.each(list, |here, event| {
        let well = is_filter(&event);
        if !well {
            here.refuse(
                UserErrorCode::Invalid,
                "is no event that there is, such as terms.activated, nor all of a subject, such as terms.*",
            );
        }
        well.then_some(event)
    })?;
    read.sort_unstable();
    read.dedup();
    Some(read)
}

/// The webhook that is meant.
fn webhook(p: &mut Problems, reference: Ref) -> Option<Handle> {
    p.at("webhook", |p| handle(p, reference, Kind::Webhook))
}

/// A webhook to be removed.
#[derive(Debug, InputObject)]
pub(crate) struct DeleteWebhookInput {
    /// Which.
    webhook: Ref,
}

impl DeleteWebhookInput {
    pub(crate) fn read(self, p: &mut Problems) -> Option<Handle> {
        webhook(p, self.webhook)
    }
}

/// A webhook to be tried out.
#[derive(Debug, InputObject)]
pub(crate) struct TestWebhookInput {
    /// Which.
    webhook: Ref,
}

impl TestWebhookInput {
    pub(crate) fn read(self, p: &mut Problems) -> Option<Handle> {
        webhook(p, self.webhook)
    }
}

/// A webhook that gets a new key.
#[derive(Debug, InputObject)]
pub(crate) struct RotateWebhookSecretInput {
    /// Which.
    webhook: Ref,
    /// How messages are signed from now on. Left out: as before.
    signature: Option<WebhookSignature>,
    /// For how long they are signed by the keys of before too, up to PT720H. PT0S ends those at once. Left out: PT24H.
    keep_old_for: Option<Duration>,
}

impl RotateWebhookSecretInput {
    pub(crate) fn read(self, p: &mut Problems, now: Timestamp) -> Option<RotateSecret> {
        let webhook = webhook(p, self.webhook);
        let keep = self.keep_old_for.map_or(time::Duration::from_hours(24), |keep| keep.0);
        let until = time::later(now, keep).filter(|_| keep <= KEEP_MAX);
        if until.is_none() {
            p.at("keepOldFor", |p| p.refuse(UserErrorCode::Invalid, format!("must be at most {KEEP_MAX}")));
        }
        Some(RotateSecret { webhook: webhook?, signature: self.signature.map(Into::into), keep_until: until? })
    }
}

/// What is to be delivered anew. Exactly one of `after` and `deliveries`.
#[derive(Debug, InputObject)]
pub(crate) struct ReplayWebhookInput {
    /// To which webhook.
    webhook: Ref,
    /// Everything behind this cursor of `changes`.
    after: Option<String>,
    /// These deliveries, up to 500, whether they arrived or were given up.
    deliveries: Option<Vec<ID>>,
}

impl ReplayWebhookInput {
    pub(crate) fn read(self, p: &mut Problems) -> Option<(Handle, Replay)> {
        let webhook = webhook(p, self.webhook);
        let replay = match (self.after, self.deliveries) {
            (Some(after), None) => {
                p.take("after", changes_place(&after).ok_or("is no cursor of the list changes")).map(Replay::After)
            }
            (None, Some(ids)) => p.at("deliveries", |p| deliveries(p, ids)).map(Replay::Deliveries),
            _ => {
                p.refuse(UserErrorCode::Invalid, "exactly one of `after` and `deliveries` is needed");
                None
            }
        };
        Some((webhook?, replay?))
    }
}

fn deliveries(p: &mut Problems, ids: Vec<ID>) -> Option<Vec<Uuid>> {
    if ids.len() > DELIVERIES_MAX {
        p.refuse(UserErrorCode::Invalid, format!("there are {}, at most {DELIVERIES_MAX} are taken", ids.len()));
        return None;
    }
    p.each(ids, |here, id| {
        let found = ids::read(&id).filter(|(kind, _)| *kind == Kind::WebhookDelivery).map(|(_, uuid)| uuid);
        if found.is_none() {
            here.refuse(UserErrorCode::NotFound, "no such delivery");
        }
        found
    })
}
