//! The README shows code that runs, word for word, and what it prints.
//!
//! The quickstart itself runs among the tests: its last line asserts what it has printed.

const README: &str = include_str!("../../README.md");
const QUICKSTART: &str = include_str!("../quickstart.rs");

/// The first block of the README in a language.
fn block(language: &str) -> &'static str {
    let (_, behind) = README.split_once(&format!("```{language}\n")).expect("the README has such a block");
    let (shown, _) = behind.split_once("```").expect("the block ends");
    shown
}

#[test]
fn the_readme_shows_the_quickstart() {
    let (_, code) = QUICKSTART.split_once("\n\n").expect("the example begins with what it shows");
    assert_eq!(block("rust"), code);
}

#[test]
fn the_readme_shows_what_the_quickstart_prints() {
    let printed = block("text").trim_end();
    let asserted =
        format!("    println!(\"{{told}}\");\n    assert_eq!(told, {printed:?});\n    Ok(())\n}}\n");
    assert!(QUICKSTART.ends_with(&asserted), "{asserted}");
}
