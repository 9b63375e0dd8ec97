//! Lives of a customer made up at random, each step under the laws of a story, and the whole of it at its end.
//!
//! What holds of each: every service day is billed once, on the terms agreed, and not left out once it is due; money
//! in documents, balances and reports is the same money; a preview says what will be recorded; every figure can be
//! explained; a replay gives the pages in memory, also from a snapshot on; a command that is given three times counts
//! once. [`planted`] shows that each of these is seen where it does not hold.
//!
//! `TIMELINES` says how many lives; without it, 20,000, the same ones in each run. `TIMELINES_SEED`, a number, leads
//! to others.

#[path = "timelines/last_time.rs"]
mod last_time;
#[path = "timelines/planted.rs"]
mod planted;
#[path = "timelines/sold.rs"]
mod sold;
#[path = "timelines/statistics.rs"]
mod statistics;
#[path = "timelines/step.rs"]
mod step;
#[path = "timelines/world.rs"]
mod world;

use std::cell::RefCell;

use billing_core::prelude::Dialect;
use billing_store_memory::MemoryStore;
use proptest::prelude::prop;
use proptest::test_runner::{Config, RngSeed, TestRunner};

use statistics::Statistics;
use world::{DIALECTS, World};

fn number(variable: &str, default: u32) -> u32 {
    let given = std::env::var(variable).ok();
    given.map_or(default, |given| given.parse().unwrap_or_else(|_| panic!("{variable} is a number: {given}")))
}

fn runner(cases: u32, half: u32) -> TestRunner {
    let seed = number("TIMELINES_SEED", 2028).wrapping_mul(2).wrapping_add(half);
    TestRunner::new(Config {
        cases,
        failure_persistence: None,
        max_shrink_iters: 5_000,
        rng_seed: RngSeed::Fixed(seed.into()),
        ..Config::default()
    })
}

/// Half of the lives, in books of these dialects: two tests, so that two threads share the work.
fn half_of_the_lives(half: u32, dialects: &'static [Dialect]) {
    let statistics: RefCell<Statistics> = RefCell::default();
    let lives = (prop::sample::select(dialects), step::start(), step::steps(dialects.len() > 1));
    let lived = runner(number("TIMELINES", 20_000) / 2, half).run(&lives, |(dialect, start, steps)| {
        let mut world = World::begin(MemoryStore::new(), dialect, start);
        for step in &steps {
            let outcome = world.lives(step);
            statistics.borrow_mut().add(step, outcome);
        }
        Ok(())
    });
    lived.unwrap_or_else(|why| panic!("{why}"));
    println!("{}", statistics.borrow());
    statistics.borrow().check();
}

#[test]
fn lives_by_our_own_rules() {
    half_of_the_lives(0, &DIALECTS[..1]);
}

#[test]
fn lives_by_the_rules_of_others() {
    half_of_the_lives(1, &DIALECTS[1..]);
}
