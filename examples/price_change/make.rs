//! Makes the change, moves who is to be moved, bills, and holds what was recorded against what was foreseen.

use billing_core::engine::same_but_for_ids;
use billing_core::log::{CommandKey, Recorded};
use billing_core::prelude::*;
use billing_examples::program::Outcome;

use super::foresee::Foreseen;
use super::sheet::Made;

/// Does it.
pub(crate) fn make<S: Store>(book: &Engine<S>, ann: &Actor, foreseen: &Foreseen) -> Outcome<Made> {
    let Foreseen { publish, migration, billing, records } = foreseen;
    book.execute(ann, publish.clone())?;
    let moved = book.run(book.new_command_id(), ann, migration, &mut unwatched)?;
    let billed = book.run(book.new_command_id(), ann, billing, &mut unwatched)?;
    let head = book.head()?;
    let mut differing = Vec::new();
    for (account, (customer, planned)) in records {
        let mut recorded = answer(book, ann, moved.run, *account, &migration.command(*account))?;
        recorded.extend(answer(book, ann, billed.run, *account, &billing.command(*account))?);
        if let Err(why) = same_but_for_ids(planned, &recorded) {
            differing.push(format!("{customer}: {why}"));
        }
    }
    if book.head()? != head {
        return Err("asking again what was recorded has recorded something".into());
    }
    let compared = records.len();
    Ok(Made { moved: moved.recorded, billed: billed.recorded, compared, differing, head })
}

/// What a run recorded for an account. A command that is given again, word for word, changes nothing and gets the
/// answer that it got; one that was refused is refused again.
fn answer<S: Store, C: billing_core::decision::Command>(
    book: &Engine<S>,
    ann: &Actor,
    run: CommandId,
    account: AccountId,
    command: &C,
) -> Outcome<Vec<Recorded<billing_core::book::Event>>>
where
    billing_core::book::Event: From<<C::Department as billing_core::decision::Department>::Event>,
    billing_core::book::Rejection: From<<C::Department as billing_core::decision::Department>::Rejection>,
{
    match book.execute_as(CommandKey::part_of(run, account), ann, command) {
        Ok(done) => Ok(done.events),
        Err(error) if error.is_refusal() => Ok(Vec::new()),
        Err(error) => Err(error.into()),
    }
}
