//! Discounts: what a customer pays less than the prices that were agreed: a percentage or an amount, for a time, on a
//! number of invoices, up to a sum in all.
//!
//! A discount is granted to one customer and taken off by invoicing, line by line and before tax, on the invoices
//! dated while it is in force. How much of it was given is kept by invoicing, with the invoices that gave it.

mod discount;
mod end_discount;
mod events;
mod grant_discount;
mod page;
mod rejection;
mod state;
#[cfg(test)]
mod tests;

pub use discount::{Discount, Eligible, Off};
pub use end_discount::EndDiscount;
pub use events::{DiscountEnded, DiscountGranted, Event};
pub use grant_discount::GrantDiscount;
pub use rejection::Rejection;
pub use state::State;

use crate::decision::Department;

/// The department that keeps what customers pay less.
#[derive(Debug)]
pub struct Discounts;

impl Department for Discounts {
    const NAME: &'static str = "discounts";
    type Event = Event;
    type State = State;
    type Rejection = Rejection;

    fn evolve(state: &mut State, event: &Event) {
        state.evolve(event);
    }
}
