//! The claims of window F's tokens (F14, F18).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::claims::validation::{ClaimsError, validate_issuer_and_times, validate_times};
use crate::{
    Api, ApiId, Entity, EntityId, EntityPath, Grants, IntegrationId, Metadata, PersonName, Profile, Provider,
    ProviderId, Subject,
};

/// The claims of a secure anonymous token (F14).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AnonymousClaims {
    iss: String,
    /// The id of the anonymous user: `anon-` and a new id, or `anon:` and the caller's own name of the user. It can be no
    /// client id (RFC 9068, 5).
    pub sub: String,
    /// The identifier of the API, or the issuer if the token is for the booth.
    pub aud: String,
    /// Issue time in Unix seconds.
    pub iat: i64,
    nbf: i64,
    /// Expiration time in Unix seconds.
    pub exp: i64,
    /// The unique id of the token.
    pub jti: String,
    /// The provider that issued the token.
    pub provider_id: ProviderId,
    /// The entity that owns the provider.
    pub entity_id: EntityId,
    /// The entity that owns the provider and those above it. Tokens of earlier versions have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entity_path: Option<EntityPath>,
    /// The API, if the token is for one (A7).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_id: Option<ApiId>,
    /// The integration that requested the token. Tokens of earlier versions have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub integration_id: Option<IntegrationId>,
    /// When the user got the first token, in Unix seconds. Tokens of earlier versions have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<i64>,
    /// The grants of the token's holder.
    pub roles: Grants,
    /// The scopes of the API, or of the grants if the token is for the booth, separated by spaces.
    pub scope: String,
    /// First name, if the caller gave one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_name: Option<PersonName>,
    /// Last name, if the caller gave one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_name: Option<PersonName>,
    /// The given or generated e-mail address (F13).
    pub email: String,
    /// The metadata, if the caller gave any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Metadata>,
    /// Always true.
    pub anonymous: bool,
}

/// What a token of a provider is issued with.
#[derive(Debug, Clone, Copy)]
pub struct TokenSource<'a> {
    /// The URL of the booth.
    pub issuer: &'a str,
    /// The provider.
    pub provider: &'a Provider,
    /// The entity of the provider.
    pub owner: &'a Entity,
    /// The API of the provider, if it has one.
    pub api: Option<&'a Api>,
    /// The integration that requests the token.
    pub integration_id: IntegrationId,
}

impl AnonymousClaims {
    /// The claims of a token for a new user, who is described by `profile` (F13, F14, F18).
    #[must_use]
    pub fn new(source: &TokenSource<'_>, profile: Profile, now: Timestamp) -> Self {
        let TokenSource { issuer, provider, owner, api, integration_id } = *source;
        let iat = now.as_second();
        Self {
            iss: issuer.to_owned(),
            sub: profile.subject.as_ref().map_or_else(new_subject, named_subject),
            aud: api.map_or(issuer, |api| api.identifier.as_str()).to_owned(),
            iat,
            nbf: iat,
            exp: source.expiration(iat, now),
            jti: Uuid::new_v4().to_string(),
            provider_id: provider.id,
            entity_id: provider.entity_id,
            entity_path: Some(EntityPath::of_entity(owner)),
            api_id: api.map(|api| api.id),
            integration_id: Some(integration_id),
            auth_time: Some(iat),
            roles: provider.grants.clone(),
            scope: source.scope(),
            email: profile.email_address(),
            first_name: profile.first_name,
            last_name: profile.last_name,
            metadata: profile.metadata,
            anonymous: true,
        }
    }

    /// The claims of a new token for the user of this one, which is valid (F18). Returns `None` if the provider renews no
    /// tokens, if another provider or integration issued this one, if the provider allows no subject any more and this one has
    /// one, or if the session has ended.
    ///
    /// The user keeps subject and profile. The rest is as the provider describes it now.
    #[must_use]
    pub fn renewed(&self, source: &TokenSource<'_>, now: Timestamp) -> Option<Self> {
        let is_of_source = self.provider_id == source.provider.id
            && self.entity_id == source.provider.entity_id
            && self.integration_id == Some(source.integration_id);
        let may_keep_subject = source.provider.allow_subject || !self.sub.starts_with(NAMED_SUBJECT);
        let is_renewable = is_of_source && source.provider.renewable && may_keep_subject;
        let auth_time = self.auth_time.filter(|_| is_renewable)?;
        let exp = source.expiration(auth_time, now);
        let renewed = Self {
            sub: self.sub.clone(),
            email: self.email.clone(),
            first_name: self.first_name.clone(),
            last_name: self.last_name.clone(),
            metadata: self.metadata.clone(),
            auth_time: Some(auth_time),
            exp,
            ..Self::new(source, Profile::default(), now)
        };
        (exp > now.as_second()).then_some(renewed)
    }

    /// Checks issuer, audience, kind and times. `api` is the API that the token names, if it names one that exists.
    ///
    /// # Errors
    /// [`ClaimsError`].
    pub fn validate(&self, issuers: &[&str], api: Option<&Api>, now: Timestamp) -> Result<(), ClaimsError> {
        if !self.anonymous {
            return Err(ClaimsError::WrongTokenKind);
        }
        let times = (self.nbf, self.exp);
        let Some(id) = self.api_id else {
            return validate_issuer_and_times(&self.iss, &self.aud, issuers, times, now);
        };
        let is_for = |api: &Api| api.id == id && api.identifier.as_str() == self.aud;
        if !issuers.contains(&&*self.iss) || !api.is_some_and(is_for) {
            return Err(ClaimsError::WrongIssuer);
        }
        validate_times(times, now)
    }
}

impl TokenSource<'_> {
    /// When a token expires that is issued now to a user who got the first token at `auth_time`.
    fn expiration(&self, auth_time: i64, now: Timestamp) -> i64 {
        let exp = now.as_second() + self.provider.token_duration.as_duration().as_secs();
        if self.provider.renewable { exp.min(auth_time + self.provider.max_session.as_secs()) } else { exp }
    }

    fn scope(&self) -> String {
        let Some(api) = self.api else { return self.provider.grants.scopes().to_string() };
        self.provider.scopes.within(&api.scopes.names()).to_string()
    }
}

fn new_subject() -> String {
    format!("anon-{}", Uuid::new_v4())
}

/// How the `sub` of a user begins whose subject the caller chose. No client id begins like this (RFC 9068, 5).
const NAMED_SUBJECT: &str = "anon:";

fn named_subject(subject: &Subject) -> String {
    format!("{NAMED_SUBJECT}{}", subject.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Description, EntityKind, Grant, MaxSession, Name, Role, TokenDuration};

    const NOW: i64 = 1_800_000_000;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn owner() -> Entity {
        let name = Name::try_from("Account".to_owned()).unwrap();
        Entity::new(EntityKind::Customer, None, name, at(NOW))
    }

    /// A renewable provider whose tokens live 600 s, and whose sessions 1000 s.
    fn provider(owner: &Entity) -> Provider {
        let grant = Grant { role: Role::LaunchpadUser, entity_id: owner.id };
        let grants = Grants::try_from(vec![grant]).unwrap();
        let description = Description::try_from("guests".to_owned()).unwrap();
        let duration = TokenDuration::try_from(600.0).unwrap();
        let new = Provider::new(owner, description, duration, grants, at(NOW));
        Provider { renewable: true, max_session: MaxSession::try_from(1000.0).unwrap(), ..new }
    }

    fn integration() -> IntegrationId {
        IntegrationId::new(at(NOW))
    }

    #[test]
    fn f18_a_renewal_keeps_the_user_until_the_end_of_the_session() {
        let (owner, integration_id) = (owner(), integration());
        let provider = provider(&owner);
        let source = TokenSource {
            issuer: "https://i",
            provider: &provider,
            owner: &owner,
            api: None,
            integration_id,
        };
        let first = AnonymousClaims::new(&source, Profile::default(), at(NOW));
        assert_eq!((first.exp, first.auth_time), (NOW + 600, Some(NOW)));
        let second = first.renewed(&source, at(NOW + 300)).unwrap();
        assert_eq!((second.iat, second.exp, second.auth_time), (NOW + 300, NOW + 900, Some(NOW)));
        assert_eq!((&second.sub, &second.email), (&first.sub, &first.email));
        assert_ne!(second.jti, first.jti);
        let third = second.renewed(&source, at(NOW + 800)).unwrap();
        assert_eq!((third.exp, third.auth_time), (NOW + 1000, Some(NOW)));
        assert!(third.renewed(&source, at(NOW + 999)).is_some());
        assert!(third.renewed(&source, at(NOW + 1000)).is_none(), "the session has ended");
    }

    #[test]
    fn f18_only_the_same_provider_and_integration_renew_and_only_if_the_provider_does() {
        let (owner, integration_id) = (owner(), integration());
        let provider = provider(&owner);
        let source = TokenSource {
            issuer: "https://i",
            provider: &provider,
            owner: &owner,
            api: None,
            integration_id,
        };
        let claims = AnonymousClaims::new(&source, Profile::default(), at(NOW));
        let other = Provider { id: ProviderId::new(at(NOW)), ..provider.clone() };
        let fixed = Provider { renewable: false, ..provider.clone() };
        for (case, refused) in [
            ("another provider", TokenSource { provider: &other, ..source }),
            ("another integration", TokenSource { integration_id: integration(), ..source }),
            ("not renewable", TokenSource { provider: &fixed, ..source }),
        ] {
            assert!(claims.renewed(&refused, at(NOW + 1)).is_none(), "{case}");
        }
        let earlier = AnonymousClaims { auth_time: None, integration_id: None, ..claims.clone() };
        assert!(earlier.renewed(&source, at(NOW + 1)).is_none(), "a token of an earlier version");
        assert!(claims.renewed(&source, at(NOW + 1)).is_some());
    }

    #[test]
    fn f18_a_named_subject_is_no_client_id_and_no_generated_one() {
        let subject = Subject::try_from("7vcrn2enrtlrm5gnlqb24p5np2".to_owned()).unwrap();
        let named = named_subject(&subject);
        assert_eq!(named, "anon:7vcrn2enrtlrm5gnlqb24p5np2");
        assert!(named.parse::<crate::ClientId>().is_err());
        assert!(!new_subject().starts_with("anon:"));
        let long = |count: usize| Subject::try_from("\u{e9}".repeat(count)).is_ok();
        assert!(long(64) && !long(65) && !long(0));
        for bad in ["a\u{7}", "a\nb", "\u{fffd}"] {
            assert!(Subject::try_from(bad.to_owned()).is_err(), "{bad:?}");
        }
    }
}
