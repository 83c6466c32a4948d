//! The arrays that joblib writes into the middle of a pickle: how many bytes follow the wrapper.
//!
//! `joblib.numpy_pickle.NumpyArrayWrapper` describes an array in its BUILD state; when joblib's
//! reader has applied that BUILD, the raw bytes of the array follow at once, outside every frame
//! (joblib 1.6, `numpy_pickle.py`). Skipping one byte too many would hide opcodes, so every part of
//! the description must be literally known and of the form numpy itself writes; anything else is
//! refused. numpy takes "holds objects" from the flags of the dtype's state, so the flags must agree
//! with the dtype's kind.

use super::value::{Heap, Value};

/// joblib aligns arrays to 16 bytes and writes 1 to 16 bytes of padding. More than that could spell
/// opcodes that another reader would run.
pub(super) const PADDING_BYTES_MAX: u8 = 16;
/// A structure of plain fields; structures of structures could be made to multiply.
const DTYPE_DEPTH_MAX: usize = 1;
/// The flag numpy tests for "holds Python objects" (`NPY_ITEM_REFCOUNT`).
const FLAG_HAS_OBJECT: i64 = 1;

/// What follows the wrapper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Payload {
    /// A pickle of its own: an array of objects.
    Pickle,
    /// So many raw bytes, after a padding when `padded`.
    Raw { bytes: u64, padded: bool },
}

/// Imports that mean something to this file, by their number in the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// The wrapper class.
    Wrapper,
    /// The dtype class.
    Dtype,
    /// `copyreg._reconstructor`, which makes every object in protocols 0 and 1.
    Reconstructor,
    /// Anything else.
    Other,
}

impl Role {
    /// The role of an import, under the name Python 3 knows it by.
    pub(super) fn of(module: &str, name: &str) -> Self {
        match (module, name) {
            ("joblib.numpy_pickle", "NumpyArrayWrapper") => Self::Wrapper,
            ("numpy", "dtype") => Self::Dtype,
            ("copyreg", "_reconstructor") => Self::Reconstructor,
            _ => Self::Other,
        }
    }
}

fn role(roles: &[Role], global: Option<u32>) -> Role {
    let number = global.and_then(|number| usize::try_from(number).ok());
    number
        .and_then(|number| roles.get(number).copied())
        .unwrap_or(Role::Other)
}

/// Whether the value is an instance of joblib's wrapper.
pub(super) fn is_wrapper(heap: &Heap, roles: &[Role], value: Value) -> bool {
    let Some(object) = heap.as_object(value) else {
        return false;
    };
    match role(roles, object.class) {
        Role::Wrapper => true,
        // `_reconstructor(class, object, None)`; with unknown arguments it could be the wrapper.
        Role::Reconstructor => match heap.as_tuple(object.arguments).and_then(|a| a.first()) {
            Some(Value::Global(class)) => role(roles, Some(*class)) == Role::Wrapper,
            Some(_) | None => true,
        },
        Role::Dtype | Role::Other => false,
    }
}

/// What follows the wrapper `value`; the error says which part of the description is not known.
pub(super) fn payload(heap: &Heap, roles: &[Role], value: Value) -> Result<Payload, &'static str> {
    let object = heap.as_object(value).ok_or("the wrapper is not known")?;
    if object.builds != 1 {
        return Err("its wrapper was changed twice");
    }
    if role(roles, object.class) == Role::Wrapper
        && heap
            .as_tuple(object.arguments)
            .is_none_or(|a| !a.is_empty())
    {
        return Err("its wrapper was made with arguments");
    }
    let state = heap
        .as_dictionary(object.state)
        .ok_or("its wrapper's state is not a plain dictionary")?;
    let entry = |name: &str| {
        let found = state
            .iter()
            .find(|(key, _)| heap.as_text(*key) == Some(name));
        found.map(|(_, value)| *value)
    };
    let shape = entry("shape").ok_or("its shape is missing")?;
    let count = count(heap, shape).ok_or("its shape is not a tuple of small numbers")?;
    let dtype = entry("dtype").ok_or("its dtype is missing")?;
    let element = element(heap, roles, dtype, 0)?;
    if element.objects {
        return Ok(Payload::Pickle);
    }
    let bytes = count
        .checked_mul(element.bytes)
        .ok_or("its size overflows")?;
    let padded = match entry("numpy_array_alignment_bytes") {
        None | Some(Value::None) => false,
        Some(Value::Int(_)) => true,
        Some(_) => return Err("its alignment is not a number"),
    };
    Ok(Payload::Raw { bytes, padded })
}

fn count(heap: &Heap, shape: Value) -> Option<u64> {
    heap.as_tuple(shape)?
        .iter()
        .try_fold(1_u64, |product, item| match item {
            Value::Int(length) => product.checked_mul(u64::try_from(*length).ok()?),
            _ => None,
        })
}

struct Element {
    bytes: u64,
    objects: bool,
}

fn element(
    heap: &Heap,
    roles: &[Role],
    dtype: Value,
    depth: usize,
) -> Result<Element, &'static str> {
    const UNKNOWN: &str = "its dtype is not one numpy writes";
    if DTYPE_DEPTH_MAX < depth {
        return Err(UNKNOWN);
    }
    let object = heap.as_object(dtype).ok_or(UNKNOWN)?;
    if role(roles, object.class) != Role::Dtype || object.builds != 1 {
        return Err(UNKNOWN);
    }
    let (kind, digits) = constructor(heap, object.arguments).ok_or(UNKNOWN)?;
    let state = heap.as_tuple(object.state).ok_or(UNKNOWN)?;
    let [
        Value::Int(3 | 4),
        _,
        subdtype,
        _,
        fields,
        size,
        _,
        Value::Int(flags),
        ..,
    ] = state
    else {
        return Err(UNKNOWN);
    };
    if kind != 'V' && *fields != Value::None {
        return Err(UNKNOWN);
    }
    if *subdtype != Value::None {
        return Err("its dtype contains arrays");
    }
    let objects = kind == 'O' || fields_hold_objects(heap, roles, *fields, depth)?;
    if objects != (flags & FLAG_HAS_OBJECT != 0) {
        return Err("its dtype's flags contradict its kind");
    }
    let bytes = match (kind, size) {
        ('S' | 'U' | 'V', Value::Int(size)) => u64::try_from(*size).map_err(|_| UNKNOWN)?,
        ('S' | 'U' | 'V', _) => return Err(UNKNOWN),
        (_, Value::Int(-1)) => digits,
        (_, _) => return Err(UNKNOWN),
    };
    Ok(Element { bytes, objects })
}

/// Kind letter and number of a call `dtype('f8', False, True)`: a fresh dtype, which its BUILD state
/// then describes. With other flags numpy may give out a shared one, on which BUILD does nothing.
fn constructor(heap: &Heap, arguments: Value) -> Option<(char, u64)> {
    let [text, align, copy] = heap.as_tuple(arguments)? else {
        return None;
    };
    if !matches!(align, Value::Bool(false) | Value::Int(0))
        || !matches!(copy, Value::Bool(true) | Value::Int(1))
    {
        return None;
    }
    let mut characters = heap.as_text(*text)?.chars();
    let kind = characters.next()?;
    let digits = characters.as_str();
    let plain = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
    let number = digits.parse().ok()?;
    let widths: &[u64] = match kind {
        'b' => &[1],
        'i' | 'u' => &[1, 2, 4, 8],
        'f' => &[2, 4, 8, 12, 16],
        'c' => &[8, 16, 24, 32],
        'm' | 'M' | 'O' => &[8],
        'S' | 'U' | 'V' => return plain.then_some((kind, number)),
        _ => return None,
    };
    (plain && widths.contains(&number)).then_some((kind, number))
}

fn fields_hold_objects(
    heap: &Heap,
    roles: &[Role],
    fields: Value,
    depth: usize,
) -> Result<bool, &'static str> {
    if fields == Value::None {
        return Ok(false);
    }
    let entries = heap
        .as_dictionary(fields)
        .ok_or("its dtype's fields are not known")?;
    let mut objects = false;
    for (_, field) in entries {
        let dtype = heap.as_tuple(*field).and_then(|parts| parts.first());
        let dtype = dtype.ok_or("its dtype's fields are not known")?;
        objects |= element(heap, roles, *dtype, depth + 1)?.objects;
    }
    Ok(objects)
}
