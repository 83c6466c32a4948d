//! The metric reference: every metric with its definition, its parameters and whose numbers it gives, as
//! Markdown.

use std::fmt::Write as _;

use super::fairness::FAIRNESS_METRICS;
use super::{Direction, Metric, Task, all};

const INTRODUCTION: &str = "\
Every number equals that of the reference named beside it, with sampling weights where the reference
takes them; a test holds it to nine digits. Where a reference makes a value up and warns (precision
without a positive prediction, an area of one class), the metric is *not evaluated* and says why.

`gate.task` says which table applies. A metric stands in `gate.metrics` with its parameters under `with`:

```yaml
gate:
  task: regression
  metrics:
    - metric: pinball
      with: {alpha: 0.9}
      at_most: 12.5
```
";

/// The page.
#[must_use]
pub fn reference() -> String {
    let mut page = String::from("# Metrics\n\n");
    page.push_str(INTRODUCTION);
    let tasks = [
        Task::Binary,
        Task::Multiclass,
        Task::Regression,
        Task::Multilabel,
        Task::Text,
        Task::Ranking,
        Task::Forecasting,
        Task::Detection,
    ];
    for task in tasks {
        let title = match task {
            Task::Binary => "Two classes: `task: binary`",
            Task::Multiclass => "Several classes: `task: multiclass`",
            Task::Regression => "Numbers: `task: regression`",
            Task::Multilabel => "Several labels at once: `task: multilabel`",
            Task::Text => "Texts: `task: text`",
            Task::Ranking => "Items in order, by query: `task: ranking`",
            Task::Forecasting => "Series in time: `task: forecasting`, all of `regression` and",
            Task::Detection => "Objects in images: `task: detection`",
        };
        table(
            &mut page,
            title,
            all().filter(|metric| metric.task == Some(task)),
        );
    }
    let columns = all().filter(|metric| metric.task.is_none());
    table(
        &mut page,
        "Columns beside the answers, whatever the task",
        columns,
    );
    fairness_table(&mut page);
    page
}

const FAIRNESS: &str = "
## Groups: `gate.fairness`

With `task: binary`; any metric above is compared with a `reduction` ([gate.md](gate.md#fairness)).

| Metric | Better | Definition | Reference |
|---|---|---|---|
";

fn fairness_table(page: &mut String) {
    page.push_str(FAIRNESS);
    for metric in FAIRNESS_METRICS {
        let _ = writeln!(
            page,
            "| `{}` | {} | {} | {} |",
            metric.id,
            better(metric.direction()),
            cell(metric.definition),
            cell(metric.reference)
        );
    }
}

fn better(direction: Direction) -> &'static str {
    match direction {
        Direction::HigherIsBetter => "higher",
        Direction::LowerIsBetter => "lower",
        Direction::Neither => "neither",
    }
}

fn table(page: &mut String, title: &str, metrics: impl Iterator<Item = &'static Metric>) {
    let head = "| Metric | Better | Definition | Reference | Parameters |\n|---|---|---|---|---|\n";
    let _ = write!(page, "\n## {title}\n\n{head}");
    for metric in metrics {
        let better = better(metric.direction);
        let _ = writeln!(
            page,
            "| `{}` | {better} | {} | {} | {} |",
            metric.id,
            cell(metric.definition),
            cell(metric.reference),
            cell(&parameters(metric))
        );
    }
}

/// "`k` (a whole number from 1 to 1000, 2 when nothing is said): how many classes count".
fn parameters(metric: &Metric) -> String {
    let each = metric.options.iter().map(|option| {
        let otherwise = match option.default() {
            Some(default) => format!(", {default} when nothing is said"),
            None => ", must be given".to_owned(),
        };
        format!(
            "`{}` ({}{otherwise}): {}",
            option.name, option.kind, option.doc
        )
    });
    each.collect::<Vec<_>>().join("; ")
}

/// A bar would end the cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
