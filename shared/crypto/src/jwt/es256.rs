//! The one form of an ES256 signature that is accepted (A7).
//!
//! Whoever has a signature `(r, s)` can compute `(r, n - s)`, which is also valid. A token would have two texts, and the
//! revocation of one text would not revoke the other. So only the smaller `s` of the two is accepted, as in BIP 146.

/// Half of the order `n` of P-256, rounded down (SP 800-186, 3.2.1.3), big-endian.
const HALF_ORDER: [u8; 32] = [
    0x7f, 0xff, 0xff, 0xff, 0x80, 0x00, 0x00, 0x00, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xde,
    0x73, 0x7d, 0x56, 0xd3, 0x8b, 0xcf, 0x42, 0x79, 0xdc, 0xe5, 0x61, 0x7e, 0x31, 0x92, 0xa8,
];

/// Whether `signature` is 64 bytes (`r`, then `s`; RFC 7518, 3.4) and `s` is at most half of the order.
pub(super) fn has_low_s(signature: &[u8]) -> bool {
    signature.len() == 64 && signature.get(32..).is_some_and(|s| s <= HALF_ORDER.as_slice())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a7_s_is_low_up_to_half_of_the_order() {
        let mut above = HALF_ORDER;
        above[31] += 1;
        for (s, is_low) in [(&HALF_ORDER, true), (&above, false), (&[0; 32], true), (&[0xff; 32], false)] {
            assert_eq!(has_low_s(&[&[1; 32], s.as_slice()].concat()), is_low, "{s:?}");
        }
        for length in [0, 32, 63, 65] {
            assert!(!has_low_s(&vec![0; length]), "{length}");
        }
    }
}
