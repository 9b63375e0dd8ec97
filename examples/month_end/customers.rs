//! Registering customers: the dozen with what they owe from before, and as many others as were asked for.

use std::collections::BTreeMap;
use std::io::Write;

use billing_core::kernel::calendar::plus_days;
use billing_core::kernel::ids::time_ordered;
use billing_core::prelude::*;

use super::Outcome;
use super::cast::{CAST, DOZEN};
use super::firm::{Each, Firm, all_well, note, watched};

/// Makes sure that there are so many customers.
pub(super) fn greet(firm: &mut Firm, day: Date, customers: usize, out: &mut dyn Write) -> Outcome {
    if firm.people.is_empty() {
        greet_the_dozen(firm, day)?;
        note(out, day, format!("{DOZEN} customers registered, with what they still owe from before"))?;
    }
    let known = firm.people.values().filter(|person| person.habit.is_none()).count();
    let wanted = customers.saturating_sub(DOZEN);
    if wanted > known {
        greet_the_others(firm, day, known..wanted)?;
        note(out, day, format!("{} more customers registered", wanted - known))?;
    }
    firm.meet_everybody()
}

fn greet_the_dozen(firm: &Firm, day: Date) -> Outcome {
    let (book, ann) = (&firm.book, &firm.ann);
    for character in &CAST {
        // A moment later each, so that ids, which begin with the time, stand in the order of the dozen.
        firm.clock.put(book.now().plus_millis(1)?);
        let register = RegisterAccount {
            owner: Some("user:ann".parse()?),
            ..RegisterAccount::new(character.reference.parse()?, Sealed::marked(character.name)?, day)
        };
        let registered = book.execute(ann, register)?;
        let account = registered.one::<AccountRegistered>()?.account;
        let subscribe = Subscribe {
            quantity: character.seats,
            anchor_day: Some(DayOfMonth::FIRST),
            ..Subscribe::new(account, character.plan.parse()?, day)
        };
        book.execute(ann, subscribe)?;
        if let Some((number, open)) = character.brought_forward {
            let due_on = plus_days(day, 10)?;
            let (reference, issued_on, open) = (number.parse()?, plus_days(due_on, -14)?, open.parse()?);
            book.execute(ann, BringForward { account, reference, issued_on, due_on, open })?;
        }
    }
    Ok(())
}

/// The many: registered and subscribed by runs, in parallel and in few commits.
fn greet_the_others(firm: &Firm, day: Date, numbers: std::ops::Range<usize>) -> Outcome {
    let (book, ann) = (&firm.book, &firm.ann);
    let mut registering = BTreeMap::new();
    let mut subscribing = BTreeMap::new();
    for number in numbers {
        let account = account_of(firm, number)?;
        let name = Sealed::marked(&format!("Customer {number}"))?;
        let reference = format!("P-{number:06}").parse()?;
        let register =
            RegisterAccount { account: Some(account), ..RegisterAccount::new(reference, name, day) };
        registering.insert(account, register);
        let anchor_day = Some(DayOfMonth::FIRST);
        let subscribe = Subscribe { anchor_day, ..Subscribe::new(account, "starter".parse()?, day) };
        subscribing.insert(account, subscribe);
    }
    all_well(book.run(book.new_command_id(), ann, &Each(registering), &mut watched("registering"))?)?;
    all_well(book.run(book.new_command_id(), ann, &Each(subscribing), &mut watched("subscribing"))?)?;
    Ok(())
}

/// An id of the host's making: its first bytes are the time, so that new accounts lie together in the file.
fn account_of(firm: &Firm, number: usize) -> Outcome<AccountId> {
    let mut rest = [0; 10];
    rest[2..].copy_from_slice(&u64::try_from(number)?.to_be_bytes());
    Ok(AccountId::from_uuid(time_ordered(firm.book.now(), rest)))
}
