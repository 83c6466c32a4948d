//! The checks of a suite, one for each expectation, in the order of the file.

use super::arguments::Arguments;
use super::rules::Demand;
use super::suite_file::{self, Expectation, Suite};
use super::{EXPECTATIONS, row_condition};
use crate::checks::{PlannedCheck, Target};
use crate::contract::document::Document;
use crate::contract::draft::Draft;
use crate::contract::problem::Problem;
use crate::contract::schema::closest;
use crate::contract::suite::{DatasetPlan, PlanRequest};
use crate::measure::LogicalType;

/// The checks a suite demands of a dataset.
pub(super) fn plan(
    document: &Document,
    request: &PlanRequest<'_>,
) -> Result<DatasetPlan, Vec<Problem>> {
    let suite = suite_file::read(document)?;
    if let Some(object) = request.object
        && object != suite.name
    {
        let message = format!("the suite is called `{}`, not `{object}`", suite.name);
        let problem = document.problem("", message);
        return Err(vec![problem.hint("leave `object` of the dataset out")]);
    }
    let mut draft = Draft::new(&document.file, request, None);
    for expectation in &suite.expectations {
        add(&mut draft, document, &suite, expectation);
    }
    draft.finish()
}

fn add(draft: &mut Draft<'_>, document: &Document, suite: &Suite, expectation: &Expectation) {
    let position = document.position(&expectation.pointer);
    let mut target = Target {
        severity: expectation.severity,
        ..draft.target(position, None)
    };
    match demand(expectation, draft.request) {
        Ok((demand, rows)) => {
            for column in &demand.numbers {
                draft.give_type(column, LogicalType::Number);
            }
            target.column = demand.column;
            if demand.own_counting {
                target.counted_as = Some(suite.generation.tool());
            }
            let mut planned = PlannedCheck::new(target, demand.check);
            // One expectation reads a column as numbers, the next one looks at its text.
            planned.typed = Some(demand.numbers);
            if let Some(rows) = rows {
                planned.target.rows = Some(rows.words);
                planned.rows = Some(rows.condition);
            }
            draft.push(planned);
        }
        Err(why) => {
            target.column = column_of(expectation);
            let why = format!("`{}` cannot be evaluated: {why}", expectation.kind);
            draft.unsupported(target, why);
        }
    }
}

/// What an expectation demands, and of which rows.
fn demand(
    expectation: &Expectation,
    request: &PlanRequest<'_>,
) -> Result<(Demand, Option<row_condition::Rows>), String> {
    let Some((_, read)) = EXPECTATIONS
        .iter()
        .find(|(kind, _)| *kind == expectation.kind)
    else {
        let kinds = EXPECTATIONS.iter().map(|(kind, _)| *kind);
        return Err(match closest(&expectation.kind, kinds) {
            Some(kind) => format!("it is no core expectation; did you mean `{kind}`?"),
            None => "it is no core expectation, and custom expectations are Python".to_owned(),
        });
    };
    let mut arguments = expectation.arguments.clone()?;
    let condition = arguments.remove("row_condition");
    let parser = arguments.remove("condition_parser");
    let rows = row_condition::rows(condition.as_ref(), parser.as_ref())?;
    let mut arguments = Arguments::new(arguments, request.dataset);
    let mut demand = read(&mut arguments)?;
    arguments.finish()?;
    if let Some(rows) = &rows {
        demand = demand.once_readable(&rows.condition);
    }
    Ok((demand, rows))
}

fn column_of(expectation: &Expectation) -> Option<String> {
    let arguments = expectation.arguments.as_ref().ok()?;
    Some(arguments.get("column")?.as_str()?.to_owned())
}
