//! Replays the fuzzer's corpus without a fuzzer: every input that was ever of interest, through its target.

use std::fs;
use std::panic::catch_unwind;
use std::path::Path;

use billing_core::testing::fuzz::TARGETS;

/// The inputs of a target's corpus on which it fails, and how many inputs there are.
fn replayed(name: &str, target: fn(&[u8])) -> (Vec<String>, usize) {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus").join(name);
    let mut failing = Vec::new();
    let mut inputs = 0;
    for entry in fs::read_dir(corpus).unwrap() {
        let path = entry.unwrap().path();
        let input = fs::read(&path).unwrap();
        if catch_unwind(|| target(&input)).is_err() {
            failing.push(path.display().to_string());
        }
        inputs += 1;
    }
    (failing, inputs)
}

#[test]
fn every_input_of_the_corpus_still_holds() {
    for (name, target) in TARGETS {
        let (failing, inputs) = replayed(name, target);
        assert_eq!(failing, [""; 0], "{name} fails on these");
        assert!(inputs >= 5, "the corpus of {name} holds {inputs} inputs");
    }
}

#[test]
fn a_target_that_fails_is_caught_on_the_input_that_it_fails_on() {
    for (name, _) in TARGETS {
        let (failing, inputs) = replayed(name, |_| panic!("planted"));
        assert_eq!(failing.len(), inputs, "{name}: all of them fail");
    }
    let planted: fn(&[u8]) = |bytes| assert!(!bytes.starts_with(b"GBP"), "planted");
    let (failing, inputs) = replayed("money", planted);
    assert!(!failing.is_empty() && failing.len() < inputs, "{failing:?}");
}
