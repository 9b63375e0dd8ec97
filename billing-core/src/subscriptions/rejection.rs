//! The rules under which subscriptions say no, in order of precedence.

use crate::catalogue::PriceError;
use crate::decision;
use crate::kernel::calendar::{CalendarError, Date};
use crate::kernel::currency::Currency;
use crate::kernel::defined_fields::FieldError;
use crate::kernel::ids::SubscriptionId;
use crate::kernel::money::MoneyError;
use crate::kernel::text::Code;

/// Why subscriptions said no.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// Nobody subscribes to none of something.
    #[error("the quantity is 0: a component that is served has at least one")]
    ZeroQuantity,
    /// The account has no such subscription.
    #[error("the account has no subscription {0}")]
    UnknownSubscription(SubscriptionId),
    /// The change would count from a day before the first day served.
    #[error("the change from {from} on lies before the start of the subscription on {start}")]
    BeforeStart {
        /// From when the change was to count.
        from: Date,
        /// The first day served.
        start: Date,
    },
    /// The subscription is cancelled from that day or an earlier one on.
    #[error("the subscription is cancelled from {0} on, and the change would count from that day or later")]
    Cancelled(Date),
    /// The component is not served on the day of the change.
    #[error("{component} is not served on the day from which the change counts")]
    NotServed {
        /// The component: "plan", or the add-on.
        component: Code,
    },
    /// The add-on is served already.
    #[error("{0} is served already on the day from which the add-on is asked for")]
    AlreadyServed(Code),
    /// The name of an add-on is one that the plan and its charges have.
    #[error("an add-on can't be called {0}: so the plan and its charges are called")]
    ReservedName(Code),
    /// More of an add-on than a subscription may have.
    #[error("a subscription may have {at_most} of add-on {add_on}, and would have {asked}")]
    AddOnLimit {
        /// The add-on.
        add_on: Code,
        /// How many it may have.
        at_most: u32,
        /// How many it would have.
        asked: u32,
    },
    /// A pause would end before it begins.
    #[error("the pause from {from} on would end on {until}")]
    EndsBeforeItBegins {
        /// The first day not served.
        from: Date,
        /// The first day served again.
        until: Date,
    },
    /// Days of the pause lie in another one.
    #[error("the subscription is paused already, from {from} on")]
    AlreadyPaused {
        /// The first day of that pause.
        from: Date,
    },
    /// Only what rests can be resumed.
    #[error("the subscription is not paused on {on}")]
    NotPaused {
        /// The day.
        on: Date,
    },
    /// The catalogue has no such plan.
    #[error("the catalogue has no plan {0}")]
    UnknownPlan(Code),
    /// Every version of the plan is sold from a later day on.
    #[error("{plan} is not sold yet on {on}")]
    NotSoldYet {
        /// The plan or the add-on.
        plan: Code,
        /// The day from which the agreement would count.
        on: Date,
    },
    /// An add-on was named where a plan is wanted.
    #[error("{0} is an add-on and can't stand alone")]
    AddOnWithoutPlan(Code),
    /// A plan was named where an add-on is wanted.
    #[error("{0} is a plan of its own, not an add-on")]
    NotAnAddOn(Code),
    /// The plan has no price in the account's currency.
    #[error("{plan} has no price in {currency}, the currency of the account")]
    NoPrice {
        /// The plan or the add-on.
        plan: Code,
        /// The account's currency.
        currency: Currency,
    },
    /// The price can't be.
    #[error("the price can't be agreed: {0}")]
    Price(#[from] PriceError),
    /// A charge's code is too long to name a component.
    #[error("the code of charge {0} is too long to name a component")]
    LongCode(Code),
    /// A customer on hold gets no more credit.
    #[error("the account is on hold and can't subscribe to more")]
    CustomerOnHold,
    /// A date, or one that follows from it, is outside the calendar.
    #[error("the subscription can't run from that date: {0}")]
    Calendar(#[from] CalendarError),
    /// The price times the quantity is more than can be written.
    #[error("the price of that quantity can't be told: {0}")]
    Amount(#[from] MoneyError),
    /// A field of the seller's own does not fit its definition.
    #[error(transparent)]
    CustomField(#[from] FieldError),
}

impl decision::Rejection for Rejection {
    fn code(&self) -> &'static str {
        match self {
            Rejection::ZeroQuantity => "subscriptions.zero_quantity",
            Rejection::UnknownSubscription(_) => "subscriptions.unknown_subscription",
            Rejection::BeforeStart { .. } => "subscriptions.before_start",
            Rejection::Cancelled(_) => "subscriptions.cancelled",
            Rejection::NotServed { .. } => "subscriptions.not_served",
            Rejection::AlreadyServed(_) => "subscriptions.already_served",
            Rejection::ReservedName(_) => "subscriptions.reserved_name",
            Rejection::AddOnLimit { .. } => "subscriptions.add_on_limit",
            Rejection::EndsBeforeItBegins { .. } => "subscriptions.ends_before_it_begins",
            Rejection::AlreadyPaused { .. } => "subscriptions.already_paused",
            Rejection::NotPaused { .. } => "subscriptions.not_paused",
            Rejection::Price(_) => "subscriptions.price",
            Rejection::LongCode(_) => "subscriptions.long_code",
            Rejection::UnknownPlan(_) => "subscriptions.unknown_plan",
            Rejection::NotSoldYet { .. } => "subscriptions.not_sold_yet",
            Rejection::AddOnWithoutPlan(_) => "subscriptions.add_on_without_plan",
            Rejection::NotAnAddOn(_) => "subscriptions.not_an_add_on",
            Rejection::NoPrice { .. } => "subscriptions.no_price",
            Rejection::CustomerOnHold => "subscriptions.customer_on_hold",
            Rejection::Calendar(_) => "subscriptions.calendar",
            Rejection::Amount(_) => "subscriptions.amount",
            Rejection::CustomField(_) => "subscriptions.custom_field",
        }
    }

    fn advice(&self) -> &'static str {
        match self {
            Rejection::ZeroQuantity => {
                "Give 1 or more; to end it, cancel the subscription or remove the add-on."
            }
            Rejection::UnknownSubscription(_) => "Look the subscription up on the account's page.",
            Rejection::BeforeStart { .. } => "Give the day of the start or a later one.",
            Rejection::Cancelled(_) => "Give a day before the cancellation, or start a new subscription.",
            Rejection::NotServed { .. } => "Check the component and the date; add the add-on first.",
            Rejection::AlreadyServed(_) => {
                "Change its quantity instead, or give a day on which it is not served."
            }
            Rejection::ReservedName(_) => "Choose a name that does not begin with \"plan\".",
            Rejection::AddOnLimit { .. } => "Ask for fewer, or publish the add-on with another limit.",
            Rejection::EndsBeforeItBegins { .. } => {
                "Give a day of return that lies behind the first day of the pause."
            }
            Rejection::AlreadyPaused { .. } => "Resume it first, or give days that lie outside that pause.",
            Rejection::NotPaused { .. } => "Check the date against the subscription's pauses.",
            Rejection::Price(_) => {
                "Correct the price. It is never below zero: money is given back with a credit note."
            }
            Rejection::LongCode(_) => "Publish the plan with a shorter code for the charge.",
            Rejection::UnknownPlan(_) => "Check the spelling, or publish the plan in the catalogue first.",
            Rejection::NotSoldYet { .. } => {
                "Give a day on which it is sold, or publish a version that is sold earlier."
            }
            Rejection::AddOnWithoutPlan(_) => {
                "Subscribe to a plan, then add the add-on to that subscription."
            }
            Rejection::NotAnAddOn(_) => "Subscribe to it, or change the plan of a subscription to it.",
            Rejection::NoPrice { .. } => {
                "Publish the plan with a price in that currency, or choose another plan."
            }
            Rejection::CustomerOnHold => {
                "Settle what the hold was placed for and release it, then ask again."
            }
            Rejection::Calendar(_) => "Check the year of the date.",
            Rejection::Amount(_) => "Check the quantity.",
            Rejection::CustomField(_) => {
                "Look the field up in the book's settings, and give a value that fits; seal what is personal."
            }
        }
    }
}
