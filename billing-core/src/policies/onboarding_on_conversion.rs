//! When a trial becomes a full account, its owner gets the tasks of taking on a customer.

use chrono::Days;

use super::{Happened, on_account};
use crate::accounts::ConvertedToFull;
use crate::book::{Event, payload};
use crate::decision::Fact;
use crate::kernel::ids::TaskId;
use crate::kernel::text::Code;
use crate::tasks::{self, TaskCreated};

/// What is to be done, and how many days after the conversion.
const TASKS: [(&str, u64); 3] =
    [("onboarding.confirm_details", 1), ("onboarding.set_up_payment", 3), ("onboarding.welcome_call", 7)];

pub(super) fn onboarding_on_conversion(happened: &Happened<'_>) -> Vec<Fact<Event>> {
    let (Some(converted), Some(account)) = (payload::<ConvertedToFull>(happened.event), happened.account)
    else {
        return Vec::new();
    };
    // An account that nobody owns is looked after by whoever converted it.
    let owner = account.accounts.owner(converted.converted_on).unwrap_or(happened.ctx.by);
    let tasks = TASKS.iter().filter_map(|(kind, days)| {
        let due_on =
            converted.converted_on.checked_add_days(Days::new(*days)).unwrap_or(converted.converted_on);
        let task = happened.ctx.mint(TaskId::from_uuid);
        Some(tasks::Event::from(TaskCreated {
            task,
            owner: owner.clone(),
            kind: Code::parse(kind).ok()?,
            due_on,
        }))
    });
    on_account(account, tasks)
}

#[cfg(test)]
mod tests {
    use crate::accounts::{AccountKind, ConvertToFull};
    use crate::policies::given::{customer_of, date};
    use crate::settings::Policies;

    #[test]
    fn three_tasks_go_to_the_owner_or_to_whoever_converted_it_and_once() {
        for (owner, given_to) in [(Some("user:ann"), "user:ann"), (None, "user:tester")] {
            let mut customer = customer_of(Policies::default(), AccountKind::Trial, owner);
            let convert = ConvertToFull { account: customer.account, on: date("2026-02-27") };
            let events = customer.does(convert.clone());
            let said: Vec<_> = events[1..].iter().map(ToString::to_string).collect();
            assert_eq!(said.len(), 3);
            for (sentence, (kind, due)) in said.iter().zip([
                ("onboarding.confirm_details", "2026-02-28"),
                ("onboarding.set_up_payment", "2026-03-02"),
                ("onboarding.welcome_call", "2026-03-06"),
            ]) {
                assert!(
                    sentence.ends_with(&format!("({kind}) given to {given_to}, due {due}.")),
                    "{sentence}"
                );
            }
            assert_eq!(customer.does(convert), []);
        }
    }
}
