//! Both lists of parts name the same.

use super::*;
use crate::measure::{Comparison, Grouping, NullKeys, Order, Scalar};

fn same(part: Part<'_>, to_change: &PartMut<'_>) -> bool {
    match (part, to_change) {
        (Part::Row, PartMut::Row) => true,
        (Part::Column(one), PartMut::Column(other)) => one == *other,
        (Part::Value(one), PartMut::Value(other)) => one == *other,
        (Part::Condition(one), PartMut::Condition(other)) => one == *other,
        (Part::Measure(one), PartMut::Measure(other)) => one == *other,
        _ => false,
    }
}

#[test]
fn the_parts_to_change_are_the_parts() {
    let number = || Value::Number(Box::new(Value::column("number")));
    let positive = || {
        Condition::Compare(
            number(),
            Comparison::Greater,
            Value::Literal(Scalar::Integer(0)),
        )
    };
    let groups = |key| {
        Measure::Groups(Grouping {
            key,
            nulls: NullKeys::Equal,
            shows_first: false,
        })
    };
    let ordered = Measure::Ordered(Order {
        value: number(),
        rule: OrderRule::RangesMeet {
            end: Value::column("end"),
        },
        sorted_by: Some(Value::column("at")),
        within: vec!["group".to_owned()],
    });
    let measures = [
        groups(Vec::new()),
        groups(vec![number(), Value::Row]),
        ordered,
        Measure::Where(Arc::new(positive()), Box::new(Measure::Moments(number()))),
        Measure::By(
            vec!["group".to_owned()],
            Box::new(Measure::Count(positive())),
        ),
    ];
    for measure in measures {
        let mut changed = measure.clone();
        let (parts, to_change) = (measure.parts(), changed.parts_mut());
        assert_eq!(parts.len(), to_change.len(), "{measure:?}");
        assert!(
            parts
                .iter()
                .zip(&to_change)
                .all(|(one, other)| same(*one, other)),
            "{measure:?}"
        );
    }
}
