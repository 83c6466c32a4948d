//! Archives and compressed streams: their members are scanned as files are, and so are the archives
//! themselves, because a loader and a scanner can be made to see different members.
//!
//! Nothing is written to disk. A stored member is read where it stands; a compressed one is decoded into
//! memory when it is small, and as a stream that can begin anew when it is not. What one file may cost is in
//! [`Limits`].

mod decoded;
mod decoder;
mod kind;
mod limits;
mod members;
mod names;
mod section;
mod sevenz;
mod stream;
mod tar;
mod zip;

pub(super) use decoder::Codec;
pub(super) use limits::Limits;

use std::io::Read as _;

use super::format::Format;
use super::job::Job;

/// Scans a zip archive.
pub(super) fn scan_zip(job: &mut Job<'_>) -> Format {
    zip::scan(job)
}

/// Scans a tar archive.
pub(super) fn scan_tar(job: &mut Job<'_>) -> Format {
    tar::scan(job)
}

/// Whether a file that begins with `head` is a tar archive.
pub(super) fn looks_like_tar(head: &[u8]) -> bool {
    tar::looks_like(head)
}

/// A file of another format that begins like a tar archive is one to Python's `tarfile`.
pub(super) fn hidden_tar(job: &mut Job<'_>) {
    const HEADER_BYTES: usize = 512;
    job.source.seek(0);
    let head = job.source.prefix(HEADER_BYTES as u64, HEADER_BYTES);
    if head.is_ok_and(|head| tar::looks_like(&head)) {
        job.source.seek(0);
        tar::scan_hidden(job);
    }
}

/// Scans a 7z archive.
pub(super) fn scan_sevenz(job: &mut Job<'_>) -> Format {
    sevenz::scan(job)
}

/// Scans a compressed stream.
pub(super) fn scan_stream(job: &mut Job<'_>, codec: Codec, format: Format) -> Format {
    stream::scan(job, codec, format)
}

/// A file of another format that ends like a zip archive is one to Python's `zipfile`.
pub(super) fn hidden_zip(job: &mut Job<'_>) {
    if zip::ends_like_one(&mut job.source) {
        job.source.seek(0);
        zip::scan(job);
    }
}

/// What a stream in memory decodes to, or its first `bytes_max` bytes.
pub(super) fn unpack(codec: Codec, bytes: &[u8], bytes_max: usize) -> Vec<u8> {
    let mut cursor = std::io::Cursor::new(bytes);
    let section = section::Shared::new(&mut cursor).section(0, bytes.len() as u64);
    let mut unpacked = Vec::new();
    if let Ok(decoder) = decoder::Decoder::new(codec, section) {
        // What was decoded before an error is looked at all the same.
        drop(decoder.take(bytes_max as u64).read_to_end(&mut unpacked));
    }
    unpacked
}

#[cfg(test)]
mod tests;
