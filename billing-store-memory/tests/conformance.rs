//! The memory store keeps every promise of a store.

use billing_core::testing::conformance;
use billing_store_memory::MemoryStore;

#[test]
fn it_keeps_the_promises_of_a_store() {
    conformance::run(&|| Box::new(MemoryStore::new()));
}
