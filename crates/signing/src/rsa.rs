//! RSA for RS256, on AWS-LC.

use std::sync::Arc;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair;
use aws_lc_rs::signature::{
    KeyPair as _, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256,
    RsaPublicKeyComponents,
};
use solidarity_core::{Invalid, Retry};
use zeroize::Zeroizing;

use crate::{Error, Result};

/// 2,048 to 8,192 bits.
const MODULUS_BYTES: std::ops::RangeInclusive<usize> = 256..=1_024;

/// Checks signatures of an RSA key.
#[derive(Clone)]
pub(crate) struct RsaPublicKey {
    modulus: Vec<u8>,
    exponent: Vec<u8>,
    parsed: Arc<ParsedPublicKey>,
}

impl RsaPublicKey {
    pub(crate) fn new(modulus: &[u8], exponent: &[u8]) -> Result<Self, Invalid> {
        let refuse = |rule| Invalid::new("public key", rule);
        let top_bit_is_set = modulus.first().is_some_and(|byte| *byte >= 0x80);
        if !MODULUS_BYTES.contains(&modulus.len()) || !top_bit_is_set {
            return Err(refuse(
                "must have a modulus of 2,048 to 8,192 bits, a multiple of eight",
            ));
        }
        let value = exponent.iter().fold(0_u64, |value, byte| {
            value.saturating_mul(256) | u64::from(*byte)
        });
        if exponent.len() > 4 || value < 65_537 || value % 2 == 0 {
            return Err(refuse(
                "must have an odd exponent of 65,537 or more, in 32 bits",
            ));
        }
        let components = RsaPublicKeyComponents {
            n: modulus,
            e: exponent,
        };
        let parsed = components
            .to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256)
            .map_err(|_| refuse("must be an RSA key"))?;
        Ok(Self {
            modulus: modulus.to_vec(),
            exponent: exponent.to_vec(),
            parsed: Arc::new(parsed),
        })
    }

    pub(crate) fn modulus(&self) -> &[u8] {
        &self.modulus
    }

    pub(crate) fn exponent(&self) -> &[u8] {
        &self.exponent
    }

    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        self.parsed.verify_sig(message, signature).is_ok()
    }
}

/// The numbers of a private key, in the order of RFC 8017, A.1.2: n, e, d, p,
/// q, d mod (p − 1), d mod (q − 1), the inverse of q mod p.
pub(crate) fn key_pair(numbers: &[Zeroizing<Vec<u8>>; 8]) -> Result<KeyPair, Invalid> {
    // Room for all of it first: a vector that moves leaves its bytes behind.
    let room = numbers.iter().map(|number| number.len() + 5).sum::<usize>() + 3;
    let mut body = Zeroizing::new(Vec::with_capacity(room));
    body.extend_from_slice(&[0x02, 0x01, 0x00]); // version 0: two primes
    for number in numbers {
        let mut padded = Zeroizing::new(Vec::with_capacity(number.len() + 1));
        if number.first().is_none_or(|byte| *byte >= 0x80) {
            padded.push(0);
        }
        padded.extend_from_slice(number);
        der(&mut body, 0x02, &padded)?;
    }
    let mut whole = Zeroizing::new(Vec::with_capacity(body.len() + 4));
    der(&mut whole, 0x30, &body)?;
    KeyPair::from_der(&whole).map_err(|_| refuse_private())
}

pub(crate) fn key_pair_from_pkcs8(der: &[u8]) -> Result<KeyPair, Invalid> {
    KeyPair::from_pkcs8(der).map_err(|_| refuse_private())
}

fn refuse_private() -> Invalid {
    Invalid::new("private key", "must be an RSA key of 2,048 to 8,192 bits")
}

/// Appends one element in DER (X.690, 8.1.3). The lengths are those of keys:
/// below 64 KiB.
fn der(out: &mut Vec<u8>, tag: u8, content: &[u8]) -> Result<(), Invalid> {
    let length = u16::try_from(content.len()).map_err(|_| refuse_private())?;
    let [high, low] = length.to_be_bytes();
    match (high, low) {
        (0, 0..=0x7f) => out.extend_from_slice(&[tag, low]),
        (0, _) => out.extend_from_slice(&[tag, 0x81, low]),
        _ => out.extend_from_slice(&[tag, 0x82, high, low]),
    }
    out.extend_from_slice(content);
    Ok(())
}

pub(crate) fn sign(pair: &KeyPair, message: &[u8]) -> Result<Vec<u8>> {
    let mut signature = vec![0; pair.public_modulus_len()];
    pair.sign(
        &RSA_PKCS1_SHA256,
        &SystemRandom::new(),
        message,
        &mut signature,
    )
    .map_err(|error| Error::unanswered("sign", Retry::Never, error.to_string()))?;
    Ok(signature)
}

/// The modulus and the exponent of a pair.
pub(crate) fn public_numbers(pair: &KeyPair) -> (Vec<u8>, Vec<u8>) {
    let public = pair.public_key();
    let number =
        |positive: aws_lc_rs::io::Positive<'_>| positive.big_endian_without_leading_zero().to_vec();
    (number(public.modulus()), number(public.exponent()))
}
