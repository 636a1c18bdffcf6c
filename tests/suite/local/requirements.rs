//! Every requirement has tests that name it, and `tests/requirements.md` says which.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use super::contract::project;

/// The requirements: their letter, how many there are, and what they are about.
const REQUIREMENTS: [(char, usize, &str); 6] = [
    ('F', 17, "Secure Anonymous Tokens"),
    ('V', 9, "Anonymous Token API"),
    ('X', 10, "security and user tokens"),
    ('S', 10, "signed security tokens"),
    ('K', 6, "access tokens for API keys"),
    ('A', 6, "around all five"),
];

/// What is still to come, and so has no test yet.
const TO_COME: [(&str, &str); 3] = [
    ("F8", "the playground's page comes with the console"),
    ("F17", "the hardened form of a signed request is still to come"),
    ("A3", "the Lambda authorizer is still to come"),
];

/// Where tests are written.
const PLACES: [&str; 4] = ["tests/suite", "shared", "local/src", ".ci/clients"];

const TABLE: &str = "tests/requirements.md";

/// The numbers at the beginning of a test's name: `f04_k01_a_secret…` is of F4 and K1.
fn numbers(name: &str) -> Vec<String> {
    let words = name.trim_start_matches("test_").split('_');
    words.map_while(number).collect()
}

fn number(word: &str) -> Option<String> {
    let letter = word.chars().next().filter(|letter| "fvxska".contains(*letter))?;
    let number: usize = word.get(1..)?.parse().ok()?;
    Some(format!("{}{number}", letter.to_ascii_uppercase()))
}

/// The names of functions and tests in a Rust, Python or JavaScript file.
fn names(text: &str) -> impl Iterator<Item = String> {
    let starts = ["fn ", "def ", "test('", "test(\""];
    let after = move |line: &str| {
        let line = line.trim_start().trim_start_matches("async ");
        let rest = starts.iter().find_map(|start| line.strip_prefix(start))?;
        let name = rest.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').next()?;
        Some(name.to_owned())
    };
    text.lines().filter_map(after).collect::<Vec<_>>().into_iter()
}

/// Every test that names a requirement, by the requirement.
fn tests() -> BTreeMap<String, BTreeSet<(String, String)>> {
    let mut found: BTreeMap<String, BTreeSet<(String, String)>> = BTreeMap::new();
    for place in PLACES {
        for file in files(&project(place)) {
            let text = fs::read_to_string(&file).expect("a text");
            let shown = file.strip_prefix(project("")).expect("below the project").display().to_string();
            for name in names(&text) {
                for number in numbers(&name) {
                    found.entry(number).or_default().insert((shown.clone(), name.clone()));
                }
            }
        }
    }
    found
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let shown = entries.filter(|path| !path.ends_with("node_modules") && !path.ends_with("target"));
    let mut all: Vec<_> = shown
        .flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] })
        .filter(|path| {
            path.extension().is_some_and(|it| ["rs", "py", "mjs", "js"].iter().any(|of| it == *of))
        })
        .collect();
    all.sort();
    all
}

fn table(tests: &BTreeMap<String, BTreeSet<(String, String)>>) -> String {
    let mut text = String::from(
        "# Which test proves which requirement\n\n\
         Written by `UPDATE_REQUIREMENTS=1 cargo test -p tokenbooth-tests requirements`, and checked by the same test.\n",
    );
    for (letter, count, about) in REQUIREMENTS {
        write!(text, "\n## {letter}: {about}\n\n| | tests |\n|---|---|\n").expect("text");
        for number in (1..=count).map(|number| format!("{letter}{number}")) {
            let coming = TO_COME.iter().find(|(it, _)| *it == number).map(|(_, why)| (*why).to_owned());
            let mut files: BTreeMap<&str, Vec<String>> = BTreeMap::new();
            for (file, name) in tests.get(&number).into_iter().flatten() {
                files.entry(file).or_default().push(format!("`{name}`"));
            }
            let named = files.iter().map(|(file, names)| format!("{file}: {}", names.join(", ")));
            let cell = coming.into_iter().chain(named).collect::<Vec<_>>().join("<br>");
            writeln!(text, "| {number} | {cell} |").expect("text");
        }
    }
    text
}

#[test]
fn every_requirement_has_a_test_that_names_it_and_the_table_says_which() {
    let tests = tests();
    for (letter, count, _) in REQUIREMENTS {
        for number in (1..=count).map(|number| format!("{letter}{number}")) {
            let coming = TO_COME.iter().any(|(it, _)| *it == number);
            assert!(coming || tests.contains_key(&number), "{number} has no test");
        }
    }
    let known = |number: &str| {
        let of = REQUIREMENTS.iter().find(|(letter, ..)| number.starts_with(*letter));
        of.is_some_and(|(_, count, _)| (1..=*count).any(|it| number.get(1..) == Some(&it.to_string())))
    };
    for number in tests.keys() {
        assert!(known(number), "{number} is no requirement: {:?}", tests[number]);
    }
    let written = table(&tests);
    if std::env::var_os("UPDATE_REQUIREMENTS").is_some() {
        fs::write(project(TABLE), &written).expect("written");
    }
    let committed = fs::read_to_string(project(TABLE)).expect("a table");
    assert!(committed == written, "{TABLE} is out of date; its first line says how to write it anew");
}
