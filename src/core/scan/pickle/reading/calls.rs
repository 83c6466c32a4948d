//! Calls, and BUILD, which gives an object its state.

use super::{Mode, Reading};
use crate::scan::pickle::machine::Halt;
use crate::scan::pickle::value::Value;
use crate::scan::pickle::{array, text};

impl Reading<'_, '_> {
    pub(super) fn call(&mut self, opcode: u8) -> Result<(), Halt> {
        if opcode == b'o' {
            let items = self.machine.pop_to_mark()?;
            let (class, arguments) = items
                .split_first()
                .ok_or_else(|| Halt::Malformed("OBJ has no class".to_owned()))?;
            let arguments = self.machine.heap.tuple(arguments);
            return self.invoke(*class, arguments);
        }
        if opcode == 0x92 {
            // Keyword arguments: an object made with them is never one we need to know.
            self.machine.pop()?;
        }
        let arguments = self.machine.pop()?;
        let callable = self.machine.pop()?;
        self.invoke(callable, arguments)
    }

    pub(super) fn invoke(&mut self, callable: Value, arguments: Value) -> Result<(), Halt> {
        let class = match callable {
            Value::Global(number) => {
                let heap = &self.machine.heap;
                self.report
                    .call(number, || text::shown_arguments(heap, arguments));
                Some(number)
            }
            Value::Unknown
            | Value::None
            | Value::Bool(_)
            | Value::Int(_)
            | Value::Text { .. }
            | Value::Bytes(_)
            | Value::Tuple { .. }
            | Value::Dictionary(_)
            | Value::Object(_) => {
                self.unresolved("calls something that is not an import");
                None
            }
        };
        let object = self.machine.heap.object(class, arguments);
        self.machine.push(object)
    }

    pub(super) fn build(&mut self) -> Result<(), Halt> {
        let state = self.machine.pop()?;
        let target = self.machine.top()?;
        self.refuse_global_target(target);
        self.machine.heap.build(target, state);
        if self.mode == Mode::Joblib
            && array::is_wrapper(&self.machine.heap, &self.report.roles, target)
        {
            return self.array(target);
        }
        Ok(())
    }

    /// BUILD and its like on an import change that class or module for the whole process.
    pub(super) fn refuse_global_target(&mut self, target: Value) {
        if let Value::Global(number) = target
            && let Some(global) = self.report.globals.get(number as usize)
        {
            let clause = format!("changes the import `{}` itself", global.path());
            self.problem("unsafe-global", clause);
        }
    }
}
