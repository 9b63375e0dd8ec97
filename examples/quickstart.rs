//! A first book: sell, bill the month, take a payment, chase what is late, and see what is owed.

use billing_core::prelude::*;
use billing_store_sqlite::SqliteStore;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    std::fs::remove_file("quickstart.db").ok(); // Each run begins a new book.
    let book = Engine::open(SqliteStore::open("quickstart.db")?, "fern.example".parse()?, SystemClock)?;
    let ann = Actor::owner("user:ann")?;
    book.execute(&ann, OpenBook::new("Fern & Co".parse()?, Currency::GBP, Zone::london()))?;
    book.execute(&ann, SetTaxCode::new("vat".parse()?, Rate::percent("20")?, "2011-01-04".parse()?))?;
    let price = Price::Flat("GBP 30.00".parse()?);
    book.execute(&ann, PublishPlan::monthly("basic".parse()?, "Basic plan".parse()?, price, "vat".parse()?))?;

    let (first, last) = ("2026-01-01".parse()?, "2026-01-31".parse()?);
    let customer = RegisterAccount::new("C-1".parse()?, Sealed::marked("Harbour Café")?, first);
    let account = book.execute(&ann, customer)?.one::<AccountRegistered>()?.account;
    book.execute(&ann, Subscribe::new(account, "basic".parse()?, first))?;
    let january = BillingRun { issue_on: first, through: last };
    book.run(book.new_command_id(), &ann, &january, &mut unwatched)?;
    book.execute(&ann, RecordPayment::new(account, "GBP 20.00".parse()?, last))?;
    let chase = ChaseRun { on: "2026-02-04".parse()? };
    book.run(book.new_command_id(), &ann, &chase, &mut unwatched)?;

    let status = &book.ask(&StatusBoard { as_of: chase.on })?.value[0];
    let told = format!("C-1 owes {}; next: {}", status.balance, status.next_action);
    println!("{told}");
    assert_eq!(told, "C-1 owes GBP 16.00; next: send the reminder");
    Ok(())
}
