//! Which characters of a text can be seen.

use icu_properties::props::{
    CanonicalCombiningClass, DefaultIgnorableCodePoint, GeneralCategory, IndicSyllabicCategory, JoiningType,
};
use icu_properties::{CodePointMapData, CodePointSetData};
use unicode_security::GeneralSecurityProfile as _;
use unicode_security::general_security_profile::IdentifierType;

use crate::marks::{JOINER, NON_JOINER, are_marks_visible};

/// The only spaces: others are too narrow to see.
const SPACES: [char; 3] = [' ', '\u{a0}', '\u{3000}'];

/// No property says that these symbols are blank: Braille without dots, the place of an embedded object, and the head of
/// no note.
const BLANK_SYMBOLS: [char; 3] = ['\u{2800}', '\u{fffc}', '\u{1d159}'];

/// Whether each character of `text` is one that readers see, a mark on one, a space, or a joiner where the script needs
/// it. Control and format characters, separators of lines, other invisible characters, those of historic scripts, and
/// private and unassigned ones are none of these.
pub(crate) fn is_visible(text: &str) -> bool {
    let characters: Vec<char> = text.chars().collect();
    let are_characters_visible = (0..characters.len()).all(|at| {
        let (before, rest) = characters.split_at(at);
        rest.split_first().is_some_and(|(character, after)| match *character {
            NON_JOINER => is_after_virama(before) || is_between_joining_letters(before, after),
            JOINER => is_after_virama(before) || is_before_virama(after),
            character if is_stacker(character) => after.first().is_some_and(|next| next.is_alphabetic()),
            character => has_glyph(character),
        })
    });
    are_characters_visible && are_marks_visible(text)
}

fn has_glyph(character: char) -> bool {
    let category = CodePointMapData::<GeneralCategory>::new().get(character);
    let is_ignorable = CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(character);
    let is_invisible = matches!(
        category,
        GeneralCategory::Control
            | GeneralCategory::Format
            | GeneralCategory::LineSeparator
            | GeneralCategory::ParagraphSeparator
            | GeneralCategory::PrivateUse
            | GeneralCategory::Surrogate
            | GeneralCategory::Unassigned
    );
    let is_narrow = category == GeneralCategory::SpaceSeparator && !SPACES.contains(&character);
    let is_blank = is_narrow || BLANK_SYMBOLS.contains(&character);
    !is_invisible && !is_ignorable && !is_blank && !is_historic(character)
}

/// Readers have no fonts for historic scripts, and some of their letters are blank.
fn is_historic(character: char) -> bool {
    character.identifier_type() == Some(IdentifierType::Exclusion)
}

/// It shows nothing, but puts the next letter under the one before.
fn is_stacker(character: char) -> bool {
    let category = CodePointMapData::<IndicSyllabicCategory>::new().get(character);
    category == IndicSyllabicCategory::InvisibleStacker
}

/// RFC 5892, A.1 and A.2: scripts of India write some letters with a joiner after a virama.
fn is_after_virama(before: &[char]) -> bool {
    before.last().is_some_and(|character| is_virama(*character))
}

/// Bengali writes ra before ya-phala with a joiner before the virama (The Unicode Standard, 12.2).
fn is_before_virama(after: &[char]) -> bool {
    after.first().is_some_and(|character| is_virama(*character))
}

fn is_virama(character: char) -> bool {
    CodePointMapData::<CanonicalCombiningClass>::new().get(character) == CanonicalCombiningClass::Virama
}

/// RFC 5892, A.1: between a letter that joins the next one and a letter that joins the one before it. Marks on the letters
/// do not count.
fn is_between_joining_letters(before: &[char], after: &[char]) -> bool {
    let types = CodePointMapData::<JoiningType>::new();
    let of_letter = |kind: &JoiningType| *kind != JoiningType::Transparent;
    let left = before.iter().rev().map(|character| types.get(*character)).find(of_letter);
    let right = after.iter().map(|character| types.get(*character)).find(of_letter);
    left.is_some_and(|kind| matches!(kind, JoiningType::LeftJoining | JoiningType::DualJoining))
        && right.is_some_and(|kind| matches!(kind, JoiningType::RightJoining | JoiningType::DualJoining))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invisible_characters_are_found() {
        for bad in [
            '\u{ad}',
            '\u{34f}',
            '\u{61c}',
            '\u{115f}',
            '\u{1160}',
            '\u{17b4}',
            '\u{180b}',
            '\u{180f}',
            '\u{200a}',
            '\u{202f}',
            '\u{fffc}',
            '\u{13441}',
            '\u{13442}',
            '\u{16fe4}',
            '\u{1bc9d}',
            '\u{1d159}',
            '\u{180e}',
            '\u{200b}',
            '\u{200e}',
            '\u{200f}',
            '\u{2028}',
            '\u{2029}',
            '\u{202a}',
            '\u{202e}',
            '\u{2060}',
            '\u{2064}',
            '\u{2066}',
            '\u{2069}',
            '\u{2800}',
            '\u{3164}',
            '\u{e000}',
            '\u{fe0f}',
            '\u{feff}',
            '\u{ffa0}',
            '\u{fff9}',
            '\u{1d173}',
            '\u{e0001}',
            '\u{e0061}',
            '\u{e0100}',
            '\u{378}',
            '\u{ffff}',
            '\u{10ffff}',
            '\u{7f}',
            '\u{9f}',
        ] {
            assert!(!is_visible(&format!("a{bad}b")), "{bad:?}");
        }
        for good in [
            "a b",
            "Grüße",
            "東京",
            "שלום",
            "مرحبا",
            "नमस्ते",
            "e\u{301}",
            "😀",
            "½ ©",
            "Ⅷ",
            "ᏣᎳᎩ",
            "မြန်မာ",
            "\u{a0}",
        ] {
            assert!(is_visible(good), "{good:?}");
        }
    }

    #[test]
    fn a_joiner_is_accepted_only_where_a_script_needs_it() {
        for (text, accepted) in [
            ("\u{646}\u{627}\u{645}\u{647}\u{200c}\u{627}\u{6cc}", true),
            ("\u{647}\u{64e}\u{200c}\u{650}\u{627}", true),
            ("\u{627}\u{200c}\u{6cc}", false), // alef does not join the next letter
            ("\u{647}\u{200c}", false),
            ("\u{200c}\u{627}", false),
            ("\u{647}\u{200d}\u{627}", false),
            ("\u{915}\u{94d}\u{200c}\u{937}", true),
            ("\u{915}\u{94d}\u{200d}\u{937}", true),
            ("\u{9b0}\u{200d}\u{9cd}\u{9af}", true),
            ("\u{915}\u{200d}\u{937}", false),
            ("a\u{200c}b", false),
            ("a\u{200d}b", false),
            ("\u{1f469}\u{200d}\u{1f4bb}", false),
            ("\u{200d}", false),
        ] {
            assert_eq!(is_visible(text), accepted, "{text:?}");
        }
    }
}
