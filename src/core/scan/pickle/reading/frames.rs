//! Protocol and frames.

use super::Reading;
use crate::scan::pickle::machine::Halt;

impl Reading<'_, '_> {
    pub(super) fn protocol(&mut self) -> Result<(), Halt> {
        let protocol = self.source.byte()?;
        if 5 < protocol {
            return Err(Halt::Malformed(format!(
                "protocol {protocol} does not exist"
            )));
        }
        self.protocol = protocol;
        Ok(())
    }

    /// CPython's C reader ignores where frames end, its Python reader does not. We read on like the
    /// first, which sees every opcode the second sees, and report frames they disagree on.
    pub(super) fn enter_frame(&mut self) -> Result<(), Halt> {
        let length = u64::from_le_bytes(self.source.array()?);
        let position = self.source.position();
        if self.frame_end.is_some_and(|end| self.at < end) {
            self.problem(
                "pickle-malformed",
                "begins a frame inside another".to_owned(),
            );
        }
        let end = position.saturating_add(length);
        if self.source.end() < end {
            self.problem(
                "pickle-malformed",
                format!("promises a frame of {length} bytes and ends before"),
            );
        }
        self.frame_end = Some(end);
        Ok(())
    }

    pub(super) fn leave_frame(&mut self, opcode: u8) {
        let Some(end) = self.frame_end else {
            return;
        };
        let position = self.source.position();
        if end <= position {
            self.frame_end = None;
        }
        if end < position {
            self.problem(
                "pickle-malformed",
                "ends a frame inside an opcode".to_owned(),
            );
        } else if opcode == b'.' && position < end && end <= self.source.end() {
            self.problem(
                "pickle-malformed",
                "stops before the end of its frame".to_owned(),
            );
        }
    }
}
