//! Money as the contract writes it.

use async_graphql::SimpleObject;
use remit_domain::{Rate, money};

use crate::graphql::{
    plain::plain,
    scalars::{CurrencyCode, Decimal},
};

/// An exact amount. It has exactly the currency's minor digits, save rates, which are exact.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::graphql::plain")]
pub(crate) struct Money {
    /// The amount.
    amount: Decimal,
    /// The currency.
    currency: CurrencyCode,
}

plain! {
    Money:
    "amount" => amount,
    "currency" => currency,
}

impl From<money::Money> for Money {
    fn from(money: money::Money) -> Self {
        Self { amount: Decimal(money.amount()), currency: CurrencyCode(money.currency) }
    }
}

/// A rate as money.
pub(crate) fn rate(rate: Rate) -> Money {
    Money { amount: Decimal(rate.display_amount()), currency: CurrencyCode(rate.currency()) }
}
