use super::render::generate;
use super::spec::{CommandSpec, Facts, FlagSpec, FormatSpec, Shape};
use super::surfaces::{Kind, System};
use super::wrapper::{Input, wrappers};

fn flag(name: &str, shape: Shape, positional: bool) -> FlagSpec {
    FlagSpec {
        name: name.to_owned(),
        help: format!("Help of {name}"),
        shape,
        positional,
        variable: None,
        defaults: Vec::new(),
        choices: Vec::new(),
    }
}

fn command(name: &str, flags: Vec<FlagSpec>, subcommands: Vec<CommandSpec>) -> CommandSpec {
    CommandSpec {
        name: name.to_owned(),
        flags,
        subcommands,
    }
}

/// The flags the annotations name, as a command tree of that shape.
fn tree() -> CommandSpec {
    let value = |name: &str| flag(name, Shape::Value, false);
    let list = |name: &str| flag(name, Shape::List, false);
    let switch = |name: &str| flag(name, Shape::Switch, false);
    let files = flag("files", Shape::List, true);
    let validate = command(
        "validate",
        vec![
            files,
            value("contract"),
            value("suite-format"),
            value("object"),
            list("reference"),
            value("environment"),
            value("input-format"),
            value("encoding"),
            value("delimiter"),
            switch("no-header"),
            value("as-of"),
            value("examples"),
            switch("no-metadata-shortcuts"),
            switch("no-cache"),
        ],
        vec![],
    );
    let card = || vec![value("output-directory")];
    let plan = || vec![value("stage"), value("plan")];
    let rollback = vec![value("stage"), value("to"), value("reason")];
    let decide = || vec![value("data-evidence"), value("reason"), value("decision")];
    let dispatch = [decide(), vec![switch("dry-run")]].concat();
    let sign = vec![
        value("model"),
        value("key"),
        switch("keyless"),
        value("signing-config"),
        value("trusted-root"),
        value("identity-token-variable"),
        value("certificate"),
        list("certificate-chain"),
        value("signature"),
        list("ignore"),
        value("hash"),
        value("shard-size"),
        switch("allow-symlinks"),
        value("password-variable"),
        value("password-fd"),
        switch("replace"),
        value("publish"),
        switch("generate-key"),
        value("public-key"),
        value("curve"),
    ];
    let attest = vec![
        flag("evidence", Shape::List, true),
        value("key"),
        switch("keyless"),
        value("signing-config"),
        value("trusted-root"),
        value("identity-token-variable"),
        value("predicate-type"),
        value("predicate"),
        switch("provenance"),
        list("base-model"),
        value("claims"),
        value("publish"),
        value("password-variable"),
        value("password-fd"),
    ];
    let verify = vec![
        value("model"),
        list("trust-root"),
        value("certificate-identity"),
        value("certificate-oidc-issuer"),
        list("certificate-claim"),
        value("trusted-root"),
        value("certificate-subject"),
        value("certificate-spki-sha256"),
        list("timestamp-root"),
        value("from"),
        value("policy"),
        value("verification-summary"),
        value("resource"),
        value("model-version"),
        value("promoted-version"),
        switch("strict"),
        switch("allow-legacy"),
        switch("allow-old-bundle-versions"),
        switch("allow-symlinks"),
        value("signature"),
        value("key"),
        value("claims"),
        list("ignore"),
    ];
    let run = vec![
        list("only"),
        value("stage"),
        switch("force"),
        switch("replace-signature"),
        switch("no-cache"),
    ];
    let mut comment = value("comment");
    comment.choices = ["off", "auto"].map(str::to_owned).into();
    comment.defaults = vec!["auto".to_owned()];
    comment.variable = Some("PROOFMARK_COMMENT".to_owned());
    let mut publish = vec![comment, flag("evidence", Shape::List, true)];
    publish.extend(
        [
            "status",
            "key",
            "report-url",
            "forge",
            "repository",
            "commit",
            "change",
            "api-url",
            "token-variable",
        ]
        .map(value),
    );
    publish.push(switch("dry-run"));
    let globals = vec![
        value("config"),
        value("baseline"),
        value("format"),
        list("output"),
        value("color"),
        switch("verbose"),
        switch("quiet"),
        switch("exit-on-warn"),
    ];
    command(
        "proofmark",
        globals,
        vec![
            command("data", vec![], vec![validate]),
            command("gate", vec![], vec![]),
            command(
                "card",
                vec![],
                vec![
                    command("build", card(), vec![]),
                    command("lint", card(), vec![]),
                ],
            ),
            command("sign", sign, vec![]),
            command("attest", attest, vec![]),
            command("verify", verify, vec![]),
            command(
                "promote",
                vec![],
                vec![
                    command("plan", plan(), vec![]),
                    command("apply", plan(), vec![]),
                    command("rollback", rollback, vec![]),
                    command("status", vec![], vec![]),
                ],
            ),
            command(
                "retrain",
                vec![],
                vec![
                    command("decide", decide(), vec![]),
                    command("dispatch", dispatch, vec![]),
                ],
            ),
            command("run", run, vec![]),
            command("report", vec![], vec![command("publish", publish, vec![])]),
        ],
    )
}

fn facts() -> Facts {
    let formats = [("json", "json"), ("markdown", "md"), ("junit", "xml")];
    Facts {
        version: "1.2.3".to_owned(),
        repository: "https://example.com/proofmark".to_owned(),
        checksums: format!("{}  proofmark-1.2.3-x.tar.gz\n", "0".repeat(64)),
        formats: formats
            .map(|(name, extension)| FormatSpec {
                name: name.to_owned(),
                extension: extension.to_owned(),
            })
            .into(),
    }
}

fn gate(tree: &mut CommandSpec) -> &mut CommandSpec {
    let found = tree.subcommands.iter_mut().find(|sub| sub.name == "gate");
    found.expect("a gate")
}

#[test]
fn a_new_flag_must_be_an_input_or_left_out() {
    let mut tree = tree();
    gate(&mut tree)
        .flags
        .push(flag("seed", Shape::Value, false));
    let error = wrappers(&tree).expect_err("refused").to_string();
    assert_eq!(
        error,
        "flag `seed` of `model-gate` is neither an input nor omitted in surfaces.yaml"
    );
}

#[test]
fn a_removed_flag_is_noticed() {
    let mut tree = tree();
    let verify = tree.subcommands.iter_mut().find(|sub| sub.name == "verify");
    verify
        .expect("verify")
        .flags
        .retain(|flag| flag.name != "claims");
    let error = wrappers(&tree).expect_err("refused").to_string();
    assert_eq!(
        error,
        "input `claims` of `verify-model` is no flag of its commands"
    );
}

#[test]
fn a_flag_that_changed_its_kind_is_noticed() {
    let mut tree = tree();
    let run = tree.subcommands.iter_mut().find(|sub| sub.name == "run");
    for flag in &mut run.expect("run").flags {
        if flag.name == "force" {
            flag.shape = Shape::Value;
        }
    }
    let error = wrappers(&tree).expect_err("refused").to_string();
    assert_eq!(
        error,
        "input `force` of `run` is annotated as bool, but takes a Value"
    );
}

#[test]
fn a_command_that_is_gone_is_noticed() {
    let mut tree = tree();
    tree.subcommands.retain(|sub| sub.name != "gate");
    let error = wrappers(&tree).expect_err("refused").to_string();
    assert_eq!(error, "`model-gate` runs `gate`, which is no command");
}

#[test]
fn names_follow_the_custom_of_each_system() {
    let input = Input {
        name: "working-directory".to_owned(),
        summary: String::new(),
        kind: Kind::Path,
        default: String::new(),
        choices: Vec::new(),
        pattern: None,
        flag: None,
        systems: System::ALL.to_vec(),
        without: std::collections::BTreeMap::new(),
        publishing: false,
    };
    assert_eq!(input.variable(), "WORKING_DIRECTORY");
    assert_eq!(input.gitlab(), "working_directory");
    assert_eq!(input.jenkins(), "workingDirectory");
}

#[test]
fn a_flag_of_some_operations_is_planned_for_those_only() {
    let wrappers = wrappers(&tree()).expect("generated");
    let promote = wrappers
        .iter()
        .find(|wrapper| wrapper.name == "promote-model");
    let plan = &promote.expect("promote").plan;
    let stage: Vec<_> = plan
        .iter()
        .filter(|line| line.contains(" STAGE "))
        .collect();
    assert_eq!(
        stage,
        [
            "value plan STAGE --stage",
            "value apply STAGE --stage",
            "value rollback STAGE --stage"
        ]
    );
    assert!(plan.contains(&"value any CONFIG --config".to_owned()));
}

#[test]
fn a_flag_of_publishing_must_be_an_input_or_left_out() {
    let mut tree = tree();
    let report = tree.subcommands.iter_mut().find(|sub| sub.name == "report");
    let publish = &mut report.expect("report").subcommands[0];
    publish.flags.push(flag("colour", Shape::Value, false));
    assert_eq!(
        wrappers(&tree).expect_err("refused").to_string(),
        "flag `colour` of `report publish` is neither an input nor omitted in surfaces.yaml"
    );
}

#[test]
fn nothing_is_published_unless_asked_for_whatever_the_program_does_by_default() {
    for wrapper in wrappers(&tree()).expect("generated") {
        let comment = wrapper.inputs.iter().find(|input| input.name == "comment");
        assert_eq!(comment.is_some(), wrapper.runs(), "{}", wrapper.name);
        if let Some(comment) = comment {
            assert_eq!(
                (&*comment.default, &*comment.summary),
                ("off", "Help of comment")
            );
        }
    }
}

#[test]
fn a_token_is_an_input_of_github_only_and_in_no_plan() {
    for wrapper in wrappers(&tree()).expect("generated") {
        for system in [System::Gitlab, System::Jenkins] {
            let secret = |input: &Input| input.kind == Kind::Secret;
            assert!(!wrapper.inputs_on(system).iter().any(secret));
        }
        // Names of those a command keeps, and of the variable it reads one from, are no tokens.
        let mut plan = wrapper
            .plan
            .iter()
            .filter(|line| !line.starts_with("keep ") && !line.contains("_TOKEN_VARIABLE "));
        assert!(!plan.any(|line| line.contains("TOKEN")));
    }
}

#[test]
fn same_commands_same_bytes() {
    let once = generate(&tree(), &facts()).expect("generated");
    assert_eq!(once, generate(&tree(), &facts()).expect("generated"));
    let paths: Vec<_> = once.iter().map(|file| &file.path).collect();
    let mut sorted = paths.clone();
    sorted.sort();
    sorted.dedup();
    assert_eq!(paths, sorted);
}

#[test]
fn every_generated_yaml_file_is_yaml_and_has_no_input_twice() {
    for file in generate(&tree(), &facts()).expect("generated") {
        if file.path.ends_with(".yml") {
            for document in file.text.split("\n---\n") {
                // A key that stands twice is an error of the parser.
                let parsed: Result<serde_json::Value, _> = serde_saphyr::from_str(document);
                assert!(parsed.is_ok(), "{}: {:?}", file.path, parsed.err());
            }
        }
    }
}
