//! What can happen in a timeline: small plain values, so that a failing one shrinks to something that can be read.

use proptest::prelude::*;

/// Something that somebody asks for, so many days after what was asked for before it.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    pub(crate) after: u8,
    pub(crate) deed: Deed,
}

/// From when on a change counts: so many days from today, on the same day as the change before it, or at an end.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Wish {
    In(i8),
    Same,
    EndOfPeriod,
    EndOfBilled,
}

/// What is asked for. `of` picks among what is there, counted from the newest, and begins anew where it is too much;
/// `day`s are counted from today.
#[derive(Debug, Clone)]
pub(crate) enum Deed {
    Bill { through: i8 },
    Draft { through: i8 },
    BillOrDraft { through: i8 },
    Approve,
    Subscribe { plan: u8, quantity: u8, day: i8, anchor: u8, add_on: Option<u8> },
    ChangePlan { of: u8, plan: u8, quantity: u8, wish: Wish, anchor: u8 },
    ChangeQuantity { of: u8, component: u8, quantity: u8, wish: Wish },
    ChangePrice { of: u8, component: u8, price: u8, wish: Wish },
    ChangeAnchor { of: u8, anchor: u8, day: i8 },
    GiveAnchorDay { anchor: u8, day: i8 },
    ChangeDetails,
    ChangeTerms { days: u8, day: i8 },
    GivePurchaseOrder,
    AddAddOn { of: u8, add_on: u8, quantity: u8, own_name: bool, wish: Wish },
    RemoveAddOn { of: u8, component: u8, wish: Wish },
    Pause { of: u8, day: i8, days: u8 },
    Resume { of: u8, day: i8 },
    Cancel { of: u8, wish: Wish },
    Uncancel { of: u8 },
    Count { of: u8, day: i8, quantity: u8, name: u8 },
    Recount { of: u8, day: i8, quantity: u8, name: u8 },
    MoveTo { dialect: u8 },
    Publish { plan: u8, price: u8 },
    Migrate { of: u8, component: u8, price: u8, at_renewal: bool, day: i8, within: u8 },
    BillUsage,
    Discount { off: u8, only: u8, bills: u8, day: i8, days: u8 },
    EndDiscount { of: u8, day: i8 },
    GrantCredit { amount: u8, expires: u8 },
    BringForward { amount: u8 },
    ExpireCredits,
    Work { hours: u8, day: i8 },
    Sell { quantity: u8 },
    Quote { quantity: u8, days: u8 },
    AcceptQuote { of: u8, later: u8 },
    Sale { quantity: u8, own_price: bool, paid: u8, again: bool },
    Pay { percent: u8, of: u8 },
    ReturnPayment { of: u8 },
    Refund { of: u8, percent: u8 },
    SetAgainst { funds: u8, invoice: u8, percent: u8 },
    Release { invoice: u8, percent: u8 },
    Void { of: u8 },
    Credit { of: u8, line: u8, percent: u8 },
    AssignParent { leaves: bool, day: i8 },
    Consolidate,
    PayAsParent { percent: u8 },
    VoidConsolidated { of: u8 },
}

impl Deed {
    /// Whether an invoice or a debt may come of it.
    pub(crate) fn begins_a_debt(&self) -> bool {
        matches!(
            self,
            Deed::Bill { .. }
                | Deed::Draft { .. }
                | Deed::BillOrDraft { .. }
                | Deed::Approve
                | Deed::BillUsage
                | Deed::BringForward { .. }
                | Deed::Sell { .. }
                | Deed::Consolidate
                | Deed::Sale { .. }
        )
    }
}

/// The book in which a timeline lies.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Start {
    /// Whether the account pays in a currency without decimals.
    pub(crate) yen: bool,
    /// The account's own day of the month; 0 where it has none.
    pub(crate) anchor: u8,
    /// The day on which it begins, counted from 2028-01-01: a leap year.
    pub(crate) day: u8,
    /// How lines are rounded, how VAT is, what becomes of late usage, what is settled first: 0 for the usual.
    pub(crate) policies: [u8; 4],
}

pub(crate) fn start() -> impl Strategy<Value = Start> {
    let policies = prop_oneof![Just([0; 4]), prop::array::uniform4(0..4_u8)];
    (prop::bool::weighted(0.2), anchor(), 0..70_u8, policies).prop_map(|(yen, anchor, day, policies)| Start {
        yen,
        anchor,
        day,
        policies,
    })
}

/// A first subscription, and what becomes of it: of everything something, or much of one kind, which leads deeper. The
/// firm may move from one dialect to another meanwhile.
pub(crate) fn steps(moves: bool) -> impl Strategy<Value = Vec<Step>> {
    let moves = u32::from(moves);
    let life = |first: fn() -> BoxedStrategy<u8>, [bills, wishes, uses, money, gone, family]: [u32; 6]| {
        let deed = prop_oneof![
            bills => bill(),
            wishes => wish_of_a_customer(),
            uses => usage(),
            money => moves_money(),
            gone => void(),
            family => by_parent(),
            moves => move_to(),
        ];
        let first = subscribe(first()).prop_map(move |deed| {
            let parent = (family > 0).then_some(Deed::AssignParent { leaves: false, day: -20 });
            parent.into_iter().chain([deed]).map(|deed| Step { after: 0, deed }).collect()
        });
        let rest = prop::collection::vec(step(deed.boxed()), 2..20);
        (first, rest).prop_map(|(first, rest): (Vec<Step>, Vec<Step>)| [first, rest].concat())
    };
    prop_oneof![
        life(any_plan, [20, 26, 7, 14, 3, 0]),
        life(metered_plan, [20, 10, 30, 1, 4, 0]),
        life(any_plan, [20, 35, 1, 1, 4, 0]),
        life(any_plan, [20, 10, 1, 35, 4, 0]),
        life(any_plan, [20, 5, 1, 10, 3, 20]),
    ]
}

fn step(deed: BoxedStrategy<Deed>) -> impl Strategy<Value = Step> {
    let after = prop_oneof![3 => Just(0_u8), 4 => 1..20_u8, 2 => 20..45_u8];
    (after, deed).prop_map(|(after, deed)| Step { after, deed })
}

fn bill() -> impl Strategy<Value = Deed> {
    prop_oneof![
        8 => day().prop_map(|through| Deed::Bill { through: through / 4 }),
        1 => day().prop_map(|through| Deed::Draft { through: through / 4 }),
        3 => day().prop_map(|through| Deed::BillOrDraft { through: through / 4 }),
        1 => Just(Deed::Approve),
    ]
}

fn void() -> impl Strategy<Value = Deed> {
    (0..3_u8).prop_map(|of| Deed::Void { of })
}

fn move_to() -> impl Strategy<Value = Deed> {
    (0..8_u8).prop_map(|dialect| Deed::MoveTo { dialect })
}

fn day() -> impl Strategy<Value = i8> {
    prop_oneof![4 => Just(0_i8), 3 => 1..40_i8, 3 => -40..0_i8]
}

fn wish() -> impl Strategy<Value = Wish> {
    prop_oneof![
        10 => day().prop_map(Wish::In),
        3 => Just(Wish::Same),
        2 => Just(Wish::EndOfPeriod),
        2 => Just(Wish::EndOfBilled),
    ]
}

fn anchor() -> impl Strategy<Value = u8> {
    prop_oneof![3 => Just(0_u8), 1 => 1..32_u8, 1 => 28..32_u8]
}

fn percent() -> impl Strategy<Value = u8> {
    prop_oneof![2 => Just(100_u8), 1 => 1..100_u8]
}

fn any_plan() -> BoxedStrategy<u8> {
    (0..18_u8).boxed()
}

fn metered_plan() -> BoxedStrategy<u8> {
    prop::sample::select(vec![4_u8, 5, 11, 13, 16]).boxed()
}

fn subscribe(plan: BoxedStrategy<u8>) -> impl Strategy<Value = Deed> {
    let add_on = prop::option::weighted(0.3, 0..5_u8);
    (plan, 1..5_u8, day(), anchor(), add_on).prop_map(|(plan, quantity, day, anchor, add_on)| {
        Deed::Subscribe { plan, quantity, day, anchor, add_on }
    })
}

/// What a customer asks for.
fn wish_of_a_customer() -> impl Strategy<Value = Deed> {
    let of = || 0..3_u8;
    let component = || 0..4_u8;
    prop_oneof![
        2 => subscribe(any_plan()),
        4 => (of(), 0..18_u8, 0..5_u8, wish(), anchor()).prop_map(|(of, plan, quantity, wish, anchor)| {
            Deed::ChangePlan { of, plan, quantity, wish, anchor }
        }),
        4 => (of(), component(), 1..6_u8, wish()).prop_map(|(of, component, quantity, wish)| {
            Deed::ChangeQuantity { of, component, quantity, wish }
        }),
        2 => (of(), component(), any::<u8>(), wish()).prop_map(|(of, component, price, wish)| {
            Deed::ChangePrice { of, component, price, wish }
        }),
        2 => (of(), 1..32_u8, day()).prop_map(|(of, anchor, day)| Deed::ChangeAnchor { of, anchor, day }),
        2 => (1..32_u8, day()).prop_map(|(anchor, day)| Deed::GiveAnchorDay { anchor, day }),
        1 => Just(Deed::ChangeDetails),
        1 => (0..3_u8, day()).prop_map(|(days, day)| Deed::ChangeTerms { days: days * 7, day }),
        1 => Just(Deed::GivePurchaseOrder),
        3 => (of(), 0..5_u8, 1..4_u8, any::<bool>(), wish()).prop_map(
            |(of, add_on, quantity, own_name, wish)| Deed::AddAddOn { of, add_on, quantity, own_name, wish }
        ),
        2 => (of(), component(), wish()).prop_map(|(of, component, wish)| {
            Deed::RemoveAddOn { of, component, wish }
        }),
        3 => (of(), day(), prop_oneof![Just(0_u8), 1..60_u8]).prop_map(|(of, day, days)| {
            Deed::Pause { of, day, days }
        }),
        2 => (of(), day()).prop_map(|(of, day)| Deed::Resume { of, day }),
        3 => (of(), wish()).prop_map(|(of, wish)| Deed::Cancel { of, wish }),
        2 => of().prop_map(|of| Deed::Uncancel { of }),
        1 => (0..18_u8, 0..4_u8).prop_map(|(plan, price)| Deed::Publish { plan, price }),
        2 => (of(), component(), 0..4_u8, any::<bool>(), day(), 0..60_u8).prop_map(
            |(of, component, price, at_renewal, day, within)| Deed::Migrate {
                of,
                component,
                price,
                at_renewal,
                day,
                within,
            }
        ),
    ]
}

/// What was counted, and billed ahead.
fn usage() -> impl Strategy<Value = Deed> {
    let of = || 0..3_u8;
    prop_oneof![
        5 => (of(), day(), any::<u8>(), 0..4_u8).prop_map(|(of, day, quantity, name)| {
            Deed::Count { of, day, quantity, name }
        }),
        2 => (of(), day(), 0..40_u8, 0..4_u8).prop_map(|(of, day, quantity, name)| {
            Deed::Recount { of, day, quantity, name }
        }),
        3 => Just(Deed::BillUsage),
    ]
}

/// What a parent has to do with it.
fn by_parent() -> impl Strategy<Value = Deed> {
    prop_oneof![
        3 => (prop::bool::weighted(0.2), day()).prop_map(|(leaves, day)| Deed::AssignParent { leaves, day }),
        4 => Just(Deed::Consolidate),
        1 => (1..120_u8).prop_map(|percent| Deed::PayAsParent { percent }),
        2 => (0..2_u8).prop_map(|of| Deed::VoidConsolidated { of }),
    ]
}

/// What is sold beside, paid, given back and forgiven.
fn moves_money() -> impl Strategy<Value = Deed> {
    let of = || 0..3_u8;
    prop_oneof![
        2 => (any::<u8>(), 0..4_u8, 0..3_u8, day(), 0..90_u8).prop_map(|(off, only, bills, day, days)| {
            Deed::Discount { off, only, bills, day, days }
        }),
        1 => (of(), day()).prop_map(|(of, day)| Deed::EndDiscount { of, day }),
        1 => (1..200_u8, 0..60_u8).prop_map(|(amount, expires)| Deed::GrantCredit { amount, expires }),
        1 => (1..200_u8).prop_map(|amount| Deed::BringForward { amount }),
        1 => Just(Deed::ExpireCredits),
        1 => (1..20_u8, day()).prop_map(|(hours, day)| Deed::Work { hours, day }),
        1 => (1..4_u8).prop_map(|quantity| Deed::Sell { quantity }),
        1 => (1..9_u8, 0..60_u8).prop_map(|(quantity, days)| Deed::Quote { quantity, days }),
        1 => (of(), 0..40_u8).prop_map(|(of, later)| Deed::AcceptQuote { of, later }),
        1 => (1..4_u8, any::<bool>(), 0..150_u8, prop::bool::weighted(0.3)).prop_map(
            |(quantity, own_price, paid, again)| Deed::Sale { quantity, own_price, paid, again }
        ),
        4 => (1..150_u8, of()).prop_map(|(percent, of)| Deed::Pay { percent, of }),
        1 => of().prop_map(|of| Deed::ReturnPayment { of }),
        1 => (of(), percent()).prop_map(|(of, percent)| Deed::Refund { of, percent }),
        1 => (of(), of(), percent()).prop_map(|(funds, invoice, percent)| {
            Deed::SetAgainst { funds, invoice, percent }
        }),
        1 => (of(), percent()).prop_map(|(invoice, percent)| Deed::Release { invoice, percent }),
        2 => (of(), 0..4_u8, percent()).prop_map(|(of, line, percent)| Deed::Credit { of, line, percent }),
    ]
}
