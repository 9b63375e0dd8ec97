//! A book like those that are billed in practice: every price model, discounts, trials, usage, and customers who change
//! something in the middle of the month.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use billing_core::prelude::*;
use indicatif::{ProgressBar, ProgressStyle};

use crate::firm::{Book, ann};
use crate::{Outcome, firm};

/// What a customer has. Which one is said by the customer's number, so that every book of a size is the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Flat,
    Seats,
    Graduated,
    Volume,
    Packages,
    Arrears,
    AddOn,
    Metered,
    Trial,
}

/// What a customer changes within the month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    Plan,
    Quantity,
    AddOn,
    Pause,
}

/// One of many customers.
#[derive(Debug, Clone, Copy)]
struct Customer(usize);

impl Customer {
    /// Of twenty customers six have a flat price, four pay by the seat, two each are graduated, in arrears and
    /// metered, and one each by volume, in packages, with an add-on and on trial.
    fn kind(self) -> Kind {
        match self.0 % 20 {
            0..6 => Kind::Flat,
            6..10 => Kind::Seats,
            10..12 => Kind::Graduated,
            12 => Kind::Volume,
            13 => Kind::Packages,
            14..16 => Kind::Arrears,
            16 => Kind::AddOn,
            17..19 => Kind::Metered,
            _ => Kind::Trial,
        }
    }

    /// One in ten changes something, whatever it has.
    fn change(self) -> Option<Change> {
        ((self.0 / 20) % 10 == 4).then(|| match (self.0 / 200 % 4, self.kind()) {
            (0, Kind::Seats | Kind::Graduated | Kind::Volume | Kind::Packages) => Change::Quantity,
            (1, _) => Change::AddOn,
            (2, _) => Change::Pause,
            (_, _) => Change::Plan,
        })
    }

    /// One in ten has a discount, whatever it has and changes.
    fn has_discount(self) -> bool {
        self.0 / 3 % 10 == 7
    }

    fn plan(self) -> &'static str {
        match self.kind() {
            Kind::Flat | Kind::AddOn => "basic",
            Kind::Seats => "team",
            Kind::Graduated => "graduated",
            Kind::Volume => "volume",
            Kind::Packages => "packages",
            Kind::Arrears => "arrears",
            Kind::Metered => "metered",
            Kind::Trial => "tried",
        }
    }

    fn quantity(self) -> Outcome<u32> {
        Ok(match self.kind() {
            Kind::Seats => u32::try_from(self.0 % 40)? + 1,
            Kind::Graduated | Kind::Volume | Kind::Packages => u32::try_from(self.0 % 300)? + 1,
            Kind::Flat | Kind::Arrears | Kind::AddOn | Kind::Metered | Kind::Trial => 1,
        })
    }

    /// Some day of October but its first.
    fn day(self) -> Outcome<Date> {
        day(2026, 10, 2 + u32::try_from(self.0 / 7 % 28)?)
    }
}

/// The day on which the month before the one that is measured was billed.
pub fn first_of_october() -> Outcome<Date> {
    day(2026, 10, 1)
}

fn day(year: i32, month: u32, day: u32) -> Outcome<Date> {
    Ok(Date::from_ymd_opt(year, month, day).ok_or("no such day")?)
}

/// Makes the book as it stands on 1 November, when October was billed in advance, has been changed and used, and
/// November is to be billed: by commands alone, as a host gives them, of many callers at once.
pub fn build(book: &Book, customers: usize) -> Outcome<()> {
    firm::found(book)?;
    publish(book)?;
    let changing: Mutex<Vec<(Customer, AccountId, SubscriptionId)>> = Mutex::default();
    by_many_callers(customers, "registered", |number| {
        let customer = Customer(number);
        let (account, subscription) = subscribe(book, customer)?;
        if customer.change().is_some() || customer.kind() == Kind::Metered {
            let mut changing = changing.lock().map_err(|_| "a caller panicked")?;
            changing.push((customer, account, subscription));
        }
        Ok(())
    })?;
    let bar = bar(customers, "billed once");
    let run = BillingRun { issue_on: first_of_october()?, through: first_of_october()? };
    let report = book.run(book.new_command_id(), &ann(), &run, &mut |progress| {
        bar.set_position(u64::try_from(progress.done).unwrap_or(u64::MAX));
        std::ops::ControlFlow::Continue(())
    })?;
    bar.finish_and_clear();
    if let Some((account, why)) = report.failed.first() {
        return Err(format!("{account} was not billed: {why}").into());
    }
    let changing = changing.into_inner().map_err(|_| "a caller panicked")?;
    by_many_callers(changing.len(), "changed", |at| {
        let (customer, account, subscription) = *changing.get(at).ok_or("nobody is there")?;
        if customer.kind() == Kind::Metered {
            use_it(book, account, subscription)?;
        }
        change(book, customer, account, subscription)
    })
}

fn publish(book: &Book) -> Outcome<()> {
    let monthly = |code: &str, price: &str| -> Outcome<PublishPlan> {
        let name = format!("The plan {code}").parse()?;
        Ok(PublishPlan::monthly(code.parse()?, name, price_of(price)?, "vat".parse()?))
    };
    let tiers = r#"[{"up_to":"10","each":"GBP 5.00","flat":"GBP 10.00"},{"up_to":"100","each":"GBP 3.25"},{"each":"GBP 1.995"}]"#;
    let metered = Charge {
        code: "calls".parse()?,
        name: "Calls".parse()?,
        prices: vec![price_of(
            r#"{"graduated":[{"up_to":"1000"},{"up_to":"10000","each":"GBP 0.0125"},{"each":"GBP 0.008"}]}"#,
        )?],
        tax_code: "vat".parse()?,
        meter: Some(Meter::new("calls".parse()?, Aggregate::Sum)),
        commitment: None,
    };
    let trial =
        Phase { kind: PhaseKind::Trial, lasts: "14 days".parse()?, prices: Vec::new(), anchor_day: None };
    for plan in [
        monthly("plus", r#"{"flat":"GBP 50.00"}"#)?,
        monthly("team", r#"{"per_seat":"GBP 12.50"}"#)?,
        monthly("graduated", &format!(r#"{{"graduated":{tiers}}}"#))?,
        monthly("volume", &format!(r#"{{"volume":{tiers}}}"#))?,
        monthly("packages", r#"{"package":{"size":"10","price":"GBP 15.00"}}"#)?,
        PublishPlan { timing: Timing::InArrears, ..monthly("arrears", r#"{"flat":"GBP 40.00"}"#)? },
        PublishPlan { charges: vec![metered], ..monthly("metered", r#"{"flat":"GBP 20.00"}"#)? },
        PublishPlan { phases: vec![trial], ..monthly("tried", r#"{"flat":"GBP 25.00"}"#)? },
        PublishPlan { kind: PlanKind::AddOn, ..monthly("support", r#"{"per_seat":"GBP 5.00"}"#)? },
    ] {
        book.execute(&ann(), plan)?;
    }
    Ok(())
}

fn price_of(text: &str) -> Outcome<Price> {
    Ok(serde_json::from_str(text)?)
}

fn subscribe(book: &Book, customer: Customer) -> Outcome<(AccountId, SubscriptionId)> {
    let (ann, from) = (ann(), first_of_october()?);
    let reference = format!("C-{}", customer.0).parse()?;
    let register = RegisterAccount::new(reference, Sealed::marked("A customer")?, from);
    let account = book.execute(&ann, register)?.one::<AccountRegistered>()?.account;
    let add_ons = match customer.kind() {
        Kind::AddOn => vec![AddOnAsked { add_on: "support".parse()?, quantity: 2, component: None }],
        Kind::Flat
        | Kind::Seats
        | Kind::Graduated
        | Kind::Volume
        | Kind::Packages
        | Kind::Arrears
        | Kind::Metered
        | Kind::Trial => Vec::new(),
    };
    let subscribe = Subscribe {
        quantity: customer.quantity()?,
        anchor_day: Some(DayOfMonth::FIRST),
        add_ons,
        ..Subscribe::new(account, customer.plan().parse()?, from)
    };
    let subscription = book.execute(&ann, subscribe)?.one::<SubscriptionStarted>()?.subscription;
    if customer.has_discount() {
        let off = Off::Percent(Rate::percent("10")?);
        book.execute(&ann, GrantDiscount::new(account, "Launch offer".parse()?, off, from))?;
    }
    Ok((account, subscription))
}

/// What a meter has told of the month, a week a record.
fn use_it(book: &Book, account: AccountId, subscription: SubscriptionId) -> Outcome<()> {
    let records = [3, 10, 17, 24].map(|on| -> Outcome<UsageRecord> {
        Ok(UsageRecord {
            key: format!("week-{on}").parse()?,
            subscription,
            metric: "calls".parse()?,
            on: day(2026, 10, on)?,
            quantity: "1250".parse()?,
            name: None,
        })
    });
    let records = records.into_iter().collect::<Outcome<_>>()?;
    book.execute(&ann(), RecordUsage { account, records })?;
    Ok(())
}

fn change(book: &Book, customer: Customer, account: AccountId, subscription: SubscriptionId) -> Outcome<()> {
    let (ann, from) = (ann(), customer.day()?);
    let when = When::On(from);
    match customer.change() {
        None => return Ok(()),
        Some(Change::Plan) => {
            let plan = "plus".parse()?;
            book.execute(
                &ann,
                ChangePlan { account, subscription, plan, quantity: Some(1), when, anchor_day: None },
            )
        }
        Some(Change::Quantity) => {
            let quantity = customer.quantity()? + 3;
            book.execute(&ann, ChangeQuantity { account, subscription, component: None, quantity, when })
        }
        Some(Change::AddOn) => {
            let (add_on, component) = ("support".parse()?, Some("more-support".parse()?));
            book.execute(&ann, AddAddOn { account, subscription, add_on, quantity: 1, component, when })
        }
        Some(Change::Pause) => {
            let until = if customer.0.is_multiple_of(2) { Some(day(2026, 11, 10)?) } else { None };
            book.execute(&ann, PauseBilling { account, subscription, from, until })
        }
    }?;
    Ok(())
}

/// So many callers give commands at once: they share commits.
const CALLERS: usize = 16;

fn by_many_callers(
    count: usize,
    what: &'static str,
    each: impl Fn(usize) -> Outcome<()> + Sync,
) -> Outcome<()> {
    let (next, bar) = (AtomicUsize::new(0), bar(count, what));
    let done: Result<(), String> = std::thread::scope(|scope| {
        let callers: Vec<_> = (0..CALLERS)
            .map(|_| {
                scope.spawn(|| {
                    loop {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        if number >= count {
                            return Ok(());
                        }
                        each(number).map_err(|why| why.to_string())?;
                        bar.inc(1);
                    }
                })
            })
            .collect();
        callers
            .into_iter()
            .try_for_each(|caller| caller.join().map_err(|_| "a caller panicked".to_owned())?)
    });
    bar.finish_and_clear();
    Ok(done?)
}

/// A bar on the error output; silent where nobody sees it.
fn bar(total: usize, what: &'static str) -> ProgressBar {
    let bar = ProgressBar::new(u64::try_from(total).unwrap_or(u64::MAX)).with_message(what);
    let style =
        ProgressStyle::with_template("{msg:>12} {bar:40} {human_pos}/{human_len} {elapsed}, {eta} left");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn of_each_kind_one_in_ten_changes_and_in_each_way_that_it_can() {
        let mut changes: BTreeMap<String, usize> = BTreeMap::new();
        let changed =
            (0..8_000).filter_map(|number| Customer(number).change().map(|change| (number, change)));
        for (number, change) in changed {
            *changes.entry(format!("{:?} {change:?}", Customer(number).kind())).or_default() += 1;
        }
        assert_eq!(changes.values().sum::<usize>(), 800);
        assert_eq!(changes.get("Seats Quantity"), Some(&40));
        assert_eq!(changes.get("Seats Plan"), Some(&40));
        assert_eq!(changes.get("Metered Plan"), Some(&40));
        assert_eq!(changes.get("Metered Pause"), Some(&20));
        assert_eq!(changes.len(), 9 * 3 + 4);
    }
}
