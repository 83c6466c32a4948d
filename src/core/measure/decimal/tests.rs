use super::*;

fn decimal(text: &str) -> Decimal {
    Decimal::parse(text).unwrap_or_else(|| panic!("{text} is a decimal"))
}

#[test]
fn a_text_is_the_decimal_it_spells() {
    for (text, shown) in [
        ("1.50", "1.5"),
        ("-0.010", "-0.01"),
        ("+2.", "2"),
        (".5", "0.5"),
        ("-0", "0"),
        ("0e999999999999999999999", "0"),
        ("12e3", "12000"),
        ("12E-3", "0.012"),
        (
            "12345678901234567890123456789.0123456789",
            "12345678901234567890123456789.0123456789",
        ),
        (
            "-99999999999999999999999999999999999999",
            "-99999999999999999999999999999999999999",
        ),
    ] {
        assert_eq!(decimal(text).to_string(), shown, "{text}");
    }
    for text in [
        "", "-", ".", "e5", "1e", "1e+", "1 ", "inf", "NaN", "0x1", "1_0", "1.2.3", "1e-39",
        "1e39", "--1", "١",
    ] {
        assert_eq!(Decimal::parse(text), None, "{text}");
    }
}

#[test]
fn a_number_is_the_decimal_somebody_wrote() {
    for text in ["0.1", "-1234.5678", "1e22", "5e-20"] {
        let number: f64 = text.parse().expect("a number");
        assert_eq!(Decimal::of_number(number), Some(decimal(text)), "{text}");
    }
    assert_eq!(Decimal::of_number(f64::NAN), None);
    assert_eq!(Decimal::of_number(f64::NEG_INFINITY), None);
    assert_eq!(Decimal::of_number(1e300), None);
}

#[test]
fn a_number_of_any_length_has_its_place() {
    for (text, scale, expected) in [
        ("1.5", 1, Place::At(15)),
        ("1.5", 0, Place::After(1)),
        ("-1.5", 0, Place::After(-2)),
        ("1e-400", 10, Place::After(0)),
        ("-1e-400", 10, Place::After(-1)),
        ("1e400", 10, Place::Above),
        ("-1e99999999999999999999", 10, Place::Below),
        ("1e-99999999999999999999", 38, Place::After(0)),
        (
            "0.10000000000000000000000000000000000000000000001",
            2,
            Place::After(10),
        ),
        (
            "170141183460469231731687303715884105727",
            0,
            Place::At(i128::MAX),
        ),
        ("170141183460469231731687303715884105728", 0, Place::Above),
        (
            "-170141183460469231731687303715884105728",
            0,
            Place::At(i128::MIN),
        ),
        (
            "-170141183460469231731687303715884105728.1",
            0,
            Place::Below,
        ),
    ] {
        assert_eq!(place(text, scale), Some(expected), "{text} at {scale}");
    }
    assert_eq!(place("nan", 2), None);
}

#[test]
fn a_number_keeps_no_more_digits_than_tell_it_from_others() {
    for (text, kept) in [
        ("0.1", true),
        ("0.10000000000000001", true),
        ("0.100000000000000001", false),
        ("1e22", true),
        ("10000000000000000000000.0", true),
        ("9007199254740992", true),
        ("9007199254740993", false),
        ("-9007199254740993.5", false),
        ("1e-400", false),
        ("-0.0", true),
    ] {
        let number: f64 = text.parse().expect("a number");
        assert_eq!(keeps(number, text), kept, "{text}");
    }
    assert!(!keeps(f64::NAN, "nan"));
}

proptest::proptest! {
    #[test]
    fn decimals_are_ordered_as_their_numbers(
        one in -100_000..100_000_i64, other in -100_000..100_000_i64,
        scale_of_one in 0..6_u32, scale_of_other in 0..6_u32,
    ) {
        let of = |unscaled: i64, scale| Decimal::new(unscaled.into(), scale).expect("few digits");
        let (x, y) = (of(one, scale_of_one), of(other, scale_of_other));
        let whole = |unscaled: i64, scale: u32| unscaled * 10_i64.pow(6 - scale);
        let expected = whole(one, scale_of_one).cmp(&whole(other, scale_of_other));
        proptest::prop_assert_eq!(x.cmp(&y), expected);
        proptest::prop_assert_eq!(x == y, expected.is_eq());
        proptest::prop_assert_eq!(x.number().total_cmp(&(y.number())), expected);
    }

    #[test]
    fn a_decimal_reads_back(unscaled in proptest::num::i128::ANY, scale in 0..=38_u32) {
        let one = Decimal::new(unscaled, scale).expect("few digits");
        proptest::prop_assert_eq!(Decimal::parse(&one.to_string()), Some(one));
        proptest::prop_assert_eq!(one.at_scale(scale), Some(unscaled));
        proptest::prop_assert_eq!(one.number(), one.to_string().parse::<f64>().expect("a number"));
        let next = Decimal::new(unscaled.saturating_add(1), scale).expect("few digits");
        proptest::prop_assert_eq!(one < next, unscaled != i128::MAX);
    }
}
