//! What a case expects, key by key.

use std::collections::BTreeMap;

use billing_core::kernel::calendar::Date;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::figure::Figure;
use super::pure::ResultForm;
use super::reader::{Object, is_words, object, read, without_words};
use crate::verdict::{Outcome, Stop};

/// One expectation.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Expectation {
    Invoices(Vec<InvoiceForm>),
    Invoice(InvoiceForm),
    InvoiceOn(Date, InvoiceForm),
    InvoiceSubtotals(Vec<Figure>),
    InvoiceTax(Figure),
    InvoiceTotal(Figure),
    FirstInvoiceTotal(Figure),
    InvoiceStatus(String),
    TerminationInvoice(TerminationForm),
    TerminationInvoiceTotal(Figure),
    TerminationInvoiceAmountDue(Figure),
    ParentInvoice(ParentForm),
    Previews(Vec<PreviewForm>),
    CreditNote(NoteForm),
    CreditNotes(Vec<NoteForm>),
    CreditNotesInclTax(OneOrMany),
    CreditNoteForUnusedAdvance(Figure),
    Adjustments(Vec<AdjustmentForm>),
    AdjustmentLines(Vec<AdjustmentForm>),
    AdjustmentTotal(Figure),
    Balances(BTreeMap<String, Figure>),
    Moments(Vec<MomentForm>),
    ChildrenBalance(OneOrNamed),
    PaymentAttempts(BTreeMap<Date, Vec<Date>>),
    Attempts(Vec<AttemptForm>),
    PaymentRequestsTotal(Figure),
    UnpaidCommittedInvoices(Figure),
    UnusedTimeCredit(Figure),
    Fee(FeeForm),
    Lines(Vec<LineForm>),
    LinesHint(String),
    LineDiscounts(Vec<Figure>),
    LineTaxes(Vec<Figure>),
    SumOfLineTaxes(Figure),
    FeesTotal(Figure),
    DiscountTotal(Figure),
    TrueUp(Vec<TrueUpForm>),
    TotalUsageBilled(Figure),
    RenewalsInclude(Vec<Date>),
    FirstBillCycleDate(Date),
    BilledCycles(String),
    Period(PeriodForm),
    MrrAfter(Figure),
    PendingChanges(Figure),
    CreditsGranted(Figure),
    Net(Option<Figure>),
    Credit(Option<Figure>),
    Charge(Option<Figure>),
    Total(Figure),
    /// The first fee once more, with a trial of so many days before it.
    WithTrial(u16, Figure),
    Error(String),
    Results(Vec<ResultForm>),
}

/// An amount alone, or a line with more.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct LineForm {
    pub(crate) amount: Option<Figure>,
    pub(crate) kind: Option<String>,
    pub(crate) from: Option<Date>,
    /// Where it ends; `Some(None)` says that it has no days.
    pub(crate) to: Option<Option<Date>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct LineKeys {
    amount: Option<Figure>,
    kind: Option<String>,
    from: Option<Date>,
    #[serde(deserialize_with = "even_null")]
    to: Option<Option<Date>>,
}

/// A key that is there with `null` says something else than one that is not there.
fn even_null<'de, D: serde::Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

impl LineForm {
    fn read(value: Value) -> Outcome<LineForm> {
        match value {
            Value::Object(keys) => {
                let LineKeys { amount, kind, from, to } = read(without_words(keys).into(), "line")?;
                match amount {
                    Some(_) => Ok(LineForm { amount, kind, from, to }),
                    None => Err(Stop::unsupported("a line without its amount")),
                }
            }
            other
            @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)) => {
                Ok(LineForm { amount: Some(read(other, "line")?), ..LineForm::default() })
            }
        }
    }

    fn all(value: Value) -> Outcome<Vec<LineForm>> {
        each(value, LineForm::read)
    }
}

/// An invoice as it is expected; what is left out is not looked at.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct InvoiceForm {
    pub(crate) lines: Option<LinesForm>,
    pub(crate) keys: InvoiceKeys,
}

/// The lines of an invoice, or how many there are.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum LinesForm {
    These(Vec<LineForm>),
    Count(usize),
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct InvoiceKeys {
    #[serde(alias = "date")]
    pub(crate) invoice_date: Option<Date>,
    pub(crate) period: Option<String>,
    pub(crate) lines_total: Option<Figure>,
    pub(crate) subtotal: Option<Figure>,
    pub(crate) fees: Option<Figure>,
    pub(crate) discount: Option<Figure>,
    pub(crate) tax: Option<Figure>,
    pub(crate) total: Option<Figure>,
    pub(crate) progressive_credit: Option<Figure>,
    pub(crate) amount_due: Option<Figure>,
    pub(crate) account_credit_generated: Option<Figure>,
    #[serde(alias = "credit_applied")]
    pub(crate) account_credit_used: Option<Figure>,
    pub(crate) status: Option<String>,
    pub(crate) unchanged: Option<bool>,
}

impl InvoiceForm {
    fn read(value: Value) -> Outcome<InvoiceForm> {
        let mut invoice = without_words(object(value, "invoice")?);
        let lines = match invoice.remove("lines") {
            None => None,
            Some(Value::Number(count)) => Some(LinesForm::Count(read(Value::Number(count), "lines")?)),
            Some(lines) => Some(LinesForm::These(LineForm::all(lines)?)),
        };
        Ok(InvoiceForm { lines, keys: read(invoice.into(), "invoice")? })
    }
}

#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct TerminationForm {
    pub(crate) invoice: InvoiceForm,
    pub(crate) credit_note_applied: Option<Figure>,
}

impl TerminationForm {
    fn read(value: Value) -> Outcome<TerminationForm> {
        let mut keys = object(value, "termination_invoice")?;
        let applied = keys.remove("credit_note_applied");
        let credit_note_applied = applied.map(|applied| read(applied, "credit_note_applied")).transpose()?;
        Ok(TerminationForm { invoice: InvoiceForm::read(keys.into())?, credit_note_applied })
    }
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ParentForm {
    pub(crate) date: Option<Date>,
    pub(crate) lines: Option<Vec<ChildLine>>,
    pub(crate) total: Option<Figure>,
    pub(crate) paid: Option<Figure>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChildLine {
    pub(crate) child: String,
    pub(crate) amount: Figure,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PreviewForm {
    pub(crate) target_date: Option<Date>,
    pub(crate) lines: Option<Vec<LineForm>>,
    pub(crate) lines_include: Option<Vec<LineForm>>,
    pub(crate) total: Option<Figure>,
}

impl PreviewForm {
    fn read(value: Value) -> Outcome<PreviewForm> {
        let mut keys = without_words(object(value, "preview")?);
        let lines = keys.remove("lines").map(LineForm::all).transpose()?;
        let lines_include = keys.remove("lines_include").map(LineForm::all).transpose()?;
        let target_date = keys.remove("target_date").map(|date| read(date, "target_date")).transpose()?;
        let total = keys.remove("total").map(|total| read(total, "total")).transpose()?;
        match keys.keys().next() {
            Some(other) => Err(Stop::unsupported(format!("preview: {other}"))),
            None => Ok(PreviewForm { target_date, lines, lines_include, total }),
        }
    }
}

/// A credit note as it is expected.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct NoteForm {
    pub(crate) subtotal: Option<Figure>,
    /// Of the whole note, or line by line.
    pub(crate) tax: Option<OneOrMany>,
    #[serde(alias = "amount")]
    pub(crate) total: Option<Figure>,
    #[serde(alias = "refunded")]
    pub(crate) refund: Option<Figure>,
    #[serde(alias = "credited")]
    pub(crate) account_credit: Option<Figure>,
    pub(crate) available_credit: Option<Figure>,
    pub(crate) status: Option<String>,
    pub(crate) lines: Option<Vec<NoteLineForm>>,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct NoteLineForm {
    pub(crate) taxable: Option<Figure>,
    pub(crate) tax: Option<Figure>,
    pub(crate) total: Option<Figure>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub(crate) enum OneOrMany {
    One(Figure),
    Many(Vec<Figure>),
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub(crate) enum OneOrNamed {
    One(Figure),
    Named(BTreeMap<String, Figure>),
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AdjustmentForm {
    /// The date of the invoice.
    pub(crate) invoice: Option<Date>,
    pub(crate) kind: Option<String>,
    pub(crate) amount: Figure,
}

impl AdjustmentForm {
    fn read(value: Value) -> Outcome<AdjustmentForm> {
        match value {
            Value::Object(keys) => read(without_words(keys).into(), "adjustment"),
            other
            @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)) => {
                Ok(AdjustmentForm { invoice: None, kind: None, amount: read(other, "adjustment")? })
            }
        }
    }
}

/// What must be so at a moment: on a day, or after an action; without either, at the end.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct MomentForm {
    pub(crate) date: Option<Date>,
    pub(crate) after: Option<String>,
    pub(crate) state: Option<String>,
    pub(crate) subscription: Option<String>,
    pub(crate) base: Option<String>,
    pub(crate) add_on: Option<String>,
    pub(crate) bill_cycle_day: Option<Figure>,
    pub(crate) unpaid_count: Option<Figure>,
    pub(crate) total_unpaid_balance: Option<Figure>,
    pub(crate) overdue: Option<bool>,
    pub(crate) overdue_total: Option<Figure>,
    pub(crate) payment_requests: Option<Figure>,
    pub(crate) due_date_of_first_invoice: Option<Date>,
    pub(crate) invoice_balance: Option<Figure>,
    pub(crate) account_balance: Option<Figure>,
    pub(crate) account_credit: Option<Figure>,
    pub(crate) paid: Option<Figure>,
    /// How the last payment stands, or how much of it arrived.
    pub(crate) payment: Option<String>,
    pub(crate) refunded_total: Option<Figure>,
}

/// One run of a dunning campaign: how many attempts a currency has had by then.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct AttemptForm {
    pub(crate) date: Date,
    pub(crate) event: Option<String>,
    pub(crate) counts: BTreeMap<String, Figure>,
}

impl AttemptForm {
    fn read(value: Value) -> Outcome<AttemptForm> {
        let mut keys = without_words(object(value, "attempt")?);
        let date = keys.remove("date").ok_or_else(|| Stop::unsupported("an attempt without its date"))?;
        let event = keys.remove("event").map(|event| read(event, "event")).transpose()?;
        Ok(AttemptForm { date: read(date, "date")?, event, counts: read(keys.into(), "attempt")? })
    }
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FeeForm {
    pub(crate) from: Option<Date>,
    pub(crate) to: Option<Date>,
    pub(crate) amount: Figure,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TrueUpForm {
    pub(crate) period: String,
    pub(crate) amount: Figure,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PeriodForm {
    pub(crate) to_exclusive: Option<Date>,
    pub(crate) next_from: Option<Date>,
}

/// Reads the keys of `expect`, in the order of the file.
///
/// `units` are the names of units that rows of `results` may count.
pub(crate) fn expectations(expect: Object, units: &[&str]) -> Outcome<Vec<(String, Expectation)>> {
    let keys = expect.into_iter().filter(|(key, _)| !is_words(key));
    keys.map(|(key, value)| Ok((key.clone(), one(&key, value, units)?))).collect()
}

fn one(key: &str, value: Value, units: &[&str]) -> Outcome<Expectation> {
    Ok(match key {
        "invoices" | "invoice_totals" => Expectation::Invoices(each(value, InvoiceForm::read)?),
        "invoice" => Expectation::Invoice(InvoiceForm::read(value)?),
        "invoice_subtotals" => Expectation::InvoiceSubtotals(read(value, key)?),
        "invoice_tax" => Expectation::InvoiceTax(read(value, key)?),
        "invoice_total" => Expectation::InvoiceTotal(read(value, key)?),
        "first_invoice_total" => Expectation::FirstInvoiceTotal(read(value, key)?),
        "invoice_status" => Expectation::InvoiceStatus(read(value, key)?),
        "termination_invoice" => Expectation::TerminationInvoice(TerminationForm::read(value)?),
        "termination_invoice_total" => Expectation::TerminationInvoiceTotal(read(value, key)?),
        "termination_invoice_amount_due" => Expectation::TerminationInvoiceAmountDue(read(value, key)?),
        "parent_invoice" => Expectation::ParentInvoice(wordless(value, key)?),
        "previews" => Expectation::Previews(each(value, PreviewForm::read)?),
        "credit_note" if value.is_null() => Expectation::CreditNotes(Vec::new()),
        "credit_note" => Expectation::CreditNote(wordless(value, key)?),
        "credit_notes" => Expectation::CreditNotes(each(value, |note| wordless(note, key))?),
        "credit_notes_incl_tax" => Expectation::CreditNotesInclTax(read(value, key)?),
        "credit_note_for_unused_advance" => Expectation::CreditNoteForUnusedAdvance(read(value, key)?),
        "adjustments" => Expectation::Adjustments(each(value, AdjustmentForm::read)?),
        "adjustment_lines" => Expectation::AdjustmentLines(each(value, AdjustmentForm::read)?),
        "adjustment_total" => Expectation::AdjustmentTotal(read(value, key)?),
        "balances" if value.is_object() => Expectation::Balances(wordless(value, key)?),
        "balances" | "states" => Expectation::Moments(each(value, |moment| wordless(moment, key))?),
        "children_balance" => Expectation::ChildrenBalance(read(value, key)?),
        "payment_attempts" => Expectation::PaymentAttempts(by_invoice_date(value)?),
        "attempts" => Expectation::Attempts(each(value, AttemptForm::read)?),
        "payment_requests_total" => Expectation::PaymentRequestsTotal(read(value, key)?),
        "unpaid_committed_invoices" => Expectation::UnpaidCommittedInvoices(read(value, key)?),
        "unused_time_credit" => Expectation::UnusedTimeCredit(read(value, key)?),
        "fee" => Expectation::Fee(wordless(value, key)?),
        "lines" => Expectation::Lines(LineForm::all(value)?),
        "lines_hint" => Expectation::LinesHint(read(value, key)?),
        "line_discounts" => Expectation::LineDiscounts(read(value, key)?),
        "line_taxes" => Expectation::LineTaxes(read(value, key)?),
        "sum_of_line_taxes" => Expectation::SumOfLineTaxes(read(value, key)?),
        "fees_total" => Expectation::FeesTotal(read(value, key)?),
        "discount_total" => Expectation::DiscountTotal(read(value, key)?),
        "true_up" => Expectation::TrueUp(each(value, |one| wordless(one, key))?),
        "total_usage_billed_over_all_invoices" => Expectation::TotalUsageBilled(read(value, key)?),
        "renewals_include" => Expectation::RenewalsInclude(read(value, key)?),
        "first_bill_cycle_date" => Expectation::FirstBillCycleDate(read(value, key)?),
        "billed_cycles" => Expectation::BilledCycles(read(value, key)?),
        "period" => Expectation::Period(wordless(value, key)?),
        "mrr_after" => Expectation::MrrAfter(read(value, key)?),
        "pending_changes" => Expectation::PendingChanges(read(value, key)?),
        "credits_granted" => Expectation::CreditsGranted(read(value, key)?),
        "net" => Expectation::Net(read(value, key)?),
        "credit" => Expectation::Credit(read(value, key)?),
        "charge" => Expectation::Charge(read(value, key)?),
        "total" => Expectation::Total(read(value, key)?),
        "error" => Expectation::Error(read(value, key)?),
        "results" => Expectation::Results(each(value, |row| ResultForm::read(row, units))?),
        _ => return dated(key, value),
    })
}

/// Keys that hold a date or a number: `invoice_2024-02-01`, `with_3_day_trial`.
fn dated(key: &str, value: Value) -> Outcome<Expectation> {
    if let Some(on) = key.strip_prefix("invoice_").and_then(|date| date.parse().ok()) {
        let none = InvoiceForm { lines: Some(LinesForm::These(Vec::new())), ..InvoiceForm::default() };
        let form = if value.is_null() { none } else { InvoiceForm::read(value)? };
        return Ok(Expectation::InvoiceOn(on, form));
    }
    let days = key.strip_prefix("with_").and_then(|rest| rest.strip_suffix("_day_trial"));
    match days.and_then(|days| days.parse().ok()) {
        Some(days) => Ok(Expectation::WithTrial(days, read(value, key)?)),
        None => Err(Stop::unsupported(format!("expectation {key}"))),
    }
}

fn each<T>(value: Value, one: impl Fn(Value) -> Outcome<T>) -> Outcome<Vec<T>> {
    super::reader::list(Some(value), "expect")?.into_iter().map(one).collect()
}

fn wordless<T: DeserializeOwned>(value: Value, key: &str) -> Outcome<T> {
    read(without_words(object(value, key)?).into(), key)
}

/// `{"invoice_2024-04-01": [date…]}`.
fn by_invoice_date(value: Value) -> Outcome<BTreeMap<Date, Vec<Date>>> {
    let entries = without_words(object(value, "payment_attempts")?).into_iter();
    let dated = entries.map(|(key, dates)| {
        let on = key.strip_prefix("invoice_").and_then(|date| date.parse().ok());
        let on = on.ok_or_else(|| Stop::unsupported(format!("payment_attempts: {key}")))?;
        Ok((on, read(dates, &key)?))
    });
    dated.collect()
}
