//! Padding of the last block: add it, and check it without a branch on decrypted bytes (X7).

use subtle::{Choice, ConditionallySelectable as _, ConstantTimeEq as _, ConstantTimeGreater as _};
use zeroize::Zeroizing;

use crate::{CryptoError, Padding};

/// The block size of AES in bytes.
pub(crate) const BLOCK_BYTES: usize = 16;

/// Pads `plain` to whole blocks, at least one.
///
/// # Errors
/// [`CryptoError::Length`] if this padding cannot fill the last block.
pub(crate) fn pad(padding: Padding, plain: &[u8]) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
    let missing = BLOCK_BYTES - plain.len() % BLOCK_BYTES; // 1 to 16
    let (count, byte) = match padding {
        Padding::Pkcs7 => (missing, u8::try_from(missing).unwrap_or_default()),
        Padding::Zeros | Padding::None => (missing % BLOCK_BYTES, 0),
    };
    if plain.is_empty() && padding != Padding::Pkcs7 || padding == Padding::None && count > 0 {
        return Err(CryptoError::Length);
    }
    let mut blocks = Zeroizing::new(Vec::with_capacity(plain.len() + count));
    blocks.extend_from_slice(plain);
    blocks.resize(plain.len() + count, byte);
    Ok(blocks)
}

/// Returns the number of padding bytes in the last block, and whether the padding is valid. The number is 0 if
/// the padding is invalid.
///
/// The function reads every byte of the block and branches on none of them.
pub(crate) fn check_padding(padding: Padding, last: &[u8; BLOCK_BYTES]) -> (u8, Choice) {
    match padding {
        Padding::Pkcs7 => check_pkcs7(last),
        Padding::Zeros => (count_zeros(last), Choice::from(1)),
        Padding::None => (0, Choice::from(1)),
    }
}

/// The last byte is the number of padding bytes, 1 to 16, and every padding byte has this value.
fn check_pkcs7(last: &[u8; BLOCK_BYTES]) -> (u8, Choice) {
    let [.., count] = last;
    let mut fits = count.ct_gt(&0) & !count.ct_gt(&16);
    for (at, byte) in (0_u8..).zip(last.iter().rev()) {
        let is_padding = count.ct_gt(&at);
        fits &= !is_padding | byte.ct_eq(count);
    }
    (u8::conditional_select(&0, count, fits), fits)
}

/// Counts the zeros at the end. Other implementations add 0 to 15 of them, or a whole block.
fn count_zeros(last: &[u8; BLOCK_BYTES]) -> u8 {
    let (mut count, mut goes_on) = (0, Choice::from(1));
    for byte in last.iter().rev() {
        goes_on &= byte.ct_eq(&0);
        count += goes_on.unwrap_u8();
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn x5_pkcs7_padding_is_1_to_16_bytes_that_hold_their_count() {
        for count in 1..=16_u8 {
            let padded = pad(Padding::Pkcs7, &vec![b'x'; 16 - usize::from(count)]).unwrap();
            let last: [u8; 16] = padded[padded.len() - 16..].try_into().unwrap();
            let (found, fits) = check_padding(Padding::Pkcs7, &last);
            assert!(bool::from(fits) && found == count, "{count}: {found}");
            for at in 16 - usize::from(count)..16 {
                let mut changed = last;
                changed[at] ^= 0x80;
                let (found, fits) = check_padding(Padding::Pkcs7, &changed);
                assert!(!bool::from(fits) && found == 0, "{count}, byte {at}");
            }
        }
        for count in [0, 17, 255] {
            assert!(!bool::from(check_padding(Padding::Pkcs7, &[count; 16]).1), "{count}");
        }
    }

    #[test]
    fn x5_zeros_fill_the_last_block_and_are_removed_from_its_end() {
        for length in 1..=16_u8 {
            let padded = pad(Padding::Zeros, &vec![b'x'; length.into()]).unwrap();
            let (found, _) = check_padding(Padding::Zeros, padded.as_slice().try_into().unwrap());
            assert_eq!((padded.len(), found), (16, 16 - length));
        }
        assert_eq!(check_padding(Padding::Zeros, &[0; 16]).0, 16);
        assert_eq!(check_padding(Padding::Zeros, b"\0x\0\0\0\0\0\0\0\0\0\0\0\0x\0").0, 1);
    }

    #[test]
    fn x5_without_padding_only_whole_blocks_are_accepted() {
        assert_eq!(pad(Padding::None, &[b'x'; 32]).unwrap().len(), 32);
        for length in [0, 1, 15, 17] {
            assert_eq!(pad(Padding::None, &vec![b'x'; length]).unwrap_err(), CryptoError::Length, "{length}");
        }
        assert_eq!(pad(Padding::Zeros, b"").unwrap_err(), CryptoError::Length);
    }
}
