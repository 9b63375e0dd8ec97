//! Questions that need no book: prices, periods, discounts and the parts of a period.

pub(crate) mod change;
pub(crate) mod discount;
pub(crate) mod price;
pub(crate) mod results;
