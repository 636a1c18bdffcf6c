//! Tables of the documents that repeat facts of the code.

use std::collections::{BTreeMap, BTreeSet};

use model::Role;

use super::Page;
use crate::local::process::{command, run, stdout};
use crate::local::requirements::all_names;

impl Page {
    /// The rows of the tables below the heading of that text, cell by cell.
    fn rows(&self, heading: &str) -> Vec<Vec<&str>> {
        let is_heading = |line: &&str| line.starts_with('#');
        let lines = self.prose().skip_while(|line| line.trim_start_matches('#').trim() != heading);
        let section = lines.skip(1).take_while(|line| !is_heading(line));
        let rows = section.filter_map(|line| line.strip_prefix('|')?.strip_suffix('|'));
        rows.map(|row| row.split('|').map(str::trim).collect()).collect()
    }
}

/// The names that follow `start` in a text.
fn names<'t>(text: &'t str, start: &'t str) -> impl Iterator<Item = &'t str> {
    let rests = text.split(start).skip(1);
    rests.filter_map(|rest| rest.split(|it: char| !it.is_ascii_lowercase() && it != '-').next())
}

/// The help of a command.
async fn help(command_names: &[&str]) -> String {
    stdout(&run(command(command_names.iter().chain(&["--help"]))).await)
}

/// The commands that a help lists.
fn commands(help: &str) -> Vec<String> {
    let section = help.split_once("Commands:\n").map_or("", |(_, section)| section);
    let lines = section.lines().take_while(|line| !line.is_empty());
    let names = lines.filter_map(|line| line.split_whitespace().next());
    names.filter(|name| *name != "help").map(str::to_owned).collect()
}

#[tokio::test]
async fn the_page_of_the_command_line_has_every_command_and_option() {
    let page = Page::read("docs/command-line.md");
    for command_name in commands(&help(&[]).await) {
        let mut help_texts = help(&[&command_name]).await;
        for below in commands(&help_texts) {
            help_texts += &help(&[&command_name, &below]).await;
        }
        let lines = help_texts.lines().filter(|line| line.trim_start().starts_with('-'));
        let options = lines.filter_map(|line| names(line, "--").next());
        let options: BTreeSet<_> = options.filter(|name| !["help", "version"].contains(name)).collect();
        let rows = page.rows(&command_name);
        let documented: BTreeSet<_> = rows.iter().flat_map(|row| names(row[0], "`--")).collect();
        assert_eq!(documented, options, "{command_name}");
    }
}

#[test]
fn every_row_of_the_threat_model_names_tests_that_exist() {
    let page = Page::read("SECURITY.md");
    let existing = all_names();
    let rows = page.rows("Threat model");
    let (column, rows) = (rows[0].iter().position(|title| *title == "test").expect("a column"), &rows[2..]);
    assert!(rows.len() > 10, "{} rows", rows.len());
    for row in rows {
        let named: Vec<_> = row[column].split('`').skip(1).step_by(2).collect();
        assert!(!named.is_empty(), "{}, {}: no test", row[0], row[1]);
        for name in named {
            assert!(existing.contains(name), "{}, {}: there is no test {name}", row[0], row[1]);
        }
    }
}

#[test]
fn k06_the_table_of_roles_has_the_scopes_of_each_role() {
    let page = Page::read("docs/admin-api.md");
    let rows = page.rows("Roles and scopes");
    let roles: Vec<_> = Role::ALL.map(|role| format!("`{}`", role.name())).to_vec();
    assert_eq!(rows[0][1..], roles);
    let mut documented: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for row in &rows[2..] {
        let resource = row[0].split('`').nth(1).expect("a resource");
        for (role, level) in roles.iter().zip(&row[1..]).filter(|(_, level)| !level.is_empty()) {
            documented
                .entry(role.as_str())
                .or_default()
                .insert(format!("{resource}{}", level.trim_matches('`')));
        }
    }
    for role in Role::ALL {
        let scopes: BTreeSet<_> = role.scopes().iter().map(ToString::to_string).collect();
        assert_eq!(documented[format!("`{}`", role.name()).as_str()], scopes);
    }
}
