//! What holds of the scan of any bytes. The tests beside this file use it, and by its path the fuzz targets in
//! `tests/fuzz`; so it names nothing but its parent.

use std::io::{Cursor, Write as _};

use super::{Coverage, FileScan, Format, GlobalVerdict, Outcome, ScanPolicy, scan};

/// A name that promises nothing.
pub const NAME: &str = "model";
/// A name that promises a pickle.
const PICKLE_NAME: &str = "model.pkl";
/// Names that promise something else.
const OTHER_NAMES: &[&str] = &[
    "model.safetensors",
    "model.onnx",
    "model.gguf",
    "weights.bin",
    "config.json",
    "notes.txt",
    "chat.jinja",
];
/// Pickles that run a command before anything that could follow them is read, without a STOP of their own.
const PAYLOADS: &[&[u8]] = &[
    b"cos\nsystem\n(S'id'\ntR",
    b"(S'id'\nios\nsystem\n",
    b"\x80\x02cos\nsystem\nX\x02\0\0\0id\x85R",
    b"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x02id\x85R",
    b"\x80\x04\x95\x17\0\0\0\0\0\0\0\x8c\x02os\x94\x8c\x06system\x94\x93\x94\x8c\x02id\x94\x85\x94R",
];

/// Scans the bytes and checks what holds of every scan.
pub fn sound(path: &str, bytes: &[u8]) -> FileScan {
    let found = scanned(path, bytes, &ScanPolicy::default());
    let coverage = |record: &&_| is_of(record, "scan-coverage");
    let covered: Vec<_> = found.evidence.iter().filter(coverage).collect();
    assert!(!covered.is_empty(), "nothing says how much was scanned");
    match found.coverage {
        Coverage::Scanned => {
            let all = covered.iter().all(|record| record.outcome == Outcome::Met);
            assert!(all, "not all of it was scanned: {covered:#?}");
        }
        Coverage::Unsupported => assert!(blocks(&found), "what is not scanned passes"),
        Coverage::DeclaredOpaque => panic!("nothing was declared opaque"),
    }
    for (verdict, requirement) in [
        (GlobalVerdict::Dangerous, "unsafe-global"),
        (GlobalVerdict::Unknown, "unknown-global"),
    ] {
        let mut imports = found.globals.iter();
        if imports.any(|import| import.verdict == verdict) {
            // Of the findings in many members of an archive some are only counted.
            let told = refused(&found).any(|broken| broken == requirement);
            let counted = refused(&found).any(|broken| broken == "archive-structure");
            assert!(
                told || counted,
                "an import breaks `{requirement}` and nothing says so"
            );
        }
    }
    for record in &found.evidence {
        // What a hostile file is called must not forge a line of a report.
        let forged = record.message.contains(char::is_control);
        assert!(!forged, "a control character in {:?}", record.message);
    }
    found
}

/// A second look sees the same.
pub fn same_again(path: &str, bytes: &[u8]) {
    let policy = ScanPolicy::default();
    let first = scanned(path, bytes, &policy);
    assert_eq!(first, scanned(path, bytes, &policy), "another answer");
}

/// Nothing that follows a payload makes it safer, and no payload is overlooked behind a pickle that passes, nor
/// in place of its end. Which payload is told by the bytes: all of them cost too much at once.
pub fn joined_is_no_safer(bytes: &[u8]) {
    let Some(payload) = PAYLOADS.get(bytes.len() % PAYLOADS.len()) else {
        return;
    };
    refuses("what follows hides a payload", &[payload, bytes]);
    refuses("what follows hides a pickle", &[payload, b".", bytes]);
    let passed = scanned(PICKLE_NAME, bytes, &ScanPolicy::default());
    let is_pickle = matches!(passed.format, Format::Pickle | Format::Joblib);
    let Some((_stop, endless)) = bytes.split_last().filter(|_| is_pickle && !blocks(&passed))
    else {
        return;
    };
    let cut = scanned(PICKLE_NAME, endless, &ScanPolicy::default());
    assert!(
        blocks(&cut) || endless.is_empty(),
        "a pickle without its end passes"
    );
    refuses(
        "a payload behind a pickle is overlooked",
        &[bytes, payload, b"."],
    );
    refuses(
        "a payload in a pickle is overlooked",
        &[endless, b"0", payload, b"."],
    );
}

/// What is refused by itself is refused as the member of an archive too.
pub fn packed_is_no_safer(bytes: &[u8]) {
    if !blocks(&sound(NAME, bytes)) {
        return;
    }
    for (kind, packed) in [
        ("zip", zip(bytes)),
        ("tar", tar(bytes)),
        ("gzip", gzip(bytes)),
    ] {
        let found = sound(NAME, &packed);
        assert!(blocks(&found), "{kind} hides it");
    }
}

/// A pickle that does harm does so under any name, and no declaration forgives what a file was seen to break.
pub fn renamed_is_no_safer(bytes: &[u8]) {
    let found = sound(NAME, bytes);
    let harmful = refused(&found).any(|broken| broken == "unsafe-global");
    if found.format == Format::Pickle && harmful {
        for name in OTHER_NAMES.iter().chain([&PICKLE_NAME]) {
            let other = scanned(name, bytes, &ScanPolicy::default());
            assert!(blocks(&other), "`{name}` hides a pickle");
        }
    }
    let policy = ScanPolicy {
        opaque: vec![NAME.to_owned()],
        ..ScanPolicy::default()
    };
    let opaque = scanned(NAME, bytes, &policy);
    for broken in refused(&found) {
        let still = refused(&opaque).any(|other| other == broken);
        assert!(still, "the declaration forgives `{broken}`");
    }
}

fn scanned(path: &str, bytes: &[u8], policy: &ScanPolicy) -> FileScan {
    scan(path, &mut Cursor::new(bytes), bytes.len() as u64, policy)
}

fn refuses(problem: &str, parts: &[&[u8]]) {
    let bytes = parts.concat();
    for name in [NAME, PICKLE_NAME] {
        let found = scanned(name, &bytes, &ScanPolicy::default());
        assert!(blocks(&found), "{problem} as `{name}`: {bytes:?}");
    }
}

fn blocks(found: &FileScan) -> bool {
    found.evidence.iter().any(super::Evidence::blocks)
}

/// The requirements that were seen to be broken.
fn refused(found: &FileScan) -> impl Iterator<Item = &str> {
    let records = found.evidence.iter();
    let broken = records.filter(|record| record.outcome == Outcome::NotMet);
    broken.map(|record| record.requirement.as_str())
}

fn is_of(record: &super::Evidence, requirement: &str) -> bool {
    record.requirement.as_str() == requirement
}

fn zip(bytes: &[u8]) -> Vec<u8> {
    let name = NAME.as_bytes();
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    let length = (bytes.len() as u32).to_le_bytes();
    let crc = crc.sum().to_le_bytes();
    let name_length = [name.len() as u8, 0];
    let common = [
        &[20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0x50][..],
        &crc,
        &length,
        &length,
        &name_length,
        &[0, 0],
    ]
    .concat();
    let member = [b"PK\x03\x04", common.as_slice(), name, bytes].concat();
    let entry = [b"PK\x01\x02\x14\0", common.as_slice(), &[0; 14], name].concat();
    let mut end = b"PK\x05\x06\0\0\0\0\x01\0\x01\0".to_vec();
    end.extend_from_slice(&(entry.len() as u32).to_le_bytes());
    end.extend_from_slice(&(member.len() as u32).to_le_bytes());
    end.extend_from_slice(&[0, 0]);
    [member, entry, end].concat()
}

fn tar(bytes: &[u8]) -> Vec<u8> {
    let mut header = [0; 512];
    let mut put = |place: usize, text: &[u8]| {
        if let Some(field) = header.get_mut(place..place + text.len()) {
            field.copy_from_slice(text);
        }
    };
    put(0, NAME.as_bytes());
    put(100, b"0000644\0");
    put(124, format!("{:011o}\0", bytes.len()).as_bytes());
    put(148, b"        ");
    put(156, b"0");
    put(257, b"ustar\x0000");
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    if let Some(field) = header.get_mut(148..156) {
        field.copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    }
    let mut archive = [&header, bytes].concat();
    archive.resize(archive.len().next_multiple_of(512) + 1024, 0);
    archive
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(bytes).expect("memory can be written to");
    packer.finish().expect("memory can be written to")
}
