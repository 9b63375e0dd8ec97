//! Feeds arbitrary bytes to `billing_core::testing::fuzz::event`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| billing_core::testing::fuzz::event(bytes));
