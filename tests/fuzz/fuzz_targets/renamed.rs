#![no_main]

use proofmark_fuzz::{fuzz_target, invariants};

fuzz_target!(|bytes: &[u8]| invariants::renamed_is_no_safer(bytes));
