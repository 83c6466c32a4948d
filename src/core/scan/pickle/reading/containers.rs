//! Containers and the memo.

use super::Reading;
use crate::scan::pickle::TORCH_PICKLES;
use crate::scan::pickle::machine::Halt;
use crate::scan::pickle::value::{TEXT_KEPT_BYTES, Value};

impl Reading<'_, '_> {
    pub(super) fn container(&mut self, opcode: u8) -> Result<(), Halt> {
        let value = match opcode {
            b')' => self.machine.heap.tuple(&[]),
            0x85..=0x87 => return self.machine.tuple(usize::from(opcode - 0x84)),
            b't' => {
                let items = self.machine.pop_to_mark()?;
                self.machine.heap.tuple(&items)
            }
            b'}' => self.machine.heap.dictionary(),
            b'd' => {
                let items = self.machine.pop_to_mark()?;
                let dictionary = self.machine.heap.dictionary();
                self.set_items(dictionary, &items)?;
                dictionary
            }
            // A list from a mark, or a frozen set.
            b'l' | 0x91 => {
                self.machine.pop_to_mark()?;
                Value::Unknown
            }
            _ => Value::Unknown,
        };
        self.machine.push(value)
    }

    pub(super) fn fill(&mut self, opcode: u8) -> Result<(), Halt> {
        let items = match opcode {
            b'a' => vec![self.machine.pop()?],
            b's' => {
                let value = self.machine.pop()?;
                vec![self.machine.pop()?, value]
            }
            _ => self.machine.pop_to_mark()?,
        };
        let target = self.machine.top()?;
        self.refuse_global_target(target);
        self.tensor_keys(&items);
        if matches!(opcode, b's' | b'u') {
            self.set_items(target, &items)?;
        }
        Ok(())
    }

    /// The fifth pickle of PyTorch's older format is a list: the tensors in the order in which they follow.
    fn tensor_keys(&mut self, items: &[Value]) {
        if !self.report.is_torch_file || self.report.pickles + 1 != TORCH_PICKLES {
            return;
        }
        for item in items {
            if let Some(key) = self.machine.heap.as_text(*item) {
                self.report.storages.follows(key);
            }
        }
    }

    pub(super) fn memo(&mut self, opcode: u8) -> Result<(), Halt> {
        let index = match opcode {
            b'h' | b'q' => self.source.byte()?.into(),
            b'j' | b'r' => u32::from_le_bytes(self.source.array()?).into(),
            0x94 => self.machine.memo_count() as u64,
            _ => {
                let line = self.source.line(TEXT_KEPT_BYTES)?;
                let index = std::str::from_utf8(&line.bytes).ok();
                index
                    .and_then(|index| index.trim_ascii().parse().ok())
                    .ok_or_else(|| {
                        Halt::Malformed("a memo entry is not named by a number".to_owned())
                    })?
            }
        };
        match opcode {
            b'g' | b'h' | b'j' => self.machine.recall(index),
            _ => self.machine.memorise(index),
        }
    }

    fn set_items(&mut self, target: Value, items: &[Value]) -> Result<(), Halt> {
        for pair in items.chunks(2) {
            let [key, value] = pair else {
                return Err(Halt::Malformed(
                    "a dictionary has a key without a value".to_owned(),
                ));
            };
            self.machine.heap.set_item(target, *key, *value);
        }
        Ok(())
    }
}
