//! What a later decision can ask about discounts: each as it was granted, with the end that counts.

use serde::{Deserialize, Serialize};

use super::{Discount, Event};
use crate::kernel::ids::DiscountId;

/// The discounts of a customer, over or not.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// In the order in which they were granted.
    pub(super) granted: Vec<(DiscountId, Discount)>,
}

impl State {
    pub(super) fn evolve(&mut self, event: &Event) {
        match event {
            Event::DiscountGranted(granted) => {
                let discount = Discount {
                    name: granted.name.clone(),
                    off: granted.off,
                    on: granted.on.clone(),
                    order: granted.order,
                    from: granted.from,
                    until: granted.until,
                    bills: granted.bills,
                    at_most: granted.at_most,
                };
                self.granted.push((granted.discount, discount));
            }
            Event::DiscountEnded(ended) => {
                let granted = self.granted.iter_mut().filter(|(id, _)| *id == ended.discount);
                granted.for_each(|(_, discount)| discount.until = Some(ended.from));
            }
        }
    }
}
