//! The README shows code that runs: its first Rust block is the quickstart, word for word.

#[test]
fn the_readme_shows_the_quickstart() {
    let readme = include_str!("../../README.md");
    let quickstart = include_str!("../quickstart.rs");
    let (_, behind) = readme.split_once("```rust\n").expect("the README has a Rust block");
    let (shown, _) = behind.split_once("```").expect("the block ends");
    let (_, code) = quickstart.split_once("\n\n").expect("the example begins with what it shows");
    assert_eq!(shown, code);
}
