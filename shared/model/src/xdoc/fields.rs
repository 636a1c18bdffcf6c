//! The fields of a token before they are checked (X2).

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::{AppKey, Field, FieldText, OpenTokenSet, PlaintextError, TokenKind};

/// Unchecked fields and their texts. Each field is there at most once. A field with an empty text counts as
/// absent.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct TokenFields(BTreeMap<Field, String>);

impl TokenFields {
    /// Adds a field by its name.
    ///
    /// # Errors
    /// [`PlaintextError::UnknownField`], [`PlaintextError::DuplicateField`].
    pub fn add(&mut self, name: &str, text: String) -> Result<(), PlaintextError> {
        let field = Field::named(name).ok_or(PlaintextError::UnknownField)?;
        match self.0.insert(field, text) {
            None => Ok(()),
            Some(_) => Err(PlaintextError::DuplicateField(field)),
        }
    }

    /// Sets a field. Replaces the text that it had.
    pub fn set(&mut self, field: Field, text: String) {
        self.0.insert(field, text);
    }

    /// Adds the security context and the first app key of the token set, unless the fields are already set. A
    /// user token has neither field.
    #[must_use]
    pub fn with_defaults(mut self, kind: TokenKind, context: Option<&FieldText>, set: &OpenTokenSet) -> Self {
        if kind == TokenKind::User {
            return self;
        }
        let defaults = [
            (Field::Context, context.map(FieldText::as_str)),
            (Field::AppKey, set.app_keys.first().map(AppKey::reveal)),
        ];
        for (field, text) in defaults {
            if let Some(text) = text.filter(|_| !self.has(field)) {
                self.set(field, text.to_owned());
            }
        }
        self
    }

    /// Whether the field is there and not empty.
    #[must_use]
    pub fn has(&self, field: Field) -> bool {
        self.0.get(&field).is_some_and(|text| !text.is_empty())
    }

    /// Whether there is any field of a security token.
    pub(crate) fn has_security_fields(&self) -> bool {
        self.0.keys().any(|field| field.is_security())
    }

    /// Whether there is any field of a user token.
    pub(crate) fn has_user_fields(&self) -> bool {
        self.0.keys().any(|field| !field.is_security())
    }

    /// Removes an optional field and returns its value.
    pub(crate) fn take_optional<T: TryFrom<String>>(
        &mut self,
        field: Field,
    ) -> Result<Option<T>, PlaintextError> {
        let text = self.0.remove(&field).filter(|text| !text.is_empty());
        text.map(T::try_from).transpose().map_err(|_| PlaintextError::InvalidValue(field))
    }

    /// Removes a required field and returns its value.
    pub(crate) fn take_required<T: TryFrom<String>>(&mut self, field: Field) -> Result<T, PlaintextError> {
        self.take_optional(field)?.ok_or(PlaintextError::MissingField(field))
    }
}

impl TryFrom<Vec<(String, String)>> for TokenFields {
    type Error = PlaintextError;

    fn try_from(pairs: Vec<(String, String)>) -> Result<Self, PlaintextError> {
        let mut fields = Self::default();
        for (name, text) in pairs {
            fields.add(&name, text)?;
        }
        Ok(fields)
    }
}

/// Shows names only, because one of the texts is a key.
impl fmt::Debug for TokenFields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.keys()).finish()
    }
}

/// Deserializes from an object of texts only.
impl<'de> Deserialize<'de> for TokenFields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;

        impl<'de> Visitor<'de> for Fields {
            type Value = TokenFields;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<TokenFields, A::Error> {
                let mut fields = TokenFields::default();
                while let Some(name) = map.next_key::<String>()? {
                    if Field::named(&name).is_none() {
                        return Err(A::Error::custom(format_args!("unknown field `{name}`")));
                    }
                    fields.add(&name, map.next_value()?).map_err(A::Error::custom)?;
                }
                Ok(fields)
            }
        }

        deserializer.deserialize_map(Fields)
    }
}
