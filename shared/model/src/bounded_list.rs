//! Lists of bounded length.

/// Defines a list type with a maximum length and a rule, and the message for lists that break them.
macro_rules! bounded_list {
    ($(#[$doc:meta])* $name:ident, $of:ty, $max:expr, $rule:expr, $message:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Default, Serialize, Deserialize)]
        #[serde(try_from = "Vec<_>", into = "Vec<_>")]
        pub struct $name(Vec<$of>);

        impl std::ops::Deref for $name {
            type Target = [$of];

            fn deref(&self) -> &[$of] {
                &self.0
            }
        }

        impl TryFrom<Vec<$of>> for $name {
            type Error = &'static str;

            fn try_from(list: Vec<$of>) -> Result<Self, &'static str> {
                let rule: fn(&[$of]) -> bool = $rule;
                if list.len() <= $max && rule(&list) { Ok(Self(list)) } else { Err($message) }
            }
        }

        impl From<$name> for Vec<$of> {
            fn from(list: $name) -> Self {
                list.0
            }
        }
    };
}
pub(crate) use bounded_list;

/// Whether no value is in the list twice. For short lists: it compares every pair.
pub(crate) fn all_differ<T: PartialEq>(list: &[T]) -> bool {
    list.iter().enumerate().all(|(at, value)| list.iter().skip(at + 1).all(|other| other != value))
}
