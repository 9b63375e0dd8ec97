//! Policies: when this happens, that follows, in the same commit. A policy answers with facts, never with a no,
//! and only from the pages as they are at that moment; it is asked again after every fact, so that it neither
//! counts twice nor relies on what another policy will do.

mod alert_owner;
mod apply_unapplied;
mod confirm_agreement;
mod deliver_documents;
mod issue_receipt;
mod keep_promise;
mod late_work;
mod letter;
mod number_documents;
mod onboarding_on_conversion;
mod open_series;
mod pass_on_debt;
mod realign_periods;
mod record_quoted_work;
mod release_hold_when_paid;
mod release_on_void;
mod setting_off;
mod settle_on_receipt;
mod take_sale_payment;

use crate::book::{Account, Event};
use crate::decision::{Context, Fact};
use crate::log::StreamId;
use crate::settings;

/// A fact, and the pages as they are with it.
#[derive(Debug)]
pub struct Happened<'a> {
    /// What happened.
    pub event: &'a Event,
    /// The stream that it belongs to.
    pub stream: &'a StreamId,
    /// The page of its account, if it belongs to one.
    pub account: Option<&'a Account>,
    /// The book's settings.
    pub settings: &'a settings::State,
    /// When, by whom and under which command.
    pub ctx: &'a Context<'a>,
}

/// What follows from a fact; nothing, from most.
pub type Policy = fn(&Happened<'_>) -> Vec<Fact<Event>>;

/// Every policy with its name, in the order in which they are asked.
pub const POLICIES: &[(&str, Policy)] = &[
    ("open_series", open_series::open_series),
    ("number_documents", number_documents::number_documents),
    ("take_sale_payment", take_sale_payment::take_sale_payment),
    ("settle_on_receipt", settle_on_receipt::settle_on_receipt),
    ("issue_receipt", issue_receipt::issue_receipt),
    ("apply_unapplied", apply_unapplied::apply_unapplied),
    ("release_on_void", release_on_void::release_on_void),
    ("pass_on_debt", pass_on_debt::pass_on_debt),
    ("take_back_debt", pass_on_debt::take_back_debt),
    ("keep_promise", keep_promise::keep_promise),
    ("release_hold_when_paid", release_hold_when_paid::release_hold_when_paid),
    ("realign_periods", realign_periods::realign_periods),
    ("onboarding_on_conversion", onboarding_on_conversion::onboarding_on_conversion),
    ("record_quoted_work", record_quoted_work::record_quoted_work),
    ("confirm_agreement", confirm_agreement::confirm_agreement),
    ("alert_owner", alert_owner::alert_owner),
    ("late_work", late_work::late_work),
    ("deliver_documents", deliver_documents::deliver_documents),
];

/// The facts of one department as facts of the book, on the account's stream.
fn on_account<E: Into<Event>>(account: &Account, events: impl IntoIterator<Item = E>) -> Vec<Fact<Event>> {
    events.into_iter().map(|event| account.record(event)).collect()
}

#[cfg(test)]
pub(crate) mod given;
