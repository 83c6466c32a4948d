//! Names of members, as the programs that unpack them take them.

/// What is wrong with the name of a member, as a clause; nothing when it stays in its folder on every
/// system.
pub(super) fn problem(name: &[u8]) -> Option<&'static str> {
    let Ok(text) = std::str::from_utf8(name) else {
        return Some("is not named in UTF-8");
    };
    if text.is_empty() {
        return Some("has no name");
    }
    // Python ends a name at a NUL, and others do not.
    if text.chars().any(char::is_control) {
        return Some("has a control character in its name");
    }
    if text.contains('\\') {
        return Some("has a backslash in its name, which Windows takes for a folder");
    }
    let bytes = text.as_bytes();
    if text.starts_with('/') || bytes.get(1) == Some(&b':') {
        return Some("has an absolute path");
    }
    if text.split('/').any(|part| part.trim_end() == "..") {
        return Some("leads out of the folder it is unpacked in");
    }
    None
}
