//! The page of an account: all that can be owed by, paid by or promised by one customer.

use serde::{Deserialize, Serialize};

use super::Event;
use super::receivables::Receivables;
use super::since_bill::SinceBill;
use crate::decision::{Department, Fact};
use crate::kernel::ids::AccountId;
use crate::log::StreamId;
use crate::{
    accounts, credit_control, discounts, invoicing, messages, payments, quotes, subscriptions, tasks, work,
};

/// One account: each department's page of it, and what is open between them.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// The account.
    pub id: AccountId,
    /// Who the customer is and how it is dealt with.
    pub accounts: accounts::State,
    /// What is to be done about it.
    pub tasks: tasks::State,
    /// What was written to it.
    pub messages: messages::State,
    /// What it has subscribed to.
    pub subscriptions: subscriptions::State,
    /// What was done for it.
    pub work: work::State,
    /// What it pays less.
    pub discounts: discounts::State,
    /// What it was offered.
    pub quotes: quotes::State,
    /// What it was billed.
    pub invoicing: invoicing::State,
    /// What it paid.
    pub payments: payments::State,
    /// How it is chased.
    pub credit_control: credit_control::State,
    /// Who owes what: open invoices and unapplied money.
    pub receivables: Receivables,
    /// What happened since its subscriptions were last billed.
    pub since_bill: SinceBill,
}

impl Account {
    /// The page of an account that has no event yet.
    pub fn new(id: AccountId) -> Self {
        Account {
            id,
            accounts: Default::default(),
            tasks: Default::default(),
            messages: Default::default(),
            subscriptions: Default::default(),
            work: Default::default(),
            discounts: Default::default(),
            quotes: Default::default(),
            invoicing: Default::default(),
            payments: Default::default(),
            credit_control: Default::default(),
            receivables: Default::default(),
            since_bill: Default::default(),
        }
    }

    /// The account's stream.
    pub fn stream(&self) -> StreamId {
        StreamId::Account(self.id)
    }

    /// A fact on this account's stream.
    pub fn record<E>(&self, event: impl Into<E>) -> Fact<E> {
        Fact { stream: self.stream(), event: event.into() }
    }

    /// Brings the page up to date.
    pub fn evolve(&mut self, event: &Event) {
        match event {
            Event::Accounts(event) => accounts::Accounts::evolve(&mut self.accounts, event),
            Event::Tasks(event) => tasks::Tasks::evolve(&mut self.tasks, event),
            Event::Messages(event) => messages::Messages::evolve(&mut self.messages, event),
            Event::Subscriptions(event) => {
                subscriptions::Subscriptions::evolve(&mut self.subscriptions, event)
            }
            Event::Work(event) => work::Work::evolve(&mut self.work, event),
            Event::Discounts(event) => discounts::Discounts::evolve(&mut self.discounts, event),
            Event::Quotes(event) => quotes::Quotes::evolve(&mut self.quotes, event),
            Event::Invoicing(event) => invoicing::Invoicing::evolve(&mut self.invoicing, event),
            Event::Payments(event) => payments::Payments::evolve(&mut self.payments, event),
            Event::CreditControl(event) => {
                credit_control::CreditControl::evolve(&mut self.credit_control, event)
            }
            Event::Settings(_) | Event::Catalogue(_) | Event::Numbering(_) | Event::Usage(_) => {}
        }
        self.receivables.evolve(event);
        self.since_bill.evolve(event);
    }
}
