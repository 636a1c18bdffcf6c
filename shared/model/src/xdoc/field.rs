//! The kinds of tokens and their fields (X2).

use std::fmt;

/// A field. Fields are written in this order (X2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// The security context.
    Context,
    /// The id of the application.
    AppId,
    /// The key of the application.
    AppKey,
    /// When the token was generated.
    GenDt,
    /// The client.
    Client,
    /// The user name.
    UserName,
    /// The display name of the user.
    Display,
    /// The e-mail address.
    Email,
    /// The profile.
    Profile,
    /// The user's id in an external system.
    ExtId,
    /// A reference into an external system.
    ExtRef,
    /// Data of an external system.
    ExtData,
    /// Flags of an external system.
    ExtFlags,
}

impl Field {
    /// All fields. Those of a security token come first.
    pub const ALL: [Self; 13] = [
        Self::Context,
        Self::AppId,
        Self::AppKey,
        Self::GenDt,
        Self::Client,
        Self::UserName,
        Self::Display,
        Self::Email,
        Self::Profile,
        Self::ExtId,
        Self::ExtRef,
        Self::ExtData,
        Self::ExtFlags,
    ];

    /// The name in all three formats.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Context => "Context",
            Self::AppId => "AppId",
            Self::AppKey => "AppKey",
            Self::GenDt => "GenDT",
            Self::Client => "Client",
            Self::UserName => "UserName",
            Self::Display => "Display",
            Self::Email => "Email",
            Self::Profile => "Profile",
            Self::ExtId => "ExtId",
            Self::ExtRef => "ExtRef",
            Self::ExtData => "ExtData",
            Self::ExtFlags => "ExtFlags",
        }
    }

    /// The field with this name. Case matters.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.name() == name)
    }

    /// Whether the field belongs to a security token. Otherwise it belongs to a user token.
    pub(crate) fn is_security(self) -> bool {
        self < Self::UserName
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The kind of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// A security token.
    Security,
    /// A user token.
    User,
    /// Both in one token (X7).
    Combined,
}
