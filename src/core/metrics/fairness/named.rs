//! The fairness metrics that have names of their own.

use super::rates::{
    BENEFIT, ERROR_BALANCE, FALSE_DISCOVERY_RATE, FALSE_OMISSION_RATE, MISCLASSIFICATION_RATE,
    logarithmic, squared,
};
use super::{Direction, Metric, Reduction};
use crate::metrics::binary::{calibration, confusion};

/// A metric of the differences between groups.
#[derive(Clone, Copy, Debug)]
pub struct FairnessMetric {
    /// Stable snake_case name, as in configuration.
    pub id: &'static str,
    /// Name for people.
    pub title: &'static str,
    /// The formula in words.
    pub definition: &'static str,
    /// The implementation whose numbers these are.
    pub reference: &'static str,
    /// The metrics it compares, of two classes.
    pub(super) of: &'static [&'static Metric],
    /// What is made of their values.
    pub(super) shape: Shape,
}

/// What is made of the values in each group.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shape {
    /// A reduction of each metric, and the worst or the mean of these.
    Reduced(Reduction),
    /// The mean of what each group's value, as a share of the mean of all rows, adds to an entropy.
    Entropy(fn(f64) -> f64),
}

impl FairnessMetric {
    /// Which way it gets better.
    #[must_use]
    pub fn direction(&self) -> Direction {
        let of = self.of.first().map(|metric| metric.direction);
        self.shape.direction(of.unwrap_or(Direction::Neither))
    }

    /// Smallest and largest possible value.
    #[must_use]
    pub fn range(&self) -> (f64, f64) {
        let of = self.of.first().map(|metric| metric.range);
        self.shape
            .range(of.unwrap_or((f64::NEG_INFINITY, f64::INFINITY)))
    }

    /// The bound when a rule names none: four fifths of the highest selection rate (29 CFR 1607.4 D).
    #[must_use]
    pub fn at_least_default(&self) -> Option<f64> {
        self.tests_selection().then_some(0.8)
    }

    /// Whether each group is tested against the one that is selected most.
    #[must_use]
    pub fn tests_selection(&self) -> bool {
        self.id == FOUR_FIFTHS
    }
}

impl Shape {
    pub(super) fn direction(self, of: Direction) -> Direction {
        match self {
            Self::Reduced(reduction) => reduction.direction(of),
            Self::Entropy(_) => Direction::LowerIsBetter,
        }
    }

    pub(super) fn range(self, of: (f64, f64)) -> (f64, f64) {
        match self {
            Self::Reduced(reduction) => reduction.range(of),
            Self::Entropy(_) => (0.0, f64::INFINITY),
        }
    }
}

const FOUR_FIFTHS: &str = "four_fifths";

const fn metric(
    (id, title): (&'static str, &'static str),
    of: &'static [&'static Metric],
    shape: Shape,
    definition: &'static str,
    reference: &'static str,
) -> FairnessMetric {
    FairnessMetric {
        id,
        title,
        definition,
        reference,
        of,
        shape,
    }
}

const DIFFERENCE: Shape = Shape::Reduced(Reduction::Difference);
const RATIO: Shape = Shape::Reduced(Reduction::Ratio);
const LARGEST: Shape = Shape::Reduced(Reduction::GroupMax);

const FRAME: &str = "Fairlearn `MetricFrame`; undefined when a group has nothing to divide by";

/// Every fairness metric.
pub const FAIRNESS_METRICS: &[FairnessMetric] = &[
    metric(
        (
            "demographic_parity_difference",
            "Demographic parity difference",
        ),
        &[&confusion::SELECTION_RATE],
        DIFFERENCE,
        "largest selection rate of a group minus the smallest",
        "Fairlearn `demographic_parity_difference`",
    ),
    metric(
        ("demographic_parity_ratio", "Demographic parity ratio"),
        &[&confusion::SELECTION_RATE],
        RATIO,
        "smallest selection rate of a group divided by the largest",
        "Fairlearn `demographic_parity_ratio`; undefined when nobody is selected",
    ),
    metric(
        (FOUR_FIFTHS, "Four-fifths rule"),
        &[&confusion::SELECTION_RATE],
        RATIO,
        "smallest selection rate of a group divided by the largest, at least 0.8 when nothing is said; each group is tested against the one selected most (29 CFR 1607.4 D)",
        "Fairlearn `demographic_parity_ratio`, scipy `fisher_exact`, statsmodels `proportions_ztest`; undefined when nobody is selected",
    ),
    metric(
        (
            "equal_opportunity_difference",
            "Equal opportunity difference",
        ),
        &[&confusion::RECALL],
        DIFFERENCE,
        "largest true positive rate of a group minus the smallest",
        "Fairlearn `equal_opportunity_difference`; undefined when a group has no positive labels",
    ),
    metric(
        ("equal_opportunity_ratio", "Equal opportunity ratio"),
        &[&confusion::RECALL],
        RATIO,
        "smallest true positive rate of a group divided by the largest",
        "Fairlearn `equal_opportunity_ratio`; undefined when a group has no positive labels",
    ),
    metric(
        ("equalized_odds_difference", "Equalized odds difference"),
        &[&confusion::RECALL, &confusion::FALSE_POSITIVE_RATE],
        DIFFERENCE,
        "the larger (`agg: mean`: the mean) of the differences of true and of false positive rates between groups",
        "Fairlearn `equalized_odds_difference`; undefined when a group lacks a class",
    ),
    metric(
        ("equalized_odds_ratio", "Equalized odds ratio"),
        &[&confusion::RECALL, &confusion::FALSE_POSITIVE_RATE],
        RATIO,
        "the smaller (`agg: mean`: the mean) of the ratios of true and of false positive rates between groups",
        "Fairlearn `equalized_odds_ratio`; undefined when a group lacks a class or a rate is 0 in every group",
    ),
    metric(
        (
            "predictive_parity_difference",
            "Predictive parity difference",
        ),
        &[&confusion::PRECISION],
        DIFFERENCE,
        "largest precision of a group minus the smallest",
        FRAME,
    ),
    metric(
        ("predictive_parity_ratio", "Predictive parity ratio"),
        &[&confusion::PRECISION],
        RATIO,
        "smallest precision of a group divided by the largest",
        FRAME,
    ),
    metric(
        (
            "false_discovery_rate_difference",
            "False discovery rate difference",
        ),
        &[&FALSE_DISCOVERY_RATE],
        DIFFERENCE,
        "largest share of the rows predicted positive that are labelled negative minus the smallest",
        "AIF360 `false_discovery_rate_difference`, without its sign; undefined when a group has no positive prediction",
    ),
    metric(
        ("false_discovery_rate_ratio", "False discovery rate ratio"),
        &[&FALSE_DISCOVERY_RATE],
        RATIO,
        "smallest share of the rows predicted positive that are labelled negative divided by the largest",
        "AIF360 `false_discovery_rate_ratio`, or one by it; undefined when a group has no positive prediction",
    ),
    metric(
        (
            "false_omission_rate_difference",
            "False omission rate difference",
        ),
        &[&FALSE_OMISSION_RATE],
        DIFFERENCE,
        "largest share of the rows predicted negative that are labelled positive minus the smallest",
        "AIF360 `false_omission_rate_difference`, without its sign; undefined when a group has no negative prediction",
    ),
    metric(
        ("false_omission_rate_ratio", "False omission rate ratio"),
        &[&FALSE_OMISSION_RATE],
        RATIO,
        "smallest share of the rows predicted negative that are labelled positive divided by the largest",
        "AIF360 `false_omission_rate_ratio`, or one by it; undefined when a group has no negative prediction",
    ),
    metric(
        ("error_rate_difference", "Error rate difference"),
        &[&MISCLASSIFICATION_RATE],
        DIFFERENCE,
        "largest share of wrong predictions in a group minus the smallest",
        "AIF360 `error_rate_difference`, without its sign",
    ),
    metric(
        ("error_rate_ratio", "Error rate ratio"),
        &[&MISCLASSIFICATION_RATE],
        RATIO,
        "smallest share of wrong predictions in a group divided by the largest",
        "AIF360 `error_rate_ratio`, or one by it",
    ),
    metric(
        (
            "treatment_equality_difference",
            "Treatment equality difference",
        ),
        &[&ERROR_BALANCE],
        DIFFERENCE,
        "largest number of false negatives for each false positive in a group minus the smallest",
        "Fairlearn `MetricFrame` (Berk and others 2018); undefined when a group has no false positive",
    ),
    metric(
        ("treatment_equality_ratio", "Treatment equality ratio"),
        &[&ERROR_BALANCE],
        RATIO,
        "smallest number of false negatives for each false positive in a group divided by the largest",
        "Fairlearn `MetricFrame` (Berk and others 2018); undefined when a group has no false positive",
    ),
    metric(
        ("calibration_error_group_max", "Calibration within groups"),
        &[&calibration::ECE],
        LARGEST,
        "largest expected calibration error of a group, 15 bins of equal width",
        FRAME,
    ),
    metric(
        (
            "calibration_intercept_difference",
            "Calibration intercept difference",
        ),
        &[&calibration::CALIBRATION_INTERCEPT],
        DIFFERENCE,
        "largest calibration intercept of a group minus the smallest",
        "statsmodels `GLM` in each group; undefined when a group lacks a class",
    ),
    metric(
        (
            "between_group_generalized_entropy_index",
            "Between-group generalised entropy",
        ),
        &[&BENEFIT],
        Shape::Entropy(squared),
        "half the squared coefficient of variation of the mean benefits of the groups, prediction - label + 1 of each row",
        "AIF360 `between_group_generalized_entropy_index`",
    ),
    metric(
        ("between_group_theil_index", "Between-group Theil index"),
        &[&BENEFIT],
        Shape::Entropy(logarithmic),
        "mean of b/μ ln(b/μ) over rows, b the mean benefit of the group, μ that of all, prediction - label + 1 of each row",
        "AIF360 `between_group_theil_index`",
    ),
];
