//! Work that was done is billed once, or written off, or waits.

use super::*;
use crate::accounts::{AccountKind, ConvertToFull};
use crate::book::payload;
use crate::invoicing::given::{Shop, code, date, note, shop, shop_for};
use crate::kernel::ids::WorkId;
use crate::kernel::quantity::Quantity;
use crate::settings::{ChoosePolicies, LateWork, Policies};

fn set_up(shop: &Shop) -> RecordWork {
    RecordWork {
        account: shop.account,
        description: "Set-up".parse().unwrap(),
        done_on: date("2026-01-05"),
        quantity: "1.5".parse().unwrap(),
        unit_price: "GBP 85.00".parse().unwrap(),
        tax_code: code("standard"),
        evidence: Some("T-19".parse().unwrap()),
        done_by: None,
    }
}

fn recorded(shop: &mut Shop) -> WorkId {
    let set_up = set_up(shop);
    payload::<WorkRecorded>(&shop.does(set_up)[0]).unwrap().work
}

fn write_off(shop: &Shop, work: WorkId) -> WriteOffWork {
    WriteOffWork { account: shop.account, work, reason: note("Our mistake"), on: date("2026-01-06") }
}

#[test]
fn recorded_work_is_billed_or_written_off_or_waits() {
    let mut shop = shop();
    let [first, second, third] = [(); 3].map(|()| recorded(&mut shop));
    assert_eq!([first, second, third].iter().collect::<std::collections::BTreeSet<_>>().len(), 3);
    let off = write_off(&shop, second);
    shop.does(off.clone());
    assert_eq!(shop.does(off), []);
    assert_eq!(shop.bill("2026-01-04"), [""; 0], "not done yet");
    // 1.5 x 85.00 = 127.50 each.
    assert_eq!(
        shop.bill("2026-01-05"),
        ["Set-up GBP 127.50", "Set-up GBP 127.50", "invoice GBP 255.00 + GBP 51.00 = GBP 306.00"]
    );
    let late = write_off(&shop, first);
    assert_eq!(shop.may_not(late), format!("work {first} was billed and can't be written off"));
}

#[test]
fn work_is_late_by_the_policy_of_the_book_and_noted_once() {
    let mut shop = shop();
    let [first, second] = [(); 2].map(|()| recorded(&mut shop));
    let account = shop.account;
    let note = |on: &str| NoteLateWork { account, on: date(on) };
    assert_eq!(shop.does(note("2026-02-09")), [], "35 days old on that day");
    let noted = shop.does(note("2026-02-10"));
    assert_eq!(
        noted[0].to_string(),
        format!("Work {first}, {second} done before 2026-01-06 and not billed, noted as late on 2026-02-10.")
    );
    assert_eq!(shop.does(note("2026-02-11")), []);
    let third = recorded(&mut shop);
    let policies = |late_work| ChoosePolicies { policies: Policies { late_work, ..Policies::default() } };
    shop.does(policies(LateWork::Never));
    assert_eq!(shop.does(note("2026-02-11")), []);
    shop.does(policies(LateWork::After { days: 0 }));
    assert_eq!(shop.does(note("2026-01-05")), [], "done on that day");
    assert_eq!(payload::<LateWorkNoted>(&shop.does(note("2026-01-06"))[0]).unwrap().work, [third]);
}

#[test]
fn work_for_a_trial_is_not_late() {
    let mut shop = shop_for(AccountKind::Trial);
    recorded(&mut shop);
    let (account, on) = (shop.account, date("2026-12-31"));
    assert_eq!(shop.does(NoteLateWork { account, on }), []);
    shop.does(ConvertToFull { account, on });
    assert_ne!(shop.does(NoteLateWork { account, on }), []);
}

#[test]
fn each_rule_is_said_once() {
    let mut shop = shop();
    let none = RecordWork { quantity: Quantity::ZERO, ..set_up(&shop) };
    assert_eq!(shop.may_not(none), "the quantity is 0: work that was done has a quantity");
    let euros = RecordWork { unit_price: "EUR 85.00".parse().unwrap(), ..set_up(&shop) };
    assert_eq!(shop.may_not(euros), "the price is in EUR and the account is kept in GBP");
    let untaxed = RecordWork { tax_code: code("luxury"), ..set_up(&shop) };
    assert_eq!(
        shop.may_not(untaxed),
        "the catalogue has no tax code luxury on the day on which the work was done"
    );
    let most = "99999999999999999999".parse().unwrap();
    let too_much = RecordWork { quantity: most, ..set_up(&shop) };
    assert!(shop.may_not(too_much).starts_with("the amount of that work can't be told: "));
    let unknown = "wrk_00000000000000000000000000000000".parse().unwrap();
    let nothing = write_off(&shop, unknown);
    assert_eq!(shop.may_not(nothing), format!("the account has no work {unknown}"));
}
