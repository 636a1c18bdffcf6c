//! The fields of security and user tokens (X2).

use std::fmt;

/// A field, in the order in which fields are written (X2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// The security context.
    Context,
    /// The application.
    AppId,
    /// Its key.
    AppKey,
    /// When the token was made.
    GenDt,
    /// The client, if it says so.
    Client,
    /// The user.
    UserName,
    /// What to call the user.
    Display,
    /// E-mail address.
    Email,
    /// Profile.
    Profile,
    /// An outer system's id of the user.
    ExtId,
    /// An outer system's reference.
    ExtRef,
    /// An outer system's data.
    ExtData,
    /// An outer system's flags.
    ExtFlags,
}

impl Field {
    /// All of them, a security token's first.
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

    /// Its name in all three formats.
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

    /// The field of that name, spelled exactly so.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.name() == name)
    }

    /// Whether it is a security token's; else it is a user token's.
    #[must_use]
    pub fn is_security(self) -> bool {
        self < Self::UserName
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
