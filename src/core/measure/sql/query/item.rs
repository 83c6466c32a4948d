//! One thing a query selects.

use sqlparser::ast::{Expr, SelectItem};

use super::super::cut;

/// One thing selected.
pub(super) struct Item<'a> {
    /// None for `*`.
    pub(super) expression: Option<&'a Expr>,
    /// The name given to it, in lower case.
    pub(super) alias: Option<String>,
}

/// Reads it.
pub(super) fn item(item: &SelectItem) -> Result<Item<'_>, String> {
    match item {
        SelectItem::UnnamedExpr(expression) => Ok(Item {
            expression: Some(expression),
            alias: None,
        }),
        SelectItem::ExprWithAlias { expr, alias } => Ok(Item {
            expression: Some(expr),
            alias: Some(alias.value.to_lowercase()),
        }),
        SelectItem::Wildcard(options)
            if options.opt_ilike.is_none()
                && options.opt_exclude.is_none()
                && options.opt_except.is_none()
                && options.opt_replace.is_none()
                && options.opt_rename.is_none()
                && options.opt_alias.is_none() =>
        {
            Ok(Item {
                expression: None,
                alias: None,
            })
        }
        other => Err(format!(
            "selects `{}`, which is not known here",
            cut(&other.to_string())
        )),
    }
}
