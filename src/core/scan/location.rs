//! Names of files that a model keeps weights in.

/// What keeps a location from being a file beside the model, on any operating system.
pub(super) fn problem(location: &str) -> Option<&'static str> {
    if location.is_empty() {
        return Some("is empty");
    }
    if location.chars().any(char::is_control) {
        return Some("has control characters");
    }
    if location.contains('\\') {
        return Some("has a backslash");
    }
    if location.contains(':') {
        return Some("names a drive or a scheme");
    }
    if location.starts_with('/') || location.starts_with('~') {
        return Some("is not relative");
    }
    if location
        .split('/')
        .any(|part| part.is_empty() || part.trim_end_matches([' ', '.']).is_empty())
    {
        return Some("is not a plain path below the model");
    }
    None
}
