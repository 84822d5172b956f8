//! The checksum of a line: CRC-32 as in ISO 3309, which finds every error that is confined to 32 bits in a row.

/// The polynomial, with its bits reversed.
const POLYNOMIAL: u32 = 0xedb8_8320;

/// The checksum of `bytes`.
pub(super) fn checksum(bytes: &[u8]) -> u32 {
    let shifted = |crc: u32| if crc & 1 == 1 { (crc >> 1) ^ POLYNOMIAL } else { crc >> 1 };
    !bytes.iter().fold(u32::MAX, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), |crc, _| shifted(crc)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_checksum_that_others_compute() {
        assert_eq!(checksum(b"123456789"), 0xcbf4_3926, "the check value of the catalogues of such codes");
        assert_eq!(checksum(b""), 0);
    }
}
