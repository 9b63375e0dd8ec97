//! What happened on an account since its subscriptions were last billed that no bill shows: a fold over all departments'
//! events, so that no department has to know another's.

use serde::{Deserialize, Serialize};

use super::Event;
use crate::accounts::Event as Accounts;
use crate::invoicing::Event as Invoicing;
use crate::subscriptions::Event as Subscriptions;

/// What happened since the last bill.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SinceBill {
    details_changed: bool,
    credited: bool,
}

impl SinceBill {
    /// Whether the name of the customer, its custom fields or those of a subscription were changed.
    pub fn details_changed(&self) -> bool {
        self.details_changed
    }

    /// Whether an invoice, or a part of one, was credited by hand.
    pub fn credited(&self) -> bool {
        self.credited
    }

    /// Brings it up to date.
    pub(super) fn evolve(&mut self, event: &Event) {
        match event {
            Event::Accounts(Accounts::DetailsChanged(_))
            | Event::Subscriptions(Subscriptions::SubscriptionFieldsChanged(_)) => {
                self.details_changed = true
            }
            // What a bill gives back stands on a note of no one invoice.
            Event::Invoicing(Invoicing::CreditNoteIssued(note)) if note.invoice.is_some() => {
                self.credited = true;
            }
            Event::Invoicing(Invoicing::InvoiceIssued(issued)) if issued.bills_service() => {
                *self = SinceBill::default();
            }
            Event::Accounts(_)
            | Event::Invoicing(_)
            | Event::Settings(_)
            | Event::Catalogue(_)
            | Event::Numbering(_)
            | Event::Tasks(_)
            | Event::Messages(_)
            | Event::Subscriptions(_)
            | Event::Usage(_)
            | Event::Work(_)
            | Event::Quotes(_)
            | Event::Discounts(_)
            | Event::Payments(_)
            | Event::CreditControl(_) => {}
        }
    }
}
