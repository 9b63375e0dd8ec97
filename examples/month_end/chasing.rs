//! Chasing: in the morning the run finds which reminders are due, in the afternoon the post hands them over,
//! and only then it is decided whether each is sent. Whoever has paid in between is not chased.

use std::io::Write;

use billing_core::book::payload;
use billing_core::prelude::*;

use super::firm::{Firm, all_well, note, watched};
use super::{Month, Outcome};

/// The morning: which reminders have fallen due.
pub(super) fn chase(firm: &Firm, day: Date) -> Outcome {
    let run = firm.book.run(
        firm.book.new_command_id(),
        &firm.runner,
        &ChaseRun { on: day },
        &mut watched("chasing"),
    )?;
    all_well(run).map(drop)
}

/// The afternoon: everything that has to go out since the last post. A host would give each message to its
/// mailer here, under the message's id.
pub(super) fn post(firm: &mut Firm, day: Date, month: &mut Month, out: &mut dyn Write) -> Outcome {
    loop {
        let outgoing = firm.book.follow(firm.posted, 1_000)?;
        let Some(last) = outgoing.last() else { break };
        firm.posted = last.recorded.position;
        for message in &outgoing {
            if message.chases {
                remind(firm, message, day, month, out)?;
            } else if let Some(letter) = payload::<MessageRequested>(&message.recorded.event) {
                *month.posted.entry(letter.kind.to_string()).or_default() += 1;
            }
        }
    }
    Ok(())
}

fn remind(firm: &Firm, message: &Outgoing, day: Date, month: &mut Month, out: &mut dyn Write) -> Outcome {
    let (account, name) = (message.account, firm.name(message.account));
    let reference = firm.people.get(&account).map(|person| person.reference.clone());
    let reference = reference.ok_or("a reminder is due to a stranger")?;
    let sending = SendReminder { account, message: message.message, on: day };
    let answer = firm.book.execute(&firm.runner, sending)?;
    // The many are not told of one by one.
    let told = firm.people.get(&account).is_some_and(|person| person.habit.is_some());
    if let Some(sent) = answer.first::<ReminderSent>() {
        let asked = Money::sum(Currency::GBP, sent.invoices.iter().map(|chased| chased.amount))?;
        let step = sent.invoices.iter().map(|chased| chased.step).max().unwrap_or_default();
        month.chased.push((reference, day));
        if told {
            note(out, day, format!("reminder of day {step} sent to {name}: {asked}"))?;
        }
    } else if let Some(held) = answer.first::<ReminderSuppressed>() {
        month.spared.push((reference, day, held.reason));
        if told {
            note(out, day, format!("reminder to {name} is due and not sent: {}", held.reason))?;
        }
    }
    Ok(())
}

/// The evening: what follows from the day being over, such as a promise that was not kept.
pub(super) fn close(firm: &Firm, day: Date, out: &mut dyn Write) -> Outcome {
    let close = DayClose { on: day };
    let report = firm.book.run(firm.book.new_command_id(), &firm.runner, &close, &mut unwatched)?;
    match all_well(report)?.recorded {
        0 => Ok(()),
        1 => note(out, day, "day closed: a promise has run out"),
        more => note(out, day, format!("day closed: the promises of {more} customers have run out")),
    }
}
