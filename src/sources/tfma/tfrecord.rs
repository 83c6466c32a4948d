//! Files of records (`.tfrecord`), as TensorFlow frames them: the length of a record and its checksum, the
//! record and its checksum (<https://www.tensorflow.org/tutorials/load_data/tfrecord>).

/// Largest record, in bytes: the metrics of one slice with a curve of ten thousand thresholds take some two
/// million.
const RECORD_BYTES_MAX: u64 = 16 << 20;

/// What is added to a checksum after it was rotated, so that a record that holds checksums has its own.
const MASK: u32 = 0xa282_ead8;

/// The records of a file.
///
/// # Errors
/// A sentence with the place, when one is cut or damaged.
pub(super) fn records(file: &[u8]) -> Result<Vec<&[u8]>, String> {
    let mut records = Vec::new();
    let mut rest = file;
    while !rest.is_empty() {
        let offset = file.len() - rest.len();
        let record = record(&mut rest)
            .map_err(|problem| format!("the record at byte {offset} {problem}"))?;
        records.push(record);
    }
    match records.is_empty() {
        true => Err("there is no record in it".to_owned()),
        false => Ok(records),
    }
}

fn record<'a>(rest: &mut &'a [u8]) -> Result<&'a [u8], &'static str> {
    const CUT: &str = "breaks off";
    let (length, after) = rest.split_first_chunk::<8>().ok_or(CUT)?;
    let (checksum, after) = after.split_first_chunk::<4>().ok_or(CUT)?;
    if u32::from_le_bytes(*checksum) != masked(length) {
        return Err("is none: the checksum of its length differs");
    }
    let length = u64::from_le_bytes(*length);
    if RECORD_BYTES_MAX < length {
        return Err("is larger than anybody's metrics");
    }
    let length = usize::try_from(length).map_err(|_| CUT)?;
    let (data, after) = after.split_at_checked(length).ok_or(CUT)?;
    let (checksum, after) = after.split_first_chunk::<4>().ok_or(CUT)?;
    if u32::from_le_bytes(*checksum) != masked(data) {
        return Err("is damaged: its checksum differs");
    }
    *rest = after;
    Ok(data)
}

fn masked(bytes: &[u8]) -> u32 {
    crc32c(bytes).rotate_right(15).wrapping_add(MASK)
}

/// The checksum of Castagnoli (RFC 3720, appendix B.4), byte by byte.
fn crc32c(bytes: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| {
        let index = usize::from(crc.to_le_bytes()[0] ^ byte);
        TABLE[index] ^ (crc >> 8)
    };
    !bytes.iter().fold(u32::MAX, step)
}

/// The checksum of each byte alone, by the reversed polynomial.
const TABLE: [u32; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut crc = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            crc = (crc >> 1) ^ if crc & 1 == 1 { 0x82f6_3b78 } else { 0 };
            bit += 1;
        }
        table[byte] = crc;
        byte += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::{crc32c, masked, records};

    /// Expected: the examples of RFC 3720, appendix B.4, and the check value of CRC-32C.
    #[test]
    fn checksums_are_those_of_the_standard() {
        assert_eq!(crc32c(b"123456789"), 0xe306_9283);
        assert_eq!(crc32c(&[0; 32]), 0x8a91_36aa);
        assert_eq!(crc32c(&[0xff; 32]), 0x62a8_ab43);
    }

    fn framed(data: &[u8]) -> Vec<u8> {
        let length = (data.len() as u64).to_le_bytes();
        let parts = [
            &length[..],
            &masked(&length).to_le_bytes(),
            data,
            &masked(data).to_le_bytes(),
        ];
        parts.concat()
    }

    #[test]
    fn records_are_whole_or_refused() {
        let file = [framed(b"one"), framed(b""), framed(b"three")].concat();
        let expected: [&[u8]; 3] = [b"one", b"", b"three"];
        assert_eq!(records(&file), Ok(expected.to_vec()));
        for at in 0..file.len() {
            let mut damaged = file.clone();
            damaged[at] ^= 1;
            assert!(records(&damaged).is_err(), "byte {at}");
        }
        let ends = [
            0,
            framed(b"one").len(),
            framed(b"one").len() + framed(b"").len(),
        ];
        for length in 0..file.len() {
            let is_whole = length != 0 && ends.contains(&length);
            assert_eq!(
                records(&file[..length]).is_ok(),
                is_whole,
                "cut at {length}"
            );
        }
        let huge = u64::MAX.to_le_bytes();
        let huge = [&huge[..], &masked(&huge).to_le_bytes()].concat();
        assert!(records(&huge).is_err());
    }
}
