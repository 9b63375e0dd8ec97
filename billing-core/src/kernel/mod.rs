//! Floor 0, the words: money, dates, names. Nothing here knows what an invoice is.

pub mod balance;
pub mod calendar;
pub mod currency;
pub mod custom_fields;
mod date;
pub mod defined_fields;
pub mod document;
pub mod exact;
pub mod exchange;
pub mod funds;
pub mod holidays;
pub mod ids;
pub mod money;
pub mod period;
pub mod proration;
pub mod quantity;
pub mod rate;
pub mod rounding;
pub mod sealed;
pub mod spelling;
pub mod split;
pub mod terms;
pub mod text;
pub mod timestamp;
pub mod unit_price;
pub(crate) mod wire;
pub mod zone;
