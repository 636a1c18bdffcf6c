//! What reading a plaintext takes, and how every reading is brought to the same (X7).

use std::hint::black_box;

use crypto::WorkCount;

use crate::Format;
use crate::xdoc::plaintext::reading::{Effort, MAX_PAIRS, Reading};
use crate::xdoc::plaintext::{form, json, xml};

impl Effort {
    /// More than any text of so many bytes takes, by what a decoy needs to make up for the rest. Nothing is denser than
    /// `&lt;a&lt;a…`, which has two marks in five bytes, than `\n\n…` and than `%61%61…`.
    pub(crate) const fn most(format: Format, length: usize) -> Self {
        let marks = match format {
            Format::Xml => 2 * length / 5,
            Format::Json => length / 2,
            Format::Form => length / 3,
        };
        Self { bytes: 2 * length + 512, pairs: MAX_PAIRS, marks: marks + 4 }
    }

    const fn without(self, spent: Self) -> Self {
        Self {
            bytes: self.bytes.saturating_sub(spent.bytes),
            pairs: self.pairs.saturating_sub(spent.pairs),
            marks: self.marks.saturating_sub(spent.marks),
        }
    }
}

/// Reads `text`, and then a decoy in its own and in every other format, until each format's reader has done the same,
/// whatever the text is: what one reader left out is not made up for by another, which takes another time.
pub(crate) fn read_with_equal_work(text: &str, length: usize, work: &mut WorkCount) -> Reading {
    let own = Format::of(text);
    let reading = read(own, text);
    for format in [Format::Xml, Format::Json, Format::Form] {
        let spent = if format == own { reading.effort } else { Effort::default() };
        let decoy = decoy(format, Effort::most(format, length).without(spent));
        let made_up = black_box(read(format, &decoy)).effort;
        for spent in [spent, made_up] {
            work.bytes += spent.bytes;
            work.events += spent.pairs + spent.marks;
        }
        work.stages += 1;
    }
    reading
}

fn read(format: Format, text: &str) -> Reading {
    match format {
        Format::Xml => xml::read(text),
        Format::Json => json::read(text),
        Format::Form => form::read(text),
    }
}

/// A text that takes its reader exactly `effort`: fields with nothing in them, then all the marks in what is cut off
/// before it is a field, or in a form is not UTF-8.
fn decoy(format: Format, effort: Effort) -> String {
    let (head, field, open, mark, end) = match format {
        Format::Xml => ("<UserToken>", "<UserName></UserName>", "<UserName>", "&lt;a", ""),
        Format::Json => ("{", "\"UserName\":\"\",", "\"", "\\n", ""),
        Format::Form => ("", "UserName=&", "UserName=", "%61", "%ff"),
    };
    let (marks, odd) = match format {
        Format::Xml => (effort.marks / 2, effort.marks % 2),
        Format::Json => (effort.marks, 0),
        Format::Form => (effort.marks.saturating_sub(1), 0),
    };
    let marks = "&lt;".repeat(odd) + &mark.repeat(marks);
    let text = [head, &field.repeat(effort.pairs), open, &marks].concat();
    let plain = effort.bytes.saturating_sub(text.len() + end.len());
    text + &"a".repeat(plain) + end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn x7_a_decoy_takes_exactly_what_it_is_for() {
        for format in [Format::Xml, Format::Json, Format::Form] {
            for (pairs, marks) in [(1, 2), (1, 3), (MAX_PAIRS, 100), (5, 101)] {
                let effort = Effort { bytes: 2_000, pairs, marks };
                assert_eq!(read(format, &decoy(format, effort)).effort, effort, "{format:?}");
            }
        }
    }
}
