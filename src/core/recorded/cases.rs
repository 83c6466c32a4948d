//! Results case by case, for comparisons on the same cases.

use std::collections::BTreeMap;

/// Results case by case: as many rows as there are answers. Rows of the same case are repetitions of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cases {
    ids: Vec<String>,
    columns: BTreeMap<String, Column>,
}

/// The numbers of one metric, row by row; NaN where a row has none.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    values: Vec<f64>,
    of_case: BTreeMap<String, f64>,
    without: u64,
}

/// Why columns are not cases.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("metric `{column}` has {found} values for {rows} cases")]
pub struct InvalidCases {
    /// Name of the metric.
    pub column: String,
    /// How many values it has.
    pub found: usize,
    /// How many rows there are.
    pub rows: usize,
}

impl Cases {
    /// Cases with these identities, one for each row, without numbers yet.
    #[must_use]
    pub fn new(ids: Vec<String>) -> Self {
        Self {
            ids,
            columns: BTreeMap::new(),
        }
    }

    /// The same cases with the numbers of one more metric, one for each row, NaN where there is none.
    ///
    /// # Errors
    /// When there are not as many as rows.
    pub fn with(mut self, name: impl Into<String>, values: Vec<f64>) -> Result<Self, InvalidCases> {
        let column = name.into();
        if values.len() != self.ids.len() {
            return Err(InvalidCases {
                column,
                found: values.len(),
                rows: self.ids.len(),
            });
        }
        let known = Column::of(&self.ids, values);
        self.columns.insert(column, known);
        Ok(self)
    }

    /// The same cases with the numbers of a metric that is about cases of its own: one task of several.
    /// `ids` are the identities of its rows; cases that are not among them are not missing from it.
    ///
    /// # Errors
    /// When there are not as many numbers as rows.
    pub fn with_own(
        mut self,
        name: impl Into<String>,
        ids: &[String],
        values: Vec<f64>,
    ) -> Result<Self, InvalidCases> {
        let column = name.into();
        if values.len() != ids.len() {
            return Err(InvalidCases {
                column,
                found: values.len(),
                rows: ids.len(),
            });
        }
        self.columns.insert(column, Column::of(ids, values));
        Ok(self)
    }

    /// How many rows there are, repetitions included; those of [`Self::with_own`] are not counted.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// The identity of the case of each row.
    #[must_use]
    pub fn ids(&self) -> &[String] {
        &self.ids
    }

    /// The metrics with their numbers.
    pub fn columns(&self) -> impl Iterator<Item = (&str, &Column)> {
        let columns = self.columns.iter();
        columns.map(|(name, column)| (name.as_str(), column))
    }

    /// The numbers of a metric.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.get(name)
    }
}

impl Column {
    fn of(ids: &[String], values: Vec<f64>) -> Self {
        let mut sums: BTreeMap<&str, (f64, u64)> = BTreeMap::new();
        let mut without: BTreeMap<&str, ()> = BTreeMap::new();
        for (id, value) in ids.iter().zip(&values) {
            if value.is_finite() {
                let (sum, count) = sums.entry(id).or_default();
                *sum += value;
                *count += 1;
            } else {
                without.insert(id, ());
            }
        }
        // A case one repetition of which has no number has none: what is missing may be what is bad.
        let whole = sums.iter().filter(|(id, _)| !without.contains_key(*id));
        let of_case = whole
            .map(|(id, (sum, count))| ((*id).to_owned(), sum / *count as f64))
            .collect();
        Self {
            without: without.len() as u64,
            of_case,
            values,
        }
    }

    /// The numbers row by row; NaN where a row has none.
    #[must_use]
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The mean over the repetitions of each case, by its identity; cases of which a repetition has no
    /// number are left out.
    #[must_use]
    pub fn of_case(&self) -> &BTreeMap<String, f64> {
        &self.of_case
    }

    /// How many cases are left out for lack of a number.
    #[must_use]
    pub fn without(&self) -> u64 {
        self.without
    }
}
