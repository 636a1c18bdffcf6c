//! The claims of window S's tokens (S4).

use jiff::Timestamp;
use serde::{Deserialize, Serialize, Serializer};
use uuid::Uuid;

use crate::claims::validation::{CLOCK_SKEW_SECONDS, ClaimsError};
use crate::{EntityPath, SignedTokenSeconds};

/// The claims of a signed security token. The project's own server may have made it, so only `user` is
/// required.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SignedClaims {
    /// The user of an attach request, or the event of an identify request.
    pub user: String,
    /// Issue time in Unix seconds.
    #[serde(default, deserialize_with = "crate::present", skip_serializing_if = "Option::is_none")]
    #[serde(serialize_with = "without_decimal_point")]
    pub iat: Option<f64>,
    /// Start of validity in Unix seconds.
    #[serde(default, deserialize_with = "crate::present", skip_serializing_if = "Option::is_none")]
    #[serde(serialize_with = "without_decimal_point")]
    pub nbf: Option<f64>,
    /// Expiration time in Unix seconds.
    #[serde(default, deserialize_with = "crate::present", skip_serializing_if = "Option::is_none")]
    #[serde(serialize_with = "without_decimal_point")]
    pub exp: Option<f64>,
    /// The unique id of the token.
    #[serde(default, deserialize_with = "crate::present", skip_serializing_if = "Option::is_none")]
    pub jti: Option<String>,
    /// The call that the token is for. `None`: it is for all of them (S4).
    #[serde(default, deserialize_with = "crate::present", skip_serializing_if = "Option::is_none")]
    pub purpose: Option<TokenPurpose>,
    /// The entity of the project and those above it. It is not read from tokens: the project's server can sign any.
    #[serde(skip_deserializing, skip_serializing_if = "Option::is_none")]
    pub entity_path: Option<EntityPath>,
}

/// The call that a signed security token is for (S12).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenPurpose {
    /// To attach, list and detach the devices of a user.
    Attach,
    /// To identify a device.
    Identify,
}

/// Serializes whole seconds without a decimal point. Some libraries do not accept one.
fn without_decimal_point<S: Serializer>(seconds: &Option<f64>, serializer: S) -> Result<S::Ok, S::Error> {
    match seconds {
        Some(seconds) if seconds.fract() == 0.0 => serializer.serialize_i64(*seconds as i64),
        seconds => seconds.serialize(serializer),
    }
}

impl SignedClaims {
    /// The claims of a token that the Sign endpoint makes (S3). Without `valid_for` it does not expire (S12).
    #[must_use]
    pub fn new(
        (user, entity_path): (String, EntityPath),
        valid_for: Option<SignedTokenSeconds>,
        purpose: Option<TokenPurpose>,
        now: Timestamp,
    ) -> Self {
        let jti = Some(Uuid::new_v4().to_string());
        let iat = now.as_second() as f64;
        let exp = valid_for.map(|seconds| iat + f64::from(u32::from(seconds)));
        Self { user, iat: Some(iat), nbf: None, exp, jti, purpose, entity_path: Some(entity_path) }
    }

    /// Checks `exp` and `nbf`, if they are there (S4).
    ///
    /// # Errors
    /// [`ClaimsError::Expired`], [`ClaimsError::NotYetValid`].
    pub fn validate(&self, now: Timestamp) -> Result<(), ClaimsError> {
        let second = now.as_second() as f64;
        if self.exp.is_some_and(|exp| second >= exp) {
            return Err(ClaimsError::Expired);
        }
        if self.nbf.is_some_and(|nbf| second + (CLOCK_SKEW_SECONDS as f64) < nbf) {
            return Err(ClaimsError::NotYetValid);
        }
        Ok(())
    }
}

impl SignedClaims {
    /// The time in Unix seconds from which no verifier accepts the claims, including the leeway for clocks.
    /// Rounds up. Returns `None` if the claims do not expire.
    #[must_use]
    pub fn expiry_with_skew(&self) -> Option<i64> {
        self.exp.map(|exp| (exp.ceil() as i64).saturating_add(CLOCK_SKEW_SECONDS))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s4_exp_and_nbf_are_checked_if_present() {
        let now = Timestamp::from_second(1_000).unwrap();
        for (claims, expected) in [
            (r#"{"user":"u"}"#, Ok(())),
            (r#"{"user":"u","exp":1001}"#, Ok(())),
            (r#"{"user":"u","exp":1000.5}"#, Ok(())),
            (r#"{"user":"u","exp":1000}"#, Err(ClaimsError::Expired)),
            (r#"{"user":"u","nbf":1005}"#, Ok(())),
            (r#"{"user":"u","nbf":1006}"#, Err(ClaimsError::NotYetValid)),
        ] {
            let claims: SignedClaims = serde_json::from_str(claims).unwrap();
            assert_eq!(claims.validate(now), expected, "{claims:?}");
        }
    }

    #[test]
    fn s6_claims_end_when_no_verifier_accepts_them() {
        for (claims, end) in [
            (r#"{"user":"u"}"#, None),
            (r#"{"user":"u","exp":1000}"#, Some(1005)),
            (r#"{"user":"u","exp":1000.5}"#, Some(1006)),
            (r#"{"user":"u","exp":1e300}"#, Some(i64::MAX)),
        ] {
            let claims: SignedClaims = serde_json::from_str(claims).unwrap();
            assert_eq!(claims.expiry_with_skew(), end, "{claims:?}");
        }
    }

    #[test]
    fn s3_times_are_serialized_as_whole_numbers() {
        let now = Timestamp::from_second(1_000).unwrap();
        let hour = SignedTokenSeconds::try_from(3600.0).unwrap();
        let owner = crate::tenancy::tests::entity();
        let path = format!(r#""entity_path":["{}"]}}"#, owner.id);
        for (valid_for, purpose, begins, ends) in [
            (None, None, r#"{"user":"u","iat":1000,"jti":""#, r#"","#),
            (
                Some(hour),
                Some(TokenPurpose::Identify),
                r#"{"user":"u","iat":1000,"exp":4600,"jti":""#,
                r#"","purpose":"identify","#,
            ),
        ] {
            let subject = ("u".to_owned(), EntityPath::of_entity(&owner));
            let text = serde_json::to_string(&SignedClaims::new(subject, valid_for, purpose, now)).unwrap();
            assert!(text.starts_with(begins) && text.ends_with(&format!("{ends}{path}")), "{text}");
        }
    }

    #[test]
    fn s4_claims_of_another_shape_are_refused() {
        for bad in [
            r#"{}"#,
            r#"{"user":null}"#,
            r#"{"user":1}"#,
            r#"{"user":"u","exp":"1"}"#,
            r#"{"user":"u","exp":null}"#,
            r#"{"user":"u","exp":1e999}"#,
            r#"{"user":"u","user":"v"}"#,
            r#"{"user":"u","purpose":"detach"}"#,
            r#"{"user":"u","purpose":null}"#,
        ] {
            assert!(serde_json::from_str::<SignedClaims>(bad).is_err(), "{bad}");
        }
        let more: SignedClaims = serde_json::from_str(r#"{"user":"","x":[{}]}"#).unwrap();
        assert_eq!(more.user, "");
    }
}
