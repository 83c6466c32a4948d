//! Attributions in `.npy` and `.npz` files: `values`, `base_values`, `data`, `feature_names` as
//! `shap.Explanation` calls them, and `outputs`.

use std::io::{Cursor, Read as _};

use zip::ZipArchive;
use zip::result::ZipError;

use super::npy::{self, Array};
use crate::recorded::Attributions;
use crate::sources::FILE_BYTES_MAX;

/// Members of an archive; more than any explanation has.
const MEMBERS_MAX: usize = 100;

/// Attributions of an array alone: features are called by the number of their column.
pub(super) fn of_array(bytes: &[u8], class: Option<usize>) -> Result<Attributions, String> {
    let array = npy::parse(bytes)?;
    let (values, picked) = Picked::of(&array, class)?;
    Ok(Attributions {
        features: (0..picked.features)
            .map(|index| index.to_string())
            .collect(),
        values,
        data: None,
        bases: None,
        outputs: None,
        fits: None,
    })
}

/// Attributions of an archive as `numpy.savez` writes it.
pub(super) fn of_archive(bytes: &[u8], class: Option<usize>) -> Result<Attributions, String> {
    let mut archive = ZipArchive::new(Cursor::new(bytes))
        .map_err(|error| format!("it is no archive: {error}"))?;
    if MEMBERS_MAX < archive.len() {
        return Err(format!("it has more than {MEMBERS_MAX} members"));
    }
    let mut left = FILE_BYTES_MAX;
    let mut member = |name: &str| -> Result<Option<Vec<u8>>, String> {
        let file = match archive.by_name(&format!("{name}.npy")) {
            Ok(file) => file,
            Err(ZipError::FileNotFound) => return Ok(None),
            Err(error) => return Err(format!("`{name}`: {error}")),
        };
        let mut found = Vec::new();
        // One byte more than may be there tells what is too long.
        let read = file.take(left + 1).read_to_end(&mut found);
        read.map_err(|error| format!("`{name}`: {error}"))?;
        left = left
            .checked_sub(found.len() as u64)
            .ok_or_else(|| format!("it is larger than {FILE_BYTES_MAX} bytes when unpacked"))?;
        Ok(Some(found))
    };
    let said = |name: &'static str| move |problem: String| format!("`{name}`: {problem}");
    let values = member("values")?.ok_or(
        "there is no array `values` in it; save it as `numpy.savez(file, values=…, base_values=…, data=…, feature_names=…)`",
    )?;
    let (values, picked) =
        Picked::of(&npy::parse(&values).map_err(said("values"))?, class).map_err(said("values"))?;
    let mut per_row = |name: &'static str| -> Result<Option<Vec<f64>>, String> {
        let Some(bytes) = member(name)? else {
            return Ok(None);
        };
        let array = npy::parse(&bytes).map_err(said(name))?;
        picked.per_row(&array).map_err(said(name)).map(Some)
    };
    let (bases, outputs) = (per_row("base_values")?, per_row("outputs")?);
    let data = match member("data")? {
        None => None,
        Some(bytes) => {
            let array = npy::parse(&bytes).map_err(said("data"))?;
            if array.shape != [picked.rows, picked.features] {
                let problem = format!(
                    "`data`: its shape is {:?}, not that of `values`",
                    array.shape
                );
                return Err(problem);
            }
            array.numbers()
        }
    };
    let features = match member("feature_names")? {
        None => (0..picked.features)
            .map(|index| index.to_string())
            .collect(),
        Some(bytes) => {
            let array = npy::parse(&bytes).map_err(said("feature_names"))?;
            let names = array.texts().ok_or(
                "`feature_names`: they are no texts; save `numpy.array(names, dtype=str)`, objects are pickles, which are not read",
            )?;
            if names.len() != picked.features {
                return Err(format!(
                    "`feature_names`: there are {} names for {} features",
                    names.len(),
                    picked.features
                ));
            }
            names
        }
    };
    Ok(Attributions {
        features,
        values,
        data,
        bases,
        outputs,
        fits: None,
    })
}

/// The part of an array that is about one class.
struct Picked {
    rows: usize,
    features: usize,
    /// Which class, among how many; `None` where there are none.
    class: Option<(usize, usize)>,
}

impl Picked {
    /// Attributions of shape (rows, features) or (rows, features, classes), of one class.
    fn of(array: &Array<'_>, class: Option<usize>) -> Result<(Vec<f64>, Self), String> {
        let numbers = array.numbers().ok_or(
            "its elements are no numbers; save `values.astype(float)`, objects are pickles, which are not read",
        )?;
        let picked = match (array.shape.as_slice(), class) {
            ([rows, features], None) => Self {
                rows: *rows,
                features: *features,
                class: None,
            },
            ([_, _], Some(_)) => {
                return Err("it has no classes, so that `@class=` names none".to_owned());
            }
            ([rows, features, classes], class) => {
                let class = match (class, classes) {
                    (Some(class), _) => class,
                    (None, 1 | 2) => classes - 1,
                    (None, _) => {
                        return Err(format!(
                            "it has {classes} classes; say which one with `@class=0` to `@class={}` at the end of the path",
                            classes.saturating_sub(1)
                        ));
                    }
                };
                if *classes <= class {
                    return Err(format!(
                        "there is no class {class}, it has {classes} from 0"
                    ));
                }
                Self {
                    rows: *rows,
                    features: *features,
                    class: Some((class, *classes)),
                }
            }
            (shape, _) => {
                return Err(format!(
                    "its shape is {shape:?}; expected (rows, features) or (rows, features, classes)"
                ));
            }
        };
        if picked.rows == 0 || picked.features == 0 {
            return Err("there are no attributions in it".to_owned());
        }
        Ok((picked.only(numbers), picked))
    }

    /// The numbers of the class, where the last axis are classes.
    fn only(&self, numbers: Vec<f64>) -> Vec<f64> {
        match self.class {
            None => numbers,
            Some((class, classes)) => {
                let numbers = numbers.into_iter().skip(class);
                numbers.step_by(classes.max(1)).collect()
            }
        }
    }

    /// One number for each row: recorded as one for all, one for each row, one for each class, or one for
    /// each row and class.
    fn per_row(&self, array: &Array<'_>) -> Result<Vec<f64>, String> {
        let numbers = array.numbers().ok_or("its elements are no numbers")?;
        match (array.shape.as_slice(), self.class) {
            ([] | [1], _) => Ok(vec![
                numbers.first().copied().unwrap_or(f64::NAN);
                self.rows
            ]),
            ([rows, classes], Some((_, expected)))
                if *rows == self.rows && *classes == expected =>
            {
                Ok(self.only(numbers))
            }
            ([classes], Some((class, expected))) if *classes == expected => {
                Ok(vec![
                    numbers.get(class).copied().unwrap_or(f64::NAN);
                    self.rows
                ])
            }
            ([rows] | [rows, 1], None) if *rows == self.rows => Ok(numbers),
            (shape, _) => Err(format!(
                "its shape is {shape:?}, which does not fit {} rows of `values`",
                self.rows
            )),
        }
    }
}
