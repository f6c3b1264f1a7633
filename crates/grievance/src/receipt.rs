use std::fmt;
use std::str::FromStr;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use solidarity_core::Invalid;
use subtle::ConstantTimeEq;
use uuid::Uuid;

/// Crockford's base 32: no I, L, O or U, so that what is written by hand is
/// read as it was meant, and no code spells a word.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Random characters in a code: 95 bits.
const RANDOM: u32 = 19;

/// Characters to a group, when it is shown.
const GROUP: usize = 4;

/// What a complainant keeps: with it, and with nothing else, they read the
/// answer, rate it and appeal.
///
/// Twenty characters in five groups, such as `7KQ4-M2XD-9TRA-VW5H-C2JN`. They
/// come from 95 of the 122 random bits of a UUID of version 4, which the
/// operating system's generator makes; nothing in them counts cases or tells
/// when or where one was opened. The last is a check character, by which one
/// wrong character, or two that changed places, are noticed when it is typed.
///
/// It is shown once and never stored: a store holds its [`ReceiptDigest`].
/// Whoever opens a case makes the code, as they make the id, so that it can be
/// handed over where there is no network, and a lost answer can be asked for
/// again.
///
/// ```
/// use solidarity_grievance::ReceiptCode;
///
/// let code = ReceiptCode::generate();
/// let typed = code.reveal().to_lowercase().replace('-', " ");
/// assert_eq!(typed.parse(), Ok(code));
/// ```
#[derive(Clone, Copy)]
pub struct ReceiptCode {
    // The 95 random bits, the first character's the highest.
    bits: u128,
}

impl ReceiptCode {
    /// A new code.
    #[must_use]
    pub fn generate() -> Self {
        // RFC 9562 §5.4: 48 random bits, the version, 12 random bits, the
        // variant, 62 random bits.
        let uuid = Uuid::new_v4().as_u128();
        let (high, low) = (uuid >> 80, uuid & ((1 << 47) - 1));
        Self {
            bits: (high << 47) | low,
        }
    }

    /// The code, for the complainant alone. Never put it in a log.
    #[must_use]
    pub fn reveal(&self) -> String {
        let mut shown = String::new();
        for (position, value) in self.values().chain([self.check()]).enumerate() {
            if position > 0 && position % GROUP == 0 {
                shown.push('-');
            }
            shown.extend(ALPHABET.get(usize::from(value)).map(|c| char::from(*c)));
        }
        shown
    }

    fn values(&self) -> impl Iterator<Item = u8> {
        let bits = self.bits;
        (0..RANDOM).rev().map(move |place| {
            let value = (bits >> (5 * place)) & 0x1F;
            u8::try_from(value).unwrap_or(0)
        })
    }

    /// The characters as the polynomial's coefficients over GF(32), evaluated
    /// at a primitive element: any one change, and any exchange of two
    /// characters, changes it.
    fn check(&self) -> u8 {
        self.values().fold(0, |sum, value| times_x(sum ^ value))
    }
}

/// Times x in GF(32), modulo x⁵ + x² + 1.
const fn times_x(value: u8) -> u8 {
    let shifted = value << 1;
    if shifted & 0x20 == 0 {
        shifted
    } else {
        (shifted ^ 0x25) & 0x1F
    }
}

impl FromStr for ReceiptCode {
    type Err = Invalid;

    /// Reads a code as people write it: in either case, with O for 0, I or L
    /// for 1, and spaces or hyphens anywhere.
    fn from_str(typed: &str) -> Result<Self, Invalid> {
        let invalid = |rule| Invalid::new("receipt code", rule);
        let mut values = Vec::new();
        for typed in typed.chars().filter(|c| !matches!(c, '-' | ' ')) {
            let meant = match typed.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            };
            let value = ALPHABET.iter().position(|c| char::from(*c) == meant);
            let value = value.and_then(|value| u8::try_from(value).ok());
            values.push(value.ok_or_else(|| invalid("must be digits and letters"))?);
            if values.len() > RANDOM as usize + 1 {
                break;
            }
        }
        if values.len() != RANDOM as usize + 1 {
            return Err(invalid("must be 20 characters"));
        }
        let check = values.pop();
        let shift = |bits, value: u8| (bits << 5) | u128::from(value);
        let code = Self {
            bits: values.into_iter().fold(0, shift),
        };
        if check != Some(code.check()) {
            return Err(invalid("must be typed as it was written"));
        }
        Ok(code)
    }
}

impl PartialEq for ReceiptCode {
    fn eq(&self, other: &Self) -> bool {
        self.bits
            .to_be_bytes()
            .ct_eq(&other.bits.to_be_bytes())
            .into()
    }
}

impl Eq for ReceiptCode {}

impl fmt::Debug for ReceiptCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReceiptCode(..)")
    }
}

/// The server's key, under which receipt codes are stored. Keep it out of the
/// database: who has only the database can then neither read a code nor test
/// a guess.
#[derive(Clone)]
pub struct ReceiptKey([u8; 32]);

impl ReceiptKey {
    /// The key `bytes`, which were drawn at random once.
    #[must_use]
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// What a store holds of `code`: HMAC-SHA-256 (RFC 2104) under this key.
    #[must_use]
    pub fn digest(&self, code: &ReceiptCode) -> ReceiptDigest {
        // A key shorter than the block is filled up with zeros (RFC 2104 §2).
        let mut block = [0; 64];
        for (filled, byte) in block.iter_mut().zip(self.0) {
            *filled = byte;
        }
        let mut mac = Hmac::<Sha256>::new(&block.into());
        mac.update(b"solidarity grievance receipt code 1");
        mac.update(&code.bits.to_be_bytes());
        ReceiptDigest(mac.finalize().into_bytes().into())
    }
}

impl fmt::Debug for ReceiptKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReceiptKey(..)")
    }
}

/// A receipt code under the server's key: what a store holds and looks up.
///
/// Two are compared in constant time.
#[derive(Clone, Copy)]
pub struct ReceiptDigest([u8; 32]);

impl ReceiptDigest {
    /// A digest that was stored.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// What is stored.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl PartialEq for ReceiptDigest {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for ReceiptDigest {}

impl fmt::Debug for ReceiptDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReceiptDigest(..)")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    fn code(bits: u128) -> ReceiptCode {
        ReceiptCode {
            bits: bits & ((1 << 95) - 1),
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_is_read_back(bits: u128) {
            prop_assert_eq!(code(bits).reveal().parse(), Ok(code(bits)));
        }

        #[test]
        fn a_slip_of_the_pen_is_noticed(bits: u128, at in 0..20_usize, other in 0..20_usize, wrong in 0..32_usize) {
            let shown = code(bits).reveal().replace('-', "").into_bytes();
            let mut changed = shown.clone();
            changed[at] = ALPHABET[wrong];
            let mut exchanged = shown.clone();
            exchanged.swap(at, other);
            for typed in [changed, exchanged] {
                let read = String::from_utf8(typed.clone()).unwrap().parse::<ReceiptCode>();
                prop_assert_eq!(read.is_ok(), typed == shown);
            }
        }

        #[test]
        fn nothing_typed_panics_or_is_repeated(typed in ".{0,60}") {
            if let Err(error) = typed.parse::<ReceiptCode>() {
                prop_assert!(typed.len() < 12 || !error.to_string().contains(&typed));
            }
        }
    }

    #[test]
    fn it_reads_what_people_write() {
        let written = code(0).reveal();
        assert_eq!(written, "0000-0000-0000-0000-0000");
        assert_eq!("oooo OOOO 0000-0000 oo oo".parse(), Ok(code(0)));
        for bad in ["", "0000", "0000-0000-0000-0000-000U", &"0".repeat(21)] {
            assert!(bad.parse::<ReceiptCode>().is_err(), "{bad}");
        }
    }

    #[test]
    fn every_random_bit_varies() {
        let codes: Vec<_> = (0..400).map(|_| ReceiptCode::generate().bits).collect();
        let ones = codes.iter().fold(0, |seen, bits| seen | bits);
        let zeros = codes.iter().fold(0, |seen, bits| seen | !bits);
        let all = (1_u128 << 95) - 1;
        assert_eq!((ones, zeros & all), (all, all));
        assert_eq!(codes.iter().collect::<HashSet<_>>().len(), 400);
    }

    #[test]
    fn a_digest_belongs_to_one_code_and_one_key() {
        let key = ReceiptKey::new([7; 32]);
        assert_eq!(key.digest(&code(1)), key.digest(&code(1)));
        assert_ne!(key.digest(&code(1)), key.digest(&code(2)));
        assert_ne!(
            key.digest(&code(1)),
            ReceiptKey::new([8; 32]).digest(&code(1))
        );
        let said = format!("{:?} {key:?} {:?}", code(1), key.digest(&code(1)));
        assert_eq!(said, "ReceiptCode(..) ReceiptKey(..) ReceiptDigest(..)");
    }
}
