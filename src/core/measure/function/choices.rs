//! Functions that give one of their arguments.

use std::cmp::Ordering;

use super::{Datum, DatumKind, Form, Function, Outcome};
use DatumKind::{Instant, Number, Text, Whole};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "greatest",
        "the largest that is not null; NaN is above all numbers",
        &[
            Form::new(&[Whole], Whole, |a| best(a, Ordering::Greater))
                .variadic()
                .spark("greatest({*})"),
            Form::new(&[Number], Number, |a| best(a, Ordering::Greater))
                .variadic()
                .spark("greatest({*})"),
            Form::new(&[Text], Text, |a| best(a, Ordering::Greater))
                .variadic()
                .spark("greatest({*})"),
            Form::new(&[Instant], Instant, |a| best(a, Ordering::Greater))
                .variadic()
                .spark("greatest({*})"),
        ],
    )
    .skipping_nulls(),
    Function::new(
        "least",
        "the smallest that is not null",
        &[
            Form::new(&[Whole], Whole, |a| best(a, Ordering::Less))
                .variadic()
                .spark("least({*})"),
            Form::new(&[Number], Number, |a| best(a, Ordering::Less))
                .variadic()
                .spark("least({*})"),
            Form::new(&[Text], Text, |a| best(a, Ordering::Less))
                .variadic()
                .spark("least({*})"),
            Form::new(&[Instant], Instant, |a| best(a, Ordering::Less))
                .variadic()
                .spark("least({*})"),
        ],
    )
    .skipping_nulls(),
];

/// The first argument that all others are not beyond.
fn best<'a>(arguments: &[Datum<'a>], beyond: Ordering) -> Outcome<'a> {
    let mut best: Option<&Datum<'a>> = None;
    for argument in arguments {
        if best.is_none_or(|best| order(argument, best) == Some(beyond)) {
            best = Some(argument);
        }
    }
    Ok(best.cloned())
}

fn order(one: &Datum<'_>, other: &Datum<'_>) -> Option<Ordering> {
    Some(match (one, other) {
        (Datum::Whole(one), Datum::Whole(other)) | (Datum::Instant(one), Datum::Instant(other)) => {
            one.cmp(other)
        }
        (Datum::Number(one), Datum::Number(other)) => match (one.is_nan(), other.is_nan()) {
            (false, false) => one.partial_cmp(other)?,
            (one, other) => one.cmp(&other),
        },
        (Datum::Text(one), Datum::Text(other)) => one.cmp(other),
        _ => return None,
    })
}
