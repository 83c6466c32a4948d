//! Programs, told by how they begin.

/// How programs and libraries begin that an operating system or a virtual machine runs.
pub(super) const SIGNATURES: &[&[u8]] = &[
    // ELF.
    b"\x7fELF",
    // WebAssembly.
    b"\x00asm",
    // Mach-O of 32 and 64 bits, in both byte orders; the same for several processors. One is Java's too.
    b"\xfe\xed\xfa\xce",
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",
    b"\xca\xfe\xba\xbf",
    b"\xbe\xba\xfe\xca",
    b"\xbf\xba\xfe\xca",
    // Programs for every system at once, as llamafile is: a shell script that is a Windows program.
    b"MZqFpD='",
    b"jartsr='",
    // Android, LLVM, Lua, static libraries, Windows shortcuts and installers.
    b"dex\n",
    b"BC\xc0\xde",
    b"\x1bLua",
    b"!<arch>\n",
    b"L\0\0\0\x01\x14\x02\0",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
];

/// Whether a file that begins with `head` is a program.
pub(super) fn is_program(head: &[u8]) -> bool {
    let begins = |magic: &&[u8]| head.starts_with(magic);
    SIGNATURES.iter().any(begins) || is_windows_program(head)
}

/// `MZ`, and the place it names says `PE`, which .NET has as well.
fn is_windows_program(head: &[u8]) -> bool {
    let place = match head.get(0x3c..0x40) {
        Some([a, b, c, d]) => u32::from_le_bytes([*a, *b, *c, *d]) as usize,
        _ => return false,
    };
    head.starts_with(b"MZ")
        && place
            .checked_add(4)
            .and_then(|end| head.get(place..end))
            .is_none_or(|signature| signature == b"PE\0\0")
}
