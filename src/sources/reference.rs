//! The reference of sources as Markdown.

use std::fmt::Write as _;

use super::{Gives, SOURCES};

const INTRODUCTION: &str = "\
`gate.recorded` holds results that other systems recorded against rules, without their programs and,
where results are files, without their servers:

```yaml
gate:
  recorded:
    - source: values
      candidate: reports/metrics.json
      champion: reports/champion/metrics.json
      metrics:
        - metric: weighted avg.f1-score
          at_least: 0.85
          better: higher
          tolerance: 0.01
```

A number is taken as it was recorded, never recomputed; evidence says so: it is about
`SOURCE:metric`, names the system and the run, and pins what was read by its SHA-256. What is missing,
NaN, or of a run that did not end well is never passed.

| under `metrics` | demands |
|---|---|
| `at_least`, `at_most` | a bound on the number |
| `non_inferiority_margin`, `superiority_margin`, `equivalence_margin` | the same of the difference to the champion as in [gate.md](gate.md): its whole interval, from the results of the same cases (repetitions of a case count as one), else from the standard errors of both; without either it is not evaluated |
| `tolerance` | the bare numbers differ by no more: chance is not accounted for |
| `better` | which way is better, where the system does not say |
| `relative_margins` | margins are fractions of the champion's value |

`verdicts` counts the tests that system ran: `failed_at_most`, `not_run_at_most` (both 0 when nothing is
said), `warned_at_most`, `only` for some names. `findings` bounds weaknesses by severity,
`at_most: {critical: 0, high: 2}` with worse ones counted in, `new_only` for those the champion's results
do not have. `attributions` judges how much features move predictions; the importance of a feature is its
mean absolute attribution, its share that of the sum over all features:

| under `attributions` | demands |
|---|---|
| `share_at_most` | no feature has a larger share: one that has nearly all of it is often a leak of the target |
| `forbidden: {features: [zip*], share_at_most: 0.01}` | those features together have no larger share |
| `required_top: {features: [income], top: 5}` | those features are among the most important ones |
| `top: 5`, `overlap_at_least: 0.6` | the most important features are those of the champion (Jaccard) |
| `rank_correlation_at_least: 0.8` | importance is ordered as in the champion, over the features both have (Spearman) |
| `signs: {income: positive}` | predictions rise or fall with a feature (Spearman of its values and its attributions) |
| `additivity_error_at_most` | base and attributions of each row add up to the output of the model |
| `fit_at_least` | the median R² of local surrogates (LIME) |

What needs names of features, their values, outputs or a champion that were not recorded is not evaluated.

`incomplete` says how much it matters that a run is not whole.
";

/// The page.
#[must_use]
pub fn reference() -> String {
    let mut page = String::from("# Results of other systems\n\n");
    page.push_str(INTRODUCTION);
    page.push_str(
        "\n## Sources\n\n| `source` | System | `candidate` and `champion` | Gives | Format |\n|---|---|---|---|---|\n",
    );
    for source in SOURCES {
        let gives: Vec<&str> = source.gives.iter().map(|gives| gives.name()).collect();
        let _ = writeln!(
            page,
            "| `{}` | {} | {} | {} | {} |",
            source.id,
            source.title,
            source.summary,
            gives.join(", "),
            source.reference
        );
    }
    page
}

impl Gives {
    fn name(self) -> &'static str {
        match self {
            Self::Metrics => "numbers",
            Self::Slices => "numbers on slices",
            Self::Cases => "numbers case by case",
            Self::Verdicts => "verdicts",
            Self::Findings => "findings",
            Self::Attributions => "attributions",
        }
    }
}
