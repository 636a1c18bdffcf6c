//! Cursors of paged lists.
//!
//! A cursor is a position in one list and a MAC over both, in the form `<position>.<mac>`. The MAC is made with the
//! deployment's hash key. So only this deployment can make a cursor, and a cursor works on no other list: a cursor
//! that a caller altered, invented or took from another list is [`MalformedCursor`].

use crypto::{HashKey, Secret};

use crate::dynamodb::key::List;

/// Where the next page of a list begins. Its content is not for callers to read.
#[derive(Debug, Clone)]
pub struct Cursor(String);

/// The maximum length: an id of 128 characters, a dot, and the MAC.
const MAX_LENGTH: usize = 155;

/// The text is not a cursor that this deployment made for this list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a cursor of this list")]
pub struct MalformedCursor;

impl Cursor {
    /// Makes the cursor of the page that begins after `position`: the end of the last item's sort key, without the
    /// prefix of the list.
    pub(crate) fn new(hash_key: &HashKey, list: &List, position: &str) -> Self {
        Self(format!("{position}.{}", mac(hash_key, list, position)))
    }

    /// Returns the position in `list` if [`Cursor::new`] made this cursor for `list`.
    ///
    /// # Errors
    /// [`MalformedCursor`].
    pub(crate) fn position(&self, hash_key: &HashKey, list: &List) -> Result<&str, MalformedCursor> {
        let (position, given) = self.0.rsplit_once('.').ok_or(MalformedCursor)?;
        let expected = Secret::from(mac(hash_key, list, position));
        if expected.equals(&Secret::from(given.to_owned())) { Ok(position) } else { Err(MalformedCursor) }
    }
}

/// Returns the MAC of `position` in `list`: 26 characters of lower-case base32.
fn mac(hash_key: &HashKey, list: &List, position: &str) -> String {
    let order = if list.newest_first { "newest first" } else { "oldest first" };
    hash_key.keyed_hash("list cursor", &[&list.pk, &list.prefix, order, &list.filter, position])
}

impl std::str::FromStr for Cursor {
    type Err = MalformedCursor;

    /// Accepts any text of the right characters and length. Only the list it is used on can verify it.
    fn from_str(text: &str) -> Result<Self, MalformedCursor> {
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        let well_formed = (1..=MAX_LENGTH).contains(&text.len()) && text.bytes().all(is_allowed);
        if well_formed { Ok(Self(text.to_owned())) } else { Err(MalformedCursor) }
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash_key() -> HashKey {
        HashKey::derive(&[7; 32]).unwrap()
    }

    fn sites() -> List {
        List::with_prefix("partner#1", "site#")
    }

    fn position(text: &str, list: &List) -> Result<String, MalformedCursor> {
        text.parse::<Cursor>()?.position(&hash_key(), list).map(str::to_owned)
    }

    #[test]
    fn a_cursor_reads_back_on_its_own_list() {
        let longest = "x".repeat(128);
        for expected in ["", "account-1", "b.x_Y-1", ".", "a.b.c", &longest] {
            let text = Cursor::new(&hash_key(), &sites(), expected).to_string();
            assert_eq!(position(&text, &sites()), Ok(expected.to_owned()), "{text}");
        }
    }

    #[test]
    fn a_text_that_cannot_be_a_cursor_is_refused() {
        for bad in ["", "?", "a#b", "a b", "ä", &"a".repeat(156)] {
            assert!(bad.parse::<Cursor>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_cursor_with_any_character_altered_is_refused() {
        let text = Cursor::new(&hash_key(), &sites(), "shop-1").to_string();
        for at in 0..text.len() {
            for other in "aZ29._-".chars().filter(|&other| !text[at..].starts_with(other)) {
                let altered = format!("{}{other}{}", &text[..at], &text[at + 1..]);
                assert_eq!(position(&altered, &sites()), Err(MalformedCursor), "{altered}");
            }
            let shorter = format!("{}{}", &text[..at], &text[at + 1..]);
            assert_eq!(position(&shorter, &sites()), Err(MalformedCursor), "{shorter}");
        }
        for altered in [format!("{text}a"), format!("a{text}"), text.to_uppercase()] {
            assert_eq!(position(&altered, &sites()), Err(MalformedCursor), "{altered}");
        }
    }

    #[test]
    fn an_invented_cursor_is_refused() {
        for invented in ["a", ".", "shop-1", "shop-1.", "a.b", "shop-1.aaaaaaaaaaaaaaaaaaaaaaaaaa"] {
            assert_eq!(position(invented, &sites()), Err(MalformedCursor), "{invented}");
        }
    }

    #[test]
    fn a_cursor_of_another_list_or_deployment_is_refused() {
        let text = Cursor::new(&hash_key(), &sites(), "1").to_string();
        for (case, other) in [
            ("another partition", List::with_prefix("partner#2", "site#")),
            ("another prefix", List::with_prefix("partner#1", "key#")),
            ("the whole partition", List::with_prefix("partner#1", "")),
            ("another cut", List::with_prefix("partner#1s", "ite#")),
            ("another order", List { newest_first: true, ..sites() }),
            ("another filter", sites().filtered_by("from=1".to_owned())),
        ] {
            assert_eq!(position(&text, &other), Err(MalformedCursor), "{case}");
        }
        let foreign = Cursor::new(&HashKey::derive(&[8; 32]).unwrap(), &sites(), "1").to_string();
        assert_eq!(position(&foreign, &sites()), Err(MalformedCursor), "another deployment");
    }
}
