//! What happens in a case: actions with their day, in order.

use billing_core::kernel::calendar::Date;
use billing_core::prelude::{Timestamp, Zone};
use serde::Deserialize;
use serde_json::Value;

use super::figure::Figure;
use super::given::GivenLine;
use super::reader::{object, read, taken, without_words};
use crate::verdict::{Outcome, Stop};

/// One action.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Action {
    pub(crate) on: Date,
    /// The verb as it is spelt.
    pub(crate) name: String,
    pub(crate) verb: Verb,
    /// Which subscription, where the verb is about one: a `ref`, a plan, `base`, `add_on`.
    pub(crate) target: Option<String>,
    /// What the subscription that begins is called in the case.
    pub(crate) reference: Option<String>,
    /// Which of the accounts.
    pub(crate) child: Option<String>,
    /// Whether it must be refused.
    pub(crate) refused: bool,
}

/// Keys that may stand beside any verb.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Beside {
    date: Option<Date>,
    at: Option<String>,
    expect_error: Option<bool>,
    child: Option<String>,
    #[serde(rename = "ref")]
    reference: Option<String>,
    target: Option<String>,
    which: Option<String>,
}

/// What is done.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Verb {
    Subscribe(SubscribeForm),
    AddOn(SubscribeForm),
    SubscribeBatch {
        bundles: Vec<Vec<Bundled>>,
        effective: Option<Date>,
    },
    ChangePlan(ChangeForm),
    ScheduleChange(ChangeForm),
    Cancel {
        policy: Option<Policy>,
        effective: Option<Date>,
        settle: Option<Settle>,
    },
    ScheduleCancel {
        policy: Option<Policy>,
        effective: Option<Date>,
    },
    Uncancel {},
    PauseBilling {
        effective: Option<Date>,
    },
    SchedulePause {
        effective: Option<Date>,
    },
    ResumeBilling {
        effective: Option<Date>,
    },
    ScheduleResume {
        effective: Option<Date>,
    },
    SetBillCycleDay {
        #[serde(alias = "bill_cycle_day")]
        day: u8,
    },
    SetAccountBillCycleDay {
        #[serde(alias = "bill_cycle_day")]
        day: u8,
    },
    SetQuantity {
        quantity: u32,
        effective: Option<Date>,
        policy: Option<Policy>,
    },
    OverridePrice {
        price: Figure,
        policy: Option<Policy>,
        effective: Option<Date>,
    },
    ChangePrice {
        price: Figure,
        policy: Option<Policy>,
        effective: Option<Date>,
    },
    AddOneOffCharge {
        amount: Figure,
        status: Option<String>,
    },
    OneOffInvoice {
        amount: Figure,
        status: Option<String>,
    },
    IssueInvoice {
        invoice: Option<InvoiceRef>,
    },
    RecordUsage(UsageForm),
    RunBilling {
        #[serde(default)]
        first_run: bool,
    },
    PreviewInvoice {
        target_date: Option<Date>,
    },
    PreviewChange(ChangeForm),
    Invoice(InvoiceForm),
    VoidInvoice {
        invoice: Option<InvoiceRef>,
        credit: Option<Asked>,
        refund: Option<Asked>,
    },
    AdjustLine {
        invoice: Option<InvoiceRef>,
        line: Option<usize>,
        amount: Figure,
    },
    AddAccountCredit {
        amount: Figure,
    },
    CreditNote {
        lines: Option<Vec<CreditedLine>>,
        kind: Option<Settle>,
        invoice: Option<InvoiceRef>,
    },
    PayInFull {
        invoice: Option<InvoiceRef>,
    },
    PayAllUnpaid {},
    RecordPayment(PaymentForm),
    PaymentAttempt {
        outcome: AttemptOutcome,
        amount: Option<Figure>,
        invoice: Option<InvoiceRef>,
    },
    PaymentsFailFromNow {},
    PaymentConfirmed {},
    CorrectPayment {
        outcome: AttemptOutcome,
    },
    Refund {
        amount: Option<Figure>,
        #[serde(default)]
        adjust_invoice: bool,
        invoice: Option<InvoiceRef>,
    },
    RefundWithLineAdjustment {
        amount: Figure,
        invoice: Option<InvoiceRef>,
    },
    RecordChargeback(ChargebackForm),
    ReverseChargeback(ChargebackForm),
    OverdueInvoice {
        currency: String,
        amount: Figure,
    },
    RunDunning {},
    WalletTopUp {
        credits: Figure,
    },
    AdvanceClock {},
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct SubscribeForm {
    pub(crate) plan: Option<String>,
    pub(crate) quantity: Option<u32>,
    pub(crate) seats: Option<u32>,
    pub(crate) effective: Option<Date>,
    pub(crate) bill_cycle_day: Option<u8>,
    /// The one that ended begins again under its name.
    pub(crate) same_external_id: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ChangeForm {
    pub(crate) plan: Option<String>,
    pub(crate) policy: Option<Policy>,
    pub(crate) effective: Option<Date>,
    pub(crate) bill_cycle_day: Option<u8>,
    pub(crate) quantity: Option<u32>,
    pub(crate) seats: Option<u32>,
}

/// One of a batch: the name of its plan, or more.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub(crate) enum Bundled {
    Plan(String),
    Detailed(BundledKeys),
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BundledKeys {
    pub(crate) plan: String,
    pub(crate) quantity: Option<u32>,
}

impl Bundled {
    pub(crate) fn plan(&self) -> &str {
        match self {
            Bundled::Plan(plan) => plan,
            Bundled::Detailed(keys) => &keys.plan,
        }
    }

    pub(crate) fn quantity(&self) -> u32 {
        match self {
            Bundled::Plan(_) => 1,
            Bundled::Detailed(keys) => keys.quantity.unwrap_or(1),
        }
    }
}

/// How much is asked for: all of it or nothing, or an amount.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub(crate) enum Asked {
    All(bool),
    Amount(Figure),
}

/// From when on.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Policy {
    Immediate,
    #[serde(alias = "end_of_period")]
    EndOfTerm,
}

/// What becomes of unused time that is given back.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Settle {
    Refund,
    Credit,
    /// It is taken off the invoice that billed it.
    Offset,
    /// Nothing is given back.
    #[serde(alias = "none")]
    Skip,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct UsageForm {
    pub(crate) plan: Option<String>,
    pub(crate) units: Option<Figure>,
    pub(crate) amount: Option<Figure>,
    pub(crate) amounts: Option<Vec<Figure>>,
    pub(crate) event_date: Option<Date>,
    pub(crate) region: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct InvoiceForm {
    pub(crate) plan: Option<String>,
    pub(crate) lines: Vec<GivenLine>,
    pub(crate) subtotal: Option<Figure>,
    pub(crate) amount: Option<Figure>,
    pub(crate) total_including_tax: Option<Figure>,
}

/// A line that a credit note credits: its number, or also how much.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub(crate) enum CreditedLine {
    Whole(usize),
    Part(CreditedPart),
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreditedPart {
    pub(crate) line: usize,
    pub(crate) amount: Option<Figure>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PaymentForm {
    pub(crate) invoice: Option<InvoiceRef>,
    pub(crate) amount: Figure,
    pub(crate) idempotency_key: Option<String>,
    pub(crate) currency: Option<String>,
    pub(crate) processed_amount: Option<Figure>,
    pub(crate) processed_currency: Option<String>,
    /// How it came: of no consequence for what is owed.
    #[serde(rename = "method")]
    pub(crate) _method: Option<String>,
    pub(crate) status: Option<PaymentStatus>,
}

#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PaymentStatus {
    Pending,
    #[serde(alias = "success")]
    Succeeded,
}

#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AttemptOutcome {
    #[serde(alias = "success")]
    Succeeded,
    #[serde(alias = "failure")]
    Failed,
    Pending,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ChargebackForm {
    pub(crate) payment: Option<usize>,
    pub(crate) invoice: Option<InvoiceRef>,
    pub(crate) amount: Option<Figure>,
    pub(crate) currency: Option<String>,
}

/// An invoice by its number among those that are not zero, from 1, or by its date.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(untagged)]
pub(crate) enum InvoiceRef {
    Nth(usize),
    On(Date),
}

impl Action {
    pub(crate) fn read(value: Value, zone: &Zone) -> Outcome<Action> {
        let mut action = without_words(object(value, "action")?);
        let name = match action.get("do") {
            Some(Value::String(name)) => name.clone(),
            Some(_) | None => return Err(Stop::unsupported("an action without its verb")),
        };
        let place = format!("verb {name}");
        let beside = taken(&mut action, &["date", "at", "expect_error", "child", "ref", "target", "which"]);
        let beside: Beside = read(beside.into(), &place)?;
        let verb: Verb = read(action.into(), &place)?;
        let begins = matches!(verb, Verb::Subscribe(_) | Verb::AddOn(_));
        let reference = beside.reference.clone().filter(|_| begins);
        let target =
            [beside.reference.filter(|_| !begins), beside.target, beside.which].into_iter().flatten();
        let target = match target.collect::<Vec<_>>().as_slice() {
            [] => None,
            [one] => Some(one.clone()),
            [_, _, ..] => {
                return Err(Stop::unsupported(format!("{place}: more than one of ref, target, which")));
            }
        };
        if (target.is_some() || reference.is_some()) && !verb.is_about_a_subscription() {
            return Err(Stop::unsupported(format!("{place}: a target")));
        }
        let on = match (beside.date, beside.at.as_deref()) {
            (Some(date), _) => date,
            (None, Some(at)) => day_of(at, zone)?,
            (None, None) => return Err(Stop::unsupported(format!("{place}: without a date"))),
        };
        Ok(Action {
            on,
            name,
            verb,
            target,
            reference,
            child: beside.child,
            refused: beside.expect_error.unwrap_or(false),
        })
    }
}

/// The day of an instant in a zone; an instant without one is local already.
fn day_of(at: &str, zone: &Zone) -> Outcome<Date> {
    let no = || Stop::unsupported(format!("at {at:?}"));
    let Some(instant) = at.strip_suffix('Z') else {
        return at.get(..10).and_then(|day| day.parse().ok()).ok_or_else(no);
    };
    let instant = match instant.len() {
        16 => format!("{instant}:00.000Z"),
        19 => format!("{instant}.000Z"),
        _ => at.to_owned(),
    };
    Ok(Timestamp::parse(&instant)?.date_in(zone))
}

impl Verb {
    /// Whether `ref`, `target` and `which` mean something beside it.
    fn is_about_a_subscription(&self) -> bool {
        match self {
            Verb::Subscribe(_)
            | Verb::AddOn(_)
            | Verb::ChangePlan(_)
            | Verb::ScheduleChange(_)
            | Verb::Cancel { .. }
            | Verb::ScheduleCancel { .. }
            | Verb::Uncancel {}
            | Verb::PauseBilling { .. }
            | Verb::SchedulePause { .. }
            | Verb::ResumeBilling { .. }
            | Verb::ScheduleResume { .. }
            | Verb::SetBillCycleDay { .. }
            | Verb::SetQuantity { .. }
            | Verb::OverridePrice { .. }
            | Verb::ChangePrice { .. }
            | Verb::RecordUsage(_)
            | Verb::PreviewChange(_)
            | Verb::AdjustLine { .. } => true,
            Verb::SubscribeBatch { .. }
            | Verb::SetAccountBillCycleDay { .. }
            | Verb::AddOneOffCharge { .. }
            | Verb::OneOffInvoice { .. }
            | Verb::IssueInvoice { .. }
            | Verb::RunBilling { .. }
            | Verb::PreviewInvoice { .. }
            | Verb::Invoice(_)
            | Verb::VoidInvoice { .. }
            | Verb::AddAccountCredit { .. }
            | Verb::CreditNote { .. }
            | Verb::PayInFull { .. }
            | Verb::PayAllUnpaid {}
            | Verb::RecordPayment(_)
            | Verb::PaymentAttempt { .. }
            | Verb::PaymentsFailFromNow {}
            | Verb::PaymentConfirmed {}
            | Verb::CorrectPayment { .. }
            | Verb::Refund { .. }
            | Verb::RefundWithLineAdjustment { .. }
            | Verb::RecordChargeback(_)
            | Verb::ReverseChargeback(_)
            | Verb::OverdueInvoice { .. }
            | Verb::RunDunning {}
            | Verb::WalletTopUp { .. }
            | Verb::AdvanceClock {} => false,
        }
    }
}
