//! The configurations that the pages show are configurations; what the gate cannot weigh it refuses.
use super::*;
use crate::metrics::Binary;

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
    assert_eq!(shown, 10);
}

#[test]
fn fairness_does_not_leave_weights_out_in_silence() {
    let label: Vec<bool> = (0..100).map(|row| row % 2 == 0).collect();
    let binary = Binary::new(label.clone(), None, label).expect("rows");
    let sample = Sample::new(binary).expect("a sample");
    let sample = sample.weighted(vec![2.0; 100]).expect("weights");
    let group = (0..100).map(|row| Some(format!("g{}", row % 2))).collect();
    let groups = std::collections::BTreeMap::from([("g".to_owned(), group)]);
    let candidate = Predictions::new("c", Vec::new(), sample, groups).expect("predictions");
    let text = "candidate: c\nmetrics: []\nfairness: [{metric: demographic_parity_difference, by: g, at_most: 1}]";
    let spec: GateSpec = serde_saphyr::from_str(text).expect("a gate");
    let judged = judge(&spec, &candidate, None, &|_| None);
    let record = judged
        .evidence
        .iter()
        .find(|record| record.requirement.as_str() == "fairness-difference")
        .expect("a record");
    assert_eq!(
        record.outcome,
        crate::evidence::Outcome::NotEvaluated(Reason::Unsupported)
    );
}
