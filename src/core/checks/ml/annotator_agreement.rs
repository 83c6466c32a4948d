//! Annotators must agree beyond chance.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::{Check, Requirement, Target, parameters_of};
use super::agreement::{cohen_kappa, fleiss_kappa, krippendorff_alpha, rows_compared};
use super::listed;
use crate::evidence::{Bound, Evidence, Quantity, Reason, Unit};
use crate::measure::{Measure, Measured, TableFacts, Value};

pub(in super::super) const REQUIREMENT: Requirement = Requirement {
    id: "annotator-agreement",
    summary: "The annotators agree on the labels, beyond what chance alone would give.",
    remedy: "Sharpen the labelling guide where the annotators differ, and have those rows labelled again.",
    references: &[
        "Krippendorff 2019, Content analysis",
        "Cohen 1960",
        "Fleiss 1971",
    ],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "An annotator without a label on a row says nothing there: Krippendorff's alpha leaves out rows with fewer than two labels, the kappas rows that not all have labelled. Labels are compared as texts, exactly. When all labels are the same, agreement beyond chance is not defined, which is not evaluated.";

/// Combinations of labels that are counted before there are too many.
const COMBINATIONS_MAX: usize = 100_000;

/// Bound on the agreement of annotators, each with a column of labels: 1 is perfect, 0 is chance.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AnnotatorAgreement {
    /// The column of each annotator, two at least.
    pub columns: Vec<String>,
    /// How agreement is measured.
    #[serde(default)]
    pub statistic: AgreementStatistic,
    /// What it must be; at least 0.667 by default, the least Krippendorff lets tentative conclusions
    /// rest on.
    #[serde(default = "tentative")]
    pub bound: Bound,
    /// Rows with at least two labels below which nothing is judged.
    #[serde(default = "rows_min")]
    pub rows_min: u64,
}

/// How agreement is measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AgreementStatistic {
    /// Krippendorff's alpha for nominal data: any number of annotators, labels may be missing.
    #[default]
    KrippendorffAlpha,
    /// Cohen's kappa: two annotators, over the rows both have labelled.
    CohenKappa,
    /// Fleiss' kappa: over the rows all have labelled.
    FleissKappa,
}

fn tentative() -> Bound {
    Bound::AtLeast(0.667)
}

fn rows_min() -> u64 {
    30
}

impl AnnotatorAgreement {
    fn problem(&self) -> Option<&'static str> {
        match (self.columns.len(), self.statistic) {
            (0 | 1, _) => Some("fewer than two columns of annotators are named"),
            (2, _)
            | (_, AgreementStatistic::KrippendorffAlpha | AgreementStatistic::FleissKappa) => None,
            (_, AgreementStatistic::CohenKappa) => {
                Some("Cohen's kappa is of two annotators; use `krippendorff_alpha`")
            }
        }
    }
}

impl Check for AnnotatorAgreement {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn parameters(&self) -> serde_json::Value {
        parameters_of(self)
    }

    fn measures(&self, _: &Target) -> Vec<Measure> {
        if self.problem().is_some() {
            return Vec::new();
        }
        let text = |name: &String| Value::Text(Box::new(Value::column(name)));
        vec![Measure::Frequencies {
            values: self.columns.iter().map(text).collect(),
            combinations_max: COMBINATIONS_MAX,
        }]
    }

    fn judge(&self, target: &Target, _: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        let target = target.narrowed(&format!("annotators {}", self.columns.join(", ")));
        if let Some(problem) = self.problem() {
            return target.failed(&REQUIREMENT, Reason::Unsupported, problem);
        }
        let combinations = match measured {
            [Measured::Frequencies(combinations)] => combinations,
            [Measured::Failed(reason, why)] => return target.failed(&REQUIREMENT, *reason, why),
            _ => return target.something_else(&REQUIREMENT),
        };
        let rows = rows_compared(combinations);
        if rows < self.rows_min {
            let why = format!(
                "{rows} rows have two labels, required at least {}",
                self.rows_min
            );
            return target.failed(&REQUIREMENT, Reason::TooFewRows, &why);
        }
        let (agreement, name) = match self.statistic {
            AgreementStatistic::KrippendorffAlpha => {
                (krippendorff_alpha(combinations), "Krippendorff's alpha")
            }
            AgreementStatistic::CohenKappa => (cohen_kappa(combinations), "Cohen's kappa"),
            AgreementStatistic::FleissKappa => (fleiss_kappa(combinations), "Fleiss' kappa"),
        };
        let Some(agreement) = agreement else {
            return target.failed(
                &REQUIREMENT,
                Reason::Undefined,
                "the annotators use one label only",
            );
        };
        let quantity = Quantity::new(agreement, Unit::Number).of(rows);
        let message = format!(
            "{name} of {} is {}, required {}",
            listed(&self.columns),
            self.bound.beside(agreement),
            self.bound
        );
        target.finish(
            Evidence::new(
                REQUIREMENT.id,
                target.subject(),
                self.bound.judge(&quantity),
                message,
            )
            .measured(quantity, self.bound),
        )
    }
}
