//! Suites of Great Expectations, 0.18 and 1.x: text in, planned checks out, with the meaning that tool
//! gives them on a file, which it reads through pandas.
//!
//! Follows Great Expectations 1.24.1 and 0.18.22 (Apache-2.0), read as a specification and run as the
//! reference: `fixtures/suites/great_expectations` holds suites it wrote and its verdicts on them. Every
//! expectation becomes one check at its line; one that cannot be evaluated says why and is never passed
//! over. The user's page is `docs/suites/great-expectations.md`.
//!
//! To add an expectation: a function in the file of its subject, and its line in `EXPECTATIONS`.

mod arguments;
mod columns;
mod distribution;
mod missing;
mod numbers;
mod pandas_types;
mod plan;
mod python_regex;
mod query;
mod query_conditions;
mod query_parts;
mod query_text;
mod ranges;
mod row_condition;
mod rules;
mod sets;
mod several_columns;
mod suite_file;
mod tables;
mod texts;
mod type_names;

use super::suite::SuiteFormat;
use arguments::Arguments;
use rules::Demand;

/// The format.
pub(super) const FORMAT: SuiteFormat = SuiteFormat {
    id: "great-expectations",
    title: "Great Expectations 0.18 and 1.x",
    recognises: |suite| {
        let document = suite.document.as_ref();
        document.is_some_and(|document| suite_file::recognises(&document.value))
    },
    plan: |suite, request| plan::plan(suite.document()?, request),
};

/// How an expectation becomes a check, or why it cannot.
type Reader = fn(&mut Arguments) -> Result<Demand, String>;

/// Every expectation read, by its name.
const EXPECTATIONS: &[(&str, Reader)] = &[
    (
        "expect_column_bootstrapped_ks_test_p_value_to_be_greater_than",
        distribution::not_in_use,
    ),
    (
        "expect_column_chisquare_test_p_value_to_be_greater_than",
        distribution::not_in_use,
    ),
    (
        "expect_column_distinct_values_to_be_in_set",
        sets::distinct_within,
    ),
    (
        "expect_column_distinct_values_to_contain_set",
        sets::distinct_contains,
    ),
    (
        "expect_column_distinct_values_to_equal_set",
        sets::distinct_equals,
    ),
    (
        "expect_column_kl_divergence_to_be_less_than",
        distribution::kl_divergence,
    ),
    ("expect_column_max_to_be_between", ranges::maximum),
    ("expect_column_mean_to_be_between", numbers::mean),
    ("expect_column_median_to_be_between", numbers::median),
    ("expect_column_min_to_be_between", ranges::minimum),
    (
        "expect_column_most_common_value_to_be_in_set",
        sets::most_common,
    ),
    (
        "expect_column_pair_cramers_phi_value_to_be_less_than",
        distribution::not_in_use,
    ),
    (
        "expect_column_pair_values_a_to_be_greater_than_b",
        several_columns::greater,
    ),
    (
        "expect_column_pair_values_to_be_equal",
        several_columns::pair_equal,
    ),
    (
        "expect_column_pair_values_to_be_in_set",
        several_columns::pair_in_set,
    ),
    (
        "expect_column_parameterized_distribution_ks_test_p_value_to_be_greater_than",
        distribution::not_in_use,
    ),
    (
        "expect_column_proportion_of_non_null_values_to_be_between",
        missing::proportion,
    ),
    (
        "expect_column_proportion_of_unique_values_to_be_between",
        numbers::unique_proportion,
    ),
    (
        "expect_column_quantile_values_to_be_between",
        numbers::quantiles,
    ),
    (
        "expect_column_stdev_to_be_between",
        numbers::standard_deviation,
    ),
    ("expect_column_sum_to_be_between", numbers::sum),
    ("expect_column_to_exist", columns::exists),
    ("expect_column_type_to_be", columns::type_of_column),
    (
        "expect_column_unique_value_count_to_be_between",
        numbers::unique_count,
    ),
    (
        "expect_column_value_lengths_to_be_between",
        texts::lengths_between,
    ),
    ("expect_column_value_lengths_to_equal", texts::lengths_equal),
    (
        "expect_column_value_z_scores_to_be_less_than",
        numbers::z_scores,
    ),
    ("expect_column_values_to_be_between", ranges::between),
    (
        "expect_column_values_to_be_dateutil_parseable",
        texts::dateutil,
    ),
    ("expect_column_values_to_be_decreasing", ranges::decreasing),
    ("expect_column_values_to_be_in_set", sets::within),
    (
        "expect_column_values_to_be_in_type_list",
        columns::in_type_list,
    ),
    ("expect_column_values_to_be_increasing", ranges::increasing),
    ("expect_column_values_to_be_json_parseable", texts::json),
    ("expect_column_values_to_be_null", missing::null),
    ("expect_column_values_to_be_of_type", columns::type_to_be),
    ("expect_column_values_to_be_unique", sets::unique),
    (
        "expect_column_values_to_match_json_schema",
        texts::json_schema,
    ),
    ("expect_column_values_to_match_like_pattern", texts::like),
    (
        "expect_column_values_to_match_like_pattern_list",
        texts::like_list,
    ),
    ("expect_column_values_to_match_regex", texts::regex),
    (
        "expect_column_values_to_match_regex_list",
        texts::regex_list,
    ),
    (
        "expect_column_values_to_match_strftime_format",
        texts::strftime,
    ),
    ("expect_column_values_to_not_be_in_set", sets::outside),
    ("expect_column_values_to_not_be_null", missing::not_null),
    ("expect_column_values_to_not_be_outliers", numbers::outliers),
    (
        "expect_column_values_to_not_match_like_pattern",
        texts::not_like,
    ),
    (
        "expect_column_values_to_not_match_like_pattern_list",
        texts::not_like_list,
    ),
    ("expect_column_values_to_not_match_regex", texts::not_regex),
    (
        "expect_column_values_to_not_match_regex_list",
        texts::not_regex_list,
    ),
    (
        "expect_compound_columns_to_be_unique",
        several_columns::compound_unique,
    ),
    (
        "expect_multicolumn_sum_to_equal",
        several_columns::sum_equals,
    ),
    (
        "expect_multicolumn_values_to_be_equal",
        several_columns::all_equal,
    ),
    (
        "expect_multicolumn_values_to_be_unique",
        several_columns::unique_within_row,
    ),
    (
        "expect_query_results_to_match_comparison",
        tables::query_results,
    ),
    (
        "expect_select_column_values_to_be_unique_within_record",
        several_columns::unique_within_row,
    ),
    (
        "expect_table_column_count_to_be_between",
        tables::column_count_between,
    ),
    ("expect_table_column_count_to_equal", tables::column_count),
    (
        "expect_table_columns_to_match_ordered_list",
        tables::ordered_columns,
    ),
    ("expect_table_columns_to_match_set", tables::column_set),
    (
        "expect_table_row_count_to_be_between",
        tables::row_count_between,
    ),
    ("expect_table_row_count_to_equal", tables::row_count),
    (
        "expect_table_row_count_to_equal_other_table",
        tables::row_count_of_other,
    ),
    ("unexpected_rows_expectation", tables::unexpected_rows),
];

#[cfg(test)]
mod tests;
