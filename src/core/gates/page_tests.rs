//! The configurations that the pages show are configurations.
use super::*;

/// The blocks of YAML of a page.
fn blocks(page: &str) -> impl Iterator<Item = &str> {
    let parts = page.split("```yaml\n").skip(1);
    parts.filter_map(|part| part.split("```").next())
}

#[test]
fn the_pages_show_configurations_that_are_right() {
    #[derive(serde::Deserialize)]
    struct Section {
        gate: serde_json::Value,
    }
    let pages = [
        include_str!("../../../docs/gate.md"),
        include_str!("../../../docs/metrics.md"),
        include_str!("../../../docs/sources.md"),
        include_str!("../../../docs/migrating-gate.md"),
    ];
    let mut shown = 0;
    for block in pages.iter().flat_map(|page| blocks(page)) {
        let section: Section = serde_saphyr::from_str(block).expect("YAML");
        let mut gate = section.gate;
        // A page about metrics leaves the files out.
        if gate.get("recorded").is_none() {
            gate["candidate"] = "predictions.csv".into();
        }
        let spec: GateSpec = serde_json::from_value(gate).expect("a gate");
        assert_eq!(spec.check(), [], "{block}");
        shown += 1;
    }
    assert!(14 <= shown, "{shown}");
}
