//! What queries come down to, and which are refused. Their answers on data are held against DuckDB's in
//! the tests of the local engine.

use super::query;
use crate::evidence::{FailingRows, Reason};
use crate::measure::{Answer, Groups, Measured, Moments, Scalar};

const TABLES: [&str; 2] = ["orders", "data/orders 1.csv"];

fn answer(text: &str, measured: &[Measured]) -> Result<Answer, (Reason, String)> {
    let plan = query(text, &TABLES).unwrap_or_else(|why| panic!("{text}: {why}"));
    assert_eq!(plan.measures().len(), measured.len(), "{text}");
    plan.answer(measured)
}

#[test]
fn queries_come_down_to_measures() {
    for (text, expected) in [
        ("select count(*) from orders", "RowCount"),
        ("select count(1) from \"ORDERS\"; ", "RowCount"),
        (
            "select count(*) from `orders` o where o.a > 1",
            "Count(Compare(Column(\"a\"), Greater, Literal(Integer(1))))",
        ),
        (
            "select count(a) from \"data/orders 1.csv\"",
            "Count(Not(IsNull(Column(\"a\"))))",
        ),
        (
            "select sum(a) / sum(a) from orders",
            "Moments(Column(\"a\"))",
        ),
        ("-- all\nselect * from orders", "RowCount"),
        (
            "select a from orders where b is null",
            "Failing(RowRule { fails: IsNull(Column(\"b\")), eligible: Constant(true), shown: None })",
        ),
        ("select count(null) from orders", "Count(Not(IsNull(Null)))"),
        ("(select * from orders limit 3)", "RowCount"),
        (
            "select a from orders where a > 1",
            "Failing(RowRule { fails: Compare(Column(\"a\"), Greater, Literal(Integer(1))), eligible: Constant(true), shown: Some(\"a\") })",
        ),
        (
            "select a from orders group by a having count(*) > 1",
            "Groups(Grouping { key: [Column(\"a\")], nulls: Equal, shows_first: false })",
        ),
        (
            "select a from orders group by a having count(*) > 2",
            "Frequencies { values: [Column(\"a\")], combinations_max: 200000 }",
        ),
        (
            "select count(distinct a) from orders where b",
            "Where(Compare(Column(\"b\"), Equal, Literal(Boolean(true))), Groups(Grouping { key: [Column(\"a\")], nulls: SkipAny, shows_first: false }))",
        ),
    ] {
        let plan = query(text, &TABLES).unwrap_or_else(|why| panic!("{text}: {why}"));
        let measures: Vec<String> = plan
            .measures()
            .iter()
            .map(|one| format!("{one:?}"))
            .collect();
        assert_eq!(measures, [expected], "{text}");
    }
}

#[test]
fn what_is_not_answered_is_refused_by_its_name() {
    for (text, expected) in [
        (
            "select count(*) from customers",
            "over the table `customers`",
        ),
        (
            "select count(*) from archive.orders",
            "over the table `archive.orders`",
        ),
        (
            "select count(*) from orders o join customers c on o.a = c.a",
            "joins tables",
        ),
        ("select count(*) from orders, customers", "joins tables"),
        (
            "with x as (select * from orders) select count(*) from x",
            "uses `with`",
        ),
        (
            "select a from orders union all select b from orders",
            "uses `UNION`",
        ),
        (
            "select row_number() over (order by a) from orders",
            "row_number",
        ),
        (
            "select sum(a) over (partition by b) from orders",
            "cannot look at other rows",
        ),
        (
            "select count(*) from orders where a in (select b from customers)",
            "a query",
        ),
        (
            "select * from orders o where exists (select 1 from orders p where p.a = o.a)",
            "a query",
        ),
        (
            "select (select count(*) from orders) from orders",
            "a query",
        ),
        ("select a, count(*) from orders", "`a`"),
        (
            "select b from orders group by a",
            "`b`, which it does not group by",
        ),
        (
            "select lower(a) as b from orders group by b",
            "groups by `b`, a name it gives",
        ),
        (
            "select a from orders group by a having sum(b) > 1",
            "`count(*)` compared with a number",
        ),
        (
            "select a from orders group by a having count(b) > 1",
            "`count(*)` compared with a number",
        ),
        (
            "select a from orders group by a having count(a) < 2",
            "`count(*)` compared with a number",
        ),
        ("select a from orders group by all", "group by all"),
        ("select a from orders group by rollup (a)", "ROLLUP"),
        (
            "select count(*) from orders having count(*) > 1",
            "without `group by`",
        ),
        ("select distinct on (a) a from orders", "distinct on"),
        ("select a from orders limit 5 offset 2", "skips rows"),
        (
            "select a from orders qualify row_number() over (order by a) = 1",
            "qualify",
        ),
        (
            "select a from orders tablesample (10 percent)",
            "no plain table",
        ),
        ("select unnest(a) from orders", "`unnest`"),
        ("select count(*) from orders limit 0", "limit 0"),
        (
            "select count(*) = 0 from orders",
            "cannot be computed of aggregates",
        ),
        (
            "select sum(distinct a) from orders",
            "not known here in this form",
        ),
        (
            "select approx_count_distinct(a) from orders",
            "not known here in this form",
        ),
        (
            "select percentile_cont(0.9) within group (order by a desc) from orders",
            "not known here in this form",
        ),
        ("select count(*) from orders where a > now()", "the clock"),
        (
            "select sum(n) from (select a, count(*) as n from orders group by a) s",
            "only the rows",
        ),
        (
            "select max(a) from (select a from orders limit 3) s",
            "only the rows",
        ),
        (
            "select count(*) from (select a from orders limit 3) s where a > 1",
            "a `where` around another query",
        ),
        (
            "select count(*) from orders; drop table orders",
            "goes on with `drop`",
        ),
        ("delete from orders", "is no `select`"),
        ("select", "is not SQL"),
        ("", "is not SQL"),
    ] {
        let why = query(text, &TABLES).expect_err(text);
        assert!(why.contains(expected), "{text}: {why}");
    }
    assert!(
        query("select 1 from t", &[])
            .expect_err("no name")
            .contains("nothing is known")
    );
}

#[test]
fn columns_computed_with_must_be_numbers() {
    for (text, expected) in [
        (
            "select count(*) from orders where a - b > 3",
            vec!["a", "b"],
        ),
        (
            "select count(*) from orders where a + interval '1 day' > b",
            vec![],
        ),
        (
            "select avg(case when c > 1 then a else coalesce(b, 0) end) from orders",
            vec!["a", "b"],
        ),
        ("select max(a), min(b), count(c) from orders", vec![]),
        (
            "select percentile_cont(0.5) within group (order by a) from orders",
            vec!["a"],
        ),
        ("select length(a) * 2 from orders", vec![]),
        (
            "select sum(a) from (select * from orders where b * 2 > 1) s",
            vec!["a", "b"],
        ),
    ] {
        let mut numbers = query(text, &TABLES).expect(text).numbers;
        numbers.sort();
        assert_eq!(numbers, expected, "{text}");
    }
}

#[test]
fn hostile_queries_end_in_a_message() {
    let deep = format!(
        "select {}1{} from orders",
        "(".repeat(5_000),
        ")".repeat(5_000)
    );
    let within = format!(
        "{}select a from orders{}",
        "select * from (".repeat(50),
        ") s".repeat(50)
    );
    let long = format!("select count(*) {} from orders", "+ count(*)".repeat(3_000));
    let chain = format!("select count(*) {} from orders", "+ count(*)".repeat(300));
    for text in [deep, within, long, chain, "x".repeat(100_000)] {
        assert!(query(&text, &TABLES).is_err());
    }
}

#[test]
fn answers_are_those_of_sql() {
    let nothing = Measured::Moments(Moments::default());
    for (text, measured, expected) in [
        ("select sum(a) from orders", vec![nothing.clone()], None),
        (
            "select coalesce(sum(a), -1) from orders",
            vec![nothing],
            Some(-1.0),
        ),
        (
            "select 5 / count(*) from orders",
            vec![Measured::Count(0)],
            None,
        ),
        (
            "select 5 / nullif(count(*), 2) from orders",
            vec![Measured::Count(2)],
            None,
        ),
        (
            "select 5 / count(*) from orders",
            vec![Measured::Count(2)],
            Some(2.5),
        ),
        (
            "select round(count(*) / 8, 2) from orders",
            vec![Measured::Count(1)],
            Some(0.13),
        ),
        (
            "select max(a) from orders",
            vec![
                Measured::Extremes(Some((Scalar::Integer(1), Scalar::Integer(7)))),
                Measured::Count(0),
            ],
            Some(7.0),
        ),
    ] {
        let answer = answer(text, &measured).expect(text);
        assert_eq!((answer.row_count, answer.number), (1, expected), "{text}");
    }
    let failing = Measured::Failing(FailingRows {
        count: 9,
        eligible: 20,
        examples: vec![crate::evidence::RowExample {
            row_number: 7,
            value: Some("x".to_owned()),
            masked: false,
            is_null: false,
        }],
    });
    let found = answer("select a from orders where b limit 4", &[failing]).expect("rows");
    assert_eq!((found.row_count, found.number), (4, None));
    assert_eq!(found.examples.first().map(|row| row.row_number), Some(7));
    let groups = Measured::Groups(Groups {
        rows: 12,
        distinct: 7,
        repeated: 3,
        ..Groups::default()
    });
    for (having, expected) in [
        ("> 1", 3),
        (">= 2", 3),
        ("= 1", 4),
        ("< 2", 4),
        ("> 0", 7),
        ("<> 1", 3),
    ] {
        let text = format!("select a from orders group by a having count(*) {having}");
        assert_eq!(
            answer(&text, std::slice::from_ref(&groups))
                .expect("groups")
                .row_count,
            expected,
            "{text}"
        );
    }
}

#[test]
fn what_could_not_be_measured_is_no_answer() {
    let nan = [Measured::Extremes(None), Measured::Count(3)];
    let found = answer("select max(a) from orders", &nan).expect("an answer");
    assert!(found.number.is_some_and(f64::is_nan));
    let texts = [
        Measured::Extremes(Some((Scalar::Text("a".into()), Scalar::Text("b".into())))),
        Measured::Count(0),
    ];
    let why = answer("select coalesce(max(a), 0) from orders", &texts).expect_err("a text");
    assert_eq!(why.0, Reason::Undefined);
    let failed = [Measured::Failed(Reason::MissingInput, "gone".into())];
    let why = answer("select count(*) from orders where a > 1", &failed).expect_err("failed");
    assert_eq!(why, (Reason::MissingInput, "gone".to_owned()));
}
