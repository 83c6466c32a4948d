//! Imports, whichever opcode asks for them.

use super::{Mode, Reading};
use crate::scan::pickle::Persistent;
use crate::scan::pickle::machine::Halt;
use crate::scan::pickle::text::{escape, is_path};
use crate::scan::pickle::value::{TEXT_KEPT_BYTES, Value};
use crate::scan::source::Line;
use crate::scan::{GlobalVerdict, verdict};

impl Reading<'_, '_> {
    pub(super) fn import(&mut self, opcode: u8) -> Result<(), Halt> {
        let value = match opcode {
            b'c' | b'i' => {
                let module = self.source.line(TEXT_KEPT_BYTES)?;
                let name = self.source.line(TEXT_KEPT_BYTES)?;
                match (utf8(module), utf8(name)) {
                    (Some(module), Some(name)) => self.global(&module, &name)?,
                    _ => self.unresolved("imports a name that is not text or too long"),
                }
            }
            0x93 => {
                let name = self.machine.pop()?;
                let module = self.machine.pop()?;
                let heap = &self.machine.heap;
                match (heap.as_text(module), heap.as_text(name)) {
                    (Some(module), Some(name)) => {
                        let (module, name) = (module.to_owned(), name.to_owned());
                        self.global(&module, &name)?
                    }
                    _ => self.unresolved("imports a name that is no constant of its own"),
                }
            }
            b'P' => {
                self.source.line(0)?;
                self.unresolved("asks its reader for an object by a persistent id")
            }
            b'Q' => {
                let id = self.machine.pop()?;
                self.persistent(id)
            }
            _ => {
                self.source.skip(match opcode {
                    0x82 => 1,
                    0x83 => 2,
                    _ => 4,
                })?;
                self.unresolved("imports by a number of the extension registry")
            }
        };
        if opcode == b'i' {
            let arguments = self.machine.pop_to_mark()?;
            let arguments = self.machine.heap.tuple(&arguments);
            return self.invoke(value, arguments);
        }
        self.machine.push(value)
    }

    /// PyTorch's ids are tuples: `('storage', class, key, place, elements, …)` for the bytes of a tensor,
    /// and `('module', class, file, source)` for a class with its source, which it compares and never runs.
    fn persistent(&mut self, id: Value) -> Value {
        let heap = &self.machine.heap;
        let parts = match self.report.persistent {
            Persistent::Torch => heap.as_tuple(id).unwrap_or_default(),
            Persistent::Refused => &[],
        };
        if let [kind, Value::Global(class), key, _, Value::Int(0..), ..] = parts
            && heap.as_text(*kind) == Some("storage")
            && let Some(key) = heap.as_text(*key)
            && let Some(global) = self.report.globals.get(*class as usize)
            && self.report.storages.add(key, &global.name)
        {
            return self.machine.heap.object(None, Value::None);
        }
        if let [kind, class @ Value::Global(_), file, source] = parts
            && heap.as_text(*kind) == Some("module")
            && heap.as_text(*file).is_some()
            && heap.beginning(*source).is_some()
        {
            return *class;
        }
        self.unresolved("asks its reader for an object by a persistent id")
    }

    pub(super) fn unresolved(&mut self, clause: &str) -> Value {
        self.problem("unresolved-import", clause.to_owned());
        Value::Unknown
    }

    fn global(&mut self, module: &str, name: &str) -> Result<Value, Halt> {
        let possible = match self.mode {
            Mode::Joblib | Mode::Plain => true,
            Mode::Probe => is_path(module) && is_path(name),
            // The module is imported whether or not the name is found in it.
            Mode::Shadow => is_path(module),
        };
        if !possible {
            return Err(Halt::Malformed(format!(
                "`{}` is not a module",
                escape(module)
            )));
        }
        if self.mode == Mode::Shadow && self.is_echo(module, name) {
            return Ok(Value::Unknown);
        }
        let (offset, protocol) = (self.offset(), self.protocol);
        self.report
            .import((module, name), protocol, offset, self.policy)
            .map(Value::Global)
    }

    /// Read on by `pickle` after the wrapper, an honest array of objects recalls entries of the
    /// wrong memo and asks for its own names in wrong modules. That is not an import anyone meant,
    /// unless it is one known to be dangerous.
    fn is_echo(&self, module: &str, name: &str) -> bool {
        let honest = self
            .report
            .globals
            .iter()
            .any(|global| global.verdict == GlobalVerdict::Allowed && global.name == name);
        honest && verdict::judge(module, name, self.protocol, self.policy) == GlobalVerdict::Unknown
    }
}

fn utf8(line: Line) -> Option<String> {
    String::from_utf8(line.bytes).ok().filter(|_| line.whole)
}
