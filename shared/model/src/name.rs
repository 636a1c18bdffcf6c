//! The names and descriptions that people choose and compare by eye.

use std::collections::BTreeSet;

use icu_properties::CodePointSetData;
use icu_properties::props::SoftDotted;
use serde::{Deserialize, Deserializer, Serialize};
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;
use unicode_security::skeleton;

use crate::text::is_line;
use crate::visible::is_visible;

/// Defines a text that people read. A new one is stored in Unicode's composed form (NFC).
macro_rules! readable_text {
    ($(#[$doc:meta])* $name:ident, $max:expr, $message:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// Deserializes a stored text without checking it: it may be older than the rules for new ones.
            pub(crate) fn stored<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer).map(Self)
            }
        }

        impl TryFrom<String> for $name {
            type Error = &'static str;

            fn try_from(text: String) -> Result<Self, &'static str> {
                let composed: String = text.nfc().collect();
                if is_line(&composed, $max) && is_visible(&composed) { Ok(Self(composed)) } else { Err($message) }
            }
        }

        impl From<$name> for String {
            fn from(text: $name) -> Self {
                text.0
            }
        }
    };
}

readable_text!(
    /// The name of an entity, integration, key, partner, project or token set.
    Name,
    100,
    "must be 1 to 100 characters, without control, invisible, private and unassigned characters, not blank"
);
readable_text!(
    /// The description of a provider (F7).
    Description,
    200,
    "must be 1 to 200 characters, without control, invisible, private and unassigned characters, not blank"
);

impl Name {
    /// The form in which names are compared: names that differ only in case are equal.
    #[must_use]
    pub fn folded(&self) -> String {
        self.0.to_lowercase()
    }

    /// What the name looks like, as it is and in lower case: its skeletons (UTS #39, 4) without regard to case and
    /// spaces. Two names look the same if they have a skeleton in common.
    ///
    /// Both forms are needed: `I` looks like `l`, but not in lower case.
    #[must_use]
    pub fn looks(&self) -> BTreeSet<String> {
        BTreeSet::from([look(&self.0), look(&self.folded())])
    }

    /// Whether two names are equal without regard to case, or look the same.
    #[must_use]
    pub fn resembles(&self, other: &Self) -> bool {
        self.folded() == other.folded() || !self.looks().is_disjoint(&other.looks())
    }
}

/// The skeleton of `text` in lower case, with single spaces. A skeleton in lower case can have another skeleton, so the
/// step is repeated until nothing changes.
fn look(text: &str) -> String {
    let step = |text: &str| {
        let lower = without_second_dots(&skeleton(text).collect::<String>()).to_lowercase();
        lower.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let mut look = step(text);
    for _ in 0..MAX_STEPS {
        let next = step(&look);
        if next == look {
            break;
        }
        look = next;
    }
    look
}

/// The text without a dot above on a letter that has one, like `i`. In skeletons `l` is also `I`, `1` and `|`; with a dot,
/// these look like `i`.
fn without_second_dots(skeleton: &str) -> String {
    let mut text = String::with_capacity(skeleton.len());
    let mut base = None;
    for character in skeleton.chars() {
        match (character, base) {
            (DOT_ABOVE, Some((_, letter))) if has_dot(letter) => {}
            (DOT_ABOVE, Some((at, 'l'))) => text.replace_range(at..=at, "i"),
            _ => text.push(character),
        }
        if !is_combining_mark(character) {
            base = Some((text.len() - character.len_utf8(), character));
        }
    }
    text
}

fn has_dot(letter: char) -> bool {
    CodePointSetData::new::<SoftDotted>().contains(letter)
}

const DOT_ABOVE: char = '\u{307}';

/// More steps than any character needs; a test tries them all.
const MAX_STEPS: usize = 8;

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use icu_properties::CodePointMapData;
    use icu_properties::props::GeneralCategory;
    use proptest::prelude::*;

    use super::*;

    fn name(text: &str) -> Name {
        Name::try_from(text.to_owned()).unwrap()
    }

    #[test]
    fn names_have_limits_and_no_control_characters() {
        for good in ["a", "Trials – 2026", &"é".repeat(100), "東京", "команда 7", "😀"] {
            assert_eq!(name(good).as_str(), good);
        }
        for bad in ["", " ", "\t", "a\nb", "a\u{0}b", "a\u{85}b", &"a".repeat(101)] {
            assert!(Name::try_from(bad.to_owned()).is_err(), "{bad:?}");
        }
        assert_eq!(name("ÉCOLE").folded(), name("école").folded());
        assert!(Description::try_from("é".repeat(200)).is_ok());
        assert!(Description::try_from("a".repeat(201)).is_err());
    }

    #[test]
    fn a_name_is_composed_and_a_stored_one_is_read_as_it_is() {
        #[derive(Deserialize)]
        struct Stored {
            #[serde(deserialize_with = "Name::stored")]
            name: Name,
        }
        assert_eq!(name("Cafe\u{301}").as_str(), "Caf\u{e9}");
        assert_eq!(
            name(&"e\u{301}".repeat(100)).as_str().chars().count(),
            100,
            "the composed form has the limit"
        );
        let stored: Stored = serde_json::from_str(r#"{"name":"a\u200bbe\u0301"}"#).unwrap();
        assert_eq!(stored.name.as_str(), "a\u{200b}be\u{301}");
    }

    #[test]
    fn names_that_look_the_same_resemble_each_other() {
        for (one, other) in [
            ("Payroll", "P\u{430}yroll"),
            ("Payroll", "payro11"),
            ("Team 1", "Team l"),
            ("Team 1", "Team I"),
            ("Team l", "Team I"),
            ("TEAM I", "team i"),
            ("modern", "rnodern"),
            ("O", "0"),
            ("Admin", "Admi\u{307}n"),
            ("Admin", "Adm\u{131}\u{307}n"),
            ("Admin", "Adml\u{307}n"),
            ("Admin", "ADM\u{130}N"),
            ("ma\u{157}i\u{328}", "ma\u{157}i\u{328}\u{307}"),
            ("a b", " a\u{a0} b "),
            (
                "\u{646}\u{627}\u{645}\u{647}\u{200c}\u{627}\u{6cc}",
                "\u{646}\u{627}\u{645}\u{647}\u{627}\u{6cc}",
            ),
        ] {
            assert!(name(one).resembles(&name(other)), "{one:?} {other:?}");
        }
        for (one, other) in
            [("z\u{307}", "z"), ("mail", "mall"), ("Team 1", "Team 2"), ("cafe", "café"), ("ab", "a b")]
        {
            assert!(!name(one).resembles(&name(other)), "{one:?} {other:?}");
        }
    }

    #[test]
    fn the_look_of_every_character_is_stable() {
        for character in ('\0'..=char::MAX).filter(|character| !character.is_whitespace()) {
            let once = look(&character.to_string());
            assert_eq!(look(&once), once, "{character:?}");
        }
    }

    /// Prints how many are accepted by category: `cargo test -p model no_character_is_added -- --nocapture`.
    #[test]
    fn no_character_is_added_to_a_name_without_being_seen() {
        let taken = name("Payroll Admin").looks();
        let categories = CodePointMapData::<GeneralCategory>::new();
        let mut accepted = BTreeMap::<String, usize>::new();
        for character in '\0'..=char::MAX {
            let others = [format!("Payroll Admi{character}n"), format!("Payroll Admin{character}")];
            let mut others = others.into_iter().filter_map(|other| Name::try_from(other).ok());
            if others.all(|other| taken.contains(&look(other.as_str()))) {
                continue;
            }
            let category = categories.get(character);
            let is_mark = matches!(category, GeneralCategory::NonspacingMark | GeneralCategory::SpacingMark);
            let code = u32::from(character);
            assert!(
                Name::try_from(character.to_string()).is_ok() || is_mark || character.is_whitespace(),
                "{code:x}"
            );
            assert_ne!(category, GeneralCategory::EnclosingMark, "{code:x}");
            *accepted.entry(format!("{category:?}")).or_default() += 1;
        }
        println!("{accepted:?}");
        assert_eq!(accepted.remove("SpaceSeparator"), Some(3));
    }

    proptest! {
        #[test]
        fn looks_are_idempotent_and_regardless_of_case(text in "[A-Za-z0-9 |ıſKÅΣσςІіОоİß\u{301}\u{327}ﬁ㎏Ⅷ٠]{1,20}|\\PC{1,20}") {
            let folded = look(&text);
            prop_assert_eq!(look(&folded), folded);
            if let (Ok(one), Ok(lower)) = (Name::try_from(text.clone()), Name::try_from(text.to_lowercase())) {
                prop_assert!(one.resembles(&lower), "{:?}", text);
            }
        }
    }
}
