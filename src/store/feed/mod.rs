//! The change feed: one order over everything that happens at a provider (E1).
//!
//! | file | does |
//! |---|---|
//! | `change` | what a row says |
//! | `append` | writes rows with the commit of what they tell of |
//! | `place` | the order of rows |
//! | `read` | reads what is final, from a place on |
//! | `epoch` | notices that the database stands on another cluster |
//! | `hub` | wakes those who wait for something new |
//! | `keep` | forgets what is older than it is kept |
//! | `standing` | says how far behind readers are held, and by whom |

mod append;
mod change;
mod epoch;
mod hub;
mod keep;
mod place;
mod read;
mod standing;

pub use change::{Change, ChangeKind, ClockMark, Subject};
pub(super) use epoch::{epoch_here, settle_epoch};
pub(super) use hub::Hub;
pub use hub::{Follower, Following, Heard, Rung};
pub use place::{NoPlace, Place};
pub use read::{ChangeRecord, FeedPage, FeedQuestion, Gone};
pub use standing::{Blocker, FeedStanding};
