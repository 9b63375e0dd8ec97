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
                self.granted.push((granted.discount, Discount::from(granted)));
            }
            Event::DiscountEnded(ended) => {
                let granted = self.granted.iter_mut().filter(|(id, _)| *id == ended.discount);
                granted.for_each(|(_, discount)| discount.until = Some(ended.from));
            }
        }
    }
}
