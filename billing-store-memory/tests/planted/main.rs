//! The conformance kit is honest: for each of these planted bugs it goes red, and each of its cases can.

mod bug;
mod rows;
mod store;

use std::collections::BTreeSet;
use std::thread;

use billing_core::testing::conformance::{cases, failures, run_case};

use bug::{Bug, PLANTED};
use store::Planted;

#[test]
fn without_a_bug_the_wrapper_passes() {
    let failed: Vec<String> = failures(&|| Box::new(Planted::new(Bug::None)))
        .into_iter()
        .map(|(case, why)| format!("{}: {why}", case.name))
        .collect();
    assert_eq!(failed, Vec::<String>::new());
}

#[test]
fn every_planted_bug_is_found_by_its_cases() {
    let unseen = |(bug, names): &(Bug, &[&str])| {
        let passes = |name: &&&str| {
            let case = cases().into_iter().find(|case| case.name == **name).expect("a case of the kit");
            run_case(&case, &|| Box::new(Planted::new(*bug))).is_ok()
        };
        let passed: Vec<String> =
            names.iter().filter(passes).map(|name| format!("{bug:?}: {name}")).collect();
        passed
    };
    let unseen: Vec<String> = thread::scope(|scope| {
        let running: Vec<_> = PLANTED.iter().map(|planted| scope.spawn(move || unseen(planted))).collect();
        running.into_iter().flat_map(|thread| thread.join().expect("a failure is no panic")).collect()
    });
    assert_eq!(unseen, Vec::<String>::new(), "cases that did not see a bug");
}

#[test]
fn every_case_can_fail() {
    let seeing: BTreeSet<&str> = PLANTED.iter().flat_map(|(_, names)| names.iter().copied()).collect();
    let blind: Vec<&str> =
        cases().iter().map(|case| case.name).filter(|name| !seeing.contains(name)).collect();
    assert_eq!(blind, Vec::<&str>::new(), "cases for which no bug is planted");
}
