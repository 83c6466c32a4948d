//! What the corpora cannot hold: streams larger than memory is allowed to be, and decoders that lie.

use std::io::{Cursor, Read as _, Seek as _, SeekFrom};

use super::decoded::Decoded;
use super::limits::{Limits, Reached};
use super::section::Shared;
use super::{Codec, unpack};
use crate::scan::{Coverage, Format, ScanPolicy, scan};

/// Longer than what is kept in memory, and not one value.
fn long_bytes() -> Vec<u8> {
    let pattern: Vec<u8> = (0..251_u8).cycle().take(40 << 20).collect();
    pattern
}

fn decoded(codec: Codec, packed: &[u8], check: impl FnOnce(Decoded<'_>)) {
    let mut cursor = Cursor::new(packed);
    let section = Shared::new(&mut cursor).section(0, packed.len() as u64);
    let mut limits = Limits::new(1 << 30);
    check(Decoded::read(codec, section, &mut limits));
}

#[test]
fn a_stream_too_long_for_memory_can_be_read_anywhere() {
    let bytes = long_bytes();
    let packed = zstd::encode_all(bytes.as_slice(), 1).expect("packed");
    decoded(Codec::Zstandard, &packed, |mut decoded| {
        assert_eq!(decoded.length, bytes.len() as u64);
        assert!(decoded.problem.is_none() && decoded.unread == 0);
        for place in [
            0_usize,
            39 << 20,
            5,
            20 << 20,
            (20 << 20) - 70_000,
            40 << 20,
        ] {
            let target = SeekFrom::Start(place as u64);
            decoded.content.seek(target).expect("a seek");
            let mut part = [0; 1000];
            let mut filled = 0;
            while filled < part.len() {
                match decoded.content.read(&mut part[filled..]).expect("read") {
                    0 => break,
                    count => filled += count,
                }
            }
            let end = bytes.len().min(place + 1000);
            assert_eq!(part[..filled], bytes[place..end], "from {place}");
        }
    });
}

#[test]
fn a_reader_that_looks_back_for_ever_is_refused() {
    let packed = zstd::encode_all(long_bytes().as_slice(), 1).expect("packed");
    decoded(Codec::Zstandard, &packed, |mut decoded| {
        let mut byte = [0];
        let looked = (0..100).find(|turn| {
            let place = if turn % 2 == 0 { 39 << 20 } else { 0 };
            decoded
                .content
                .seek(SeekFrom::Start(place))
                .expect("a seek");
            decoded.content.read(&mut byte).is_err()
        });
        assert!(looked.is_some_and(|turn| 10 < turn), "{looked:?}");
    });
}

#[test]
fn a_payload_behind_forty_megabytes_is_found() {
    let mut pickle = b"\x80\x04\x8e".to_vec();
    let weights = long_bytes();
    pickle.extend_from_slice(&(weights.len() as u64).to_le_bytes());
    pickle.extend_from_slice(&weights);
    pickle.extend_from_slice(b"0cos\nsystem\n\x8c\x02id\x85R.");
    let packed = zstd::encode_all(pickle.as_slice(), 1).expect("packed");
    let length = packed.len() as u64;
    let found = scan(
        "m.zst",
        &mut Cursor::new(packed),
        length,
        &ScanPolicy::default(),
    );
    assert_eq!(
        (found.format, found.coverage),
        (Format::Zstandard, Coverage::Scanned)
    );
    let call = found.globals.iter().find(|global| global.name == "system");
    assert_eq!(
        call.map(|call| call.calls.as_slice()),
        Some(&["'id'".to_owned()][..])
    );
}

#[test]
fn the_cost_of_all_members_counts_together() {
    let mut limits = Limits::new(1000);
    assert_eq!(limits.decoded(64 << 20), Ok(()));
    assert_eq!(limits.decoded(1), Err(Reached::Bomb));
    let mut limits = Limits::new(1 << 30);
    assert_eq!(limits.decoded(1 << 38), Err(Reached::Bomb));
    assert_eq!(
        Limits::new(1 << 40).decoded((1 << 38) + 1),
        Err(Reached::Size)
    );
}

#[test]
fn what_was_decoded_before_an_error_is_kept() {
    let packed = zstd::encode_all(&b"abc"[..], 1).expect("packed");
    assert_eq!(unpack(Codec::Zstandard, &packed, 2), b"ab");
    assert_eq!(unpack(Codec::Gzip, b"\x1f\x8bnot gzip", 10), b"");
    for codec in [
        Codec::Deflate,
        Codec::Zlib,
        Codec::Bzip2,
        Codec::Xz,
        Codec::Lzma,
        Codec::ZipLzma,
        Codec::Lz4,
    ] {
        assert_eq!(unpack(codec, b"", 10), b"", "{codec:?}");
    }
}
