//! Prices: what a quantity of something costs, by one of the models of the trade.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::kernel::currency::Currency;
use crate::kernel::money::{Money, MoneyError};
use crate::kernel::quantity::Quantity;
use crate::kernel::rounding::Rounding;
use crate::kernel::unit_price::UnitPrice;

/// A price model with its amount; on the wire `{"flat":"GBP 30.00"}`, `{"per_seat":"GBP 12.50"}` or
/// `{"each":"GBP 0.0125"}`. A further model becomes a further variant.
///
/// ```
/// use billing_core::catalogue::Price;
/// use billing_core::kernel::{money::Money, quantity::Quantity, rounding::Rounding};
/// let price = Price::PerSeat(Money::parse("GBP 12.50")?);
/// assert_eq!(price.for_quantity(Quantity::whole(3), Rounding::HalfUp)?, Money::parse("GBP 37.50")?);
/// # Ok::<(), billing_core::kernel::money::MoneyError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Price {
    /// One amount, however many there are.
    Flat(Money),
    /// An amount for each seat.
    PerSeat(Money),
    /// A unit price, which may be finer than the currency: for work, items and usage.
    Each(UnitPrice),
}

impl Price {
    /// The currency.
    pub fn currency(&self) -> Currency {
        match self {
            Price::Flat(amount) | Price::PerSeat(amount) => amount.currency(),
            Price::Each(unit_price) => unit_price.currency(),
        }
    }

    /// What the quantity costs for one full period, or once where there is no period: exact, then rounded
    /// once. Whole seats at an amount a seat need no rounding.
    ///
    /// # Errors
    /// [`MoneyError::OutOfRange`].
    pub fn for_quantity(&self, quantity: Quantity, rounding: Rounding) -> Result<Money, MoneyError> {
        match self {
            Price::Flat(amount) => Ok(*amount),
            Price::PerSeat(amount) => times(*amount, quantity, rounding),
            Price::Each(unit_price) => unit_price.times(quantity, rounding),
        }
    }

    /// Whether it is below zero, which no published price may be.
    pub fn is_negative(&self) -> bool {
        match self {
            Price::Flat(amount) | Price::PerSeat(amount) => amount.is_negative(),
            // A unit price is zero or more by construction.
            Price::Each(_) => false,
        }
    }
}

fn times(amount: Money, quantity: Quantity, rounding: Rounding) -> Result<Money, MoneyError> {
    let quantity = quantity.to_decimal();
    // A product beyond 128 bits is, with at most 8 decimals in it, also beyond the largest amount.
    let minor = i128::from(amount.minor())
        .checked_mul(quantity.mantissa())
        .and_then(|product| rounding.at_decimals(product, quantity.scale(), 0))
        .ok_or(MoneyError::OutOfRange { currency: amount.currency() })?;
    Money::from_wide(minor, amount.currency())
}

impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Price::Flat(amount) => write!(f, "{amount} flat"),
            Price::PerSeat(amount) => write!(f, "{amount} a seat"),
            Price::Each(unit_price) => write!(f, "{unit_price} each"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(text: &str) -> Money {
        text.parse().unwrap()
    }

    fn cost(price: Price, quantity: &str, rounding: Rounding) -> Result<Money, MoneyError> {
        price.for_quantity(quantity.parse().unwrap(), rounding)
    }

    #[test]
    fn each_model_has_its_amount() {
        let flat = Price::Flat(money("GBP 30.00"));
        let per_seat = Price::PerSeat(money("GBP 12.50"));
        let each = Price::Each("GBP 0.0125".parse().unwrap());
        for (price, quantity, amount) in [
            (flat, "0", "GBP 30.00"),
            (flat, "7", "GBP 30.00"),
            (per_seat, "0", "GBP 0.00"),
            (per_seat, "1", "GBP 12.50"),
            (per_seat, "7", "GBP 87.50"),
            (each, "1000", "GBP 12.50"),
            // 12.5125
            (each, "1001", "GBP 12.51"),
        ] {
            assert_eq!(cost(price, quantity, Rounding::HalfUp), Ok(money(amount)), "{price} x {quantity}");
        }
    }

    #[test]
    fn whole_seats_are_the_amount_added_up_whatever_the_rounding() {
        for rounding in [Rounding::HalfUp, Rounding::HalfEven, Rounding::Down, Rounding::Up] {
            for minor in [0, 1, 1_250, 99_999] {
                let amount = Money::new(minor, Currency::JPY).unwrap();
                let mut sum = Money::zero(Currency::JPY);
                for seats in 0..50 {
                    assert_eq!(
                        Price::PerSeat(amount).for_quantity(Quantity::whole(seats), rounding),
                        Ok(sum)
                    );
                    sum = sum.plus(amount).unwrap();
                }
            }
        }
    }

    #[test]
    fn a_broken_seat_is_rounded_by_name() {
        // 2.5 x 12.51 = 31.275
        let price = Price::PerSeat(money("GBP 12.51"));
        assert_eq!(cost(price, "2.5", Rounding::HalfUp), Ok(money("GBP 31.28")));
        assert_eq!(cost(price, "2.5", Rounding::Down), Ok(money("GBP 31.27")));
    }

    #[test]
    fn what_is_too_much_is_an_error_and_no_other_amount() {
        let most = "99999999999999999999.99999999";
        let price = Price::PerSeat(money("GBP 9999999999999999.99"));
        let too_much = MoneyError::OutOfRange { currency: Currency::GBP };
        assert_eq!(cost(price, most, Rounding::HalfUp), Err(too_much.clone()));
        assert_eq!(cost(price, "2", Rounding::HalfUp), Err(too_much));
        assert_eq!(cost(price, "1", Rounding::HalfUp), Ok(money("GBP 9999999999999999.99")));
    }

    #[test]
    fn a_price_has_one_spelling_on_the_wire() {
        for (price, wire) in [
            (Price::Flat(money("GBP 30.00")), r#"{"flat":"GBP 30.00"}"#),
            (Price::PerSeat(money("JPY 1250")), r#"{"per_seat":"JPY 1250"}"#),
            (Price::Each("GBP 0.0125".parse().unwrap()), r#"{"each":"GBP 0.0125"}"#),
        ] {
            assert_eq!(serde_json::to_string(&price).unwrap(), wire);
            assert_eq!(serde_json::from_str::<Price>(wire).unwrap(), price);
        }
        assert!(serde_json::from_str::<Price>(r#"{"flat":"GBP 1.00","each":"GBP 2.00"}"#).is_err());
        assert!(serde_json::from_str::<Price>(r#"{"tiered":"GBP 1.00"}"#).is_err());
    }
}
