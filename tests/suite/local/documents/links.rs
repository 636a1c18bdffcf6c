//! The links of the documents.

use std::path::PathBuf;

use super::{Page, pages};
use crate::local::contract::project;

/// README is read in five minutes.
const MAX_README_LINES: usize = 180;

#[test]
fn readme_is_short_and_leads_to_every_page() {
    let pages = pages();
    let readme = &pages[0];
    let lines = readme.text.lines().count();
    assert!(lines <= MAX_README_LINES, "README has {lines} lines, and may have {MAX_README_LINES}");
    let links = readme.links();
    for page in &pages[1..] {
        assert!(links.iter().any(|link| link.split('#').next() == Some(&page.path)), "{}", page.path);
    }
}

#[test]
fn every_link_leads_somewhere() {
    let mut pages = pages();
    pages.extend(["ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md"].map(Page::read));
    for page in &pages {
        for link in page.links() {
            if link.contains("://") || link.starts_with("mailto:") {
                continue;
            }
            let (path, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let target = if path.is_empty() { project(&page.path) } else { beside(page, path) };
            assert!(target.exists(), "{}: {link} leads nowhere", page.path);
            if !anchor.is_empty() {
                let target = Page::read(&target.display().to_string());
                assert!(target.anchors().contains(anchor), "{}: {link} has no such heading", page.path);
            }
        }
    }
}

fn beside(page: &Page, path: &str) -> PathBuf {
    project(&page.path).parent().expect("a folder").join(path)
}
