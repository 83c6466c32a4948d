//! What one file may cost, however it is packed.

/// Archives inside archives.
pub(in crate::scan) const DEPTH_MAX: usize = 8;
/// Members of all archives in one file: a model of shards and tokenizers has hundreds, a PyTorch
/// archive of a large one thousands.
const MEMBERS_MAX: u64 = 100_000;
/// Bytes decoded from one file: a large forest that joblib has compressed is tens of gigabytes.
const DECODED_BYTES_MAX: u64 = 1 << 38;
/// Decoded bytes from which on their proportion to the file counts: less does no harm.
const BOMB_BYTES_MIN: u64 = 64 << 20;
/// Decoded bytes for each byte of the file. DEFLATE ends at 1,032; trained weights stay below 10, and
/// arrays of one value are small.
const BOMB_RATIO: u64 = 200;

/// What has been spent on one file.
pub(in crate::scan) struct Limits {
    file_bytes: u64,
    members: u64,
    decoded_bytes: u64,
    /// Bytes of members as they stand in their archives.
    packed_bytes: u64,
}

/// A limit that was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::scan) enum Reached {
    /// The file is far larger unpacked than packed.
    Bomb,
    /// There is more in it than is looked at.
    Size,
    /// The same bytes are those of many members.
    Overlap,
}

impl Limits {
    /// Nothing spent yet on a file of so many bytes.
    pub(in crate::scan) fn new(file_bytes: u64) -> Self {
        Self {
            file_bytes,
            members: 0,
            decoded_bytes: 0,
            packed_bytes: 0,
        }
    }

    /// Counts a member; the error says that there are too many.
    pub(super) fn member(&mut self) -> Result<(), String> {
        self.members += 1;
        if MEMBERS_MAX < self.members {
            return Err(format!("it has more than {MEMBERS_MAX} members"));
        }
        Ok(())
    }

    /// Counts the bytes of a member as they stand in its archive. Members that do not overlap have each byte of
    /// the file, and of what was decoded, once for each archive around it.
    pub(super) fn packed(&mut self, bytes: u64) -> Result<(), Reached> {
        self.packed_bytes = self.packed_bytes.saturating_add(bytes);
        let all = self.file_bytes.saturating_add(self.decoded_bytes);
        if all.saturating_mul(DEPTH_MAX as u64) < self.packed_bytes {
            return Err(Reached::Overlap);
        }
        Ok(())
    }

    /// Counts decoded bytes.
    pub(super) fn decoded(&mut self, bytes: u64) -> Result<(), Reached> {
        self.decoded_bytes = self.decoded_bytes.saturating_add(bytes);
        let allowed = self.file_bytes.saturating_mul(BOMB_RATIO);
        if BOMB_BYTES_MIN < self.decoded_bytes && allowed < self.decoded_bytes {
            return Err(Reached::Bomb);
        }
        if DECODED_BYTES_MAX < self.decoded_bytes {
            return Err(Reached::Size);
        }
        Ok(())
    }
}

impl Reached {
    /// The limit as a clause.
    pub(super) fn clause(self) -> String {
        match self {
            Self::Bomb => format!(
                "unpacks to more than {BOMB_RATIO} times its size, and to more than {} MiB",
                BOMB_BYTES_MIN >> 20
            ),
            Self::Overlap => {
                "its members lie over one another, and together are too long".to_owned()
            }
            Self::Size => format!("it unpacks to more than {} GiB", DECODED_BYTES_MAX >> 30),
        }
    }
}
