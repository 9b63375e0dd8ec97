//! A first book: sell, bill the month, take a payment, chase what is late, and see who owes what.

use billing_core::prelude::*;
use billing_store_sqlite::SqliteStore;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (folder, ann) = (tempfile::tempdir()?, Actor::owner("user:ann")?);
    let store = SqliteStore::open(folder.path().join("books.db"))?;
    let book = Engine::open(store, "fern.example".parse()?, SystemClock)?;
    book.execute(&ann, OpenBook::new("Fern & Co".parse()?, Currency::GBP, Zone::london()))?;
    book.execute(&ann, SetTaxCode::new("vat".parse()?, Rate::percent("20")?, "2011-01-04".parse()?))?;
    let price = Price::Flat("GBP 30.00".parse()?);
    book.execute(&ann, PublishPlan::monthly("basic".parse()?, "Basic plan".parse()?, price, "vat".parse()?))?;

    for (reference, name) in [("C-1", "Harbour Café"), ("C-2", "Old Mill Bakery")] {
        let customer = RegisterAccount::new(reference.parse()?, Sealed::marked(name)?, "2026-01-01".parse()?);
        let done = book.execute(&ann, customer)?;
        let account = done.one::<AccountRegistered>()?.account;
        book.execute(&ann, Subscribe::new(account, "basic".parse()?, "2026-01-01".parse()?))?;
    }
    let january = BillingRun { issue_on: "2026-01-02".parse()?, through: "2026-01-31".parse()? };
    book.run(book.new_command_id(), &ann, &january, &mut unwatched)?;

    let cafe = book.account_by_reference(&"C-1".parse()?)?.ok_or("no C-1")?;
    book.execute(&ann, RecordPayment::new(cafe, "GBP 36.00".parse()?, "2026-01-30".parse()?))?;
    let chase = ChaseRun { on: "2026-02-04".parse()? };
    let chased = book.run(book.new_command_id(), &ann, &chase, &mut unwatched)?;

    for line in book.ask(&StatusBoard { as_of: chase.on })?.value {
        let customer = line.reference.ok_or("registered without a reference")?;
        println!("{customer} owes {}; next: {}", line.balance, line.next_action);
    }
    assert_eq!(chased.recorded, 1, "only who has not paid is chased");
    Ok(())
}
