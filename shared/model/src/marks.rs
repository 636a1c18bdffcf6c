//! Marks on letters, like accents: which ones a text may have (UTS #39, 5.4).

use icu_properties::CodePointMapData;
use icu_properties::props::GeneralCategory;
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;
use unicode_security::GeneralSecurityProfile as _;
use unicode_security::general_security_profile::IdentifierType;
use unicode_security::mixed_script::AugmentedScriptSet;

/// These format characters separate two letters (`NON_JOINER`) or join them (`JOINER`). Some scripts need them.
pub(crate) const NON_JOINER: char = '\u{200c}';
pub(crate) const JOINER: char = '\u{200d}';

/// The most marks on one letter that take no space of their own.
const MAX_MARKS: usize = 4;

/// Whether each mark of `text`, which is composed (NFC), changes what readers see: it is in use, it stands on a letter or
/// digit of its script, and not twice in a row.
pub(crate) fn are_marks_visible(text: &str) -> bool {
    text.chars().filter(|character| is_combining_mark(*character)).all(is_in_use) && are_marks_carried(text)
}

/// Marks of notations and of historic scripts are not: many of them show nothing.
fn is_in_use(mark: char) -> bool {
    use IdentifierType::{Inclusion, Limited_Use, Recommended, Uncommon_Use};
    matches!(mark.identifier_type(), Some(Inclusion | Limited_Use | Recommended | Uncommon_Use))
}

fn are_marks_carried(text: &str) -> bool {
    let (mut base, mut last, mut on_base) = (None, None, 0);
    for character in text.nfd().filter(|character| !matches!(*character, NON_JOINER | JOINER)) {
        if is_combining_mark(character) {
            on_base += usize::from(is_nonspacing(character));
            let is_carried = base.is_some_and(|base| carries(base, character));
            if !is_carried || last == Some(character) || on_base > MAX_MARKS {
                return false;
            }
        } else {
            (base, on_base) = (Some(character), 0);
        }
        last = Some(character);
    }
    true
}

fn carries(base: char, mark: char) -> bool {
    let mut scripts = AugmentedScriptSet::for_char(base);
    scripts.intersect_with(AugmentedScriptSet::for_char(mark));
    base.is_alphanumeric() && !scripts.is_empty()
}

fn is_nonspacing(mark: char) -> bool {
    CodePointMapData::<GeneralCategory>::new().get(mark) == GeneralCategory::NonspacingMark
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_stands_on_a_letter_or_digit_of_its_script() {
        for good in [
            "Grüße",
            "e\u{301}",
            "Ệ",
            "ᾄ",
            "ą́",
            "नमस्ते",
            "שָׁלוֹם",
            "مُحَمَّد",
            "ไม่",
            "လျှို့ဝှက်",
            "ខ្មែរ",
            "བོད་ཡིག",
            "が",
            "தமிழ்",
        ] {
            assert!(are_marks_visible(good), "{good:?}");
        }
        for bad in [
            "\u{301}",
            "a \u{301}",
            "a-\u{301}",
            "a\u{93c}",   // Devanagari on Latin
            "a\u{16fe4}", // Khitan
            "a\u{1bc9d}", // shorthand
            "a\u{1d165}", // music
            "a\u{20dd}",  // a circle around it
            "a\u{301}\u{301}",
            "é\u{301}",
            "a\u{301}\u{300}\u{301}\u{300}\u{301}",
        ] {
            assert!(!are_marks_visible(bad), "{bad:?}");
        }
    }
}
