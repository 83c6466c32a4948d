//! dbt-expectations on texts: lengths, regular expressions, patterns of `LIKE`.

use super::run::{Done, Run};
use crate::checks::{ForbiddenPatterns, Needed, PatternSyntax, ValuePatterns};
use crate::contract::rules::ours;
use crate::measure::Anchor;

impl Run<'_, '_> {
    pub(super) fn expect_texts(&mut self) -> Option<Done> {
        use PatternSyntax::{Like, Regex};
        Some(match self.test.name.as_str() {
            "expect_column_value_lengths_to_equal" => self.quoted().and_then(|column| {
                let value = self.needed("value")?;
                self.holds(&format!("length({column}) = {value}"))
            }),
            "expect_column_value_lengths_to_be_between" => self.length_between(),
            "expect_column_values_to_match_regex" => self.matches("regex", Regex),
            "expect_column_values_to_match_regex_list" => self.matches("regex_list", Regex),
            "expect_column_values_to_match_like_pattern" => self.matches("like_pattern", Like),
            "expect_column_values_to_match_like_pattern_list" => {
                self.matches("like_pattern_list", Like)
            }
            "expect_column_values_to_not_match_regex" => self.forbids("regex", Regex),
            "expect_column_values_to_not_match_regex_list" => self.forbids("regex_list", Regex),
            "expect_column_values_to_not_match_like_pattern" => self.forbids("like_pattern", Like),
            "expect_column_values_to_not_match_like_pattern_list" => {
                self.forbids("like_pattern_list", Like)
            }
            _ => return None,
        })
    }

    fn length_between(&mut self) -> Done {
        let length = format!("length({})", self.quoted()?);
        self.within_ends(&length, !self.test.flag("strictly", false))
    }

    /// The patterns of a test, and whether case is the same.
    fn patterns(&self, key: &str) -> Result<(Vec<String>, bool), String> {
        self.column()?;
        let patterns = if key.ends_with("_list") {
            self.test.texts(key).unwrap_or_default()
        } else {
            vec![self.needed(key)?]
        };
        if patterns.is_empty() {
            return Err(format!("it needs `{key}`, a list of patterns"));
        }
        match self.test.text("flags") {
            None | Some("") => Ok((patterns, false)),
            Some("i") => Ok((patterns, true)),
            Some(other) => Err(format!("the flags `{other}` are not supported")),
        }
    }

    fn match_on(&self) -> Result<Needed, String> {
        match self.test.text("match_on") {
            None | Some("any") => Ok(Needed::Any),
            Some("all") => Ok(Needed::All),
            Some(other) => Err(format!("`match_on` is `{other}`, not `any` or `all`")),
        }
    }

    fn matches(&mut self, key: &str, syntax: PatternSyntax) -> Done {
        let ((patterns, ignore_case), needed) = (self.patterns(key)?, self.match_on()?);
        self.count(|tolerance| {
            ours(ValuePatterns {
                patterns: patterns.clone(),
                needed,
                syntax,
                anchor: Anchor::Anywhere,
                ignore_case,
                tolerance,
            })
        })
    }

    fn forbids(&mut self, key: &str, syntax: PatternSyntax) -> Done {
        let ((patterns, ignore_case), needed) = (self.patterns(key)?, self.match_on()?);
        if needed == Needed::Any && 1 < patterns.len() {
            // The macro joins "does not match" with `or`: it fails a text that matches every pattern.
            return Err("with `match_on: any`, dbt-expectations passes a text that misses one of the patterns; say `match_on: all`".to_owned());
        }
        self.count(|tolerance| {
            ours(ForbiddenPatterns {
                patterns: patterns.clone(),
                syntax,
                anchor: Anchor::Anywhere,
                ignore_case,
                tolerance,
            })
        })
    }
}
