//! From two columns to evidence.

use super::{Column, DriftSpec, Statistic, Undefined, ks, psi};
use crate::evidence::{
    Bound, Evidence, Location, Quantity, Reason, Requirement, Severity, Subject, Unit,
};

const DRIFT_PSI: &str = "drift-psi";
const DRIFT_KS: &str = "drift-ks";

/// Every requirement on drift.
pub const REQUIREMENTS: &[Requirement] = &[
    Requirement {
        id: DRIFT_PSI,
        summary: "The population stability index of the column against the reference is within its bound.",
        remedy: "Look at the distribution of the column; fix the pipeline that feeds it, or retrain and renew the reference.",
        references: &["Siddiqi 2006, Credit Risk Scorecards"],
    },
    Requirement {
        id: DRIFT_KS,
        summary: "The Kolmogorov-Smirnov statistic of the column against the reference is within its bound.",
        remedy: "Look at the distribution of the column; fix the pipeline that feeds it, or retrain and renew the reference.",
        references: &[
            "https://docs.scipy.org/doc/scipy/reference/generated/scipy.stats.ks_2samp.html",
        ],
    },
];

/// What is compared, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compared<'a> {
    /// Name of the reference dataset.
    pub reference: &'a str,
    /// Name of the current dataset.
    pub current: &'a str,
    /// Name of the column.
    pub column: &'a str,
}

/// Judges one column. `locate` finds the line of a key of the section, `psi` or `ks`.
///
/// `ks` says nothing about categories: such a column has no record of it while `psi` watches it, and
/// is `NotEvaluated` otherwise, blocking only when the column was asked for by name.
#[must_use]
pub fn judge(
    spec: &DriftSpec,
    compared: &Compared<'_>,
    reference: &Column<'_>,
    current: &Column<'_>,
    locate: &dyn Fn(&str) -> Option<Location>,
) -> Vec<Evidence> {
    let demands = [(DRIFT_PSI, psi::PSI, spec.psi), (DRIFT_KS, ks::KS, spec.ks)];
    let mut evidence = Vec::new();
    for (requirement, statistic, threshold) in demands {
        let Some(threshold) = threshold else { continue };
        let demand = Demand {
            requirement,
            statistic,
            bound: Bound::AtMost(threshold),
            rows_min: spec.rows_min,
        };
        let record = demand.judge(compared, reference, current);
        let unfit = matches!(
            (reference, current),
            (Column::Categorical { .. }, Column::Categorical { .. })
        ) && statistic.applies_to == super::AppliesTo::Numeric;
        if unfit && spec.psi.is_some() {
            continue;
        }
        let severity = match (unfit, &spec.columns) {
            (true, None) => spec.severity.min(Severity::Info),
            (true, Some(_)) | (false, _) => spec.severity,
        };
        evidence.push(record.severity(severity).at(locate(statistic.id)));
    }
    evidence
}

/// One statistic with its bound.
struct Demand {
    requirement: &'static str,
    statistic: Statistic,
    bound: Bound,
    rows_min: u64,
}

impl Demand {
    fn judge(
        &self,
        compared: &Compared<'_>,
        reference: &Column<'_>,
        current: &Column<'_>,
    ) -> Evidence {
        let subject = Subject::Column {
            dataset: compared.current.to_owned(),
            column: compared.column.to_owned(),
        };
        match self.measure(reference, current) {
            Ok(value) => {
                let observed = Quantity::new(value, Unit::Number).of(current.compared_rows());
                let message = format!(
                    "{} of {subject} against `{}` is {}, required {}",
                    self.statistic.id,
                    compared.reference,
                    self.bound.beside(value),
                    self.bound
                );
                let outcome = self.bound.judge(&observed);
                Evidence::new(self.requirement, subject, outcome, message)
                    .measured(observed, self.bound)
            }
            Err((reason, why)) => {
                let message = format!(
                    "{} of {subject} against `{}` is not judged: {why}",
                    self.statistic.id, compared.reference
                );
                let mut evidence =
                    Evidence::not_evaluated(self.requirement, subject, reason, message);
                evidence.required = Some(self.bound);
                evidence
            }
        }
    }

    fn measure(
        &self,
        reference: &Column<'_>,
        current: &Column<'_>,
    ) -> Result<f64, (Reason, String)> {
        let result = (self.statistic.compute)(reference, current);
        // What can never be compared is said first; more rows would not help.
        if let Err(undefined @ (Undefined::KindsDiffer | Undefined::NotNumeric)) = result {
            let text = undefined.to_string();
            return Err((Reason::Unsupported, text));
        }
        for (column, side) in [(reference, "reference"), (current, "current")] {
            let found = column.compared_rows();
            if found < self.rows_min {
                let why = format!(
                    "the {side} column has {found} values, required at least {}",
                    self.rows_min
                );
                return Err((Reason::TooFewRows, why));
            }
        }
        result.map_err(|undefined| (Reason::Undefined, undefined.to_string()))
    }
}
