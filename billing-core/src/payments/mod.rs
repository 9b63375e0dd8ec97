//! Payments: what came in, what it was set against, and what went back. Money is a fact from outside: it is
//! recorded whatever follows; what it settles follows by policy, or is decided by hand.

mod allocate;
mod events;
mod expire_credits;
mod grant_credit;
mod method;
mod page;
mod record_payment;
mod refund;
mod rejection;
mod release_allocation;
mod return_payment;
mod state;

pub use allocate::Allocate;
pub use events::{
    AllocationReleased, CreditExpired, CreditGranted, Event, FundsAllocated, PaymentReceived,
    PaymentReturned, ReceiptIssued, RefundMade,
};
pub use expire_credits::ExpireCredits;
pub use grant_credit::GrantCredit;
pub use method::{Exchange, Method};
pub use record_payment::RecordPayment;
pub use refund::Refund;
pub use rejection::Rejection;
pub use release_allocation::ReleaseAllocation;
pub use return_payment::ReturnPayment;
pub use state::State;

use crate::decision::{Claim, Department};

/// The department.
#[derive(Debug)]
pub struct Payments;

impl Department for Payments {
    const NAME: &'static str = "payments";
    type Event = Event;
    type State = State;
    type Rejection = Rejection;

    fn evolve(state: &mut State, event: &Event) {
        state.evolve(event);
    }

    fn claims(event: &Event) -> Vec<Claim> {
        match event {
            Event::PaymentReceived(paid) => {
                let claim = |key: &_| Claim { space: "payment.source", key: Clone::clone(key) };
                paid.source.iter().map(claim).collect()
            }
            Event::FundsAllocated(_)
            | Event::AllocationReleased(_)
            | Event::PaymentReturned(_)
            | Event::RefundMade(_)
            | Event::ReceiptIssued(_)
            | Event::CreditGranted(_)
            | Event::CreditExpired(_) => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests;
