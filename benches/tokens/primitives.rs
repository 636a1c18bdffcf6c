//! The raw cryptography, from the library that the functions use, with the same build settings.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ED25519, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, ParsedPublicKey,
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256,
};

use crate::Outcome;
use crate::aes_cbc::AesCbc;
use crate::batches::Subject;

/// A cryptographic operation that a window needs in any implementation.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Primitive {
    HmacSign,
    HmacVerify,
    Ed25519Sign,
    Ed25519Verify,
    P256Sign,
    RsaSign,
    RsaVerify,
    GcmSeal,
    GcmOpen,
    CbcEncrypt,
    CbcDecrypt,
}

impl Primitive {
    /// Every primitive.
    pub(crate) const ALL: [Self; 11] = [
        Self::HmacSign,
        Self::HmacVerify,
        Self::Ed25519Sign,
        Self::Ed25519Verify,
        Self::P256Sign,
        Self::RsaSign,
        Self::RsaVerify,
        Self::GcmSeal,
        Self::GcmOpen,
        Self::CbcEncrypt,
        Self::CbcDecrypt,
    ];

    /// Its name in the table.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::HmacSign => "HMAC-SHA256 sign",
            Self::HmacVerify => "HMAC-SHA256 verify",
            Self::Ed25519Sign => "Ed25519 sign",
            Self::Ed25519Verify => "Ed25519 verify",
            Self::P256Sign => "ECDSA P-256 sign",
            Self::RsaSign => "RSA-2048 PKCS#1 sign",
            Self::RsaVerify => "RSA-2048 PKCS#1 verify",
            Self::GcmSeal => "AES-256-GCM seal",
            Self::GcmOpen => "AES-256-GCM open",
            Self::CbcEncrypt => "AES-256-CBC encrypt",
            Self::CbcDecrypt => "AES-256-CBC decrypt",
        }
    }
}

/// Keys that are ready to use. No key is parsed during a measurement, so a primitive is at its fastest.
pub(crate) struct Primitives {
    hmac: hmac::Key,
    ed25519: Ed25519KeyPair,
    p256: EcdsaKeyPair,
    rsa: RsaKeyPair,
    gcm: LessSafeKey,
    random: SystemRandom,
}

impl Primitives {
    pub(crate) fn new() -> Outcome<Self> {
        Ok(Self {
            hmac: hmac::Key::new(hmac::HMAC_SHA256, &[7; 64]),
            ed25519: Ed25519KeyPair::generate()?,
            p256: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)?,
            rsa: RsaKeyPair::generate(KeySize::Rsa2048)?,
            gcm: LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &[7; 32])?),
            random: SystemRandom::new(),
        })
    }

    /// A subject that runs `primitive` on `length` bytes.
    pub(crate) fn subject(&self, primitive: Primitive, length: usize) -> Outcome<Subject<'_>> {
        let text = vec![b'a'; length];
        match primitive {
            Primitive::HmacSign => Ok(Subject::of(move || Ok(hmac::sign(&self.hmac, &text)))),
            Primitive::HmacVerify => {
                let tag = hmac::sign(&self.hmac, &text);
                Ok(Subject::of(move || Ok(hmac::verify(&self.hmac, &text, tag.as_ref())?)))
            }
            Primitive::Ed25519Sign => Ok(Subject::of(move || Ok(self.ed25519.sign(&text)))),
            Primitive::Ed25519Verify => {
                let signature = self.ed25519.sign(&text).as_ref().to_vec();
                let key = ParsedPublicKey::new(&ED25519, self.ed25519.public_key().as_ref())?;
                Ok(Subject::of(move || Ok(key.verify_sig(&text, &signature)?)))
            }
            Primitive::P256Sign => Ok(Subject::of(move || Ok(self.p256.sign(&self.random, &text)?))),
            Primitive::RsaSign => Ok(Subject::of(move || self.rsa_signature(&text))),
            Primitive::RsaVerify => {
                let signature = self.rsa_signature(&text)?;
                let public = self.rsa.public_key().as_ref();
                let key = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public)?;
                Ok(Subject::of(move || Ok(key.verify_sig(&text, &signature)?)))
            }
            Primitive::GcmSeal => Ok(Subject::of(move || self.seal(&text))),
            Primitive::GcmOpen => {
                let sealed = self.seal(&text)?;
                Ok(Subject::of(move || self.open(&sealed)))
            }
            Primitive::CbcEncrypt => {
                let cbc = AesCbc::new()?;
                Ok(Subject::of(move || cbc.encrypt(&text)))
            }
            Primitive::CbcDecrypt => {
                let cbc = AesCbc::new()?;
                let encrypted = cbc.encrypt(&text)?;
                Ok(Subject::of(move || cbc.decrypt(&encrypted)))
            }
        }
    }

    fn rsa_signature(&self, text: &[u8]) -> Outcome<[u8; 256]> {
        let mut signature = [0; 256];
        self.rsa.sign(&RSA_PKCS1_SHA256, &self.random, text, &mut signature)?;
        Ok(signature)
    }

    fn seal(&self, text: &[u8]) -> Outcome<Vec<u8>> {
        let mut sealed = text.to_vec();
        let nonce = Nonce::assume_unique_for_key([7; NONCE_LEN]);
        self.gcm.seal_in_place_append_tag(nonce, Aad::empty(), &mut sealed)?;
        Ok(sealed)
    }

    fn open(&self, sealed: &[u8]) -> Outcome<Vec<u8>> {
        let mut text = sealed.to_vec();
        let nonce = Nonce::assume_unique_for_key([7; NONCE_LEN]);
        self.gcm.open_in_place(nonce, Aad::empty(), &mut text)?;
        Ok(text)
    }
}
