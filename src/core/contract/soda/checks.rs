//! The checks of a Soda 4 contract, one function for each type.

use serde_json::Value;

use super::contract::{Entry, Reader};
use super::queries::{retabled, select};
use super::rules::{self, Amount};
use super::threshold::{self, Threshold};
use super::validity::Validity;
use crate::checks::{
    Denominator, DuplicateCount, FailedRows, Freshness, QueryResult, SqlRule, instant,
};
use crate::contract::rules::{Drafted, Rule, both, ours, theirs};
use crate::contract::zone::{End, Zone};
use crate::evidence::Severity;
use crate::measure::LogicalType;

/// What a check may say of missing and invalid values.
const VALIDITY: [&str; 12] = [
    "missing_values",
    "missing_format",
    "valid_values",
    "invalid_values",
    "valid_format",
    "invalid_format",
    "valid_min",
    "valid_max",
    "valid_length",
    "valid_min_length",
    "valid_max_length",
    "valid_reference_data",
];

const NONE: Zone = Zone::Only(0.0);

type Done = Result<(), String>;

impl Reader<'_> {
    /// A check of a column.
    pub(super) fn column_check(&mut self, entry: &Entry, column: &Validity) -> Done {
        let name = entry.rule.column.clone().unwrap_or_default();
        match entry.kind.as_str() {
            "missing" => {
                entry.known(&VALIDITY)?;
                let validity = Validity::of_contract(&entry.body)?.or(column);
                let threshold = threshold::parse(&entry.body, Some(NONE))?;
                self.each(entry, &threshold, |amount| {
                    rules::missing(&name, &validity, amount)
                })
            }
            "invalid" => {
                entry.known(&VALIDITY)?;
                let validity = Validity::of_contract(&entry.body)?.or(column);
                let threshold = threshold::parse(&entry.body, Some(NONE))?;
                self.invalid(entry, &name, &validity, &threshold)
            }
            "duplicate" => {
                entry.known(&VALIDITY)?;
                let validity = Validity::of_contract(&entry.body)?.or(column);
                let threshold = threshold::parse(&entry.body, Some(NONE))?;
                let entry = &entry.where_present(&name, &validity);
                self.each(entry, &threshold, |amount| {
                    Ok(rules::repeated_values(
                        DuplicateCount::SurplusRows,
                        amount,
                        Denominator::EligibleRows,
                    ))
                })
            }
            "aggregate" => self.aggregate(entry, &name, column),
            "failed_rows" => self.failed_rows(entry),
            "metric" => self.metric(entry),
            "freshness" | "row_count" | "schema" => {
                Err("it belongs under the `checks` of the dataset".to_owned())
            }
            _ => Err("there is no such check".to_owned()),
        }
    }

    /// A check of the dataset.
    pub(super) fn dataset_check(&mut self, entry: &Entry) -> Done {
        match entry.kind.as_str() {
            "schema" => self.schema(entry),
            "row_count" => {
                entry.known(&[])?;
                let threshold = threshold::parse(&entry.body, Some(Zone::Above(End::open(0.0))))?;
                self.each(entry, &threshold, |amount| {
                    Ok(rules::row_count(amount.zone))
                })
            }
            "freshness" => self.freshness(entry),
            "duplicate" => {
                entry.known(&["columns"])?;
                let columns = entry.body.get("columns").and_then(Value::as_array);
                let columns: Option<Vec<String>> = columns.and_then(|columns| {
                    let name = |column: &Value| column.as_str().map(ToOwned::to_owned);
                    columns.iter().map(name).collect()
                });
                let Some(columns) = columns.filter(|columns| !columns.is_empty()) else {
                    return Err("it needs `columns`, a list of names".to_owned());
                };
                let threshold = threshold::parse(&entry.body, Some(NONE))?;
                self.each(entry, &threshold, |amount| {
                    Ok(rules::repeated_rows(columns.clone(), amount))
                })
            }
            "failed_rows" => self.failed_rows(entry),
            "metric" => self.metric(entry),
            "missing" | "invalid" | "aggregate" => {
                Err("it belongs under the `checks` of a column".to_owned())
            }
            _ => Err("there is no such check".to_owned()),
        }
    }

    fn invalid(
        &mut self,
        entry: &Entry,
        name: &str,
        validity: &Validity,
        threshold: &Threshold,
    ) -> Done {
        let Some((dataset, column)) = validity.reference.clone() else {
            return self.each(entry, threshold, |amount| {
                rules::invalid(name, validity, amount)
            });
        };
        if validity.invalid(name).is_some() {
            return Err(
                "`valid_reference_data` beside other validity keys is not supported".to_owned(),
            );
        }
        if validity.says_missing() && threshold.percent {
            return Err(
                "a percentage of references beside missing values is not supported".to_owned(),
            );
        }
        let entry = if validity.says_missing() {
            entry.where_present(name, validity)
        } else {
            entry.clone()
        };
        self.each(&entry, threshold, |amount| {
            let there = vec![column.clone()];
            let check = rules::reference(Vec::new(), dataset.clone(), there, amount);
            Ok(if amount.percent {
                theirs(check)
            } else {
                ours(check)
            })
        })
    }

    fn aggregate(&mut self, entry: &Entry, name: &str, column: &Validity) -> Done {
        let keys: Vec<&str> = VALIDITY.iter().copied().chain(["function"]).collect();
        entry.known(&keys)?;
        let function = entry.text("function").unwrap_or_default().to_lowercase();
        let threshold = threshold::parse(&entry.body, None)?;
        let validity = Validity::of_contract(&entry.body)?.or(column);
        if !function.contains("length") {
            self.rules.give_type(name, LogicalType::Number);
        }
        // Soda leaves out a value that is missing; an invalid one only when it is missing, too.
        let entry = if validity.says_missing() && !validity.says_invalid() {
            entry.where_present(name, &validity)
        } else if validity.says_missing() {
            return Err("Soda 4 counts invalid values of an aggregate unless they are missing, too; say it with a `filter`".to_owned());
        } else {
            entry.clone()
        };
        self.each(&entry, &threshold, |amount| {
            rules::statistic(&function, amount.zone).ok_or_else(|| {
                format!("the function `{function}` is not `avg`, `sum`, `min`, `max`, `avg_length`, `min_length` or `max_length`")
            })
        })
    }

    fn failed_rows(&mut self, entry: &Entry) -> Done {
        entry.known(&[
            "expression",
            "query",
            "keys_query",
            "rows_tested_query",
            "key_column_mapping",
        ])?;
        let threshold = threshold::parse(&entry.body, Some(NONE))?;
        let forms = ["expression", "query", "keys_query"];
        let said: Vec<(&str, String)> = forms
            .iter()
            .filter_map(|key| Some((*key, entry.text(key)?.to_owned())))
            .collect();
        match said.as_slice() {
            [("expression", expression)] => self.each(entry, &threshold, |amount| {
                rules::rows_with(expression, amount)
            }),
            [(_, _)] if threshold.percent => {
                Err("a percentage of the rows a query tests is not supported".to_owned())
            }
            [(_, query)] => {
                // A query reads the table itself, whatever the filters say.
                let entry = &entry.of_all_rows();
                let query = retabled(query, &self.table, self.rules.request.dataset);
                self.each(entry, &threshold, |amount| {
                    Ok(ours(FailedRows {
                        query: query.clone(),
                        rows: Some(amount.zone.bound_of_count()),
                        ..FailedRows::default()
                    }))
                })
            }
            _ => Err("it needs one of `expression`, `query` and `keys_query`".to_owned()),
        }
    }

    fn metric(&mut self, entry: &Entry) -> Done {
        let keys: Vec<&str> = VALIDITY
            .iter()
            .copied()
            .chain(["expression", "query"])
            .collect();
        entry.known(&keys)?;
        let threshold = threshold::parse(&entry.body, None)?;
        let dataset = self.rules.request.dataset;
        let query = match (entry.text("expression"), entry.text("query")) {
            // The filter of a check is not applied to an expression, as in Soda.
            (Some(expression), _) => select(expression, dataset, entry.filter.as_deref()),
            (None, Some(query)) => retabled(query, &self.table, dataset),
            (None, None) => return Err("it needs `expression` or `query`".to_owned()),
        };
        let entry = &entry.of_all_rows();
        self.each(entry, &threshold, |amount| {
            Ok(ours(SqlRule {
                query: query.clone(),
                result: QueryResult::Number,
                bound: amount.zone.bound(),
                dialect: None,
            }))
        })
    }

    fn freshness(&mut self, entry: &Entry) -> Done {
        entry.known(&["column", "now_variable"])?;
        let Some(column) = entry.text("column").map(ToOwned::to_owned) else {
            return Err("it needs `column`".to_owned());
        };
        let as_of = match entry.text("now_variable") {
            None => self.rules.request.as_of,
            Some(name) => {
                let text = self.variables.resolve_text(&format!("${{var.{name}}}"))?;
                instant(&text)
                    .ok_or_else(|| format!("`{text}` of the variable `{name}` is no time"))?
            }
        };
        let threshold = threshold::parse(&entry.body, None)?;
        let seconds = threshold.unit_seconds;
        self.rules.give_type(&column, LogicalType::Timestamp);
        let mut entry = entry.clone();
        entry.rule.column = Some(column);
        self.each(&entry, &threshold, |amount| {
            let Zone::Below(end) = amount.zone else {
                return Err("an age can only be required to be less than something".to_owned());
            };
            let days = end.value * seconds / 86_400.0;
            Ok(ours(Freshness {
                days_max: if end.belongs { days } else { days.next_down() },
                as_of,
                future_allowed: true,
            }))
        })
    }

    /// One check for each level of the threshold.
    fn each(
        &mut self,
        entry: &Entry,
        threshold: &Threshold,
        check: impl Fn(Amount) -> Result<Drafted, String>,
    ) -> Done {
        let mut checks: Vec<(Severity, Drafted)> = Vec::new();
        for (severity, zone) in &threshold.passes {
            let amount = Amount {
                zone: *zone,
                percent: threshold.percent,
            };
            checks.push((*severity, check(amount)?));
        }
        for (severity, check) in checks {
            self.rules.add(&entry.rule, severity, check);
        }
        Ok(())
    }
}

impl Entry {
    /// The same check on the rows in which the column is not missing.
    fn where_present(&self, column: &str, validity: &Validity) -> Self {
        if !validity.says_missing() {
            return self.clone();
        }
        let present = validity.present(column);
        Self {
            rule: Rule {
                rows: both(self.rule.rows.clone(), Some(present)),
                ..self.rule.clone()
            },
            ..self.clone()
        }
    }

    fn of_all_rows(&self) -> Self {
        Self {
            rule: Rule {
                rows: None,
                ..self.rule.clone()
            },
            ..self.clone()
        }
    }
}
