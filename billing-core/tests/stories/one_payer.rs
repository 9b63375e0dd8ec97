//! Several accounts and one payer: children are billed, their parent owes, is chased, and pays.

use billing_core::audit::{balances, export, restore};
use billing_core::invoicing::{ConsolidatedInvoiceIssued, DebtPassedOn, DebtTakenBack};
use billing_core::prelude::*;
use billing_core::projections::month_figures::MonthFigures;
use billing_core::runs::unwatched;
use billing_core::testing::Story;
use billing_store_memory::MemoryStore;

use crate::firm::*;

struct Family {
    story: Story<MemoryStore>,
    parent: AccountId,
    children: [AccountId; 2],
}

/// A head office with 14 days to pay, and two branches with a plan at GBP 36.00 each month, VAT included, which are
/// billed for January on 1 January.
fn family() -> Family {
    let story = firm();
    let terms = Some(PaymentTerms::NetDays(14));
    let office = story.give(RegisterAccount { terms, ..registration("HEAD") });
    let parent = office.first::<AccountRegistered>().unwrap().account;
    let children = ["NORTH", "SOUTH"].map(|reference| customer(&story, reference));
    for child in children {
        assign(&story, child, Some(parent), "2026-01-01");
        subscribe(&story, child, "basic", 1, "2026-01-01");
    }
    let family = Family { story, parent, children };
    for child in children {
        family.bill(child, "2026-01-01");
    }
    family
}

fn assign(story: &Story<MemoryStore>, account: AccountId, parent: Option<AccountId>, from: &str) -> Done {
    story.give(AssignParent { account, parent, from: date(from) })
}

impl Family {
    fn bill(&self, child: AccountId, on: &str) -> InvoiceId {
        invoice_of(&bill(&self.story, child, on, on))
    }

    fn consolidate(&self, on: &str) -> Option<ConsolidatedInvoiceIssued> {
        let done = self.story.give(ConsolidateInvoices { account: self.parent, issue_on: date(on) });
        done.first::<ConsolidatedInvoiceIssued>().cloned()
    }

    fn owes(&self, account: AccountId) -> String {
        self.story.engine.account(account).unwrap().receivables.balance().to_string()
    }

    fn void(&self, account: AccountId, invoice: InvoiceId, on: &str) -> VoidInvoice {
        VoidInvoice { account, invoice, on: date(on), reason: "In error".parse().unwrap() }
    }

    fn chased(&self, on: &str) -> Vec<AccountId> {
        let before = self.story.engine.head().unwrap().position;
        let run = ChaseRun { on: date(on) };
        let id = self.story.engine.new_command_id();
        assert!(
            self.story.engine.run(id, &self.story.actor, &run, &mut unwatched).unwrap().failed.is_empty()
        );
        let letters = self.story.engine.follow(before, 100).unwrap();
        let stream = |letter: &Outgoing| letter.recorded.stream.to_string();
        let account = |stream: String| stream.trim_start_matches("account/").parse().unwrap();
        letters.iter().filter(|letter| letter.chases).map(stream).map(account).collect()
    }

    /// Whether the status board says that an account pays for itself, and what is to be done.
    fn board(&self, account: AccountId, as_of: &str) -> (Option<AccountId>, NextAction) {
        let board = self.story.engine.ask(&StatusBoard { as_of: date(as_of) }).unwrap().value;
        let line = board.into_iter().find(|line| line.account == account).unwrap();
        (line.paid_by, line.next_action)
    }
}

#[test]
fn one_document_lists_what_the_parent_owes_for_each_child_and_its_money_settles_it() {
    let family = family();
    let [north, south] = family.children;
    let invoice = |account| {
        let page = DocumentsOf { account, after: None, limit: 9 };
        family.story.engine.ask(&page).unwrap().value.remove(0)
    };
    // What the child paid before lessens what is passed on; what it pays afterwards is its own.
    pay(&family.story, south, "GBP 6.00", "2026-01-02");
    let mut rehearsal = family.story.engine.rehearse(&family.story.actor).unwrap();
    rehearsal.give(&ConsolidateInvoices { account: family.parent, issue_on: date("2026-01-05") }).unwrap();
    let mut foreseen = |account| rehearsal.account(account).unwrap().receivables.balance().to_string();
    assert_eq!([family.parent, north].map(&mut foreseen), ["GBP 66.00", "nothing"]);
    drop(rehearsal);
    assert_eq!(family.owes(north), "GBP 36.00", "nothing was recorded by that");

    let issued = family.consolidate("2026-01-05").unwrap();
    let lines: Vec<_> = issued.lines.iter().map(|line| (line.account, line.amount.to_string())).collect();
    assert_eq!(lines, [(north, "GBP 36.00".to_owned()), (south, "GBP 30.00".to_owned())]);
    assert_eq!(issued.total, money("GBP 66.00"));
    assert_eq!(issued.due[0].date, date("2026-01-19"), "on the terms of the parent");
    let owed = [family.parent, north, south].map(|account| family.owes(account));
    assert_eq!(owed, ["GBP 66.00", "nothing", "nothing"]);
    assert_eq!(invoice(south).state, DocumentState::PassedOn);
    assert_eq!(invoice(south).document.passed_on.unwrap().to_string(), "GBP 30.00");
    let numbers: Vec<_> =
        [north, south, family.parent].map(|account| invoice(account).document.number.unwrap()).into();
    assert_eq!(numbers, ["INV-0001", "INV-0002", "INV-0003"]);
    let why = family.story.engine.explain(DocumentId::Invoice(issued.invoice)).unwrap_err();
    let (of_north, of_south) = (issued.lines[0].invoices[0].invoice, issued.lines[1].invoices[0].invoice);
    assert_eq!(
        why.to_string(),
        format!(
            "{} passes on what is open on invoices of children: {of_north}, {of_south} (engine.passes_on) \
             Ask for those.",
            issued.invoice
        )
    );
    let document = DocumentById { document: DocumentId::Invoice(issued.invoice) };
    let document = family.story.engine.ask(&document).unwrap().value.unwrap();
    assert_eq!((document.children, document.lines), (issued.lines, vec![]));
    assert!(family.consolidate("2026-01-05").is_none(), "asked again, nothing is left to do");

    // Passing on is neither a sale nor a payment: GBP 72.00 were sold, GBP 6.00 came in.
    let month = MonthFigures { on: date("2026-01-31"), currency: Currency::GBP };
    let month = family.story.engine.ask(&month).unwrap().value;
    let figures = [month.sales, month.cash, month.closing].map(|sum| sum.to_string());
    assert_eq!(figures, ["GBP 72.00", "GBP 6.00", "GBP 66.00"]);
    let revenue = RevenueReport { month: date("2026-01-31"), currency: Currency::GBP };
    let revenue = family.story.engine.ask(&revenue).unwrap().value;
    assert_eq!(revenue.invoices.to_string(), "GBP 60.00");

    pay(&family.story, south, "GBP 5.00", "2026-01-06");
    pay(&family.story, family.parent, "GBP 66.00", "2026-01-19");
    let owed = [family.parent, north, south].map(|account| family.owes(account));
    assert_eq!(owed, ["nothing", "nothing", "GBP -5.00"]);
    // The credit lessens the next invoice, and so what the parent owes for it.
    family.bill(south, "2026-02-01");
    assert_eq!(family.consolidate("2026-02-01").unwrap().total, money("GBP 31.00"));

    let mut log = Vec::new();
    export(family.story.engine.store(), family.story.engine.book(), &mut log).unwrap();
    let other = MemoryStore::new();
    let lines: Vec<_> = billing_core::audit::read_lines(log.as_slice()).collect();
    restore(&other, family.story.engine.book(), lines).unwrap();
    let restored = balances(&other, family.story.engine.book()).unwrap();
    assert_eq!(restored.receivables.to_string(), "GBP 31.00");
}

#[test]
fn a_void_consolidated_invoice_gives_the_children_their_debts_back() {
    let family = family();
    let [north, south] = family.children;
    let issued = family.consolidate("2026-01-05").unwrap();
    pay(&family.story, family.parent, "GBP 10.00", "2026-01-06");
    pay(&family.story, south, "GBP 5.00", "2026-01-06");
    let done = family.story.give(family.void(family.parent, issued.invoice, "2026-01-07"));
    let taken: Vec<_> = done.all::<DebtTakenBack>().map(|taken| taken.amount.to_string()).collect();
    assert_eq!(taken, ["GBP 36.00", "GBP 36.00"]);
    let owed = [family.parent, north, south].map(|account| family.owes(account));
    assert_eq!(owed, ["GBP -10.00", "GBP 36.00", "GBP 31.00"]);
    let month = MonthFigures { on: date("2026-01-31"), currency: Currency::GBP };
    assert_eq!(family.story.engine.ask(&month).unwrap().value.sales.to_string(), "GBP 72.00");
    // They are the parent's to pay as before, on another document, which takes the parent's own money.
    let again = family.consolidate("2026-01-08").unwrap();
    assert_eq!((again.lines.len(), again.total), (2, money("GBP 67.00")));
    assert_eq!(family.owes(family.parent), "GBP 57.00");
}

#[test]
fn what_is_passed_on_is_undone_only_as_a_whole() {
    let family = family();
    let [north, _] = family.children;
    let issued = family.consolidate("2026-01-05").unwrap();
    let consolidated = issued.invoice;
    let invoice = issued.lines[0].invoices[0].invoice;
    let funds = Funds::Consolidated(consolidated);
    let (amount, on) = (money("GBP 36.00"), date("2026-01-06"));
    let release = ReleaseAllocation { account: north, funds, invoice, amount, on };
    assert_eq!(family.story.refused(release), "payments.passed_on");
    let refund = Refund { account: north, funds, amount, on, method: Method::BankTransfer };
    assert_eq!(family.story.refused(refund), "payments.more_than_is_left");
    assert_eq!(family.story.refused(family.void(north, invoice, "2026-01-06")), "invoicing.passed_on");
    let credit = |account, invoice| CreditInvoice {
        account,
        invoice,
        what: What::Whole,
        reason: "A favour".parse().unwrap(),
        on,
    };
    assert_eq!(family.story.refused(credit(family.parent, consolidated)), "invoicing.consolidated");
    // A credit is the child's own.
    family.story.give(credit(north, invoice));
    assert_eq!((family.owes(north), family.owes(family.parent)), ("GBP -36.00".into(), "GBP 72.00".into()));
}

#[test]
fn the_parent_pays_invoices_of_its_time_and_not_what_is_disputed() {
    let family = family();
    let [north, south] = family.children;
    assign(&family.story, north, None, "2026-01-10");
    let after = family.bill(north, "2026-02-01");
    let disputed = family.bill(south, "2026-02-01");
    let (reason, on) = (DisputeReason::WrongPrice, date("2026-02-02"));
    let raised = family.story.give(RaiseDispute {
        account: south,
        invoice: disputed,
        amount: Some(money("GBP 1.00")),
        reason,
        on,
        note: None,
    });
    let issued = family.consolidate("2026-02-03").unwrap();
    assert_eq!(
        (issued.lines.len(), issued.total),
        (2, money("GBP 72.00")),
        "January of both, though one left"
    );
    assert_eq!([north, south].map(|account| family.owes(account)), ["GBP 36.00"; 2]);
    assert_eq!(family.chased("2026-06-01"), [family.parent, north], "who left is chased for what came after");
    let north_open = family.story.engine.account(north).unwrap().receivables.invoice(after).unwrap().open;
    assert_eq!(north_open, money("GBP 36.00"));
    let dispute = raised.first::<DisputeRaised>().unwrap().dispute;
    let outcome = DisputeOutcome::Rejected;
    family.story.give(ResolveDispute { account: south, dispute, outcome, on });
    assert_eq!(family.consolidate("2026-02-04").unwrap().total, money("GBP 36.00"));
    assert!(family.consolidate("2025-12-31").is_none(), "none is passed on before its date");
}

#[test]
fn only_the_parent_is_chased_and_the_board_says_who_pays() {
    let family = family();
    let [north, _] = family.children;
    let chase = family.story.give(Chase { account: north, on: date("2026-02-20") });
    let suppressed = chase.first::<ReminderSuppressed>().unwrap();
    assert_eq!(suppressed.reason, SuppressionReason::ParentPays);
    assert!(suppressed.to_string().ends_with("the parent account pays it."), "{suppressed}");
    assert_eq!(family.chased("2026-02-20"), []);
    let pays = Some(family.parent);
    assert_eq!(family.board(north, "2026-02-20"), (pays, NextAction::Consolidate(family.parent)));
    family.consolidate("2026-02-20");
    assert_eq!(family.board(north, "2026-02-20"), (pays, NextAction::Nothing));
    assert_eq!(family.chased("2026-03-20"), [family.parent]);
}

#[test]
fn a_reminder_that_waits_is_not_sent_once_a_parent_pays() {
    let family = family();
    let [north, _] = family.children;
    assign(&family.story, north, None, "2026-01-01");
    let chase = family.story.give(Chase { account: north, on: date("2026-02-20") });
    let message = chase.first::<ReminderDue>().unwrap().message;
    assign(&family.story, north, Some(family.parent), "2026-01-01");
    let answer = family.story.give(SendReminder { account: north, message, on: date("2026-02-20") });
    assert_eq!(answer.all::<ReminderSent>().count(), 0);
    assert_eq!(answer.first::<ReminderSuppressed>().unwrap().reason, SuppressionReason::ParentPays);
}

#[test]
fn the_run_visits_every_parent_once_and_a_repeated_one_does_nothing() {
    let family = family();
    let alone = customer(&family.story, "ALONE");
    subscribe(&family.story, alone, "basic", 1, "2026-01-01");
    family.bill(alone, "2026-01-01");
    let run = ConsolidationRun { on: date("2026-01-31") };
    let id = family.story.engine.new_command_id();
    let report = family.story.engine.run(id, &family.story.actor, &run, &mut unwatched).unwrap();
    assert_eq!((report.accounts, report.recorded, report.failed.len()), (1, 1, 0));
    let again = family.story.engine.run(id, &family.story.actor, &run, &mut unwatched).unwrap();
    assert_eq!((again.recorded, again.repeated, &again.head), (0, 1, &report.head));
    let other = family.story.engine.new_command_id();
    let other = family.story.engine.run(other, &family.story.actor, &run, &mut unwatched).unwrap();
    assert_eq!((other.recorded, other.nothing, other.head), (0, 1, report.head));
    assert_eq!((family.owes(alone), family.owes(family.parent)), ("GBP 36.00".into(), "GBP 72.00".into()));
}

#[test]
fn families_are_of_two_generations_and_of_one_currency() {
    let family = family();
    let (story, [north, south]) = (&family.story, family.children);
    let alone = customer(story, "ALONE");
    let trial = RegisterAccount { kind: AccountKind::Trial, ..registration("TRIAL") };
    let trial = story.give(trial).first::<AccountRegistered>().unwrap().account;
    let yen = RegisterAccount { currency: Some(Currency::JPY), ..registration("YEN") };
    let yen = story.give(yen).first::<AccountRegistered>().unwrap().account;
    let refused = |account, parent| {
        story.refused(AssignParent { account, parent: Some(parent), from: date("2026-02-01") })
    };
    assert_eq!(refused(alone, alone), "accounts.own_parent");
    assert_eq!(refused(alone, trial), "accounts.parent_on_trial");
    assert_eq!(refused(alone, yen), "accounts.parent_in_other_currency");
    assert_eq!(refused(alone, north), "accounts.parent_is_child");
    assert_eq!(refused(family.parent, alone), "accounts.has_children");
    assert!(assign(story, north, Some(family.parent), "2026-03-01").is_nothing());
    assert!(assign(story, alone, None, "2026-03-01").is_nothing());
    // Once both have moved to another parent, the former may have one itself.
    for child in [north, south] {
        assign(story, child, Some(alone), "2026-02-01");
    }
    assign(story, family.parent, Some(alone), "2026-02-01");
    let issued = story.give(ConsolidateInvoices { account: alone, issue_on: date("2026-02-01") });
    assert!(issued.is_nothing(), "January is still to be paid by the first one");
    let january = family.consolidate("2026-02-01").unwrap();
    assert_eq!(january.total, money("GBP 72.00"));
    // Whose date lies in the time with a parent is passed on, a consolidated invoice too; undone in the other order.
    let issued = story.give(ConsolidateInvoices { account: alone, issue_on: date("2026-02-01") });
    let passed: Vec<_> = issued.all::<DebtPassedOn>().map(|passed| passed.invoices[0].invoice).collect();
    assert_eq!(passed, [january.invoice]);
    assert_eq!(
        story.refused(family.void(family.parent, january.invoice, "2026-02-02")),
        "invoicing.passed_on"
    );
    let upper = issued.first::<ConsolidatedInvoiceIssued>().unwrap().invoice;
    story.give(family.void(alone, upper, "2026-02-02"));
    story.give(family.void(family.parent, january.invoice, "2026-02-02"));
    assert_eq!([north, south].map(|account| family.owes(account)), ["GBP 36.00"; 2]);
}
