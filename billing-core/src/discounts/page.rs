//! What other departments may ask about discounts.

use super::Discount;
use super::state::State;
use crate::kernel::calendar::Date;
use crate::kernel::ids::DiscountId;

impl State {
    /// A discount, over or not.
    pub fn discount(&self, discount: DiscountId) -> Option<&Discount> {
        self.granted.iter().find(|(id, _)| *id == discount).map(|(_, discount)| discount)
    }

    /// The discounts that are given on a day, in the order in which they are taken off: by their place, and at the same
    /// place the one granted first. How often and how much each was given already is asked of invoicing.
    pub fn in_force_on(&self, day: Date) -> Vec<&(DiscountId, Discount)> {
        let mut given: Vec<_> =
            self.granted.iter().filter(|(_, discount)| discount.is_in_force_on(day)).collect();
        // The sort keeps the order in which they were granted.
        given.sort_by_key(|(_, discount)| discount.order);
        given
    }
}
