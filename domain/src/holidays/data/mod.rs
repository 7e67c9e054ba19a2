//! One file a country, or a few small ones; to add one, write its table and name it here, by its code.
//!
//! Dates of which every year is known are rules; dates that a government sets from year to year are listed until the
//! last that was set, and no guess is made beyond.

mod anglo;
mod australia;
mod britain;
mod canada;
mod europe;
mod germany;
mod new_zealand;
mod south_africa;
mod switzerland;

use super::rule::Country;

/// Every country, by its code.
pub(super) const COUNTRIES: &[&Country] = &[
    &europe::AUSTRIA,
    &australia::AUSTRALIA,
    &canada::CANADA,
    &switzerland::SWITZERLAND,
    &germany::GERMANY,
    &europe::FRANCE,
    &britain::UNITED_KINGDOM,
    &anglo::IRELAND,
    &europe::NETHERLANDS,
    &new_zealand::NEW_ZEALAND,
    &anglo::UNITED_STATES,
    &south_africa::SOUTH_AFRICA,
];
