//! What is charged, credited or adjusted.

use sea_orm::entity::prelude::*;

/// What is charged, credited or adjusted.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "charge")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub provider_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub agreement_id: Uuid,
    pub client_id: Uuid,
    /// The billing period it stands in.
    pub month: i32,
    /// The billing period it is for: of an adjustment the closed one.
    pub for_month: i32,
    /// The word of `ChargeKind`.
    pub kind: String,
    /// PROVISIONAL, FINAL or INVOICED.
    pub status: String,
    pub time_entry_id: Option<Uuid>,
    /// Of an adjustment, the kind of what it adjusts.
    pub adjusts_kind: Option<String>,
    pub hours_class: Option<String>,
    pub rule_code: Option<String>,
    /// The version that it was rated by.
    pub terms_id: Option<Uuid>,
    pub from_at: Option<i64>,
    pub to_at: Option<i64>,
    pub worked: i64,
    pub included: i64,
    pub charged: i64,
    /// Decimal text.
    pub hourly_rate: Option<String>,
    /// Minor units.
    pub amount: i64,
    /// The currency's code with its minor digits, `EUR2`.
    pub currency: String,
    /// JSON.
    pub reasons: String,
    /// JSON: which hours were drawn.
    pub draws: String,
    /// Of an adjustment, the charge that it adjusts, if there was one.
    pub adjusts_id: Option<Uuid>,
    pub invoice_ref: Option<String>,
    /// The invoice that it stood on last and was taken off again, with why and when.
    pub released_ref: Option<String>,
    pub released_reason: Option<String>,
    pub released_at: Option<i64>,
    /// Sorts by month, then time; unique.
    pub place: String,
}

impl ActiveModelBehavior for ActiveModel {}
