//! Calls, and BUILD, which gives an object its state.

use super::{Mode, Reading};
use crate::scan::GlobalVerdict;
use crate::scan::pickle::machine::Halt;
use crate::scan::pickle::text::escape;
use crate::scan::pickle::value::Value;
use crate::scan::pickle::{array, text};

/// Arguments of `types.CodeType`: 14 in Python 3.7, more since.
const CODE_ITEMS_MIN: usize = 13;
/// Names of a code object that are shown.
const CODE_NAMES_MAX: usize = 20;

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
                let shown = self.report.wants_call(number).then(|| {
                    let values = text::Values {
                        heap: &self.machine.heap,
                        globals: &self.report.globals,
                    };
                    values.shown_arguments(arguments)
                });
                self.report.call(number, shown.flatten());
                Some(number)
            }
            Value::Object(_) => {
                let values = text::Values {
                    heap: &self.machine.heap,
                    globals: &self.report.globals,
                };
                let made = values.shown(callable);
                self.unresolved(&format!(
                    "calls what `{made}` gives, which is not an import"
                ));
                None
            }
            Value::Unknown
            | Value::None
            | Value::Bool(_)
            | Value::Int(_)
            | Value::Text { .. }
            | Value::Bytes(_)
            | Value::Tuple { .. }
            | Value::Dictionary(_) => {
                self.unresolved("calls something that is not an import");
                None
            }
        };
        self.byte_code(callable, arguments);
        let object = self.machine.heap.object(class, arguments);
        self.machine.push(object)
    }

    /// The arguments of `types.CodeType`, by whatever name it is called: cloudpickle and dill write
    /// functions so. What the code names is worth knowing.
    fn byte_code(&mut self, callable: Value, arguments: Value) {
        let heap = &self.machine.heap;
        let Some(items) = heap
            .as_tuple(arguments)
            .filter(|items| CODE_ITEMS_MIN <= items.len())
        else {
            return;
        };
        let has_code = items.iter().any(|item| matches!(item, Value::Bytes(_)));
        let tuples = items.iter().filter_map(|item| heap.as_tuple(*item));
        let mut names: Vec<String> = tuples
            .flatten()
            .filter_map(|item| heap.as_text(*item).map(escape))
            .take(CODE_NAMES_MAX)
            .collect();
        names.dedup();
        if has_code && !names.is_empty() && !self.is_allowed(callable) {
            let clause = format!("makes Python code that names `{}`", names.join("`, `"));
            self.problem("executable-content", clause);
        }
    }

    fn is_allowed(&self, callable: Value) -> bool {
        let Value::Global(number) = callable else {
            return false;
        };
        let global = self.report.globals.get(number as usize);
        global.is_some_and(|global| global.verdict == GlobalVerdict::Allowed)
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
