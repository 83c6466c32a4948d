//! Arrays that joblib writes into the stream.

use super::{Mode, Reading};
use crate::scan::pickle::array::{self, PADDING_BYTES_MAX, Payload};
use crate::scan::pickle::is_opcode;
use crate::scan::pickle::machine::Halt;
use crate::scan::pickle::value::Value;

impl Reading<'_, '_> {
    pub(super) fn array(&mut self, wrapper: Value) -> Result<(), Halt> {
        let position = self.source.position();
        if self.frame_end.is_some_and(|end| position < end) {
            // joblib would read the array after the frame and then go on inside it.
            return Err(Halt::Malformed("an array begins inside a frame".to_owned()));
        }
        self.frame_end = None;
        let payload = array::payload(&self.machine.heap, &self.report.roles, wrapper)
            .map_err(|problem| Halt::Limit(format!("an array cannot be skipped: {problem}")))?;
        match payload {
            Payload::Pickle => {
                Reading::new(self.source, self.report, self.policy, Mode::Plain).run()?;
            }
            Payload::Raw { bytes, padded } => self.skip_array(bytes, padded)?,
        }
        if !std::mem::replace(&mut self.shadowed, true) {
            self.follow_shadow(position)?;
        }
        self.report.arrays += 1;
        self.machine.pop()?;
        self.machine.push(Value::Unknown)
    }

    fn skip_array(&mut self, bytes: u64, padded: bool) -> Result<(), Halt> {
        if padded {
            let padding = self.source.byte()?;
            if PADDING_BYTES_MAX < padding {
                return Err(Halt::Malformed(format!(
                    "an array is padded by {padding} bytes, where joblib writes at most \
                     {PADDING_BYTES_MAX}"
                )));
            }
            self.source.skip(padding.into())?;
        }
        self.source.skip(bytes)?;
        Ok(())
    }

    /// `pickle.load` knows no arrays: it reads on into the first of them, and sees what it sees
    /// until it fails or stops; called again, it goes on from there. One such reading for each
    /// pickle covers the rest of the file.
    fn follow_shadow(&mut self, array: u64) -> Result<(), Halt> {
        let after = self.source.position();
        self.source.seek(array);
        let (mut machine, mut protocol) = (self.machine.clone(), self.protocol);
        while self.source.peek()?.is_some_and(is_opcode) {
            let mut shadow = Reading::new(self.source, self.report, self.policy, Mode::Shadow);
            shadow.machine = std::mem::take(&mut machine);
            shadow.protocol = std::mem::take(&mut protocol);
            match shadow.run() {
                Ok(()) => {}
                Err(Halt::Malformed(_)) => break,
                Err(halt) => return Err(halt),
            }
        }
        self.source.seek(after);
        Ok(())
    }
}
