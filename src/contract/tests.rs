//! Tests of reading configurations and contracts.
