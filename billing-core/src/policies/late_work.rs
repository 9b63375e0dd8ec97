//! When work is noted as late to be billed, the owner of the account is told, and gets a task, which is done when the
//! last piece was billed or written off. An invoice that billed it and is declared void brings the task back.

use chrono::Days;

use super::letter::letter;
use super::{Happened, on_account};
use crate::book::{Account, Event};
use crate::decision::Fact;
use crate::invoicing::Event as Invoicing;
use crate::kernel::calendar::Date;
use crate::kernel::ids::TaskId;
use crate::kernel::text::Code;
use crate::messages::Recipient;
use crate::tasks::{self, TaskCompleted, TaskCreated};
use crate::work::{Event as Work, LateWorkNoted};

/// What is to be done.
const TASK: &str = "billing.bill_late_work";

pub(super) fn late_work(happened: &Happened<'_>) -> Vec<Fact<Event>> {
    let Some(account) = happened.account else { return Vec::new() };
    let waits = || account.work.noted_late().any(|work| !account.invoicing.has_billed(work));
    match happened.event {
        Event::Work(Work::LateWorkNoted(noted)) => {
            let mut facts = told(happened, account, noted);
            facts.extend(given(happened, account, noted.noted_on));
            facts
        }
        Event::Invoicing(Invoicing::InvoiceVoided(voided)) if waits() => {
            given(happened, account, voided.voided_on)
        }
        Event::Work(Work::WorkWrittenOff(off)) if !waits() => done(account, off.written_off_on),
        Event::Invoicing(Invoicing::InvoiceIssued(issued)) if !waits() => done(account, issued.issued_on),
        Event::Work(Work::WorkRecorded(_) | Work::WorkWrittenOff(_))
        | Event::Invoicing(
            Invoicing::InvoiceIssued(_)
            | Invoicing::InvoiceVoided(_)
            | Invoicing::InvoiceBroughtForward(_)
            | Invoicing::CreditNoteIssued(_)
            | Invoicing::BillDrafted(_)
            | Invoicing::DraftApproved(_)
            | Invoicing::DraftWithdrawn(_)
            | Invoicing::ConsolidatedInvoiceIssued(_)
            | Invoicing::DebtPassedOn(_)
            | Invoicing::DebtTakenBack(_)
            | Invoicing::SaleRecorded(_),
        )
        | Event::Settings(_)
        | Event::Catalogue(_)
        | Event::Numbering(_)
        | Event::Accounts(_)
        | Event::Tasks(_)
        | Event::Messages(_)
        | Event::Subscriptions(_)
        | Event::Usage(_)
        | Event::Quotes(_)
        | Event::Discounts(_)
        | Event::Payments(_)
        | Event::CreditControl(_) => Vec::new(),
    }
}

/// The message; none where the account has no owner.
fn told(happened: &Happened<'_>, account: &Account, noted: &LateWorkNoted) -> Vec<Fact<Event>> {
    if account.accounts.owner(noted.noted_on).is_none() {
        return Vec::new();
    }
    let reason = format!("done before {} and not billed", noted.done_before);
    letter(happened, account, Recipient::Owner, "late_work", &noted.work, Some(&reason))
}

/// A task for the next day; none where it is open already. Where nobody owns the account it goes to whoever asked.
fn given(happened: &Happened<'_>, account: &Account, on: Date) -> Vec<Fact<Event>> {
    let Some(kind) = Code::parse(TASK).ok().filter(|kind| !account.tasks.has_open(kind)) else {
        return Vec::new();
    };
    let owner = account.accounts.owner(on).unwrap_or(happened.ctx.by).clone();
    let due_on = on.checked_add_days(Days::new(1)).unwrap_or(on);
    let created = TaskCreated { task: happened.ctx.mint(TaskId::from_uuid), owner, kind, due_on };
    on_account(account, [tasks::Event::from(created)])
}

fn done(account: &Account, completed_on: Date) -> Vec<Fact<Event>> {
    let open = account.tasks.open().filter(|(_, task)| task.kind.as_str() == TASK);
    let completed = open.map(|(task, _)| tasks::Event::from(TaskCompleted { task, completed_on }));
    on_account(account, completed)
}

#[cfg(test)]
mod tests {
    use crate::book::payload;
    use crate::invoicing::{InvoiceIssued, IssueInvoice, VoidInvoice};
    use crate::kernel::ids::WorkId;
    use crate::policies::given::{Customer, customer, customer_of, date, words};
    use crate::settings::Policies;
    use crate::work::{NoteLateWork, RecordWork, WorkRecorded, WriteOffWork};

    fn works(customer: &mut Customer, done_on: &str) -> WorkId {
        let done = customer.does(RecordWork {
            account: customer.account,
            description: "Set-up".parse().unwrap(),
            done_on: date(done_on),
            quantity: "2".parse().unwrap(),
            unit_price: "GBP 40.00".parse().unwrap(),
            tax_code: "zero".parse().unwrap(),
            evidence: None,
            done_by: None,
        });
        payload::<WorkRecorded>(&done[0]).unwrap().work
    }

    fn note(customer: &Customer, on: &str) -> NoteLateWork {
        NoteLateWork { account: customer.account, on: date(on) }
    }

    fn bills(customer: &Customer, work: WorkId, on: &str) -> IssueInvoice {
        IssueInvoice { account: customer.account, issue_on: date(on), items: vec![], work: vec![work] }
    }

    fn tasks(customer: &Customer) -> usize {
        customer.look(|account, _| account.tasks.open().count())
    }

    #[test]
    fn the_owner_is_told_of_each_piece_once_and_has_one_task_until_all_are_billed_or_written_off() {
        let mut customer = customer();
        customer.is_offered_goods();
        let [first, second] = [(); 2].map(|()| works(&mut customer, "2026-03-01"));
        let third = works(&mut customer, "2026-03-02");
        let noted = customer.does(note(&customer, "2026-04-06"));
        assert_eq!(
            words(&noted),
            ["work.late_work_noted", "messages.message_requested", "tasks.task_created"]
        );
        let end = format!(
            "(late_work) requested to the owner of the account about {first}, {second}: done before 2026-03-02 and \
             not billed."
        );
        assert!(noted[1].to_string().ends_with(&end), "{}", noted[1]);
        let task = noted[2].to_string();
        assert!(task.ends_with("(billing.bill_late_work) given to user:ann, due 2026-04-07."), "{task}");
        assert_eq!(customer.does(note(&customer, "2026-04-06")), [], "nobody is told twice");
        let noted = customer.does(note(&customer, "2026-04-07"));
        assert_eq!(words(&noted), ["work.late_work_noted", "messages.message_requested"], "the task is open");
        assert!(noted[0].to_string().contains(&third.to_string()));

        customer.does(bills(&customer, first, "2026-04-08"));
        let (account, reason, on) = (customer.account, "A favour".parse().unwrap(), date("2026-04-08"));
        customer.does(WriteOffWork { account, work: second, reason, on });
        assert_eq!(tasks(&customer), 1);
        let billed = customer.does(bills(&customer, third, "2026-04-09"));
        assert!(billed.iter().any(|event| event.to_string().ends_with("completed on 2026-04-09.")));
        assert_eq!(tasks(&customer), 0);
        assert_eq!(customer.does(note(&customer, "2026-04-30")), []);
    }

    #[test]
    fn a_void_invoice_brings_the_task_back_and_nobody_is_told_again() {
        let mut customer = customer();
        customer.is_offered_goods();
        let work = works(&mut customer, "2026-03-01");
        customer.does(note(&customer, "2026-04-06"));
        let billed = customer.does(bills(&customer, work, "2026-04-08"));
        assert_eq!(tasks(&customer), 0);
        let invoice = payload::<InvoiceIssued>(&billed[0]).unwrap().invoice;
        let (account, on, reason) = (customer.account, date("2026-04-09"), "Wrong hours".parse().unwrap());
        let voided = customer.does(VoidInvoice { account, invoice, on, reason });
        assert_eq!(words(&voided), ["invoicing.invoice_voided", "tasks.task_created"]);
        assert_eq!(customer.does(note(&customer, "2026-04-30")), []);
        let (account, reason, on) = (customer.account, "Never mind".parse().unwrap(), date("2026-04-30"));
        let off = customer.does(WriteOffWork { account, work, reason, on });
        assert_eq!(words(&off), ["work.work_written_off", "tasks.task_completed"]);
    }

    #[test]
    fn nobody_s_account_is_looked_after_by_whoever_looked() {
        let mut customer = customer_of(Policies::default(), crate::accounts::AccountKind::Full, None);
        customer.is_offered_goods();
        works(&mut customer, "2026-03-01");
        let noted = customer.does(note(&customer, "2026-04-06"));
        assert_eq!(words(&noted), ["work.late_work_noted", "tasks.task_created"]);
        assert!(noted[1].to_string().contains("given to user:tester"));
    }
}
