//! AWS KMS: answers as the "AWS KMS API Reference" shows them for `GetPublicKey`, `Sign` and their errors.

use super::*;

const ID: &str = "1234abcd-12ab-34cd-56ef-1234567890ab";
const KEYS: [(&str, &str); 3] = [
    ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
    ("AWS_SECRET_ACCESS_KEY", SECRET),
    ("AWS_REGION", "eu-west-1"),
];

fn kms(curve: Curve) -> Server {
    Server::new(move |asked| {
        assert_eq!(asked.what(), ("POST", "/"));
        assert_eq!(asked.header("content-type"), "application/x-amz-json-1.1");
        check_authorization(asked);
        let operation = asked.header("x-amz-target").to_owned();
        let body = asked.json();
        let id = body["KeyId"].as_str().expect("a key").to_owned();
        let algorithm = format!("ECDSA_SHA_{}", bits(curve));
        match (operation.as_str(), id.as_str()) {
            (_, "alias/absent") => refuse("NotFoundException", "Alias arn:aws:kms:… is not found."),
            (_, "alias/denied") => refuse(
                "AccessDeniedException",
                "User: … is not authorized to perform: kms:GetPublicKey",
            ),
            (_, "alias/unsigned") => refuse(
                "InvalidSignatureException",
                &format!(
                    "The request signature we calculated does not match. The Canonical String for this request should have been 'POST x-amz-security-token:{SECRET}"
                ),
            ),
            (_, "alias/cut") => Answer::Text(r#"{"PublicKey":"#.to_owned()),
            ("TrentService.GetPublicKey", "alias/rsa") => {
                public("RSA_2048", "SIGN_VERIFY", curve, "RSASSA_PSS_SHA_256")
            }
            ("TrentService.GetPublicKey", "alias/agreement") => {
                public("ECC_NIST_P256", "KEY_AGREEMENT", curve, "")
            }
            ("TrentService.GetPublicKey", _) => {
                public("ECC_NIST", "SIGN_VERIFY", curve, &algorithm)
            }
            ("TrentService.Sign", "alias/rehashed") => {
                // As moto 5.2.5 does: it hashes the digest again.
                let again = private(curve)
                    .sign(&expected_digest(curve))
                    .expect("signed");
                ok(
                    json!({"KeyId": id, "Signature": STANDARD.encode(again), "SigningAlgorithm": algorithm}),
                )
            }
            ("TrentService.Sign", _) => {
                let expected = json!({
                    "KeyId": id,
                    "Message": STANDARD.encode(expected_digest(curve)),
                    "MessageType": "DIGEST",
                    "SigningAlgorithm": algorithm,
                });
                assert_eq!(body, expected);
                ok(
                    json!({"KeyId": id, "Signature": STANDARD.encode(signature(curve)), "SigningAlgorithm": algorithm}),
                )
            }
            (other, _) => panic!("{other}"),
        }
    })
}

fn public(spec: &str, usage: &str, curve: Curve, algorithm: &str) -> Answer {
    ok(json!({
        "KeyId": ID,
        "KeySpec": spec,
        "KeyUsage": usage,
        "PublicKey": STANDARD.encode(public_der(curve)),
        "SigningAlgorithms": [algorithm],
    }))
}

fn refuse(kind: &str, message: &str) -> Answer {
    Answer::Json(400, json!({"__type": kind, "message": message}))
}

/// The request is signed, with all that decides what it does; whether rightly is for the lane of real
/// services to say.
fn check_authorization(asked: &Asked) {
    let authorization = asked.header("authorization");
    assert!(
        authorization.starts_with("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/"),
        "{authorization}"
    );
    assert!(
        authorization.contains("/eu-west-1/kms/aws4_request"),
        "{authorization}"
    );
    let headers = "content-type;host;x-amz-content-sha256;x-amz-date";
    assert!(authorization.contains(headers), "{authorization}");
    assert!(authorization.contains("x-amz-target"), "{authorization}");
    let digest = aws_lc_rs::digest::digest(&SHA256, asked.body.as_bytes());
    let digest = digest.as_ref().iter().map(|byte| format!("{byte:02x}"));
    assert_eq!(
        asked.header("x-amz-content-sha256"),
        digest.collect::<String>()
    );
}

#[test]
fn keys_on_every_curve_sign_by_every_kind_of_name() {
    let arn = format!("arn:aws:kms:eu-west-1:111122223333:key/{ID}");
    let names = [ID, arn.as_str(), "alias/release"];
    for (curve, name) in Curve::ALL.into_iter().zip(names) {
        let server = kms(curve);
        signs(
            &format!("awskms://{}/{name}", server.place),
            &world(&KEYS),
            curve,
        );
    }
}

#[test]
fn the_variables_of_aws_name_the_server_and_the_session() {
    let server = kms(Curve::P256);
    let address = format!("http://{}/", server.place);
    let mut variables = KEYS.to_vec();
    variables.push(("AWS_ENDPOINT_URL_KMS", &address));
    variables.push(("AWS_SESSION_TOKEN", SECRET));
    signs("awskms:///alias/release", &world(&variables), Curve::P256);
    let tokens = server.asked("", |asked| asked.header("x-amz-security-token").to_owned());
    assert!(tokens.iter().all(|token| token == SECRET), "{tokens:?}");
    assert!(!tokens.is_empty());
    variables.push(("AWS_SESSION_TOKEN", "two\nlines"));
    refused(
        &world(&variables),
        &[(
            "awskms:///alias/release",
            &["`AWS_SESSION_TOKEN` is not a token"],
        )],
    );
}

#[test]
fn what_does_not_sign_says_why() {
    let server = kms(Curve::P256);
    let refused_there = |key: &str, words: &[&str]| {
        refused(
            &world(&KEYS),
            &[(format!("awskms://{}/{key}", server.place).as_str(), words)],
        );
    };
    refused_there(
        "alias/absent",
        &["GetPublicKey", "not found", "NotFoundException"],
    );
    refused_there("alias/denied", &["not permitted", "kms:GetPublicKey"]);
    refused_there("alias/unsigned", &["not authenticated", "does not match."]);
    refused_there("alias/rsa", &["`RSA_2048 for SIGN_VERIFY`"]);
    refused_there("alias/agreement", &["`ECC_NIST_P256 for KEY_AGREEMENT`"]);
    refused_there("alias/rehashed", &["does not verify"]);
    refused_there("alias/cut", &["not understood"]);
    refused_there("", &["expected `awskms:///ID"]);
    refused(
        &world(&KEYS),
        &[("awskms://alias", &["expected `awskms:///ID"])],
    );
}

#[test]
fn keys_are_asked_for_where_there_are_none() {
    let server = kms(Curve::P256);
    let nobody = ("AWS_METADATA_ENDPOINT", "http://127.0.0.1:9");
    let world = world(&[("AWS_REGION", "eu-west-1"), nobody]);
    let reference = format!("awskms://{}/alias/release", server.place);
    refused(
        &world,
        &[(
            reference.as_str(),
            &["not authenticated", "set `AWS_ACCESS_KEY_ID`"],
        )],
    );
}

#[test]
fn requests_signed_with_the_keys_of_aws_go_to_aws() {
    let world = world(&KEYS);
    for host in [
        "kms.example.com",
        "kms.s3.amazonaws.com",
        "kms.s3-us-west-2.amazonaws.com",
        "abc.execute-api.eu-west-1.amazonaws.com",
        "kms.eu-west-1.amazonaws.com.example.com",
        "kms.eu-west-1.amazonaws.com:8443@example.com",
    ] {
        let reference = format!("awskms://{host}/alias/release");
        refused(
            &world,
            &[(
                reference.as_str(),
                &["no endpoint of AWS KMS", "`AWS_ENDPOINT_URL_KMS`"],
            )],
        );
    }
    let elsewhere = "awskms:///arn:aws:kms:s3:111122223333:key/1";
    refused(
        &world,
        &[(elsewhere, &["the region of the key is not known"])],
    );
}
