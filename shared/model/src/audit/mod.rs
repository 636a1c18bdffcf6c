//! The audit log: permanent records of changes, chained by hash (A4, A13), and notices, which end.

mod address_days;
mod chain;
mod check;
mod notice;
mod record;
mod unchained;

use serde::{Deserialize, Serialize};

use crate::{
    ApiId, ClientId, EntityId, IntegrationId, PartnerId, PartnerKeyId, ProjectId, ProviderId, SiteId,
    TokenSetId,
};

pub use address_days::AuditAddressDays;
pub use chain::{ChainHead, ChainLink, Unhashable, record_hash};
pub use check::{ChainCheck, ChainFault, ChainSummary};
pub use notice::Notice;
pub use record::AuditRecord;
pub use unchained::UnchainedCheck;

/// How a caller authenticated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Via {
    /// The caller signed the request (F10).
    Signature,
    /// The caller sent an access token (K5).
    Bearer,
    /// The caller sent an API key (K2), or its client id and secret (A2).
    ApiKey,
    /// The caller sent a project's client id or API secret (S2).
    Project,
    /// The change was made on the command line, by the operator of the deployment.
    Operator,
}

/// Who made a change.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Actor {
    /// The client id that was used. `None` for the operator.
    pub client_id: Option<ClientId>,
    /// How the actor authenticated.
    pub via: Via,
}

/// What was changed: its kind and its id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "id", rename_all = "snake_case")]
pub enum Target {
    /// A customer, an organization or an account.
    Entity(EntityId),
    /// An API integration.
    Integration(IntegrationId),
    /// A key of an integration.
    ApiKey(ClientId),
    /// A secure anonymous token provider.
    Provider(ProviderId),
    /// A partner.
    Partner(PartnerId),
    /// A key of a partner.
    PartnerKey(PartnerKeyId),
    /// A site of a partner.
    Site(SiteId),
    /// A project.
    Project(ProjectId),
    /// The token settings of a project.
    TokenSettings(ProjectId),
    /// A token set of a project.
    TokenSet(TokenSetId),
    /// An own API.
    Api(ApiId),
    /// A token, by its own id or its hash.
    Token(String),
    /// An end user of a project, by the keyed hash of the user's id. A permanent record must not name an end user.
    User(String),
}

impl Target {
    /// The name of its kind in records.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Entity(_) => "entity",
            Self::Integration(_) => "integration",
            Self::ApiKey(_) => "api_key",
            Self::Provider(_) => "provider",
            Self::Partner(_) => "partner",
            Self::PartnerKey(_) => "partner_key",
            Self::Site(_) => "site",
            Self::Project(_) => "project",
            Self::TokenSettings(_) => "token_settings",
            Self::TokenSet(_) => "token_set",
            Self::Api(_) => "api",
            Self::Token(_) => "token",
            Self::User(_) => "user",
        }
    }
}

/// What was done to a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditAction {
    /// It was created.
    Create,
    /// Fields of it were changed.
    Update,
    /// It was deleted.
    Delete,
    /// Its secret was replaced by a new one.
    Rotate,
    /// Its secrets were downloaded.
    Download,
    /// It was revoked.
    Revoke,
    /// The data that is stored for the target is erased (S12).
    Erase,
    /// A call was refused: a call of window S without the signed token that it needed (S9), or a call of the Admin API that
    /// the caller's grants do not allow (A13).
    RefuseAccess,
}

impl AuditAction {
    /// Its name in records.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Rotate => "rotate",
            Self::Download => "download",
            Self::Revoke => "revoke",
            Self::Erase => "erase",
            Self::RefuseAccess => "refuse_access",
        }
    }

    /// Its name in records with the kind of the target before it: `entity.create`.
    #[must_use]
    pub fn on(self, target: &Target) -> String {
        format!("{}.{}", target.kind(), self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a4_a_target_is_written_with_the_name_of_its_kind_and_its_id() {
        let uuid = "0195f3a0-1111-7222-8333-444455556666";
        for (kind, id) in [
            ("entity", format!("account-{uuid}")),
            ("integration", format!("integration-{uuid}")),
            ("api_key", "a".repeat(26)),
            ("provider", format!("secure-anon-{uuid}")),
            ("partner", format!("partner-{uuid}")),
            ("partner_key", format!("partner-key-{uuid}")),
            ("site", format!("site-{uuid}")),
            ("project", format!("project-{uuid}")),
            ("token_settings", format!("project-{uuid}")),
            ("token_set", format!("token-set-{uuid}")),
            ("api", format!("api-{uuid}")),
            ("token", "any text".to_owned()),
            ("user", "a".repeat(26)),
        ] {
            let written = json!({ "kind": kind, "id": id });
            let target: Target = serde_json::from_value(written.clone()).unwrap();
            assert_eq!((target.kind(), serde_json::to_value(&target).unwrap()), (kind, written));
        }
    }
}
