//! Every form in which SHAP values are saved reads the same (`fixtures/sources/shap/gen.py`).

use std::collections::BTreeMap;
use std::path::Path;

use super::{arrays, npy, read};
use crate::io::World;
use crate::recorded::Attributions;
use crate::sources::{Asked, SourceError};

const NPY: &[u8] = include_bytes!("../../../fixtures/sources/shap/shap_values.npy");
const CLASSES: &[u8] = include_bytes!("../../../fixtures/sources/shap/shap_values_rf_3d.npy");
const ARCHIVE: &[u8] = include_bytes!("../../../fixtures/sources/shap/shap_explanation.npz");

fn of_file(name: &str) -> Result<Attributions, SourceError> {
    let asked = Asked {
        world: &World::with(BTreeMap::new(), chrono::Utc::now),
        root: &Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/sources/shap"),
        locator: name,
        server: None,
        metrics: &[],
    };
    let found = read(&asked)?;
    Ok(found.recording.attributions.expect("attributions"))
}

/// A file of numpy with this header.
fn array(version: u8, header: &str, elements: &[u8]) -> Vec<u8> {
    let mut bytes = b"\x93NUMPY".to_vec();
    bytes.extend([version, 0]);
    match version {
        1 => bytes.extend((header.len() as u16).to_le_bytes()),
        _ => bytes.extend((header.len() as u32).to_le_bytes()),
    }
    bytes.extend(header.as_bytes());
    bytes.extend(elements);
    bytes
}

#[test]
fn every_form_of_the_same_values_reads_the_same() {
    let plain = arrays::of_array(NPY, None).expect("values");
    let archive = arrays::of_archive(ARCHIVE, None).expect("an explanation");
    let table = of_file("shap_values.parquet").expect("a table");
    assert_eq!(plain.values, archive.values);
    assert_eq!(plain.values, table.values);
    assert!(!plain.is_named());
    assert_eq!(archive.features, ["f0", "f1", "f2", "f3", "f4", "f5"]);
    assert_eq!(archive.features, table.features);
    assert_eq!(
        (archive.rows(), archive.data.map(|data| data.len())),
        (200, Some(1200))
    );
    assert_eq!(archive.bases.as_ref().map(Vec::len), Some(200));
    assert_eq!(archive.bases, table.bases);
    let csv = of_file("shap_values.csv").expect("a table");
    assert_eq!(csv.rows(), 20);
    for (text, exact) in csv.values.iter().zip(&plain.values) {
        assert!((text - exact).abs() <= 1e-15, "{text} {exact}");
    }
}

#[test]
fn of_two_classes_it_is_the_second() {
    let second = arrays::of_array(CLASSES, None).expect("values");
    assert_eq!((second.rows(), second.features.len()), (50, 6));
    assert_eq!(arrays::of_array(CLASSES, Some(1)), Ok(second.clone()));
    let first = arrays::of_array(CLASSES, Some(0)).expect("values");
    for (first, second) in first.values.iter().zip(&second.values) {
        assert!((first + second).abs() < 1e-12, "{first} {second}");
    }
    assert!(arrays::of_array(CLASSES, Some(2)).is_err());
    assert!(arrays::of_array(NPY, Some(0)).is_err());
    let picked = of_file("shap_values_rf_3d.npy@class=0").expect("values");
    assert_eq!(picked, first);
    assert!(of_file("shap_values_rf_3d.npy@class=last").is_err());
}

#[test]
fn numbers_of_every_size_are_read() {
    let header = |descr: &str| {
        format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': (1, 2), }}\n")
    };
    let cases: [(&str, Vec<u8>, [f64; 2]); 4] = [
        (
            "<f4",
            [1.5_f32, -2.0].map(f32::to_le_bytes).concat(),
            [1.5, -2.0],
        ),
        (
            "<f8",
            [1.5_f64, -2.0].map(f64::to_le_bytes).concat(),
            [1.5, -2.0],
        ),
        (
            "<i2",
            [300_i16, -2].map(i16::to_le_bytes).concat(),
            [300.0, -2.0],
        ),
        ("|u1", vec![200, 1], [200.0, 1.0]),
    ];
    for (descr, elements, expected) in cases {
        for version in 1..=3 {
            let found = arrays::of_array(&array(version, &header(descr), &elements), None);
            assert_eq!(found.expect("values").values, expected, "{descr}");
        }
    }
}

/// `numpy.asfortranarray([[1, 2, 3], [4, 5, 6]])`, whose bytes are 1 4 2 5 3 6.
#[test]
fn columns_first_is_turned() {
    let header = "{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3), }\n";
    let found = arrays::of_array(&array(1, header, &[1, 4, 2, 5, 3, 6]), None);
    let values = found.expect("values").values;
    assert_eq!(values, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
}

#[test]
fn what_is_no_array_of_numbers_is_refused() {
    let header = |descr: &str, order: &str, shape: &str| {
        format!("{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}\n")
    };
    let eight = [0_u8; 8];
    for (descr, order, shape) in [
        (">f8", "False", "(1, 1)"),
        ("|O", "False", "(1, 1)"),
        ("<U2", "False", "(1, 1)"),
        ("<f8", "False", "(1, 2)"),
        ("<f8", "False", "(1,)"),
        ("<f8", "False", "(0, 5)"),
        (
            "<f8",
            "False",
            "(18446744073709551615, 18446744073709551615)",
        ),
        ("<f8", "False", "1"),
        ("<c8", "False", "(1, 1)"),
    ] {
        let bytes = array(1, &header(descr, order, shape), &eight);
        let found = arrays::of_array(&bytes, None);
        assert!(found.is_err(), "{descr} {order} {shape}");
    }
    for end in 0..NPY.len().min(400) {
        assert!(npy::parse(&NPY[..end]).is_err(), "{end}");
    }
    for end in (0..ARCHIVE.len()).step_by(97) {
        assert!(arrays::of_archive(&ARCHIVE[..end], None).is_err(), "{end}");
    }
}
