//! Accounts: who the customer is, who is spoken to there, who looks after it here, and on which terms it
//! buys. Names, addresses and telephone numbers come in sealed by the host.

mod add_contact;
mod assign_owner;
mod assign_parent;
mod change_contact;
mod change_details;
mod change_terms;
mod contact;
mod convert_to_full;
mod events;
mod give_anchor_day;
mod give_purchase_order;
mod page;
mod parents;
mod register_account;
mod rejection;
mod remove_contact;
mod require_purchase_order;
mod state;
#[cfg(test)]
mod tests;

pub use add_contact::AddContact;
pub use assign_owner::AssignOwner;
pub use assign_parent::AssignParent;
pub use change_contact::ChangeContact;
pub use change_details::ChangeDetails;
pub use change_terms::ChangeTerms;
pub use contact::{Contact, ContactRole};
pub use convert_to_full::ConvertToFull;
pub use events::{
    AccountRegistered, AnchorDayGiven, ChildAssigned, ChildLeft, ContactAdded, ContactChanged,
    ContactRemoved, ConvertedToFull, DetailsChanged, Event, OwnerAssigned, ParentAssigned,
    PurchaseOrderGiven, PurchaseOrderRequirementSet, TermsChanged,
};
pub use give_anchor_day::GiveAnchorDay;
pub use give_purchase_order::GivePurchaseOrder;
pub use page::AccountKind;
pub use parents::Parents;
pub use register_account::RegisterAccount;
pub use rejection::Rejection;
pub use remove_contact::RemoveContact;
pub use require_purchase_order::RequirePurchaseOrder;
pub use state::State;

use crate::decision::{Claim, Department};

/// The department that keeps the customers' details.
#[derive(Debug)]
pub struct Accounts;

/// The space in which an account's reference is unique.
pub const REFERENCE: &str = "account.reference";

impl Department for Accounts {
    const NAME: &'static str = "accounts";
    type Event = Event;
    type State = State;
    type Rejection = Rejection;

    fn evolve(state: &mut State, event: &Event) {
        state.evolve(event);
    }

    fn claims(event: &Event) -> Vec<Claim> {
        match event {
            Event::AccountRegistered(registered) => {
                vec![Claim { space: REFERENCE, key: registered.reference.clone() }]
            }
            Event::DetailsChanged(_)
            | Event::ContactAdded(_)
            | Event::ContactChanged(_)
            | Event::ContactRemoved(_)
            | Event::TermsChanged(_)
            | Event::PurchaseOrderRequirementSet(_)
            | Event::PurchaseOrderGiven(_)
            | Event::OwnerAssigned(_)
            | Event::AnchorDayGiven(_)
            | Event::ConvertedToFull(_)
            | Event::ParentAssigned(_)
            | Event::ChildAssigned(_)
            | Event::ChildLeft(_) => vec![],
        }
    }
}
