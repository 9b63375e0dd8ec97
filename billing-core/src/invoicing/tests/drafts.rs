//! Drafts: made out by the code that bills, of no effect until they are approved, and issued as they were looked at.

use super::{note, void, work};
use crate::accounts::{AccountKind, GivePurchaseOrder};
use crate::book::{Event, payload};
use crate::invoicing::given::{Shop, code, date, invoice_id, plan, pounds, said, shop, shop_for};
use crate::invoicing::{
    ApproveDraft, BillDrafted, BillOrDraft, CreditNoteIssued, DraftApproved, DraftBill, DraftWithdrawn,
    InvoiceIssued, WithdrawDraft,
};
use crate::kernel::ids::DraftId;
use crate::settings::{ChoosePolicies, Dialect, Policies};

fn drafts(shop: &mut Shop, through: &str) -> Vec<Event> {
    let through = date(through);
    shop.does(DraftBill { account: shop.account, issue_on: through, through })
}

/// The one draft that was made.
fn drafted(events: &[Event]) -> &BillDrafted {
    assert_eq!(events.len(), 1, "a draft brings nothing else with it: {events:?}");
    payload(&events[0]).unwrap()
}

fn draft(shop: &mut Shop, through: &str) -> DraftId {
    drafted(&drafts(shop, through)).draft
}

fn approve(shop: &Shop, draft: DraftId) -> ApproveDraft {
    ApproveDraft { account: shop.account, draft }
}

fn withdraw(shop: &Shop, draft: DraftId) -> WithdrawDraft {
    WithdrawDraft { account: shop.account, draft, reason: note("Seats to be agreed") }
}

fn withdrawn(event: &Event) -> String {
    payload::<DraftWithdrawn>(event).unwrap().reason.to_string()
}

#[test]
fn a_draft_is_what_the_bill_would_be_and_changes_nothing() {
    let (mut one, mut other) = (shop(), shop());
    for shop in [&mut one, &mut other] {
        let seats = shop.subscribes("seats", 5, "2028-02-01");
        shop.bills("2028-02-01");
        // 29 days in February, of which 20 are left.
        shop.changes_quantity(seats, 8, "2028-02-10");
        work(shop, "2028-02-11");
    }
    let before = (one.balance(), one.next());
    let events = drafts(&mut one, "2028-03-01");
    let bill = drafted(&events).bill.clone();
    assert_eq!((one.balance(), one.next()), before);
    let of_draft = said(&[Event::Invoicing((*bill.invoice.unwrap()).into())]);
    assert_eq!(of_draft, other.bill("2028-03-01"));
    // 20/29 of 62.50 back is 43.10, of 100.00 is 68.97; March is 100.00, 2.5 hours at 80.00 are 200.00.
    assert_eq!(of_draft.last().unwrap(), "invoice GBP 325.87 + GBP 65.17 = GBP 391.04");
    assert_eq!(drafted(&events).comes_to, pounds("391.04"));
}

#[test]
fn an_approved_draft_is_issued_as_it_was_looked_at_with_its_dates_and_ids() {
    let mut shop = shop();
    shop.subscribes("basic", 1, "2026-02-01");
    let events = drafts(&mut shop, "2026-02-01");
    let drafted = drafted(&events);
    // Of no concern to this customer.
    shop.does(plan("new", crate::catalogue::Price::Flat(pounds("9.00"))));
    let issued = shop.does(approve(&shop, drafted.draft));
    assert_eq!(payload(&issued[0]), Some(&DraftApproved { draft: drafted.draft }));
    let invoice = payload::<InvoiceIssued>(&issued[1]).unwrap();
    let looked_at = drafted.bill.invoice.as_deref().unwrap();
    assert!(invoice.catalogue > looked_at.catalogue);
    assert_eq!(InvoiceIssued { catalogue: looked_at.catalogue, ..invoice.clone() }, *looked_at);
    assert_eq!(shop.balance(), "GBP 36.00");
    assert_eq!(shop.bills("2026-02-01"), []);
    assert_eq!(shop.does(approve(&shop, drafted.draft)), [], "approved already");
    let unknown = format!("the account has no open draft {}", drafted.draft);
    assert_eq!(shop.may_not(withdraw(&shop, drafted.draft)), unknown);
}

#[test]
fn what_is_given_back_is_drafted_and_approved_too() {
    for dialect in [Dialect::Own, Dialect::Lago] {
        let mut shop = shop();
        shop.does(ChoosePolicies { policies: Policies { dialect, ..Policies::default() } });
        let basic = shop.subscribes("basic", 1, "2026-04-01");
        shop.bills("2026-04-01");
        shop.cancels(basic, "2026-04-16");
        let events = drafts(&mut shop, "2026-04-20");
        let drafted = drafted(&events);
        assert!(drafted.comes_to.is_negative(), "{dialect:?}");
        assert_eq!(shop.balance(), "GBP 36.00");
        let issued = shop.does(approve(&shop, drafted.draft));
        let notes: Vec<&CreditNoteIssued> = issued.iter().filter_map(payload).collect();
        assert_eq!(notes.len(), 1);
        assert_eq!(Some(notes[0]), drafted.bill.credit_note.as_deref());
    }
}

#[test]
fn where_both_are_issued_the_credit_note_settles_the_invoice_of_the_same_draft() {
    let mut shop = shop();
    let yearly = shop.subscribes("yearly", 1, "2026-01-01");
    shop.bills("2026-01-01");
    shop.cancels(yearly, "2026-02-01");
    shop.subscribes("basic", 1, "2026-02-01");
    let events = drafts(&mut shop, "2026-02-01");
    let bill = &drafted(&events).bill;
    let (invoice, note) = (bill.invoice.as_deref().unwrap(), bill.credit_note.as_deref().unwrap());
    assert_eq!(note.beside, Some(invoice.invoice));
    // 334 of 365 days of 1,200.00 back are 1,098.08, with VAT 1,317.70; 30.00 with VAT is 36.00.
    assert_eq!(drafted(&events).comes_to, pounds("-1281.70"));
    let issued = shop.does(approve(&shop, drafted(&events).draft));
    assert_eq!(issued.iter().find_map(payload::<InvoiceIssued>), Some(invoice));
    assert_eq!(issued.iter().find_map(payload::<CreditNoteIssued>), Some(note));
}

#[test]
fn what_changed_since_it_was_drafted_is_not_issued() {
    let changes: [fn(&mut Shop); 4] = [
        |shop| {
            shop.subscribes("chatty", 1, "2026-02-01");
        },
        |shop| {
            work(shop, "2026-01-31");
        },
        |shop| {
            let (account, number) = (shop.account, "PO-7".parse().unwrap());
            shop.does(GivePurchaseOrder { account, number, on: date("2026-01-31") });
        },
        |shop| {
            let set = crate::catalogue::SetTaxCode::new(
                code("standard"),
                "25%".parse().unwrap(),
                date("2026-02-01"),
            );
            shop.does(set);
        },
    ];
    for change in changes {
        let mut shop = shop();
        shop.does(plan("chatty", crate::catalogue::Price::Flat(pounds("9.00"))));
        shop.subscribes("basic", 1, "2026-02-01");
        let first = draft(&mut shop, "2026-02-01");
        change(&mut shop);
        assert_eq!(
            shop.may_not(approve(&shop, first)),
            format!("draft {first} is out of date: the bill would be another one by now")
        );
        let again = drafts(&mut shop, "2026-02-01");
        assert_eq!(drafted(&again).replaces, Some(first));
        assert_eq!(shop.may_not(approve(&shop, first)), format!("the account has no open draft {first}"));
        assert!(shop.does(approve(&shop, drafted(&again).draft)).len() > 1);
    }
}

#[test]
fn drafted_again_alike_there_is_nothing_to_do_and_otherwise_it_is_replaced() {
    let mut shop = shop();
    shop.subscribes("basic", 1, "2026-02-01");
    assert_eq!(drafts(&mut shop, "2026-01-31"), []);
    let first = draft(&mut shop, "2026-02-01");
    assert_eq!(drafts(&mut shop, "2026-02-01"), []);
    assert_eq!(drafts(&mut shop, "2026-01-31"), [], "a draft through a later day stays");
    let next = drafts(&mut shop, "2026-03-01");
    assert_eq!(drafted(&next).replaces, Some(first));
    assert_eq!(
        next[0].to_string(),
        format!(
            "Bill through 2026-03-01 drafted as {}, dated 2026-03-01: GBP 72.00, in place of {first}.",
            drafted(&next).draft
        )
    );
}

#[test]
fn a_draft_of_what_is_not_due_any_more_is_withdrawn() {
    let mut shop = shop();
    let basic = shop.subscribes("basic", 1, "2026-02-01");
    draft(&mut shop, "2026-02-01");
    shop.cancels(basic, "2026-02-01");
    let events = drafts(&mut shop, "2026-02-01");
    assert_eq!((events.len(), withdrawn(&events[0])), (1, "Nothing is due any more".to_owned()));
    assert_eq!(drafts(&mut shop, "2026-02-01"), []);
}

#[test]
fn a_draft_that_was_withdrawn_stays_due() {
    let mut shop = shop();
    shop.subscribes("basic", 1, "2026-02-01");
    let first = draft(&mut shop, "2026-02-01");
    let events = shop.does(withdraw(&shop, first));
    assert_eq!(events[0].to_string(), format!("Draft {first} withdrawn: Seats to be agreed."));
    assert_eq!(shop.does(withdraw(&shop, first)), [], "withdrawn already");
    assert_eq!(shop.may_not(approve(&shop, first)), format!("the account has no open draft {first}"));
    assert_eq!(shop.next().unwrap(), "2026-02-01");
    assert_eq!(shop.bills("2026-02-01").len(), 3, "invoice, number and message");
}

#[test]
fn a_bill_withdraws_the_open_draft_and_a_bill_of_nothing_does_not() {
    let mut shop = shop();
    shop.subscribes("basic", 1, "2026-02-01");
    let open = draft(&mut shop, "2026-02-01");
    assert_eq!(shop.bills("2026-01-31"), []);
    let events = shop.bills("2026-02-01");
    let closed: Vec<&DraftWithdrawn> = events.iter().filter_map(payload).collect();
    assert_eq!(closed.iter().map(|closed| closed.draft).collect::<Vec<_>>(), [open]);
    assert_eq!(closed[0].reason.to_string(), "Billed without it");
}

#[test]
fn who_changed_is_drafted_and_who_did_not_is_billed() {
    let mut shop = shop();
    let seats = shop.subscribes("seats", 2, "2026-01-01");
    let run = |shop: &mut Shop, through: &str| {
        let through = date(through);
        shop.does(BillOrDraft { account: shop.account, issue_on: through, through })
    };
    // Never billed before.
    let first = drafted(&run(&mut shop, "2026-01-01")).draft;
    shop.does(approve(&shop, first));
    assert_eq!(invoice_id(&run(&mut shop, "2026-02-01")).to_string().len(), 36);
    shop.changes_quantity(seats, 3, "2026-02-15");
    let changed = drafted(&run(&mut shop, "2026-03-01")).draft;
    // Changed back before anybody looked at it: the draft goes, and the bill is issued.
    shop.changes_quantity(seats, 2, "2026-02-15");
    let events = run(&mut shop, "2026-03-01");
    assert_eq!(
        said(&events),
        ["seats 2026-03-01 to 2026-03-31 GBP 25.00", "invoice GBP 25.00 + GBP 5.00 = GBP 30.00"]
    );
    assert_eq!(shop.may_not(approve(&shop, changed)), format!("the account has no open draft {changed}"));
}

#[test]
fn a_voided_invoice_is_drafted_anew_and_a_trial_is_not() {
    let mut shop = shop();
    shop.subscribes("basic", 1, "2026-02-01");
    let first = draft(&mut shop, "2026-02-01");
    let invoice = invoice_id(&shop.does(approve(&shop, first)));
    shop.does(void(&shop, invoice, "2026-02-02"));
    let again = draft(&mut shop, "2026-02-01");
    shop.does(approve(&shop, again));
    assert_eq!(shop.balance(), "GBP 36.00");

    let mut trial = shop_for(AccountKind::Trial);
    trial.subscribes("basic", 1, "2026-02-01");
    assert_eq!(drafts(&mut trial, "2026-02-01"), []);
}
