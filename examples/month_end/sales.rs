//! What is sold in the month: a trial and its conversion, an upgrade, a downgrade, one more seat, bespoke work.

use std::io::Write;

use billing_core::prelude::*;

use super::Outcome;
use super::cast::{Habit, ON_TRIAL};
use super::firm::{Firm, Person, note};

/// What falls on this working day; what is planned for a day off is done on the next working day.
pub(super) fn of_the_day(firm: &mut Firm, first: Date, day: Date, out: &mut dyn Write) -> Outcome {
    let planned = |day_of_month| {
        let date = Date::from_ymd_opt(first.year(), first.month(), day_of_month).unwrap_or(first);
        firm.calendar.add_working_days(date, 0)
    };
    let (trial, work, change, seat, conversion) =
        (planned(6)?, planned(8)?, planned(12)?, planned(15)?, planned(20)?);
    let on_trial = format!("T-{}", first.format("%Y-%m"));
    if day == trial {
        begin_trial(firm, &on_trial, day, out)?;
    }
    if day == work {
        do_work(firm, "C-010", day, out)?;
    }
    if day == change {
        change_plan(firm, "C-008", day, out)?;
        change_plan(firm, "C-009", day, out)?;
    }
    if day == seat {
        add_seat(firm, "C-011", day, out)?;
    }
    if day == conversion {
        let account = firm.account(&on_trial).ok_or("the trial is not in the book")?;
        firm.book.execute(&firm.ann, ConvertToFull { account, on: day })?;
        note(out, day, format!("{} stays: its trial becomes a full account", firm.name(account)))?;
    }
    Ok(())
}

fn begin_trial(firm: &mut Firm, reference: &str, day: Date, out: &mut dyn Write) -> Outcome {
    let month = usize::try_from(day.month() - 1)?;
    let name = ON_TRIAL.get(month).copied().unwrap_or("A newcomer");
    let reference: Reference = reference.parse()?;
    let register = RegisterAccount {
        kind: AccountKind::Trial,
        owner: Some("user:ann".parse()?),
        ..RegisterAccount::new(reference.clone(), Sealed::marked(name)?, day)
    };
    let registered = firm.book.execute(&firm.ann, register)?;
    let account = registered.one::<AccountRegistered>()?.account;
    let anchor_day = Some(DayOfMonth::FIRST);
    let subscribe = Subscribe { anchor_day, ..Subscribe::new(account, "starter".parse()?, day) };
    firm.book.execute(&firm.ann, subscribe)?;
    let person = Person { reference, name: name.to_owned(), habit: Some(Habit::InTime) };
    firm.people.insert(account, person);
    note(out, day, format!("{} begins a trial", firm.name(account)))
}

fn do_work(firm: &Firm, reference: &str, day: Date, out: &mut dyn Write) -> Outcome {
    let account = firm.account(reference).ok_or("the customer is not in the book")?;
    let work = RecordWork {
        account,
        description: "Survey templates, set up to measure".parse()?,
        done_on: day,
        quantity: Quantity::parse("6.5")?,
        unit_price: UnitPrice::parse("GBP 85.00")?,
        tax_code: "vat".parse()?,
        evidence: Some(format!("TS-{}", day.format("%Y-%m")).parse()?),
        done_by: None,
    };
    firm.book.execute(&firm.ann, work)?;
    note(out, day, format!("{}: 6.5 hours of bespoke work at GBP 85.00 recorded", firm.name(account)))
}

/// Upgrades from the day on; downgrades when the month that was paid for is over.
fn change_plan(firm: &Firm, reference: &str, day: Date, out: &mut dyn Write) -> Outcome {
    let (account, subscription, plan, _) = subscribed(firm, reference, day)?;
    let (plan, when, words) = match plan.as_str() {
        "studio" => {
            ("starter", When::EndOfPeriod { asked_on: day }, "downgrades from Studio to Starter next month")
        }
        _ => ("studio", When::On(day), "upgrades from Starter to Studio today"),
    };
    firm.book.execute(
        &firm.ann,
        ChangePlan { account, subscription, plan: plan.parse()?, quantity: None, when, anchor_day: None },
    )?;
    note(out, day, format!("{} {words}", firm.name(account)))
}

fn add_seat(firm: &Firm, reference: &str, day: Date, out: &mut dyn Write) -> Outcome {
    let (account, subscription, _, seats) = subscribed(firm, reference, day)?;
    let quantity = seats + 1;
    let change = ChangeQuantity { account, subscription, component: None, quantity, when: When::On(day) };
    firm.book.execute(&firm.ann, change)?;
    note(out, day, format!("{} takes one more seat and has {quantity}", firm.name(account)))
}

/// The first subscription of a customer, its plan, and how many seats it has.
fn subscribed(firm: &Firm, reference: &str, day: Date) -> Outcome<(AccountId, SubscriptionId, Code, u32)> {
    let account = firm.account(reference).ok_or("the customer is not in the book")?;
    let page = firm.book.account(account)?;
    let found = page.subscriptions.subscriptions().find_map(|(id, subscription)| {
        let terms = subscription.plan()?.terms_on(day)?;
        Some((account, id, terms.plan().clone(), terms.quantity))
    });
    Ok(found.ok_or("the customer has no subscription")?)
}
