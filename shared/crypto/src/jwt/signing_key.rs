//! Private signing keys: generate, load, publish as JWK, and sign JWTs (RFC 7515, 7517, 7638).

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256,
};
use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::jwk::{
    AlgorithmParameters, CommonParameters, EllipticCurve, EllipticCurveKeyParameters, EllipticCurveKeyType,
    Jwk, KeyAlgorithm, OctetKeyPairParameters, OctetKeyPairType, PublicKeyUse, RSAKeyParameters, RSAKeyType,
    ThumbprintHash,
};
use serde::Serialize;
use zeroize::Zeroizing;

use crate::jwt::es256::has_low_s;
use crate::{Algorithm, CryptoError, TokenType};

/// A private key that is ready to sign. The key is parsed once and its JWS headers are encoded once.
///
/// `jsonwebtoken` parses the private key for every signature, which costs more than an RSA signature itself. So
/// `aws-lc-rs` signs directly, and only the compact form is put together here.
pub struct SigningKey {
    kid: String,
    pair: Pair,
    /// The encoded headers for [`TokenType::Jwt`] and [`TokenType::AccessToken`].
    headers: [String; 2],
    jwk: Jwk,
}

enum Pair {
    Ed25519(Ed25519KeyPair),
    P256(EcdsaKeyPair),
    Rsa(RsaKeyPair),
}

impl SigningKey {
    /// Generates a private key and returns it as PKCS#8.
    ///
    /// # Errors
    /// [`CryptoError::Random`] if the key cannot be generated.
    pub fn generate(algorithm: Algorithm) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        let der = match algorithm {
            Algorithm::EdDSA => Ed25519KeyPair::generate().and_then(|pair| pkcs8(&pair)),
            Algorithm::ES256 => EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)
                .and_then(|pair| pair.to_pkcs8v1())
                .map(|der| Zeroizing::new(der.as_ref().to_vec())),
            Algorithm::RS256 => RsaKeyPair::generate(KeySize::Rsa2048).and_then(|pair| pkcs8(&pair)),
        };
        der.map_err(|_| CryptoError::Random)
    }

    /// Loads a private key from PKCS#8. Its `kid` is its RFC 7638 thumbprint.
    ///
    /// # Errors
    /// [`CryptoError::Key`] if the bytes are not a key of that algorithm.
    pub fn from_pkcs8(algorithm: Algorithm, pkcs8: &[u8]) -> Result<Self, CryptoError> {
        let pair = match algorithm {
            Algorithm::EdDSA => Ed25519KeyPair::from_pkcs8(pkcs8).map(Pair::Ed25519),
            Algorithm::ES256 => {
                EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8).map(Pair::P256)
            }
            Algorithm::RS256 => RsaKeyPair::from_pkcs8(pkcs8).map(Pair::Rsa),
        }
        .map_err(|_| CryptoError::Key)?;
        let jwk = public_jwk(&pair)?;
        let kid = jwk.common.key_id.clone().ok_or(CryptoError::Key)?;
        let headers = [TokenType::Jwt, TokenType::AccessToken].map(|typ| {
            let header = serde_json::json!({ "alg": algorithm.name(), "kid": kid, "typ": typ.name() });
            BASE64URL_NOPAD.encode(header.to_string().as_bytes())
        });
        Ok(Self { kid, pair, headers, jwk })
    }

    /// The key id: the RFC 7638 thumbprint of the public key.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The public key, as published in the JWK set.
    #[must_use]
    pub fn jwk(&self) -> &Jwk {
        &self.jwk
    }

    /// Signs `claims` as a token of type `typ` and returns the compact JWS (RFC 7515, 3.1).
    ///
    /// # Errors
    /// [`CryptoError::Claims`], [`CryptoError::Sign`].
    pub fn sign(&self, typ: TokenType, claims: &impl Serialize) -> Result<String, CryptoError> {
        let claims = serde_json::to_vec(claims).map_err(|_| CryptoError::Claims)?;
        let [jwt, access_token] = &self.headers;
        let header = match typ {
            TokenType::Jwt => jwt,
            TokenType::AccessToken => access_token,
        };
        let mut token = String::with_capacity(header.len() + claims.len() * 4 / 3 + 352);
        token.push_str(header);
        token.push('.');
        BASE64URL_NOPAD.encode_append(&claims, &mut token);
        let signature = self.pair.sign(token.as_bytes())?;
        token.push('.');
        BASE64URL_NOPAD.encode_append(&signature, &mut token);
        Ok(token)
    }
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningKey").field("kid", &self.kid).finish_non_exhaustive()
    }
}

impl Pair {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, CryptoError> {
        match self {
            Self::Ed25519(pair) => Ok(pair.sign(message).as_ref().to_vec()),
            Self::P256(pair) => sign_with_low_s(pair, message),
            Self::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)
                    .map_err(|_| CryptoError::Sign)?;
                Ok(signature)
            }
        }
    }
}

/// Signs until the signature is the one of its two forms that verification accepts. Each attempt succeeds with probability
/// 1/2.
fn sign_with_low_s(pair: &EcdsaKeyPair, message: &[u8]) -> Result<Vec<u8>, CryptoError> {
    for _ in 0..MAX_ATTEMPTS {
        let signature = pair.sign(&SystemRandom::new(), message).map_err(|_| CryptoError::Sign)?;
        if has_low_s(signature.as_ref()) {
            return Ok(signature.as_ref().to_vec());
        }
    }
    Err(CryptoError::Sign)
}

/// All of them fail with probability 2^-128.
const MAX_ATTEMPTS: u32 = 128;

fn pkcs8(
    pair: &impl AsDer<Pkcs8V1Der<'static>>,
) -> Result<Zeroizing<Vec<u8>>, aws_lc_rs::error::Unspecified> {
    Ok(Zeroizing::new(pair.as_der()?.as_ref().to_vec()))
}

fn public_jwk(pair: &Pair) -> Result<Jwk, CryptoError> {
    let (algorithm, parameters) = match pair {
        Pair::Ed25519(pair) => (
            KeyAlgorithm::EdDSA,
            AlgorithmParameters::OctetKeyPair(OctetKeyPairParameters {
                key_type: OctetKeyPairType::OctetKeyPair,
                curve: EllipticCurve::Ed25519,
                x: BASE64URL_NOPAD.encode(pair.public_key().as_ref()),
            }),
        ),
        Pair::P256(pair) => {
            (KeyAlgorithm::ES256, AlgorithmParameters::EllipticCurve(elliptic_curve_parameters(pair)?))
        }
        Pair::Rsa(pair) => (
            KeyAlgorithm::RS256,
            AlgorithmParameters::RSA(RSAKeyParameters {
                key_type: RSAKeyType::RSA,
                n: BASE64URL_NOPAD.encode(pair.public_key().modulus().big_endian_without_leading_zero()),
                e: BASE64URL_NOPAD.encode(pair.public_key().exponent().big_endian_without_leading_zero()),
            }),
        ),
    };
    let mut jwk = Jwk { common: CommonParameters::default(), algorithm: parameters };
    let kid = jwk.thumbprint(ThumbprintHash::SHA256).map_err(|_| CryptoError::Key)?;
    jwk.common.public_key_use = Some(PublicKeyUse::Signature);
    jwk.common.key_algorithm = Some(algorithm);
    jwk.common.key_id = Some(kid);
    Ok(jwk)
}

/// The coordinates of the public key, which the library encodes as an uncompressed point (SEC 1, 2.3.3).
fn elliptic_curve_parameters(pair: &EcdsaKeyPair) -> Result<EllipticCurveKeyParameters, CryptoError> {
    let coordinates = pair.public_key().as_ref().strip_prefix(&[4]).filter(|rest| rest.len() == 64);
    let (x, y) = coordinates.ok_or(CryptoError::Key)?.split_at(32);
    Ok(EllipticCurveKeyParameters {
        key_type: EllipticCurveKeyType::EC,
        curve: EllipticCurve::P256,
        x: BASE64URL_NOPAD.encode(x),
        y: BASE64URL_NOPAD.encode(y),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8037, appendix A: the key of A.1 and its thumbprint in A.3.
    #[test]
    fn the_kid_is_the_rfc_7638_thumbprint() {
        let seed = BASE64URL_NOPAD.decode(b"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A").unwrap();
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed).unwrap();
        let key = SigningKey::from_pkcs8(Algorithm::EdDSA, &pkcs8(&pair).unwrap()).unwrap();
        assert_eq!(key.kid(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }

    #[test]
    fn a_key_of_another_algorithm_is_not_loaded() {
        let ed = SigningKey::generate(Algorithm::EdDSA).unwrap();
        for other in [Algorithm::ES256, Algorithm::RS256] {
            assert_eq!(SigningKey::from_pkcs8(other, &ed).unwrap_err(), CryptoError::Key, "{other:?}");
        }
        for algorithm in Algorithm::ALL {
            assert_eq!(SigningKey::from_pkcs8(algorithm, b"").unwrap_err(), CryptoError::Key);
        }
    }

    #[test]
    fn a7_every_es256_signature_has_the_low_s() {
        let der = SigningKey::generate(Algorithm::ES256).unwrap();
        let key = SigningKey::from_pkcs8(Algorithm::ES256, &der).unwrap();
        for number in 0..64 {
            let token = key.sign(TokenType::AccessToken, &serde_json::json!({ "jti": number })).unwrap();
            let signature = BASE64URL_NOPAD.decode(token.rsplit_once('.').unwrap().1.as_bytes()).unwrap();
            assert!(has_low_s(&signature), "{token}");
        }
    }

    #[test]
    fn debug_output_of_a_key_shows_only_its_kid() {
        let der = SigningKey::generate(Algorithm::EdDSA).unwrap();
        let key = SigningKey::from_pkcs8(Algorithm::EdDSA, &der).unwrap();
        assert_eq!(format!("{key:?}"), format!("SigningKey {{ kid: {:?}, .. }}", key.kid()));
    }
}
