//! Queries of a suite, which call the table by its name in the database: here it has the name of the
//! dataset.

use regex::Regex;

/// The query with the table, written with or without its schema and database, called `dataset`.
pub(super) fn retabled(query: &str, table: &str, dataset: &str) -> String {
    let pattern = format!(
        "(?i)\\b(from|join)(\\s+)(?:[\"`\\[]?[a-z_][a-z0-9_$]*[\"`\\]]?\\.)*[\"`\\[]?{}(?:[\"`\\]]|\\b)",
        regex::escape(table)
    );
    let Ok(pattern) = Regex::new(&pattern) else {
        return query.to_owned();
    };
    let quoted = quoted(dataset);
    let mut rewritten = String::new();
    let mut rest = query;
    while let Some(found) = pattern.captures(rest) {
        let whole = found.get(0).map_or(0..0, |whole| whole.range());
        rewritten.push_str(&rest[..whole.start]);
        rewritten.push_str(&found[1]);
        rewritten.push_str(&found[2]);
        rewritten.push_str(&quoted);
        rest = &rest[whole.end..];
    }
    rewritten.push_str(rest);
    rewritten
}

/// A query for one expression over the rows a filter leaves.
pub(super) fn select(expression: &str, dataset: &str, filter: Option<&str>) -> String {
    let rows = filter.map_or_else(String::new, |filter| format!(" where {filter}"));
    format!("select {expression} from {}{rows}", quoted(dataset))
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_called_by_the_name_of_the_dataset() {
        for (query, wanted) in [
            ("select * from orders", "select * from \"d\""),
            (
                "SELECT * FROM main.orders o JOIN db.s.\"orders\" p",
                "SELECT * FROM \"d\" o JOIN \"d\" p",
            ),
            (
                "select orders from orders_old join `orders` using (id)",
                "select orders from orders_old join \"d\" using (id)",
            ),
        ] {
            assert_eq!(retabled(query, "orders", "d"), wanted);
        }
        assert_eq!(
            select("max(a)", "a\"b", Some("c > 1")),
            "select max(a) from \"a\"\"b\" where c > 1"
        );
    }
}
