//! Window S's claims (S4).

use jiff::Timestamp;
use serde::{Deserialize, Serialize, Serializer};
use uuid::Uuid;

use crate::claims::validation::{ClaimsError, SKEW};

/// What a signed security token says. A project's own server may have made it: no claim but `user` is required.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SignedClaims {
    /// The user of an attach, or the event of an identify.
    pub user: String,
    /// Issued at, Unix seconds.
    #[serde(default, deserialize_with = "crate::present", skip_serializing_if = "Option::is_none")]
    #[serde(serialize_with = "plainly")]
    pub iat: Option<f64>,
    /// Not before, Unix seconds.
    #[serde(default, deserialize_with = "crate::present", skip_serializing_if = "Option::is_none")]
    #[serde(serialize_with = "plainly")]
    pub nbf: Option<f64>,
    /// Expires at, Unix seconds.
    #[serde(default, deserialize_with = "crate::present", skip_serializing_if = "Option::is_none")]
    #[serde(serialize_with = "plainly")]
    pub exp: Option<f64>,
    /// The token's own id.
    #[serde(default, deserialize_with = "crate::present", skip_serializing_if = "Option::is_none")]
    pub jti: Option<String>,
}

/// A whole number of seconds without a point: not every library reads one.
fn plainly<S: Serializer>(seconds: &Option<f64>, serializer: S) -> Result<S::Ok, S::Error> {
    match seconds {
        Some(seconds) if seconds.fract() == 0.0 => serializer.serialize_i64(*seconds as i64),
        seconds => seconds.serialize(serializer),
    }
}

impl SignedClaims {
    /// The claims of a token that the Sign endpoint makes (S3). It has no `exp`: that is the issuer's business (S10).
    #[must_use]
    pub fn new(user: String, now: Timestamp) -> Self {
        let jti = Some(Uuid::new_v4().to_string());
        Self { user, iat: Some(now.as_second() as f64), nbf: None, exp: None, jti }
    }

    /// Whether they hold at that moment: `exp` and `nbf` count where they are given (S4).
    ///
    /// # Errors
    /// [`ClaimsError::Expired`], [`ClaimsError::NotYetValid`].
    pub fn validate(&self, now: Timestamp) -> Result<(), ClaimsError> {
        let now = now.as_second() as f64;
        if self.exp.is_some_and(|exp| now >= exp) {
            return Err(ClaimsError::Expired);
        }
        if self.nbf.is_some_and(|nbf| now + (SKEW as f64) < nbf) {
            return Err(ClaimsError::NotYetValid);
        }
        Ok(())
    }
}

impl SignedClaims {
    /// The Unix second from which they hold nowhere, whatever a clock says; none if they hold for ever.
    #[must_use]
    pub fn expiry_with_skew(&self) -> Option<i64> {
        self.exp.map(|exp| (exp.ceil() as i64).saturating_add(SKEW))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s4_exp_and_nbf_count_where_they_are_given() {
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
    fn s6_claims_end_when_no_clock_takes_them() {
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
    fn s3_times_are_written_as_whole_numbers() {
        let claims = SignedClaims::new("u".to_owned(), Timestamp::from_second(1_000).unwrap());
        let text = serde_json::to_string(&claims).unwrap();
        assert!(text.starts_with(r#"{"user":"u","iat":1000,"jti":""#), "{text}");
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
        ] {
            assert!(serde_json::from_str::<SignedClaims>(bad).is_err(), "{bad}");
        }
        let more: SignedClaims = serde_json::from_str(r#"{"user":"","x":[{}]}"#).unwrap();
        assert_eq!(more.user, "");
    }
}
