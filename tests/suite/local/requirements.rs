//! `docs/requirements.md`: every requirement has tests that name it, or is marked as not built yet. The tables of that
//! page list the tests.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use super::contract::project;

/// The page that states the requirements. This test reads their numbers from it and writes its tables of tests.
const PAGE: &str = "docs/requirements.md";

/// Folders with tests.
const FOLDERS: [&str; 4] = ["tests/suite", "shared", "local/src", ".ci/clients"];

/// The tables stand between these lines; the first one ends with a section's letter.
const TABLE_START: &str = "<!-- tests of ";
const TABLE_END: &str = "<!-- end of tests -->";

/// How much of a requirement is built.
#[derive(Debug, PartialEq, Eq)]
enum Status {
    Built,
    InPart,
    NotBuilt,
}

/// A test: its file and its name.
type Test = (String, String);

/// The letters of the page's sections: `## F. …`.
fn sections(page: &str) -> Vec<String> {
    let headings = page.lines().filter_map(|line| line.strip_prefix("## ")?.split_once(". "));
    headings.map(|(letter, _)| letter.to_owned()).collect()
}

/// The requirements of the page in their order, each with its text.
fn requirements(page: &str) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    let mut is_open = false;
    for line in page.lines() {
        let item = line.strip_prefix("- **").and_then(|rest| rest.split_once(".** "));
        match (item, line.strip_prefix("  ")) {
            (Some((number, text)), _) => found.push((number.to_owned(), text.to_owned())),
            (None, Some(text)) if is_open => {
                let (_, whole) = found.last_mut().expect("an item before");
                whole.push(' ');
                whole.push_str(text);
            }
            _ => {
                is_open = false;
                continue;
            }
        }
        is_open = true;
    }
    found
}

fn status(text: &str) -> Status {
    match (text.contains("**Not built yet:** "), text.contains("**In part:** ")) {
        (true, _) => Status::NotBuilt,
        (false, true) => Status::InPart,
        (false, false) => Status::Built,
    }
}

/// The numbers at the beginning of a test's name: `f04_k01_a_secret…` is of F4 and K1.
fn numbers(name: &str) -> Vec<String> {
    let words = name.trim_start_matches("test_").split('_');
    words.map_while(number).collect()
}

/// One letter and a number. A letter without a section on the page fails the test, so that no test goes uncounted.
fn number(word: &str) -> Option<String> {
    let letter = word.chars().next().filter(char::is_ascii_lowercase)?;
    let number: usize = word.get(1..)?.parse().ok()?;
    Some(format!("{}{number}", letter.to_ascii_uppercase()))
}

/// The names of functions and tests in a Rust, Python or JavaScript file.
fn names(text: &str) -> impl Iterator<Item = String> {
    let starts = ["fn ", "def ", "test('", "test(\""];
    let after = move |line: &str| {
        let item = line.trim_start().trim_start_matches("async ");
        let rest = starts.iter().find_map(|start| item.strip_prefix(start))?;
        let name = rest.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').next()?;
        Some(name.to_owned())
    };
    text.lines().filter_map(after).collect::<Vec<_>>().into_iter()
}

/// The names of all tests and functions in the folders with tests.
pub(super) fn all_names() -> BTreeSet<String> {
    let read = |file: PathBuf| fs::read_to_string(file).expect("a text");
    let texts = FOLDERS.iter().flat_map(|folder| files(&project(folder))).map(read);
    texts.flat_map(|text| names(&text).collect::<Vec<_>>()).collect()
}

/// Every test that names a requirement, by the requirement.
fn tests() -> BTreeMap<String, BTreeSet<Test>> {
    let mut found: BTreeMap<String, BTreeSet<Test>> = BTreeMap::new();
    for folder in FOLDERS {
        for file in files(&project(folder)) {
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

/// The table of one section.
fn table(letter: &str, numbers: &[&str], tests: &BTreeMap<String, BTreeSet<Test>>) -> String {
    let mut text = format!("<details><summary>Tests of {letter}</summary>\n\n| | tests |\n|---|---|\n");
    for number in numbers.iter().filter(|number| number.starts_with(letter)) {
        let mut files: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for (file, name) in tests.get(*number).into_iter().flatten() {
            files.entry(file).or_default().push(format!("`{name}`"));
        }
        let cells = files.iter().map(|(file, names)| format!("{file}: {}", names.join(", ")));
        let cell = cells.collect::<Vec<_>>().join("<br>");
        writeln!(text, "| {number} | {} |", if cell.is_empty() { "not built yet" } else { &cell })
            .expect("text");
    }
    text + "\n</details>\n"
}

/// The page with its tables written anew.
fn with_tables(page: &str, numbers: &[&str], tests: &BTreeMap<String, BTreeSet<Test>>) -> String {
    let mut text = String::new();
    let mut is_table = false;
    for line in page.lines() {
        is_table &= line != TABLE_END;
        if !is_table {
            text.push_str(line);
            text.push('\n');
        }
        if let Some(rest) = line.strip_prefix(TABLE_START) {
            let letter = rest.get(..1).expect("a letter");
            text.push_str(&table(letter, numbers, tests));
            is_table = true;
        }
    }
    text
}

#[test]
fn every_requirement_has_a_test_that_names_it_or_says_that_it_is_not_built() {
    let (page, tests) = (fs::read_to_string(project(PAGE)).expect("a page"), tests());
    let requirements = requirements(&page);
    let wrong = requirements.iter().filter_map(|(number, text)| {
        let (status, named) = (status(text), tests.get(number));
        let is_right = (status == Status::NotBuilt) == named.is_none();
        (!is_right).then(|| format!("{number} is {status:?}, and its tests are {named:?}"))
    });
    let wrong: Vec<_> = wrong.collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for (number, named) in &tests {
        assert!(requirements.iter().any(|(it, _)| it == number), "{number} is no requirement: {named:?}");
    }
}

#[test]
fn requirements_are_numbered_without_a_gap_and_each_section_has_a_table() {
    let page = fs::read_to_string(project(PAGE)).expect("a page");
    let requirements = requirements(&page);
    let sections = sections(&page);
    for letter in &sections {
        let found: Vec<_> = requirements.iter().filter(|(it, _)| it.starts_with(letter)).collect();
        let expected: Vec<_> = (1..=found.len()).map(|number| format!("{letter}{number}")).collect();
        assert_eq!(found.iter().map(|(number, _)| number.clone()).collect::<Vec<_>>(), expected);
        assert!(!found.is_empty() && found.iter().all(|(_, text)| text.len() > 20), "{letter}");
        assert!(page.contains(&format!("{TABLE_START}{letter} -->\n")), "{letter} has no table");
    }
    assert!(requirements.iter().all(|(it, _)| sections.contains(&it[..1].to_owned())), "one has no section");
    let tables = [TABLE_START, TABLE_END].map(|mark| page.matches(mark).count());
    assert_eq!(tables, [sections.len(); 2]);
}

#[test]
fn the_tables_of_requirements_name_the_tests_there_are() {
    let (page, tests) = (fs::read_to_string(project(PAGE)).expect("a page"), tests());
    let requirements = requirements(&page);
    let numbers: Vec<_> = requirements.iter().map(|(number, _)| number.as_str()).collect();
    let expected = with_tables(&page, &numbers, &tests);
    if std::env::var_os("UPDATE").is_some() {
        fs::write(project(PAGE), &expected).expect("written");
    }
    let found = fs::read_to_string(project(PAGE)).expect("a page");
    assert!(
        found == expected,
        "{PAGE} is out of date; run UPDATE=1 cargo test -p tokenbooth-tests requirements"
    );
}
