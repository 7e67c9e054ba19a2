//! What is charged, credited or adjusted.

use std::{borrow::Cow, ops::RangeInclusive};

use remit_domain::{
    Currency, Duration, Rate, Timestamp,
    billing::{LotOrigin, Month},
    coverage::Reason,
    decimal,
    rating::PoolTime,
    words::{ChargeKind, ChargeStatus, HoursClass},
};
use remit_entity::charge;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QueryTrait, prelude::Uuid,
    sea_query::Expr,
};
use serde::{Deserialize, Deserializer, Serialize};

use super::{
    StoreError, Tx,
    by_place::read,
    document, padded,
    rows::{ROWS_AT_ONCE, Replace, Rows},
    time_entries::word,
    to_document,
};

/// What is charged, credited or adjusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChargeRecord {
    /// Its id.
    pub id: Uuid,
    /// The agreement.
    pub agreement_id: Uuid,
    /// The client.
    pub client_id: Uuid,
    /// The billing period it stands in.
    pub month: Month,
    /// The billing period it is for: of an adjustment the closed one.
    pub for_month: Month,
    /// What it is for.
    pub kind: ChargeKind,
    /// How far it has come.
    pub status: ChargeStatus,
    /// The entry that it charges.
    pub time_entry_id: Option<Uuid>,
    /// Of an adjustment, the kind of what it adjusts.
    pub adjusts_kind: Option<ChargeKind>,
    /// The class of the hours.
    pub hours_class: Option<HoursClass>,
    /// The code of the rule of price.
    pub rule_code: Option<String>,
    /// The version that it was rated by.
    pub terms_id: Option<Uuid>,
    /// The first instant of the work.
    pub from: Option<Timestamp>,
    /// The first instant after it.
    pub to: Option<Timestamp>,
    /// Time worked.
    pub worked: Duration,
    /// Rounded time that hours of the pool cover.
    pub included: Duration,
    /// Rounded time less what is included.
    pub charged: Duration,
    /// The rate of what is charged.
    pub rate: Option<Rate>,
    /// What the client owes, in minor units.
    pub minor: i64,
    /// Its currency.
    pub currency: Currency,
    /// Why, as JSON; read by [`ChargeRecord::reasons`].
    pub reasons: String,
    /// Which hours were drawn.
    pub draws: Vec<DrawRecord>,
    /// Of an adjustment, the charge that it adjusts, if there was one.
    pub adjusts_id: Option<Uuid>,
    /// The invoice that it stands on.
    pub invoice_ref: Option<String>,
    /// The invoice that it was taken off last.
    pub released: Option<ReleaseRecord>,
}

/// That an invoice was voided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseRecord {
    /// The invoice.
    pub invoice_ref: String,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Timestamp,
}

/// Hours that were drawn for a charge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DrawRecord {
    /// Where they come from.
    pub lot: LotOrigin,
    /// How many.
    pub time: PoolTime,
}

/// Why, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReasonRecord<'a> {
    /// The code.
    #[serde(borrow)]
    pub code: Cow<'a, str>,
    /// The clause it comes from.
    #[serde(borrow, default, deserialize_with = "borrowed", skip_serializing_if = "Option::is_none")]
    pub clause: Option<Cow<'a, str>>,
    /// The same in a sentence.
    #[serde(borrow)]
    pub text: Cow<'a, str>,
}

impl<'a> From<&'a Reason> for ReasonRecord<'a> {
    fn from(reason: &'a Reason) -> Self {
        let clause = reason.clause.as_deref().map(Cow::Borrowed);
        Self { code: reason.code.as_str().into(), clause, text: reason.text.as_str().into() }
    }
}

impl ReasonRecord<'_> {
    /// The same without what it was read from.
    #[must_use]
    pub fn into_owned(self) -> ReasonRecord<'static> {
        let own = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
        ReasonRecord { code: own(self.code), clause: self.clause.map(own), text: own(self.text) }
    }
}

/// A text that may be left out, borrowed where it stands as it is.
fn borrowed<'de: 'a, 'a, D: Deserializer<'de>>(from: D) -> Result<Option<Cow<'a, str>>, D::Error> {
    #[derive(Deserialize)]
    struct Text<'a>(#[serde(borrow)] Cow<'a, str>);
    Ok(Option::<Text<'a>>::deserialize(from)?.map(|Text(text)| text))
}

/// Reasons in their stored form.
///
/// # Errors
/// [`StoreError`] never, in fact: reasons have no form that JSON lacks.
pub fn stored_reasons(reasons: &[Reason]) -> Result<String, StoreError> {
    to_document(&reasons.iter().map(ReasonRecord::from).collect::<Vec<_>>())
}

impl ChargeRecord {
    /// What lists are ordered by: the period, then the time, then the id; in digits that sort alike everywhere.
    #[must_use]
    pub fn place(&self) -> String {
        // Instants begin with the year 1900.
        const BEFORE_1970: i64 = 2_208_988_800_000_000;
        let from = self.from.map_or(i64::MAX / 10, Timestamp::as_microsecond).saturating_add(BEFORE_1970);
        format!("{:06}{from:019}{}", self.month.number(), self.id.simple())
    }

    /// Why.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] when they are not what this version writes.
    pub fn reasons(&self) -> Result<Vec<ReasonRecord<'_>>, StoreError> {
        document("reasons of the charge", self.id, &self.reasons)
    }
}

impl TryFrom<charge::Model> for ChargeRecord {
    type Error = StoreError;

    fn try_from(row: charge::Model) -> Result<Self, StoreError> {
        let id = row.id;
        let unreadable = |why: String| StoreError::Unreadable { what: "charge", id, why };
        let instant = |at| Timestamp::from_microsecond(at).map_err(|error| unreadable(error.to_string()));
        let currency: Currency =
            row.currency.parse().map_err(|_| unreadable(format!("currency {:?}", row.currency)))?;
        let rate = |text: &str| {
            let amount = decimal::parse(text).map_err(|error| unreadable(error.to_string()))?;
            Rate::new(amount, currency).map_err(|error| unreadable(error.to_string()))
        };
        Ok(Self {
            kind: word(&row.kind).map_err(unreadable)?,
            status: word(&row.status).map_err(unreadable)?,
            adjusts_kind: row.adjusts_kind.as_deref().map(word).transpose().map_err(unreadable)?,
            hours_class: row.hours_class.as_deref().map(word).transpose().map_err(unreadable)?,
            from: row.from_at.map(instant).transpose()?,
            to: row.to_at.map(instant).transpose()?,
            rate: row.hourly_rate.as_deref().map(rate).transpose()?,
            released: match (row.released_ref, row.released_at) {
                (Some(invoice_ref), Some(at)) => {
                    let reason = row.released_reason.unwrap_or_default();
                    Some(ReleaseRecord { invoice_ref, reason, at: instant(at)? })
                }
                _ => None,
            },
            draws: if row.draws == "[]" { Vec::new() } else { document("draws of the charge", id, &row.draws)? },
            id,
            agreement_id: row.agreement_id,
            client_id: row.client_id,
            month: Month::from_number(row.month),
            for_month: Month::from_number(row.for_month),
            time_entry_id: row.time_entry_id,
            rule_code: row.rule_code,
            terms_id: row.terms_id,
            worked: Duration::from_micros(row.worked),
            included: Duration::from_micros(row.included),
            charged: Duration::from_micros(row.charged),
            minor: row.amount,
            currency,
            reasons: row.reasons,
            adjusts_id: row.adjusts_id,
            invoice_ref: row.invoice_ref,
        })
    }
}

/// Which charges of an agreement a write looks at.
#[derive(Clone, Debug)]
pub enum ChargesOf<'a> {
    /// Those that stand in a month.
    Month(Month),
    /// Those that are for one of these months, adjustments wherever they stand.
    For(RangeInclusive<Month>),
    /// Service credits that are for one of these months, and their adjustments.
    Credits(RangeInclusive<Month>),
    /// Those in a month, of some entries.
    Entries(Month, &'a [Uuid]),
    /// Those with these ids.
    Ids(&'a [Uuid]),
    /// Those that stand on an invoice, or were taken off it last.
    Invoice(&'a str),
}

impl Tx {
    /// Charges, of one agreement or all, by period, then time.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn charges(&self, agreement: Option<Uuid>, of: ChargesOf<'_>) -> Result<Vec<ChargeRecord>, StoreError> {
        if matches!(of, ChargesOf::Entries(_, [])) {
            return Ok(Vec::new());
        }
        let rows = charge::Entity::find()
            .filter(charge::Column::ProviderId.eq(self.provider()))
            .apply_if(agreement, |rows, agreement| rows.filter(charge::Column::AgreementId.eq(agreement)));
        let rows = match of {
            ChargesOf::Month(month) => rows
                .filter(charge::Column::Place.gte(format!("{:06}", month.number())))
                .filter(charge::Column::Place.lt(format!("{:06}", month.next().number()))),
            ChargesOf::For(months) => {
                rows.filter(charge::Column::ForMonth.between(months.start().number(), months.end().number()))
            }
            ChargesOf::Credits(months) => rows
                .filter(charge::Column::ForMonth.between(months.start().number(), months.end().number()))
                .filter(charge::Column::TimeEntryId.is_null()),
            ChargesOf::Entries(month, entries) => rows
                .filter(charge::Column::Month.eq(month.number()))
                .filter(charge::Column::TimeEntryId.is_in(padded(entries))),
            ChargesOf::Ids(ids) => rows.filter(charge::Column::Id.is_in(padded(ids))),
            ChargesOf::Invoice(invoice) => rows.filter(
                Condition::any()
                    .add(charge::Column::InvoiceRef.eq(invoice))
                    .add(charge::Column::ReleasedRef.eq(invoice)),
            ),
        };
        read(rows.order_by_asc(charge::Column::Place), self.connection()).await
    }

    /// Charges as they are to be, whether they are there or not.
    ///
    /// # Errors
    /// [`StoreError`] when one cannot be spelled.
    pub fn charge_rows(&self, charges: &[ChargeRecord]) -> Result<Rows, StoreError> {
        use charge::Column as C;
        let replaced = [
            C::Month,
            C::ForMonth,
            C::Status,
            C::HoursClass,
            C::RuleCode,
            C::TermsId,
            C::FromAt,
            C::ToAt,
            C::Worked,
            C::Included,
            C::Charged,
            C::HourlyRate,
            C::Amount,
            C::Reasons,
            C::Draws,
            C::AdjustsId,
            C::InvoiceRef,
            C::ReleasedRef,
            C::ReleasedReason,
            C::ReleasedAt,
            C::Place,
        ];
        let rows = charges.iter().map(|charge| self.charge_row(charge)).collect::<Result<Vec<_>, _>>()?;
        let replace = Replace { same: &[C::ProviderId, C::Id], columns: &replaced };
        Rows::of(self.backend(), rows, Some(replace))
    }

    /// Makes the charges of a period final.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn finish_charges(&self, agreement: Uuid, month: Month) -> Result<(), StoreError> {
        charge::Entity::update_many()
            .col_expr(charge::Column::Status, Expr::val(ChargeStatus::Final.as_str()))
            .filter(charge::Column::ProviderId.eq(self.provider()))
            .filter(charge::Column::AgreementId.eq(agreement))
            .filter(charge::Column::Place.gte(format!("{:06}", month.number())))
            .filter(charge::Column::Place.lt(format!("{:06}", month.next().number())))
            .filter(charge::Column::Status.eq(ChargeStatus::Provisional.as_str()))
            .exec(self.connection())
            .await?;
        Ok(())
    }

    /// Takes charges away.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn remove_charges(&self, ids: &[Uuid]) -> Result<(), StoreError> {
        for ids in ids.chunks(ROWS_AT_ONCE) {
            charge::Entity::delete_many()
                .filter(charge::Column::ProviderId.eq(self.provider()))
                .filter(charge::Column::Id.is_in(padded(ids)))
                .exec(self.connection())
                .await?;
        }
        Ok(())
    }

    fn charge_row(&self, charge: &ChargeRecord) -> Result<charge::ActiveModel, StoreError> {
        Ok(charge::ActiveModel {
            provider_id: Set(self.provider().to_owned()),
            id: Set(charge.id),
            agreement_id: Set(charge.agreement_id),
            client_id: Set(charge.client_id),
            month: Set(charge.month.number()),
            for_month: Set(charge.for_month.number()),
            kind: Set(charge.kind.as_str().to_owned()),
            status: Set(charge.status.as_str().to_owned()),
            time_entry_id: Set(charge.time_entry_id),
            adjusts_kind: Set(charge.adjusts_kind.map(|kind| kind.as_str().to_owned())),
            hours_class: Set(charge.hours_class.map(|class| class.as_str().to_owned())),
            rule_code: Set(charge.rule_code.clone()),
            terms_id: Set(charge.terms_id),
            from_at: Set(charge.from.map(Timestamp::as_microsecond)),
            to_at: Set(charge.to.map(Timestamp::as_microsecond)),
            worked: Set(charge.worked.micros()),
            included: Set(charge.included.micros()),
            charged: Set(charge.charged.micros()),
            hourly_rate: Set(charge.rate.map(|rate| decimal::canonical(rate.amount()))),
            amount: Set(charge.minor),
            currency: Set(charge.currency.to_string()),
            reasons: Set(charge.reasons.clone()),
            draws: Set(if charge.draws.is_empty() { "[]".to_owned() } else { to_document(&charge.draws)? }),
            adjusts_id: Set(charge.adjusts_id),
            invoice_ref: Set(charge.invoice_ref.clone()),
            released_ref: Set(charge.released.as_ref().map(|released| released.invoice_ref.clone())),
            released_reason: Set(charge.released.as_ref().map(|released| released.reason.clone())),
            released_at: Set(charge.released.as_ref().map(|released| released.at.as_microsecond())),
            place: Set(charge.place()),
        })
    }
}
