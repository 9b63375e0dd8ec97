//! Replays the fuzzer's corpus without a fuzzer: every input that was ever of interest, through its target.

use std::fs;
use std::path::Path;

use billing_core::testing::fuzz::TARGETS;

#[test]
fn every_input_of_the_corpus_still_holds() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus");
    for (name, target) in TARGETS {
        let mut inputs = 0;
        for entry in fs::read_dir(corpus.join(name)).unwrap() {
            target(&fs::read(entry.unwrap().path()).unwrap());
            inputs += 1;
        }
        assert!(inputs >= 5, "the corpus of {name} holds {inputs} inputs");
    }
}
