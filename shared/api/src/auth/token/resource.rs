//! Tokens that a caller sends to another API than the booth (A3).

use model::{ClientId, EntityId, Timestamp};
use store::{Lookup, StoreError, View};

use crate::auth::token::claims::{Claims, VerifiedToken};
use crate::auth::token::hint::{PresentedToken, TokenHint};

impl<'t> PresentedToken<'t> {
    /// A token that names who issued it. Returns `None` for any other text, without a read.
    #[must_use]
    pub fn parse(token: &'t str) -> Option<Self> {
        let presented = Self::read(token, None);
        let is_ours = !matches!(presented.hint, TokenHint::Other | TokenHint::SignedByUnknown);
        is_ours.then_some(presented)
    }

    /// The hash of the token.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// The API key that the token names. Not verified.
    #[must_use]
    pub fn claimed_client(&self) -> Option<&ClientId> {
        match &self.hint {
            TokenHint::Access(client) | TokenHint::Client(client) | TokenHint::Api(_, client, _) => {
                Some(client)
            }
            _ => None,
        }
    }

    /// Reads the token's records and the others of `first` and `second`, in two round trips at most, and verifies the token.
    /// Returns `None` if this deployment or its projects did not sign it, or if it has expired.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn read_and_verify(
        &self,
        view: &mut View<'_>,
        first: impl IntoIterator<Item = Lookup>,
        second: impl Fn(&View<'_>) -> Vec<Lookup>,
        now: Timestamp,
    ) -> Result<Option<VerifiedToken>, StoreError> {
        view.fetch(self.first_lookups().into_iter().chain(first)).await?;
        let lookups = self.second_lookups(view).into_iter().chain(second(view));
        view.fetch(lookups.collect::<Vec<_>>()).await?;
        self.verify(view, now)
    }
}

impl VerifiedToken {
    /// The customer that it belongs to (A6).
    #[must_use]
    pub fn customer(&self) -> EntityId {
        self.owner.customer()
    }
}

impl Claims {
    /// Whom the token is about.
    #[must_use]
    pub fn subject(&self) -> &str {
        match self {
            Self::Anonymous(claims) => &claims.sub,
            Self::Access(claims) => claims.sub.as_str(),
            Self::Client(claims) => claims.sub.as_str(),
            Self::Api(claims) => claims.sub.as_str(),
            Self::Device { claims, .. } => &claims.user_id,
            Self::Signed { claims, .. } => &claims.user,
        }
    }

    /// Its scopes, separated by spaces, for the kinds that have them.
    #[must_use]
    pub fn scope(&self) -> Option<&str> {
        match self {
            Self::Anonymous(claims) => Some(&claims.scope),
            Self::Access(claims) => Some(&claims.scope),
            Self::Client(claims) => Some(&claims.scope),
            Self::Api(claims) => Some(&claims.scope),
            Self::Device { .. } | Self::Signed { .. } => None,
        }
    }
}
