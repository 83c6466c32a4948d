//! The sections of a file, named by sentences.

use serde_json::Value;

/// What a section is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Section {
    /// `checks for table [filter]`.
    Checks {
        /// The table.
        table: String,
        /// The filter in brackets.
        filter: Option<String>,
    },
    /// `filter table [name]`.
    Filter {
        /// The table.
        table: String,
        /// Its name.
        name: String,
    },
    /// `configurations for table`.
    Configurations {
        /// The table.
        table: String,
    },
    /// `for each dataset name`: checks of many tables.
    ForEachDataset,
    /// `checks`: queries of the data source.
    DataSource,
    /// What describes or shows data and demands nothing.
    NotARule,
    /// What only Soda's cloud or library does, and why.
    NeedsCloud(&'static str),
}

/// The section a key names; `None` for a sentence Soda does not know.
pub(super) fn section(header: &str) -> Option<Section> {
    let header = header.trim();
    if let Some(rest) = header.strip_prefix("checks for ") {
        let (table, filter) = named(rest);
        return Some(Section::Checks { table, filter });
    }
    if let Some(rest) = header.strip_prefix("filter ") {
        let (table, name) = named(rest);
        return Some(Section::Filter { table, name: name? });
    }
    if let Some(rest) = header.strip_prefix("configurations for ") {
        let (table, _) = named(rest);
        return Some(Section::Configurations { table });
    }
    if header.starts_with("for each dataset") || header.starts_with("for each table") {
        return Some(Section::ForEachDataset);
    }
    if header.starts_with("for each column") {
        return Some(Section::NeedsCloud(
            "Soda Core does not run checks for each column",
        ));
    }
    if header == "automated monitoring" {
        return Some(Section::NeedsCloud("its history is kept in Soda Cloud"));
    }
    let descriptive = [
        "profile columns",
        "discover datasets",
        "discover tables",
        "sample datasets",
        "sample tables",
    ];
    match header {
        "checks" => Some(Section::DataSource),
        "variables" => Some(Section::NotARule),
        header if descriptive.iter().any(|start| header.starts_with(start)) => {
            Some(Section::NotARule)
        }
        _ => None,
    }
}

/// `table [name]`, each perhaps in quotes.
fn named(rest: &str) -> (String, Option<String>) {
    let rest = rest.trim();
    let unquoted = |text: &str| text.trim().trim_matches(['"', '`', '\'']).to_owned();
    match rest
        .strip_suffix(']')
        .and_then(|rest| rest.rsplit_once('['))
    {
        Some((table, name)) if !table.trim().is_empty() => {
            (unquoted(table), Some(name.trim().to_owned()))
        }
        _ => (unquoted(rest.trim_matches(['[', ']'])), None),
    }
}

/// Whether a `for each dataset` section is also about this table: it is included by a name or pattern and
/// not excluded by one. `%` stands for any text.
pub(super) fn concerns(body: &Value, table: &str) -> Result<bool, String> {
    let names = body.get("datasets").or_else(|| body.get("tables"));
    let Some(names) = names.and_then(Value::as_array) else {
        return Err("expected `datasets`, a list of names and patterns".to_owned());
    };
    let mut included = false;
    let mut only_excludes = true;
    for name in names {
        let Some(name) = name.as_str() else {
            return Err("expected names of tables under `datasets`".to_owned());
        };
        if let Some(name) = name.strip_prefix("exclude ") {
            if like(name.trim(), table) {
                return Ok(false);
            }
        } else {
            only_excludes = false;
            included |= like(name.strip_prefix("include ").unwrap_or(name).trim(), table);
        }
    }
    Ok(included || only_excludes)
}

/// Whether the text fits the pattern, `%` for any text.
pub(super) fn like(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('%');
    let Some(rest) = parts.next().and_then(|first| text.strip_prefix(first)) else {
        return false;
    };
    let mut rest = rest;
    let mut last = None;
    for part in parts {
        if let Some(earlier) = last.replace(part) {
            match rest.split_once(earlier) {
                Some((_, after)) => rest = after,
                None => return false,
            }
        }
    }
    match last {
        None => rest.is_empty(),
        Some(last) => rest.ends_with(last),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn sentences_name_sections() {
        let checks = |table: &str, filter: Option<&str>| {
            Some(Section::Checks {
                table: table.to_owned(),
                filter: filter.map(ToOwned::to_owned),
            })
        };
        assert_eq!(section("checks for orders"), checks("orders", None));
        assert_eq!(
            section("checks for \"my orders\""),
            checks("my orders", None)
        );
        assert_eq!(
            section("checks for orders [today]"),
            checks("orders", Some("today"))
        );
        assert_eq!(section("filter orders"), None);
        assert_eq!(section("for each dataset T"), Some(Section::ForEachDataset));
        assert_eq!(section("profile columns"), Some(Section::NotARule));
        assert_eq!(section("check for orders"), None);
    }

    #[test]
    fn tables_are_included_and_excluded_by_patterns() {
        for (names, table, wanted) in [
            (json!(["orders"]), "orders", true),
            (json!(["dim_%"]), "dim_date", true),
            (json!(["dim_%"]), "orders", false),
            (json!(["include %", "exclude tmp_%"]), "tmp_x", false),
            (json!(["include %", "exclude tmp_%"]), "x", true),
            (json!(["exclude tmp_%"]), "x", true),
            (json!(["a%b%c"]), "axbyc", true),
            (json!(["a%b%c"]), "axyc", false),
        ] {
            assert_eq!(
                concerns(&json!({ "datasets": names }), table),
                Ok(wanted),
                "{names}"
            );
        }
        assert!(concerns(&json!({}), "x").is_err());
    }
}
