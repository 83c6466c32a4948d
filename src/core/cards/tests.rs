//! Tests of the card: what is built, how it prints, and what the lint lets through.

use super::*;
use crate::evidence::{Evidence, Outcome, Reason, RunReport, Severity, Sha256, Verdict};

const GATE: &str = include_str!("../../../fixtures/cards/sources/gate.json");
const DATA: &str = include_str!("../../../fixtures/cards/sources/data-validation.json");
const SCAN: &str = include_str!("../../../fixtures/cards/sources/scan.json");
const SPEC: &str = include_str!("../../../fixtures/cards/card.yaml");
const HOSTILE: &str = include_str!("../../../fixtures/cards/hostile.yaml");

fn spec() -> CardSpec {
    serde_saphyr::from_str(SPEC).expect("the sample is a card section")
}

fn hostile() -> CardSpec {
    serde_saphyr::from_str(HOSTILE).expect("hostile text is still text")
}

fn source(locator: &str, text: &str) -> EvidenceSource {
    EvidenceSource {
        locator: locator.to_owned(),
        sha256: Sha256::of(text.as_bytes()),
        report: RunReport::parse(text).expect("the sample is a report"),
    }
}

fn sources() -> Vec<EvidenceSource> {
    vec![
        source("evidence/data-validation.json", DATA),
        source("evidence/gate.json", GATE),
        source("evidence/scan.json", SCAN),
    ]
}

fn model() -> CardModel {
    CardModel {
        name: "credit-risk".into(),
        version: Some("1.4.0".into()),
        sha256: sources()[1]
            .report
            .digest_of("credit-risk")
            .expect("the gate names the model"),
    }
}

fn card() -> CardDocument {
    CardDocument::build(&spec(), &model(), &sources())
}

fn readme(document: &CardDocument) -> String {
    render_readme(document).expect("the built-in README renders")
}

fn page(document: &CardDocument) -> String {
    render_html(document, None).expect("the built-in page renders")
}

/// The records of one requirement that are not met.
fn problems<'a>(found: &'a [Evidence], id: &str) -> Vec<&'a Evidence> {
    found
        .iter()
        .filter(|record| record.requirement.as_str() == id && record.outcome != Outcome::Met)
        .collect()
}

fn linted(document: &CardDocument) -> Vec<Evidence> {
    lint(document, &document.about, &sources(), &[])
}

/// Compares with a file of `fixtures/cards/golden`; with `UPDATE_GOLDEN` set, writes it.
fn golden(name: &str, expected: &str, found: &str) {
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        let path = std::path::Path::new("../../fixtures/cards/golden").join(name);
        std::fs::write(path, found).expect("the golden file can be written");
    } else {
        assert!(
            expected == found,
            "`{name}` differs from its golden file; hint: look at it with UPDATE_GOLDEN=1 and git diff"
        );
    }
}

// What is built

#[test]
fn the_sample_card_is_as_it_was() {
    let card = card();
    golden(
        "card.json",
        include_str!("../../../fixtures/cards/golden/card.json"),
        &card.to_json(),
    );
    golden(
        "README.md",
        include_str!("../../../fixtures/cards/golden/README.md"),
        &readme(&card),
    );
    golden(
        "card.html",
        include_str!("../../../fixtures/cards/golden/card.html"),
        &page(&card),
    );
}

#[test]
fn the_hostile_card_is_as_it_was() {
    let card = CardDocument::build(&hostile(), &model(), &sources());
    golden(
        "hostile/card.json",
        include_str!("../../../fixtures/cards/golden/hostile/card.json"),
        &card.to_json(),
    );
    golden(
        "hostile/README.md",
        include_str!("../../../fixtures/cards/golden/hostile/README.md"),
        &readme(&card),
    );
    golden(
        "hostile/card.html",
        include_str!("../../../fixtures/cards/golden/hostile/card.html"),
        &page(&card),
    );
}

#[test]
fn a_card_reads_back_the_same() {
    let text = card().to_json();
    let back = CardDocument::parse(&text).expect("a card reads back");
    assert_eq!(back.to_json(), text);
    let newer = text.replace("\"schema_version\": 1", "\"schema_version\": 2");
    assert!(matches!(
        CardDocument::parse(&newer),
        Err(InvalidCard::Newer(2))
    ));
}

#[test]
fn every_number_names_evidence_on_the_card() {
    let card = card();
    assert!(40 < card.claims().len());
    for claim in card.claims() {
        let is_cited = |cited: &CitedEvidence| cited.sha256 == claim.source.evidence;
        assert!(card.evidence.iter().any(is_cited), "{}", claim.id);
    }
    let ids: std::collections::BTreeSet<_> = card.claims().iter().map(|c| &c.id).collect();
    assert_eq!(ids.len(), card.claims().len(), "claim ids are unique");
}

#[test]
fn a_card_without_evidence_has_not_passed() {
    let card = CardDocument::build(&spec(), &model(), &[]);
    assert_eq!(card.verdict, Verdict::NotPassed);
    assert!(page(&card).contains("No evidence is cited."));
    let found = lint(&card, &spec(), &[], &[]);
    let records = problems(&found, "card-evidence");
    assert_eq!(records.len(), 1);
    assert_eq!(
        records[0].outcome,
        Outcome::NotEvaluated(Reason::MissingInput)
    );
}

#[test]
fn steps_of_one_report_are_found_by_pointer() {
    let steps = sources().into_iter().map(|source| source.report).collect();
    let run = sources()[1].report.run.clone();
    let report = RunReport::of_steps(run, steps);
    let all = source("evidence/run.json", &report.to_json());
    let card = CardDocument::build(&spec(), &model(), std::slice::from_ref(&all));
    assert_eq!(card.steps.len(), 3);
    assert_eq!(card.metrics[0].claim.source.pointer, "/steps/1/evidence/0");
    let found = lint(&card, &spec(), &[all], &[]);
    assert!(
        found.iter().all(|record| record.outcome == Outcome::Met),
        "{found:#?}"
    );
}

#[test]
fn changes_between_two_cards_are_named() {
    let before = card();
    assert!(diff(&before, &before).is_empty());
    let mut spec = spec();
    spec.limitations = Some("Other".into());
    let text = GATE.replace("0.7304373177842566", "0.75");
    let after = CardDocument::build(&spec, &model(), &[source("evidence/gate.json", &text)]);
    let diff = diff(&before, &after);
    assert_eq!(diff.text, ["limitations"]);
    let change = diff.claims["metric-threshold/credit-risk/roc_auc"];
    assert_eq!(change.after.map(|q| q.value), Some(0.75));
    assert_eq!(diff.steps.len(), 2, "two steps are gone: {:?}", diff.steps);
}

// How it prints

fn yaml(readme: &str) -> serde_json::Value {
    let rest = readme
        .strip_prefix("---\n")
        .expect("front matter at byte 0");
    let (yaml, _) = rest.split_once("\n---\n").expect("front matter ends");
    serde_saphyr::from_str(yaml).expect("front matter is YAML")
}

#[test]
fn front_matter_holds_the_exact_numbers() {
    let metadata = yaml(&readme(&card()));
    assert_eq!(metadata["license"], "apache-2.0");
    assert_eq!(metadata["language"], serde_json::json!(["en", "no"]));
    assert_eq!(metadata["tags"][3], "on");
    let result = &metadata["model-index"][0]["results"][0];
    assert_eq!(result["task"]["type"], "tabular-classification");
    assert_eq!(result["dataset"]["type"], "example/german-credit");
    assert_eq!(result["metrics"][0]["type"], "roc_auc");
    assert_eq!(result["metrics"][0]["value"], 0.730_437_317_784_256_6);
}

#[test]
fn hostile_text_stays_text_everywhere() {
    let card = CardDocument::build(&hostile(), &model(), &sources());
    let readme = readme(&card);
    let metadata = yaml(&readme);
    let spec = hostile();
    let texts = |value: &serde_json::Value| -> Vec<String> {
        serde_json::from_value(value.clone()).expect("a list of strings")
    };
    assert_eq!(texts(&metadata["language"]), spec.language);
    assert_eq!(metadata["license"], "mit --- # injected");
    assert!(
        metadata
            .get("tags")
            .is_some_and(|tags| texts(tags).len() == spec.tags.len())
    );
    for text in [&readme, &page(&card)] {
        for forbidden in [
            "<script",
            "<img",
            "<svg onload",
            "\u{202e}",
            "\u{200b}",
            "href=\"javascript:",
            "href=\"data:",
        ] {
            assert!(!text.contains(forbidden), "{forbidden}");
        }
        assert!(text.contains("202E]") || text.contains("202E\\]"));
    }
    assert!(!readme.contains("](javascript:"));
    let body = readme.splitn(3, "---\n").nth(2).expect("a body");
    assert!(!body.contains("\n---\n"));
    assert!(!body.contains("\n# Not"));
}

#[test]
fn the_page_runs_and_loads_nothing() {
    let page = page(&card());
    for forbidden in [
        "<script", " onload", " style=", "src=", "@import", "url(", "<link", "<iframe",
    ] {
        assert!(!page.contains(forbidden), "{forbidden}");
    }
    assert!(page.contains("default-src 'none'; style-src 'sha256-"));
    assert!(page.len() < 400 << 10, "{} bytes", page.len());
}

#[test]
fn a_template_of_the_user_is_escaped_and_strict() {
    let card = CardDocument::build(&hostile(), &model(), &sources());
    let page = render_html(&card, Some("<h1>{{ card.title }}</h1>")).expect("renders");
    assert!(
        page.starts_with("<h1>&lt;&#x2f;title&gt;&lt;script&gt;"),
        "{page}"
    );
    assert!(render_html(&card, Some("{{ card.nonsense }}")).is_err());
}

// What the lint lets through

#[test]
fn an_honest_card_is_met_in_everything() {
    let card = card();
    let (readme, page) = (readme(&card), page(&card));
    let rendered = [
        rendered("README.md", RenderedFormat::Readme, &readme),
        rendered("card.html", RenderedFormat::Html, &page),
    ];
    let found = lint(&card, &spec(), &sources(), &rendered);
    let open: Vec<_> = found.iter().filter(|r| r.outcome != Outcome::Met).collect();
    assert!(open.is_empty(), "{open:#?}");
    for requirement in REQUIREMENTS {
        assert!(
            found
                .iter()
                .any(|r| r.requirement.as_str() == requirement.id)
        );
    }
    let unknown = |r: &&Evidence| {
        !REQUIREMENTS
            .iter()
            .any(|known| known.id == r.requirement.as_str())
    };
    assert_eq!(found.iter().filter(unknown).count(), 0);
    let prints: std::collections::BTreeSet<_> = found.iter().map(Evidence::fingerprint).collect();
    assert_eq!(
        prints.len(),
        found.len(),
        "no two records are about the same"
    );
}

fn rendered<'a>(path: &'a str, format: RenderedFormat, text: &'a str) -> RenderedCard<'a> {
    RenderedCard {
        path,
        format,
        text,
        template: None,
    }
}

#[test]
fn every_changed_number_is_found() {
    let mut sources = sources();
    // Without its curves the card is small enough to be judged once for every number.
    sources
        .iter_mut()
        .for_each(|source| source.report.figures.clear());
    let card = CardDocument::build(&spec(), &model(), &sources);
    let value = serde_json::to_value(card).expect("a card is JSON");
    let mut pointers = Vec::new();
    numbers(&value, "", &mut pointers);
    assert!(40 < pointers.len());
    for pointer in pointers {
        let mut value = value.clone();
        let number = value.pointer_mut(&pointer).expect("the pointer exists");
        *number = serde_json::json!(number.as_f64().expect("a number") + 1e-9);
        let forged: CardDocument = serde_json::from_value(value).expect("still a card");
        let found = lint(&forged, &forged.about, &sources, &[]);
        assert!(!problems(&found, "card-figure").is_empty(), "{pointer}");
    }
}

/// Pointers to every `quantity.value` of a card.
fn numbers(value: &serde_json::Value, at: &str, found: &mut Vec<String>) {
    if at.ends_with("/quantity") {
        found.push(format!("{at}/value"));
    }
    match value {
        serde_json::Value::Object(object) => object
            .iter()
            .for_each(|(key, inner)| numbers(inner, &format!("{at}/{key}"), found)),
        serde_json::Value::Array(list) => list
            .iter()
            .enumerate()
            .for_each(|(index, inner)| numbers(inner, &format!("{at}/{index}"), found)),
        _ => {}
    }
}

#[test]
fn a_changed_curve_is_found() {
    let mut forged = card();
    forged.figures[0].figure.series[0].points[3][1] += 0.01;
    let found = linted(&forged);
    assert_eq!(problems(&found, "card-figure").len(), 1);
}

#[test]
fn what_cites_nothing_on_the_card_is_found() {
    let mut forged = card();
    let elsewhere = Sha256::of(b"elsewhere");
    forged.metrics[0].claim.source.evidence = elsewhere;
    forged.figures[0].source.evidence = elsewhere;
    let found = linted(&forged);
    assert_eq!(problems(&found, "card-figure").len(), 2);
}

#[test]
fn a_number_edited_in_a_rendering_is_named() {
    let card = card();
    let readme = readme(&card).replacen("| 0.7304 |", "| 0.9304 |", 1);
    let page = page(&card).replacen(">0.7304<", ">0.9304<", 1);
    let cards = [
        rendered("README.md", RenderedFormat::Readme, &readme),
        rendered("card.html", RenderedFormat::Html, &page),
    ];
    let found = lint(&card, &spec(), &sources(), &cards);
    let figures = problems(&found, "card-figure");
    assert_eq!(figures.len(), 2, "{figures:#?}");
    assert!(figures[0].message.contains("`0.9304`") && figures[0].message.contains("`0.7304`"));
    let renderings = problems(&found, "card-rendering");
    assert_eq!(renderings.len(), 2);
    assert!(renderings[0].location.is_some());
}

#[test]
fn line_ends_of_a_checkout_are_no_edit() {
    let card = card();
    let readme = readme(&card).replace('\n', "\r\n");
    let cards = [rendered("README.md", RenderedFormat::Readme, &readme)];
    let found = lint(&card, &spec(), &sources(), &cards);
    assert!(problems(&found, "card-rendering").is_empty());
    assert!(problems(&found, "card-figure").is_empty());
}

#[test]
fn a_rendering_whose_template_fails_is_not_evaluated() {
    let card = card();
    let broken = RenderedCard {
        template: Some("{{ nothing }}"),
        ..rendered("card.html", RenderedFormat::Html, "")
    };
    let found = lint(&card, &spec(), &sources(), &[broken]);
    for id in ["card-rendering", "card-figure"] {
        let records = problems(&found, id);
        assert_eq!(
            records[0].outcome,
            Outcome::NotEvaluated(Reason::Unsupported)
        );
    }
}

#[test]
fn evidence_that_changed_since_is_an_integrity_failure() {
    let changed = GATE.replace("0.7304373177842566", "0.75");
    let mut now = sources();
    now[1] = source("evidence/gate.json", &changed);
    let found = lint(&card(), &spec(), &now, &[]);
    let records = problems(&found, "card-evidence");
    assert_eq!(records.len(), 1);
    assert_eq!(records[0].severity, Severity::Integrity);
    assert_eq!(records[0].outcome, Outcome::NotMet);
    assert_eq!(Verdict::of(&found), Verdict::IntegrityFailure);
}

#[test]
fn evidence_that_is_not_at_hand_is_not_evaluated() {
    let now = &sources()[..1];
    let found = lint(&card(), &spec(), now, &[]);
    for id in [
        "card-evidence",
        "card-figure",
        "card-contradiction",
        "card-rendering",
    ] {
        let records = problems(&found, id);
        assert!(!records.is_empty(), "{id}");
        for record in records {
            assert_eq!(record.outcome, Outcome::NotEvaluated(Reason::MissingInput));
        }
    }
}

#[test]
fn evidence_about_another_model_is_found() {
    let mut other = model();
    other.sha256 = Sha256::of(b"another model");
    let card = CardDocument::build(&spec(), &other, &sources());
    let found = lint(&card, &spec(), &sources(), &[]);
    assert_eq!(problems(&found, "card-evidence").len(), 2, "gate and scan");
}

#[test]
fn evidence_without_a_model_is_not_evaluated() {
    let mut nameless = sources();
    nameless[1].report.subjects.clear();
    let card = CardDocument::build(&spec(), &model(), &nameless);
    let found = lint(&card, &spec(), &nameless, &[]);
    let records = problems(&found, "card-evidence");
    assert_eq!(records[0].outcome, Outcome::NotEvaluated(Reason::Undefined));
}

#[test]
fn outcomes_and_verdicts_cannot_be_talked_up() {
    let forge = |change: &dyn Fn(&mut CardDocument)| {
        let mut forged = card();
        change(&mut forged);
        problems(&linted(&forged), "card-contradiction").len()
    };
    assert_eq!(forge(&|_| {}), 0);
    assert_eq!(forge(&|card| card.verdict = Verdict::Passed), 1);
    assert_eq!(forge(&|card| card.steps[1].verdict = Verdict::Passed), 1);
    assert_eq!(forge(&|card| card.evidence[1].verdict = Verdict::Passed), 1);
    assert_eq!(forge(&|card| card.open.clear()), 1);
    assert_eq!(
        forge(&|card| {
            card.steps.remove(1);
        }),
        1
    );
    assert_eq!(
        forge(&|card| card
            .fairness
            .iter_mut()
            .for_each(|r| r.outcome = Outcome::Met)),
        1
    );
    assert_eq!(forge(&|card| card.metrics[0].required = None), 1);
}

#[test]
fn words_cannot_claim_what_the_evidence_does_not_say() {
    let judged = |text: &str| {
        let mut spec = spec();
        spec.description = format!("{} {text}", spec.description);
        let card = CardDocument::build(&spec, &model(), &sources());
        problems(&lint(&card, &spec, &sources(), &[]), "card-contradiction").len()
    };
    assert_eq!(judged("The model passes all fairness checks."), 1);
    assert_eq!(judged("Every fairness requirement is met."), 1);
    assert_eq!(judged("The model has not passed the fairness gate."), 0);
    assert_eq!(judged("It passed the scan."), 0);
}

#[test]
fn numbers_in_words_are_held_against_the_evidence() {
    let warned = |text: &str| {
        let mut spec = spec();
        spec.description = format!("{} {text}", spec.description);
        let card = CardDocument::build(&spec, &model(), &sources());
        let found = lint(&card, &spec, &sources(), &[]);
        let records = problems(&found, "card-figure");
        assert!(records.iter().all(|r| r.severity == Severity::Warning));
        records.len()
    };
    assert_eq!(warned("It reaches a ROC AUC of 0.91 on the test set."), 1);
    assert_eq!(warned("It reaches a ROC AUC of 0.73, required 0.7."), 0);
    assert_eq!(warned("Accuracy is 72.3 %."), 0);
    assert_eq!(warned("Accuracy is 82.3 %."), 1);
    assert_eq!(warned("Accuracy in 2026 was fine. 3.5 stars."), 0);
}

#[test]
fn junk_cards_do_not_pass() {
    let filled = |text: &str| CardSpec {
        title: text.into(),
        description: text.into(),
        owners: vec![Owner {
            name: text.into(),
            contact: Some(text.into()),
        }],
        license: text.into(),
        intended_use: Some(text.into()),
        out_of_scope: Some(text.into()),
        limitations: Some(text.into()),
        ethical_considerations: Some(text.into()),
        training_data: Some(text.into()),
        ..CardSpec::default()
    };
    let long = "A sentence with enough different words that still was pasted everywhere.";
    let cases = [
        ("", 8),
        ("x", 8),
        ("TODO", 8),
        ("tbd.", 8),
        ("[More Information Needed]", 7),
        (
            "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod",
            8,
        ),
        (
            "a b c d e f g h i j k l m n o p q r s t u v w x y z a b c d e f g h",
            7,
        ),
        ("word word word word word word word word word word word", 7),
        (long, 7),
    ];
    for (text, least) in cases {
        let card = CardDocument::build(&filled(text), &model(), &sources());
        let found = linted(&card);
        let records = problems(&found, "card-section");
        assert!(least <= records.len(), "{text}: {records:#?}");
        assert_eq!(problems(&found, "card-license").len(), 1, "{text}");
    }
}

#[test]
fn sections_in_scripts_without_spaces_can_be_written() {
    let mut spec = spec();
    spec.limitations =
        Some("無料住宅に住む申込者の例が少ないため、順位付けの精度は低くなります。".into());
    let card = CardDocument::build(&spec, &model(), &sources());
    assert!(problems(&lint(&card, &spec, &sources(), &[]), "card-section").is_empty());
}

#[test]
fn a_section_too_long_to_read_is_not_evaluated() {
    let mut spec = spec();
    spec.limitations = Some("many words ".repeat(20_000));
    let card = CardDocument::build(&spec, &model(), &[]);
    let found = lint(&card, &spec, &[], &[]);
    let records = problems(&found, "card-section");
    assert_eq!(
        records[0].outcome,
        Outcome::NotEvaluated(Reason::Unsupported)
    );
}

#[test]
fn licences_are_judged_three_ways() {
    let judged = |license: &str, name: Option<&str>, link: Option<&str>| {
        let spec = CardSpec {
            license: license.into(),
            license_name: name.map(Into::into),
            license_link: link.map(Into::into),
            ..spec()
        };
        let card = CardDocument::build(&spec, &model(), &sources());
        let found = linted(&card);
        found
            .iter()
            .find(|record| record.requirement.as_str() == "card-license")
            .map(|record| record.outcome)
            .expect("the licence is judged")
    };
    let url = Some("https://example.com/license");
    assert_eq!(judged("MIT", None, None), Outcome::Met);
    assert_eq!(judged("BlueOak-1.0.0", None, None), Outcome::Met);
    assert_eq!(judged("other", Some("acme-1"), url), Outcome::Met);
    assert_eq!(
        judged("other", Some("acme-1"), Some("LICENSE")),
        Outcome::Met
    );
    assert_eq!(judged("other", Some("acme-1"), None), Outcome::NotMet);
    assert_eq!(
        judged("other", Some("acme-1"), Some("javascript:x")),
        Outcome::NotMet
    );
    assert_eq!(judged("other", None, url), Outcome::NotMet);
    assert_eq!(judged("", None, None), Outcome::NotMet);
    assert_eq!(judged("apache", None, None), Outcome::NotMet);
    assert_eq!(
        judged("unknown", None, None),
        Outcome::NotEvaluated(Reason::Undefined)
    );
}

#[test]
fn a_card_behind_its_configuration_is_found() {
    let mut now = spec();
    now.limitations = Some("Something new was learnt about this model since.".into());
    let found = lint(&card(), &now, &sources(), &[]);
    assert_eq!(problems(&found, "card-rendering").len(), 1);
}
