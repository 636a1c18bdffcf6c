//! The bare cryptography, from the library the functions use, built as theirs is: for a profile with `opt-level = "s"`
//! AWS-LC leaves out tables and AVX-512 code, which doubles RSA and quadruples P-256 on x86-64 (`AWS_LC_SYS_SMALL`).

use aws_lc_rs::error::Unspecified;
use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, RSA_PKCS1_SHA256, Signature,
};

use crate::Outcome;

/// Keys ready to use. What a primitive costs is its least cost: nothing is parsed.
pub(crate) struct Primitives {
    hmac: hmac::Key,
    ed25519: Ed25519KeyPair,
    p256: EcdsaKeyPair,
    rsa: RsaKeyPair,
    random: SystemRandom,
}

impl Primitives {
    pub(crate) fn new() -> Outcome<Self> {
        Ok(Self {
            hmac: hmac::Key::new(hmac::HMAC_SHA256, &[7; 64]),
            ed25519: Ed25519KeyPair::generate()?,
            p256: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)?,
            rsa: RsaKeyPair::generate(KeySize::Rsa2048)?,
            random: SystemRandom::new(),
        })
    }

    pub(crate) fn hmac(&self, message: &[u8]) -> hmac::Tag {
        hmac::sign(&self.hmac, message)
    }

    pub(crate) fn hmac_verify(&self, message: &[u8], tag: &hmac::Tag) -> Result<(), Unspecified> {
        hmac::verify(&self.hmac, message, tag.as_ref())
    }

    pub(crate) fn ed25519_sign(&self, message: &[u8]) -> Signature {
        self.ed25519.sign(message)
    }

    pub(crate) fn p256_sign(&self, message: &[u8]) -> Result<Signature, Unspecified> {
        self.p256.sign(&self.random, message)
    }

    pub(crate) fn rsa_sign(&self, message: &[u8]) -> Result<[u8; 256], Unspecified> {
        let mut signature = [0; 256];
        self.rsa.sign(&RSA_PKCS1_SHA256, &self.random, message, &mut signature)?;
        Ok(signature)
    }
}
