//! Holds the floors: reads the sources and says, in a sentence, what stands where it may not.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The departments, floor 2. They never import each other's events, commands, states or rejections.
const DEPARTMENTS: [&str; 14] = [
    "accounts",
    "catalogue",
    "credit_control",
    "discounts",
    "invoicing",
    "messages",
    "numbering",
    "payments",
    "quotes",
    "settings",
    "subscriptions",
    "tasks",
    "usage",
    "work",
];

/// Which floor a module of the crate stands on; imports go to the same or a lower one.
fn floor(module: &str) -> Option<u8> {
    match module {
        "kernel" => Some(0),
        "log" | "decision" => Some(1),
        _ if DEPARTMENTS.contains(&module) => Some(2),
        "book" | "policies" | "projections" | "audit" => Some(3),
        "engine" | "runs" | "store" | "error" | "testing" | "prelude" | "guide" | "Error" | "Engine" => {
            Some(4)
        }
        _ => None,
    }
}

/// The knots that are tied on purpose: who reaches up, to what, and why.
const KNOTS: [(&str, &str, &str); 7] = [
    ("decision", "book", "a decision may read the whole account"),
    ("department", "book", "a decision may read the whole account"),
    ("book", "engine", "the chart of commands decides a stored request again, through the pure plan"),
    ("book", "store", "a page is guarded by what the store is to expect"),
    ("projections", "store", "read models read the rows that a store keeps"),
    ("audit", "store", "an audit reads what a store keeps"),
    ("audit", "engine", "an audit decides stored requests again, through the pure plan"),
];

struct Source {
    /// Path below `src`, with forward slashes.
    path: String,
    text: String,
}

impl Source {
    /// The module directly under the crate's root.
    fn module(&self) -> &str {
        let first = self.path.split('/').next().unwrap_or_default();
        first.strip_suffix(".rs").unwrap_or(first)
    }

    /// Whether it is compiled for tests only.
    fn is_test(&self) -> bool {
        let is_test =
            |part: &str| part.ends_with("tests.rs") || matches!(part, "tests" | "given.rs" | "support.rs");
        self.path.split('/').any(is_test)
    }

    /// The code without comments, docs and its own tests.
    fn code(&self) -> String {
        let body = self.text.split("#[cfg(test)]").next().unwrap_or_default();
        body.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
    }

    /// The modules of every `crate::a::b` path.
    fn imports(&self) -> Vec<String> {
        let code = self.code();
        let mut found = Vec::new();
        for (at, _) in code.match_indices("crate::") {
            let before = code[..at].chars().next_back();
            if before.is_some_and(|c| c == '$' || c.is_alphanumeric()) {
                continue;
            }
            let path = &code[at + "crate::".len()..];
            let end = path.find([';', '(', ')', '<', '>', ' ', ',', '\n', '=']).unwrap_or(path.len());
            let path = if path[..end].ends_with('{') || path.starts_with('{') || path[..end].contains('{') {
                &path[..path.find('}').unwrap_or(path.len())]
            } else {
                &path[..end]
            };
            let modules =
                spread(path).into_iter().map(|name| name.split("::").next().unwrap_or_default().to_owned());
            found.extend(modules);
        }
        found
    }
}

/// Every name that the code takes from a module, as `module::Name` or `module::{Name, Other}`.
fn named_of(module: &str, code: &str) -> Vec<String> {
    let path = format!("{module}::");
    let mut names = Vec::new();
    for (at, _) in code.match_indices(&path) {
        let before = code[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_') {
            continue;
        }
        let rest = &code[at + path.len()..];
        let list = rest.strip_prefix('{').and_then(|list| list.split('}').next());
        let words = list.unwrap_or_else(|| {
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            &rest[..end]
        });
        names.extend(words.split(',').map(|word| word.trim().to_owned()));
    }
    names
}

/// `a::{b, c::d}` as `a::b` and `a::c::d`; one level is what rustfmt leaves.
fn spread(path: &str) -> Vec<String> {
    match path.split_once('{') {
        None => vec![path.to_owned()],
        Some((stem, names)) => names
            .split(',')
            .map(|name| format!("{stem}{}", name.trim()))
            .filter(|name| *name != stem)
            .collect(),
    }
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let below = path.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
                found.push(Source { path: below, text: fs::read_to_string(&path).unwrap() });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(found.len() > 60, "the sources were found");
    found
}

/// What imports may not do; one sentence each.
fn broken_floors(sources: &[Source]) -> Vec<String> {
    let mut broken = Vec::new();
    let private: BTreeMap<&str, BTreeSet<String>> =
        DEPARTMENTS.iter().map(|name| (*name, private_words(name, sources))).collect();
    for source in sources.iter().filter(|source| source.path != "lib.rs" && !source.is_test()) {
        let from = source.module();
        let Some(height) = floor(from) else {
            broken.push(format!("{} stands on no floor: name it in this test", source.path));
            continue;
        };
        for to in source.imports() {
            let Some(target) = floor(&to) else { continue };
            let tied = KNOTS.iter().any(|(who, what, _)| {
                (*who == from || (*who == "department" && DEPARTMENTS.contains(&from))) && *what == to
            });
            if target > height && !tied {
                broken.push(format!("{from} may not import {to}: imports go down ({})", source.path));
            }
        }
        for to in DEPARTMENTS.iter().filter(|to| DEPARTMENTS.contains(&from) && **to != from) {
            for name in named_of(to, &source.code()) {
                if private.get(to).is_some_and(|words| words.contains(&name)) {
                    broken
                        .push(format!("{from} may not import {to}'s {name}: ask its page ({})", source.path));
                }
            }
        }
    }
    broken
}

/// What a department keeps to itself: its events, rejections and commands. Its `State` may be named, because that
/// is the page which others ask; what is inside stays private by the compiler.
fn private_words(department: &str, sources: &[Source]) -> BTreeSet<String> {
    let mut words: BTreeSet<String> = ["Event", "Rejection"].map(str::to_owned).into();
    for source in sources.iter().filter(|source| source.module() == department) {
        let file = source.path.rsplit('/').next().unwrap_or_default();
        let code = source.code();
        let hides =
            matches!(file, "events.rs" | "state.rs" | "rejection.rs") || code.contains("impl Command for");
        if hides {
            for line in code.lines() {
                let words_of_line: Vec<&str> = line.split([' ', '(', '{', '<', ';']).collect();
                if let ["pub", "struct" | "enum", name, ..] = words_of_line.as_slice()
                    && *name != "State"
                {
                    words.insert((*name).to_owned());
                }
            }
        }
    }
    words
}

#[test]
fn imports_only_go_down_and_departments_only_ask_pages() {
    let broken = broken_floors(&sources());
    assert!(broken.is_empty(), "\n{}\n", broken.join("\n"));
}

#[test]
fn the_check_sees_a_planted_import() {
    let planted = |path: &str, text: &str| {
        let mut sources = sources();
        sources.push(Source { path: path.to_owned(), text: text.to_owned() });
        broken_floors(&sources).join("\n")
    };
    let up = planted("kernel/planted.rs", "use crate::book::Account;\n");
    assert!(up.contains("kernel may not import book"), "{up}");
    let sideways = planted("invoicing/planted.rs", "use crate::payments::{Method, PaymentReceived};\n");
    assert!(sideways.contains("invoicing may not import payments's PaymentReceived"), "{sideways}");
    let allowed =
        planted("payments/planted.rs", "use crate::book::Books;\nuse crate::kernel::money::Money;\n");
    assert!(allowed.is_empty(), "{allowed}");
}

#[test]
fn floors_0_to_3_and_the_plan_have_no_clock_no_dice_no_disk_and_no_threads() {
    const ABSENT: [&str; 16] = [
        "SystemTime",
        "Instant",
        "Utc::now",
        "Local::now",
        "std::fs",
        "std::net",
        "std::thread",
        "std::process",
        "std::env::",
        "getrandom",
        "HashMap",
        "HashSet",
        "async fn",
        "f64",
        "f32",
        "unsafe ",
    ];
    for source in sources() {
        let below_the_door = floor(source.module()).is_some_and(|height| height <= 3);
        let pure = !source.is_test() && (below_the_door || source.path == "engine/plan.rs");
        // Auditing a long log on all cores is the one use of threads below the door.
        let threads = source.path == "audit/parallel.rs";
        for word in ABSENT.iter().filter(|_| pure) {
            let found = source.code().contains(word) && !(threads && *word == "std::thread");
            assert!(!found, "{} may not use {word}: floors 0 to 3 and the plan are pure", source.path);
        }
    }
}

#[test]
fn every_file_says_in_its_first_line_why_it_exists() {
    for source in sources() {
        let first = source.text.lines().next().unwrap_or_default();
        assert!(first.starts_with("//! ") && first.len() > 12, "{} does not say what it is for", source.path);
    }
}

#[test]
fn every_department_has_its_vocabulary_and_no_file_is_a_god() {
    let sources = sources();
    for department in DEPARTMENTS {
        for file in ["mod.rs", "events.rs"] {
            let path = format!("{department}/{file}");
            assert!(sources.iter().any(|source| source.path == path), "{path} is missing");
        }
    }
    for source in sources.iter().filter(|source| !source.is_test()) {
        let lines = source.code().lines().filter(|line| !line.trim().is_empty()).count();
        assert!(
            lines <= 600,
            "{} has {lines} lines of code: it has more than one reason to exist",
            source.path
        );
    }
}
