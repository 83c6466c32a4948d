//! Expressions as people write them, what they mean, and that they survive being written again.

use proptest::prelude::*;

use super::*;

#[track_caller]
fn reads(text: &str, expected: &str) {
    let found = condition(text).unwrap_or_else(|why| panic!("the expression `{text}` {why}"));
    assert_eq!(found.to_string(), expected, "{text}");
    // Whatever can be written as SQL is read back with the same meaning.
    if let Some(written) = to_sql(&found) {
        let again = condition(&written).unwrap_or_else(|why| panic!("`{written}` {why}"));
        assert_eq!(to_sql(&again).as_deref(), Some(written.as_str()), "{text}");
    }
}

#[track_caller]
fn refuses(text: &str, expected: &str) {
    let why = match condition(text) {
        Ok(found) => panic!("`{text}` was read as {found}"),
        Err(why) => why,
    };
    assert!(why.contains(expected), "{text}: {why}");
}

#[test]
fn comparisons_and_logic() {
    reads("a > 0", "`a` > 0");
    reads("a == 1", "`a` = 1");
    reads("a <> -1.5", "`a` != -1.5");
    reads(
        "a >= 1 AND b < 2 and c = 3",
        "`a` >= 1 and `b` < 2 and `c` = 3",
    );
    reads(
        "a = 1 or b = 2 and c = 3",
        "`a` = 1 or (`b` = 2 and `c` = 3)",
    );
    reads("not (a = 1)", "not (`a` = 1)");
    reads("\"Mixed Case\" = `other`", "`Mixed Case` = `other`");
    reads("active", "`active` = true");
    reads("(a > 1) = true", "`a` > 1");
    reads("(a > 1) <> true", "not (`a` > 1)");
    reads("true", "true");
}

#[test]
fn nulls() {
    reads("a is null", "`a` is null");
    reads("a IS NOT NULL", "`a` is not null");
    reads("(a = 1) is null", "[`a` = 1] is null");
    reads("(a = 1) is true", "[`a` = 1] or else 0 != 0");
    reads(
        "a is not distinct from b",
        "not ((`a` is null and `b` is not null) or (`a` is not null and `b` is null) or (`a` is not null and `b` is not null and `a` != `b`))",
    );
}

#[test]
fn ranges_lists_and_patterns() {
    reads("a between 1 and 2", "`a` >= 1 and `a` <= 2");
    reads("a not between 1 and 2", "not (`a` >= 1 and `a` <= 2)");
    reads("a in ('x', 'it''s')", "`a` in (x, it's)");
    reads("a not in (1, 2)", "not (`a` in (1, 2))");
    reads("a in (1, b)", "`a` = 1 or `a` = `b`");
    reads("a like 'x%'", "`a` matches `(?s)x.*`");
    reads("a not ilike '_b'", "not (`a` matches `(?i)(?s).b`)");
    reads("a like '50!%' escape '!'", "`a` matches `(?s)50%`");
    reads("a ~ '^x$'", "`a` matches `^x$`");
    reads("a !~* 'x'", "not (`a` matches `(?i)x`)");
    reads("a rlike 'x'", "`a` matches `x`");
    reads("regexp_matches(a, 'x')", "`a` matches `x`");
    reads("starts_with(a, 'x.')", r"`a` matches `x\.`");
}

#[test]
fn values() {
    reads(
        "a + b * 2 > 3 - c % 2",
        "(`a` + (`b` * 2)) > (3 - (`c` % 2))",
    );
    reads("length(trim(a)) > 3", "length of `a` > 3");
    reads(
        "lower(a) = upper(b)",
        "lower case of `a` = upper case of `b`",
    );
    reads("coalesce(a, 0) = abs(b)", "`a` or else 0 = |`b`|");
    reads("cast(a as varchar) = '1'", "`a` = '1'");
    reads("a::double > 1.0", "cast(`a` as double) > 1");
    reads("-a < 1", "(0 - `a`) < 1");
    reads(
        "case when a > 1 then 2 else 3 end = 2",
        "(2 if `a` > 1, else 3) = 2",
    );
    reads(
        "case a when 1 then 'x' end = 'x'",
        "('x' if `a` = 1, else null) = 'x'",
    );
    reads("isnan(a)", "`a` is NaN");
    reads("a = -9223372036854775808", "`a` = -9223372036854775808");
}

#[test]
fn times() {
    reads("a >= date '2026-01-31'", "`a` >= 2026-01-31");
    reads(
        "a < timestamp '2026-01-31 10:30:00'",
        "`a` < 2026-01-31T10:30:00Z",
    );
    reads("a = cast('2026-01-31' as date)", "`a` = 2026-01-31");
    reads("a > '2026-01-31'", "`a` > '2026-01-31'");
    reads("a - b < interval '2 days'", "(`a` - `b`) < 172800");
    reads("a - b < interval '2' hour", "(`a` - `b`) < 7200");
}

#[test]
fn functions_are_read_however_they_are_spelt() {
    reads("round(a, 2) = ceiling(b)", "round(`a`, 2) = ceil(`b`)");
    reads("floor(a) < pow(b, 2)", "floor(`a`) < power(`b`, 2)");
    reads("a || '-' || b = c", "((`a` || '-') || `b`) = `c`");
    reads(
        "substr(a, 2, 3) = left(b, 1)",
        "substring(`a`, 2, 3) = left(`b`, 1)",
    );
    reads(
        "substring(a from 2 for 3) = 'x'",
        "substring(`a`, 2, 3) = 'x'",
    );
    reads("position('x' in a) > 0", "strpos(`a`, 'x') > 0");
    reads("instr(a, 'x') = 1", "strpos(`a`, 'x') = 1");
    reads(
        "greatest(a, b, 0) > least(a, 1)",
        "greatest(`a`, `b`, 0) > least(`a`, 1)",
    );
    reads("extract(month from a) = 12", "month(`a`) = 12");
    reads("date_part('year', a) = 2026", "year(`a`) = 2026");
    reads(
        "date_trunc('MONTH', a) = a",
        "date_trunc('month', `a`) = `a`",
    );
    reads(
        "datediff(day, a, b) <= 30",
        "date_diff('day', `a`, `b`) <= 30",
    );
    reads("datediff(b, a) <= 30", "date_diff('day', `a`, `b`) <= 30");
    reads(
        "date_diff('months', a, '2026-01-31') > 1",
        "date_diff('month', `a`, 2026-01-31) > 1",
    );
    reads("a + interval '1 month' > b", "add_months(`a`, 1) > `b`");
    reads("a - interval '2' year > b", "add_months(`a`, -24) > `b`");
    reads("interval '1 quarter' + a > b", "add_months(`a`, 3) > `b`");
    reads("dateadd(month, 2, a) > b", "add_months(`a`, 2) > `b`");
    reads("date_add(a, interval '1 day') > b", "(`a` + 86400) > `b`");
    reads("cast(a as integer) = 1", "cast(`a` as integer) = 1");
    reads(
        "try_cast(a as bigint) is null",
        "try_cast(`a` as bigint) is null",
    );
    reads("a::date = '2026-01-01'", "cast(`a` as date) = '2026-01-01'");
    reads(
        "cast('2026-01-31 10:00:00' as date) = a",
        "cast('2026-01-31 10:00:00' as date) = `a`",
    );
}

#[test]
fn what_is_not_the_same_everywhere_is_refused_by_name() {
    refuses("a = current_date", "the clock");
    refuses("a > now()", "the clock");
    refuses("sum(a) over (order by b) > 1", "`sum`");
    refuses("a in (select b from c)", "a query");
    refuses("exists (select 1)", "a query");
    refuses("t.a = 1", "qualifier");
    refuses("cast(a as decimal(10, 2)) = 1", "engine to engine");
    refuses("cast(a as varchar(3)) = 'abc'", "engine to engine");
    refuses("log(a) = 1", "`log10` or `ln`");
    refuses("round(a, 1, 2) = 1", "`round` with 3 arguments");
    refuses("date_trunc('decade', a) = b", "`decade`");
    refuses("date_diff('week', a, b) = 1", "`week`");
    refuses("extract(century from a) = 1", "`century`");
    refuses("year('soon') = 1", "no date or time of ISO 8601");
    refuses("a + interval '1.5 months' > b", "fixed number of seconds");
    refuses("round(a)", "a value");
    refuses("soundex(a) = 'x'", "`soundex`");
    refuses("a + 1", "`+`");
    refuses("length(a)", "a value");
    refuses("a = 1; drop table b", "`;`");
    refuses("a =", "not SQL");
    refuses("", "not SQL");
    refuses("a = ?", "placeholder");
    refuses("a < interval '1 month'", "fixed number of seconds");
    refuses("a = 1e999", "finite");
}

#[test]
fn hostile_expressions_end_in_an_error() {
    refuses(&"(".repeat(10_000), "more than");
    refuses(
        &format!("{}a{}", "(".repeat(500), ")".repeat(500)),
        "nested deeper",
    );
    refuses(&format!("{} a", "not ".repeat(1_500)), "");
    refuses(&format!("a{} > 1", " + a".repeat(900)), "nested deeper");
    refuses(&format!("a = {}", "9".repeat(70_000)), "longer than");
    refuses(&format!("a{}", " = a".repeat(3_000)), "more than");
    let mut doubled = "a = b".to_owned();
    let mut cases = doubled.clone();
    for _ in 0..14 {
        doubled = format!("(({doubled}) is distinct from b)");
        cases = format!("case when {cases} then a = 1 when b then a = 2 when c then a = 3 end");
    }
    let mut operands = "a".to_owned();
    let branches = (0..7).map(|number| format!("when {number} then {number} "));
    let branches: String = branches.collect();
    for _ in 0..7 {
        operands = format!("case ({operands}) {branches} end");
    }
    refuses(&format!("{operands} = 1"), "larger than");
    refuses(&doubled, "");
    refuses(&cases, "larger than");
    // A long list and a long chain are no nesting.
    let list = vec!["1"; 5_000].join(", ");
    assert!(condition(&format!("a in ({list})")).is_ok());
    let chain = vec!["a = 1"; 400].join(" or ");
    assert!(condition(&chain).is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_or_refused_without_panic(text in ".{0,120}") {
        let _ = condition(&text);
        let _ = value(&text);
    }

    #[test]
    fn texts_survive_being_written(text in ".{0,40}") {
        let is = Condition::In(Value::column("a b\"c"), vec![super::super::Scalar::Text(text)]);
        let written = to_sql(&is).expect("it can be written");
        prop_assert_eq!(condition(&written), Ok(is));
    }
}
