//! The program that is running: where it is, and its bytes.

use std::path::{Path, PathBuf};

use super::files::FileError;

/// The program that is running.
#[derive(Clone, Debug)]
pub struct Program {
    /// Where it was started from.
    pub path: PathBuf,
    /// Where its bytes are read: those that are executed, also when another file has taken the
    /// place of the path since.
    pub image: PathBuf,
}

/// The program that is running.
///
/// # Errors
/// When the operating system does not tell: on Linux, where `/proc` is not mounted.
pub fn running() -> Result<Program, FileError> {
    let path = std::env::current_exe()
        .map_err(|error| FileError::new("read", Path::new("/proc/self/exe"), error))?;
    let image = if cfg!(target_os = "linux") {
        PathBuf::from("/proc/self/exe")
    } else {
        path.clone()
    };
    Ok(Program { path, image })
}

/// The platform this program was built for, named as the archives of a release are.
#[must_use]
pub fn target() -> String {
    let machine = std::env::consts::ARCH;
    let system = match (std::env::consts::OS, cfg!(target_env = "musl")) {
        ("linux", true) => "unknown-linux-musl",
        ("linux", false) => "unknown-linux-gnu",
        ("macos", _) => "apple-darwin",
        ("windows", _) => "pc-windows-msvc",
        (other, _) => other,
    };
    format!("{machine}-{system}")
}

/// Asks the system for small pages of memory from here on. The allocator asks for huge ones, of 2 MB each, which
/// is good for tables; what reads files through small buffers on every core would hold twice the memory. Nothing
/// happens where there are none, or the system does not allow it.
pub fn prefer_small_pages() {
    #[cfg(target_os = "linux")]
    let _ = nix::sys::prctl::set_thp_disable(true);
}
