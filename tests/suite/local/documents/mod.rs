//! The documents: README and every page below `docs/`.

mod answer;
mod links;
mod shell;
mod tables;

use std::collections::BTreeSet;
use std::path::Path;

use super::contract::project;

/// Every document, README first.
fn pages() -> Vec<Page> {
    let mut paths = Vec::new();
    collect(&project("docs"), &mut paths);
    paths.sort();
    std::iter::once("README.md".to_owned()).chain(paths).map(|path| Page::read(&path)).collect()
}

fn collect(folder: &Path, paths: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(&path, paths);
        } else if path.extension().is_some_and(|extension| extension == "md") {
            let shown = path.strip_prefix(project("")).expect("below the project");
            paths.push(shown.to_str().expect("UTF-8").to_owned());
        }
    }
}

/// A fenced block of a page.
struct Block {
    /// The line of its fence.
    line: usize,
    /// Language and mark.
    info: String,
    text: String,
}

/// A page and its path below the project.
struct Page {
    path: String,
    text: String,
}

impl Page {
    fn read(path: &str) -> Self {
        let text = std::fs::read_to_string(project(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
        Self { path: path.to_owned(), text }
    }

    fn blocks(&self) -> Vec<Block> {
        let mut blocks = Vec::new();
        let mut open: Option<Block> = None;
        for (line, text) in (1..).zip(self.text.lines()) {
            let fence = text.trim_start().strip_prefix("```");
            open = match (open, fence) {
                (None, Some(info)) => Some(Block { line, info: info.to_owned(), text: String::new() }),
                (Some(block), Some(_)) => {
                    blocks.push(block);
                    None
                }
                (Some(mut block), None) => {
                    block.text.push_str(text);
                    block.text.push('\n');
                    Some(block)
                }
                (None, None) => None,
            };
        }
        assert!(open.is_none(), "{}: a block does not end", self.path);
        blocks
    }

    /// Its lines outside of blocks.
    fn prose(&self) -> impl Iterator<Item = &str> {
        let mut is_block = false;
        self.text.lines().filter(move |line| {
            let is_fence = line.trim_start().starts_with("```");
            is_block ^= is_fence;
            !is_block && !is_fence
        })
    }

    /// The anchors of its headings, as GitHub makes them.
    fn anchors(&self) -> BTreeSet<String> {
        let headings = self.prose().filter_map(|line| line.strip_prefix('#'));
        let kept = |letter: &char| letter.is_alphanumeric() || "-_ ".contains(*letter);
        headings
            .map(|heading| heading.trim_start_matches('#').trim().to_lowercase())
            .map(|heading| heading.chars().filter(kept).collect::<String>().replace(' ', "-"))
            .collect()
    }

    /// The targets of its links and pictures.
    fn links(&self) -> Vec<String> {
        let starts = ["](", "src=\"", "srcset=\""];
        let mut links = Vec::new();
        for line in self.prose() {
            for start in starts {
                let rests = line.split(start).skip(1);
                links.extend(rests.filter_map(|rest| rest.split([')', '"']).next()).map(str::to_owned));
            }
        }
        links
    }
}
