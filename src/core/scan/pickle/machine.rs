//! The state of an unpickler: stack, marks and memo, with limits on each.

use super::value::{Heap, Value};

/// Values on the stack: a tuple of two million items is on it all at once.
const STACK_MAX: usize = 2 << 20;
/// Marks open at a time: Python's own recursion limit keeps honest pickles far below.
const MARKS_MAX: usize = 1 << 16;
/// Values in the memo: every string and container of a large vocabulary is in it.
const MEMO_MAX: usize = 4 << 20;

/// Why a reading stopped before the end of its pickle.
#[derive(Debug)]
pub(super) enum Halt {
    /// The stream is not a pickle from here on; Python stops here too.
    Malformed(String),
    /// A limit of this program, or a construct it does not follow.
    Limit(String),
    /// The file cannot be read.
    Unreadable(String),
}

/// Stack, marks and memo.
#[derive(Clone, Default)]
pub(super) struct Machine {
    pub(super) heap: Heap,
    stack: Vec<Value>,
    /// Heights of the stack at the open marks.
    marks: Vec<usize>,
    memo: Memo,
}

#[derive(Clone, Default)]
struct Memo {
    dense: Vec<Value>,
    /// Entries above the dense part.
    sparse: std::collections::BTreeMap<u64, Value>,
}

fn underflow() -> Halt {
    Halt::Malformed("an opcode needs more values than there are on the stack".to_owned())
}

impl Machine {
    /// Puts a value on the stack.
    pub(super) fn push(&mut self, value: Value) -> Result<(), Halt> {
        if STACK_MAX <= self.stack.len() {
            return Err(Halt::Limit(format!(
                "more than {STACK_MAX} values are on its stack at once"
            )));
        }
        self.stack.push(value);
        Ok(())
    }

    /// Takes the top of the stack, which the last mark protects.
    pub(super) fn pop(&mut self) -> Result<Value, Halt> {
        if self.stack.len() <= self.fence() {
            return Err(underflow());
        }
        self.stack.pop().ok_or_else(underflow)
    }

    /// The top of the stack.
    pub(super) fn top(&self) -> Result<Value, Halt> {
        if self.stack.len() <= self.fence() {
            return Err(underflow());
        }
        self.stack.last().copied().ok_or_else(underflow)
    }

    fn fence(&self) -> usize {
        self.marks.last().copied().unwrap_or(0)
    }

    /// Opens a mark.
    pub(super) fn mark(&mut self) -> Result<(), Halt> {
        if MARKS_MAX <= self.marks.len() {
            return Err(Halt::Limit(format!("more than {MARKS_MAX} marks are open")));
        }
        self.marks.push(self.stack.len());
        Ok(())
    }

    /// POP: takes the top value, or the mark when it is on top.
    pub(super) fn pop_or_unmark(&mut self) -> Result<(), Halt> {
        if self.marks.last() == Some(&self.stack.len()) {
            self.marks.pop();
            return Ok(());
        }
        self.pop().map(drop)
    }

    /// Closes the last mark and takes everything above it.
    pub(super) fn pop_to_mark(&mut self) -> Result<Vec<Value>, Halt> {
        let height = self
            .marks
            .pop()
            .filter(|height| *height <= self.stack.len())
            .ok_or_else(|| Halt::Malformed("an opcode needs a mark and none is open".to_owned()))?;
        Ok(self.stack.split_off(height))
    }

    /// Takes the top `count` values, which become a tuple.
    pub(super) fn tuple(&mut self, count: usize) -> Result<(), Halt> {
        let mut items = [Value::Unknown; 3];
        for item in items.iter_mut().take(count).rev() {
            *item = self.pop()?;
        }
        let tuple = self.heap.tuple(items.get(..count).unwrap_or(&items));
        self.push(tuple)
    }

    /// Stores the top of the stack in the memo.
    pub(super) fn memorise(&mut self, index: u64) -> Result<(), Halt> {
        let value = self.top()?;
        let dense = self.memo.dense.len() as u64;
        if MEMO_MAX <= self.memo_count() {
            return Err(Halt::Limit(format!(
                "it memorises more than {MEMO_MAX} values"
            )));
        }
        if index == dense && !self.memo.sparse.contains_key(&index) {
            self.memo.dense.push(value);
        } else if let Some(slot) = usize::try_from(index)
            .ok()
            .and_then(|index| self.memo.dense.get_mut(index))
        {
            *slot = value;
        } else {
            self.memo.sparse.insert(index, value);
        }
        Ok(())
    }

    /// How many values the memo holds, which is where MEMOIZE puts the next.
    pub(super) fn memo_count(&self) -> usize {
        self.memo.dense.len() + self.memo.sparse.len()
    }

    /// Pushes a value from the memo.
    pub(super) fn recall(&mut self, index: u64) -> Result<(), Halt> {
        let dense = usize::try_from(index)
            .ok()
            .and_then(|index| self.memo.dense.get(index));
        let value = dense.or_else(|| self.memo.sparse.get(&index)).copied();
        let value = value.ok_or_else(|| {
            Halt::Malformed(format!(
                "it recalls entry {index}, which it never memorised"
            ))
        })?;
        self.push(value)
    }
}
