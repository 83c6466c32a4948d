//! What the gate can require, for `explain`, SARIF rules and the documentation.

use crate::evidence::Requirement;

/// The predictions hold rows of both classes.
pub const SAMPLE_SIZE: &str = "sample-size";
/// Every row of the predictions has a key of its own.
pub const PREDICTION_IDS: &str = "prediction-ids";
/// Candidate and champion were asked about the same rows.
pub const PREDICTION_PAIRING: &str = "prediction-pairing";
/// A metric over all rows is on the right side of its bound.
pub const METRIC_THRESHOLD: &str = "metric-threshold";
/// The candidate is not worse than the champion by more than the margin.
pub const METRIC_REGRESSION: &str = "metric-regression";
/// The candidate is better than the champion by more than the margin.
pub const METRIC_IMPROVEMENT: &str = "metric-improvement";
/// The candidate differs from the champion by no more than the margin.
pub const METRIC_EQUIVALENCE: &str = "metric-equivalence";
/// A slice has enough rows of both classes to be judged.
pub const SLICE_SIZE: &str = "slice-size";
/// A metric on one slice is on the right side of its bound.
pub const SLICE_THRESHOLD: &str = "slice-threshold";
/// The candidate is not worse than the champion on a slice by more than the margin.
pub const SLICE_REGRESSION: &str = "slice-regression";
/// On no slice is the candidate significantly worse than on the rest.
pub const SLICE_WEAKNESS: &str = "slice-weakness";
/// A fairness metric is on the right side of its bound.
pub const FAIRNESS_DIFFERENCE: &str = "fairness-difference";
/// A metric nothing is required of.
pub const METRIC_RECORDED: &str = "metric-recorded";
/// An expression over the numbers of the gate holds.
pub const EXPRESSION: &str = "metric-expression";
/// What another system recorded is a whole run.
pub const RECORDING_COMPLETE: &str = "recording-complete";
/// A number another system recorded is on the right side of its bound.
pub const RECORDED_THRESHOLD: &str = "recorded-threshold";
/// The difference to the champion's number, with its uncertainty, is on the right side of the margin.
pub const RECORDED_COMPARISON: &str = "recorded-comparison";
/// The number is not worse than the champion's by more than the tolerance.
pub const RECORDED_TOLERANCE: &str = "recorded-tolerance";
/// The tests another system ran passed.
pub const RECORDED_VERDICTS: &str = "recorded-verdicts";
/// Another system found no more weaknesses than allowed.
pub const RECORDED_FINDINGS: &str = "recorded-findings";
/// How much features move predictions is as required.
pub const RECORDED_ATTRIBUTIONS: &str = "recorded-attributions";
/// A number another system recorded; nothing is required of it.
pub const RECORDED_METRIC: &str = "recorded-metric";
/// A version of what is versioned beside the model; nothing is required of it.
pub const VERSIONED_INPUT: &str = "versioned-input";
/// What the metrics were in earlier runs; nothing is required of it.
pub const METRIC_HISTORY: &str = "metric-history";

/// There is no champion yet, and the configuration lets the first model pass.
pub const FIRST_MODEL: &str = "first-model";

const SCIKIT_LEARN: &str = "https://scikit-learn.org/stable/modules/model_evaluation.html";

/// Every requirement the gate can emit.
pub const REQUIREMENTS: &[Requirement] = &[
    Requirement {
        id: SAMPLE_SIZE,
        summary: "The predictions hold at least one row of each class.",
        remedy: "Evaluate on rows that hold both labels, and check `gate.positive`.",
        references: &[],
    },
    Requirement {
        id: PREDICTION_IDS,
        summary: "No key stands for two rows of the predictions.",
        remedy: "Write one prediction for each row of the test set, or name the right column in `gate.columns.id`.",
        references: &[],
    },
    Requirement {
        id: PREDICTION_PAIRING,
        summary: "Candidate and champion were evaluated on the same rows with the same labels.",
        remedy: "Evaluate both models on the same test set and compare again.",
        references: &[],
    },
    Requirement {
        id: METRIC_THRESHOLD,
        summary: "The metric over all rows is within its bound.",
        remedy: "Improve the model, or change the bound in `gate.metrics` with a reason a reviewer can read.",
        references: &[SCIKIT_LEARN],
    },
    Requirement {
        id: METRIC_REGRESSION,
        summary: "The candidate is not worse than the champion by more than the margin, with the required confidence.",
        remedy: "Improve the model, or evaluate on more rows when the interval is too wide to decide.",
        references: &[
            "Piaggio et al. 2012, Reporting of Noninferiority and Equivalence Randomized Trials, JAMA 308(24)",
            "Efron and Tibshirani 1993, An Introduction to the Bootstrap, chapter 13",
        ],
    },
    Requirement {
        id: METRIC_IMPROVEMENT,
        summary: "The candidate is better than the champion by more than the margin, with the required confidence.",
        remedy: "Improve the model, or evaluate on more rows when the interval is too wide to decide.",
        references: &[
            "Wellek 2010, Testing Statistical Hypotheses of Equivalence and Noninferiority",
        ],
    },
    Requirement {
        id: METRIC_EQUIVALENCE,
        summary: "The candidate differs from the champion by no more than the margin either way, with the required confidence.",
        remedy: "Find out what changed, or evaluate on more rows when the interval is too wide to decide.",
        references: &[
            "Schuirmann 1987, A comparison of the two one-sided tests procedure and the power approach",
        ],
    },
    Requirement {
        id: SLICE_SIZE,
        summary: "The slice holds enough rows of both classes to be judged.",
        remedy: "Add rows of this slice to the test set, lower `gate.slice_rows_min`, or waive it.",
        references: &[],
    },
    Requirement {
        id: SLICE_THRESHOLD,
        summary: "The metric on the slice is within its bound.",
        remedy: "Look at the errors on this slice; add training data for it or change the bound.",
        references: &[SCIKIT_LEARN],
    },
    Requirement {
        id: SLICE_REGRESSION,
        summary: "On the slice the candidate is not worse than the champion by more than the margin; the error rate of saying that it is worse is shared among the slices.",
        remedy: "Look at the rows of the slice that changed; add training data for it, or evaluate on more rows when the interval is too wide to decide.",
        references: &[
            "Holm 1979, A Simple Sequentially Rejective Multiple Test Procedure",
            "Benjamini and Hochberg 1995, Controlling the False Discovery Rate",
        ],
    },
    Requirement {
        id: SLICE_WEAKNESS,
        summary: "Among the slices searched, the candidate is on none significantly worse than on the other rows; the error rate is shared among all of them.",
        remedy: "Look at the errors on the slice that was found; add training data for it, or list it under `gate.slices` with a bound.",
        references: &[
            "Welch 1947, The Generalization of Student's Problem when Several Different Population Variances Are Involved",
            "Benjamini and Hochberg 1995, Controlling the False Discovery Rate",
        ],
    },
    Requirement {
        id: FAIRNESS_DIFFERENCE,
        summary: "The difference between groups is within its bound.",
        remedy: "Compare the rates of the groups named in the message; reweigh or recalibrate, or change the bound.",
        references: &[
            "https://fairlearn.org/main/user_guide/assessment/common_fairness_metrics.html",
        ],
    },
    Requirement {
        id: METRIC_RECORDED,
        summary: "The metric is recorded; nothing is required of it.",
        remedy: "Add a rule to `gate.metrics` to require something of it.",
        references: &[SCIKIT_LEARN],
    },
    Requirement {
        id: EXPRESSION,
        summary: "An expression over the numbers of the gate holds; one that asks for a number that is not there does not.",
        remedy: "Look at the numbers the expression names; improve the model or change the expression.",
        references: &["https://cel.dev"],
    },
    Requirement {
        id: RECORDING_COMPLETE,
        summary: "What another system recorded is a whole run: finished, without errors, no case left out.",
        remedy: "Let the run finish and mend its errors, or say how much it matters with `incomplete`.",
        references: &[],
    },
    Requirement {
        id: RECORDED_THRESHOLD,
        summary: "A number another system recorded, taken as it says, is within its bound.",
        remedy: "Improve the model or change the bound; when the number is missing, look at what was recorded.",
        references: &[],
    },
    Requirement {
        id: RECORDED_COMPARISON,
        summary: "The difference to the champion's number is on the right side of the margin with the required confidence: paired where both have results case by case, else by their standard errors.",
        remedy: "Improve the model, or evaluate both on more of the same cases when the interval is too wide to decide.",
        references: &[
            "Piaggio et al. 2012, Reporting of Noninferiority and Equivalence Randomized Trials, JAMA 308(24)",
        ],
    },
    Requirement {
        id: RECORDED_TOLERANCE,
        summary: "A number another system recorded is not worse than the champion's by more than the tolerance; chance is not accounted for.",
        remedy: "Improve the model; better, record results case by case and use `non_inferiority_margin`.",
        references: &[],
    },
    Requirement {
        id: RECORDED_VERDICTS,
        summary: "No more of the tests another system ran failed, or were not run, than allowed; at least one was run.",
        remedy: "Look at the report of that system; mend what the tests found, or name those that count with `only`.",
        references: &[],
    },
    Requirement {
        id: RECORDED_FINDINGS,
        summary: "Another system found no more weaknesses of a severity than allowed.",
        remedy: "Mend what was found, or accept it in that system with a reason.",
        references: &[],
    },
    Requirement {
        id: RECORDED_ATTRIBUTIONS,
        summary: "Features move predictions as much as allowed, in the direction expected and much as in the champion, by the attributions another system recorded.",
        remedy: "Look for a leak of the target in a feature that dominates, leave out what must not be used, or explain why the model now rests on other features.",
        references: &[
            "Lundberg and Lee 2017, A Unified Approach to Interpreting Model Predictions",
            "Ribeiro et al. 2016, Why Should I Trust You?",
        ],
    },
    Requirement {
        id: RECORDED_METRIC,
        summary: "A number another system recorded; nothing is required of it.",
        remedy: "Add a rule to `gate.recorded[].metrics` to require something of it.",
        references: &[],
    },
    Requirement {
        id: METRIC_HISTORY,
        summary: "What the metrics were in earlier runs is known; nothing is required of it.",
        remedy: "Name evidence of earlier gates of this model in `gate.history`.",
        references: &[],
    },
    Requirement {
        id: VERSIONED_INPUT,
        summary: "Which version of a prompt, a parameter or an index the verdict is about; nothing is required of it.",
        remedy: "Nothing is to be done: when the version changes, evaluate again.",
        references: &[],
    },
    Requirement {
        id: FIRST_MODEL,
        summary: "There is no champion yet, and `gate.first_model: pass` lets the first model pass without comparisons.",
        remedy: "Nothing, when this is the first model; else name where the champion is in `champion`.",
        references: &[],
    },
];
