//! Makes parsing take the same work for every text of a length (X7).

use std::hint::black_box;

use crypto::WorkCount;

use crate::Format;
use crate::xdoc::plaintext::parsed::{MAX_PAIRS, Parsed, ParserWork};
use crate::xdoc::plaintext::{form, json, xml};

impl ParserWork {
    /// More than any text of `length` bytes takes, plus the minimum of a decoy. The densest texts are
    /// `&lt;a&lt;a…` with two marks in five bytes, `\n\n…`, and `%61%61…`.
    pub(crate) const fn upper_bound(format: Format, length: usize) -> Self {
        let marks = match format {
            Format::Xml => 2 * length / 5,
            Format::Json => length / 2,
            Format::Form => length / 3,
        };
        Self { bytes: 2 * length + 512, pairs: MAX_PAIRS, marks: marks + 4 }
    }

    const fn minus(self, spent: Self) -> Self {
        Self {
            bytes: self.bytes.saturating_sub(spent.bytes),
            pairs: self.pairs.saturating_sub(spent.pairs),
            marks: self.marks.saturating_sub(spent.marks),
        }
    }
}

/// Parses `text`. Then parses one decoy for each format, so that every parser has done the same total work. No parser
/// can do the work of another one, because their times differ.
pub(crate) fn parse_with_equal_work(text: &str, length: usize, work: &mut WorkCount) -> Parsed {
    let own = Format::of(text);
    let parsed = parse(own, text);
    for format in [Format::Xml, Format::Json, Format::Form] {
        let spent = if format == own { parsed.work } else { ParserWork::default() };
        let decoy = decoy(format, ParserWork::upper_bound(format, length).minus(spent));
        let for_decoy = black_box(parse(format, &decoy)).work;
        for spent in [spent, for_decoy] {
            work.bytes += spent.bytes;
            work.events += spent.pairs + spent.marks;
        }
        work.stages += 1;
    }
    parsed
}

fn parse(format: Format, text: &str) -> Parsed {
    match format {
        Format::Xml => xml::parse(text),
        Format::Json => json::parse(text),
        Format::Form => form::parse(text),
    }
}

/// A text that costs its parser exactly `work`: empty fields first, then all marks in a last field that is
/// cut off or, in a form, not UTF-8.
fn decoy(format: Format, work: ParserWork) -> String {
    let (head, field, open, mark, end) = match format {
        Format::Xml => ("<UserToken>", "<UserName></UserName>", "<UserName>", "&lt;a", ""),
        Format::Json => ("{", "\"UserName\":\"\",", "\"", "\\n", ""),
        Format::Form => ("", "UserName=&", "UserName=", "%61", "%ff"),
    };
    let (marks, odd) = match format {
        Format::Xml => (work.marks / 2, work.marks % 2),
        Format::Json => (work.marks, 0),
        Format::Form => (work.marks.saturating_sub(1), 0),
    };
    let marks = "&lt;".repeat(odd) + &mark.repeat(marks);
    let text = [head, &field.repeat(work.pairs), open, &marks].concat();
    let plain = work.bytes.saturating_sub(text.len() + end.len());
    text + &"a".repeat(plain) + end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn x7_a_decoy_takes_exactly_the_requested_effort() {
        for format in [Format::Xml, Format::Json, Format::Form] {
            for (pairs, marks) in [(1, 2), (1, 3), (MAX_PAIRS, 100), (5, 101)] {
                let work = ParserWork { bytes: 2_000, pairs, marks };
                assert_eq!(parse(format, &decoy(format, work)).work, work, "{format:?}");
            }
        }
    }
}
