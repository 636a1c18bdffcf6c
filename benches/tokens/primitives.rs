//! The bare cryptography, from the library the functions use, built as theirs is: with AWS-LC at `opt-level = 2`, for at
//! `"s"` it leaves out tables and AVX-512 code, which doubles RSA and quadruples P-256 on x86-64 (`AWS_LC_SYS_SMALL`).

use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, RSA_PKCS1_SHA256};

use crate::Outcome;
use crate::cpu::Subject;

/// What window F's callers sign: a timestamp and a client id.
const PROOF: &[u8] = b"1800000000abcdefghijklmnopqrstuvwxyz";

/// Keys ready to use, and the texts the windows sign. A primitive is taken at its least cost: nothing is parsed.
pub(crate) struct Primitives {
    hmac: hmac::Key,
    tag: hmac::Tag,
    ed25519: Ed25519KeyPair,
    p256: EcdsaKeyPair,
    rsa: RsaKeyPair,
    random: SystemRandom,
    for_f: Vec<u8>,
    for_k: Vec<u8>,
}

impl Primitives {
    /// Primitives that do for a token of window F and one of window K what their signatures do.
    pub(crate) fn new(of_f: &str, of_k: &str) -> Outcome<Self> {
        let hmac = hmac::Key::new(hmac::HMAC_SHA256, &[7; 64]);
        Ok(Self {
            tag: hmac::sign(&hmac, PROOF),
            hmac,
            ed25519: Ed25519KeyPair::generate()?,
            p256: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)?,
            rsa: RsaKeyPair::generate(KeySize::Rsa2048)?,
            random: SystemRandom::new(),
            for_f: signed_part(of_f)?,
            for_k: signed_part(of_k)?,
        })
    }

    pub(crate) fn hmac(&self) -> Subject<'_> {
        Subject::of(|| Ok(hmac::verify(&self.hmac, PROOF, self.tag.as_ref())?))
    }

    pub(crate) fn ed25519(&self) -> Subject<'_> {
        Subject::of(|| Ok(self.ed25519.sign(&self.for_f)))
    }

    pub(crate) fn p256(&self) -> Subject<'_> {
        Subject::of(|| Ok(self.p256.sign(&self.random, &self.for_f)?))
    }

    pub(crate) fn rsa(&self) -> Subject<'_> {
        Subject::of(|| {
            let mut signature = [0; 256];
            self.rsa.sign(&RSA_PKCS1_SHA256, &self.random, &self.for_k, &mut signature)?;
            Ok(signature)
        })
    }
}

/// What the signature of `token` signs.
fn signed_part(token: &str) -> Outcome<Vec<u8>> {
    let (signed, _) = token.rsplit_once('.').ok_or("a token without a signature")?;
    Ok(signed.as_bytes().to_vec())
}
