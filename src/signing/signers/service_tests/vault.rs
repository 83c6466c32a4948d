//! HashiCorp Vault and OpenBao: answers as "Transit secrets engine (API)" and "JWT/OIDC auth method (API)"
//! show them, and OpenBao 2.7.2 gives them (`tests/interop/signing`).

use super::*;

/// An engine with a key `release` on `curve`, and others that are of no use.
fn vault(curve: Curve) -> Server {
    Server::new(move |asked| {
        if asked.what() == ("POST", "/v1/auth/ci/login") {
            let is_known = asked.json() == json!({"role": "models", "jwt": "an.identity.token"});
            return match is_known {
                true => ok(json!({"auth": {"client_token": SECRET, "renewable": true}})),
                // With the token, as other servers might.
                false => Answer::Json(
                    400,
                    json!({"errors": [format!("error validating token: {}", asked.body)]}),
                ),
            };
        }
        if asked.header("x-vault-token") != SECRET {
            return Answer::Json(403, json!({"errors": ["permission denied"]}));
        }
        let path = asked.path.strip_prefix("/v1/transit/").unwrap_or_default();
        let signed = || STANDARD.encode(signature(curve));
        let type_of = format!(
            "ecdsa-p{}",
            if curve == Curve::P521 {
                521
            } else {
                bits(curve)
            }
        );
        match path {
            "keys/aes" => key("aes256-gcm96", json!({"1": 1_442_851_412})),
            "keys/rsa" => key("rsa-2048", version(&public_pem(curve))),
            "keys/ed25519" => key(
                "ed25519",
                version("hp7Wf4Zx3x7sjjRkMHMpAUpVWUz2M9F4xzJOhbBxQzE="),
            ),
            "keys/torn" => Answer::Torn,
            "keys/cut" => Answer::Text(r#"{"data":{"type":"ecdsa-p256","#.to_owned()),
            "keys/lost" => key(&type_of, json!({})),
            _ if path.starts_with("keys/") && path != "keys/absent" => {
                key(&type_of, version(&public_pem(curve)))
            }
            "sign/release" => {
                let expected = json!({
                    "input": STANDARD.encode(expected_digest(curve)),
                    "prehashed": true,
                    "hash_algorithm": format!("sha2-{}", bits(curve)),
                    "marshaling_algorithm": "asn1",
                    "key_version": 3,
                });
                assert_eq!(asked.json(), expected);
                ok(
                    json!({"data": {"signature": format!("vault:v3:{}", signed()), "key_version": 3}}),
                )
            }
            "sign/locked" => Answer::Json(
                403,
                json!({"errors": ["1 error occurred: permission denied"]}),
            ),
            "sign/echo" => Answer::Json(400, json!({"errors": [format!("bad token {SECRET}")]})),
            "sign/older" => ok(json!({"data": {"signature": format!("vault:v2:{}", signed())}})),
            "sign/bare" => ok(json!({"data": {"signature": signed()}})),
            "sign/garbage" => ok(json!({"data": {"signature": "vault:v3:%%%"}})),
            "sign/faulty" => {
                let mut faulty = signature(curve);
                if let Some(last) = faulty.last_mut() {
                    *last ^= 1;
                }
                let faulty = STANDARD.encode(faulty);
                ok(json!({"data": {"signature": format!("vault:v3:{faulty}")}}))
            }
            _ => Answer::Json(404, json!({"errors": []})),
        }
    })
}

fn key(kind: &str, keys: Value) -> Answer {
    let latest = if keys.get("3").is_some() { 3 } else { 1 };
    ok(json!({"data": {"type": kind, "latest_version": latest, "keys": keys}}))
}

fn version(public: &str) -> Value {
    json!({"3": {"public_key": public, "creation_time": "2026-11-23T00:00:00Z"}})
}

fn variables(server: &Server, more: &[(&str, &str)]) -> World {
    let address = format!("http://{}/", server.place);
    let mut all = vec![("VAULT_ADDR", address.as_str())];
    all.extend_from_slice(more);
    world(&all)
}

#[test]
fn keys_on_every_curve_sign() {
    for curve in Curve::ALL {
        let world = variables(&vault(curve), &[("VAULT_TOKEN", SECRET)]);
        signs("hashivault://release", &world, curve);
    }
}

#[test]
fn a_job_signs_by_its_identity_in_its_namespace() {
    let server = vault(Curve::P256);
    let identity = ("VAULT_ID_TOKEN", "an.identity.token");
    let place = [("VAULT_AUTH_PATH", "ci"), ("VAULT_NAMESPACE", "team/ml")];
    let more = [("VAULT_AUTH_ROLE", "models"), identity, place[0], place[1]];
    signs(
        "hashivault://release",
        &variables(&server, &more),
        Curve::P256,
    );
    let namespaces = server.asked("", |asked| asked.header("x-vault-namespace").to_owned());
    assert!(
        namespaces.iter().all(|name| name == "team/ml"),
        "{namespaces:?}"
    );
    let world = variables(&server, &[("VAULT_AUTH_ROLE", "other"), identity, place[0]]);
    // The server says that the request is a bad one; what is bad is the token.
    refused(
        &world,
        &[(
            "hashivault://release",
            &["auth/ci/login: not authenticated", "error validating token"],
        )],
    );
    assert!(!refusal("hashivault://release", &world).contains(identity.1));
    let world = variables(&server, &[("VAULT_AUTH_ROLE", "models")]);
    refused(
        &world,
        &[("hashivault://release", &["set `VAULT_ID_TOKEN`"])],
    );
}

#[test]
fn the_variables_of_openbao_come_first() {
    let server = vault(Curve::P256);
    let address = format!("http://{}", server.place);
    let others = [
        ("VAULT_ADDR", "http://127.0.0.1:1"),
        ("VAULT_TOKEN", "another"),
        ("VAULT_NAMESPACE", "others"),
    ];
    let own = [
        ("BAO_ADDR", address.as_str()),
        ("BAO_TOKEN", SECRET),
        ("BAO_NAMESPACE", "ours"),
    ];
    let world = world(&[others, own].concat());
    signs("hashivault://release", &world, Curve::P256);
    let namespaces = server.asked("", |asked| asked.header("x-vault-namespace").to_owned());
    assert!(
        namespaces.iter().all(|name| name == "ours"),
        "{namespaces:?}"
    );
}

#[test]
fn the_token_of_vault_login_is_found() {
    let home = tempfile::tempdir().expect("a folder");
    let folder = home.path().display().to_string();
    let server = vault(Curve::P256);
    let world = variables(&server, &[("HOME", &folder)]);
    refused(&world, &[("hashivault://release", &["set `VAULT_TOKEN`"])]);
    std::fs::write(home.path().join(".vault-token"), format!("{SECRET}\n")).expect("written");
    signs("hashivault://release", &world, Curve::P256);
}

#[test]
fn what_does_not_sign_says_why() {
    let server = vault(Curve::P384);
    let world = variables(&server, &[("VAULT_TOKEN", SECRET)]);
    refused(
        &world,
        &[
            (
                "hashivault://absent",
                &["`hashivault://absent`", "keys/absent: not found"],
            ),
            (
                "hashivault://aes",
                &["`aes256-gcm96`", "P-256, P-384 or P-521"],
            ),
            ("hashivault://rsa", &["`rsa-2048`"]),
            ("hashivault://ed25519", &["`ed25519`"]),
            (
                "hashivault://locked",
                &["sign/locked: not permitted", "permission denied"],
            ),
            ("hashivault://echo", &["bad token ***"]),
            ("hashivault://older", &["`vault:v3:`"]),
            ("hashivault://bare", &["`vault:v3:`"]),
            ("hashivault://garbage", &["not base64"]),
            ("hashivault://faulty", &["does not verify"]),
            ("hashivault://cut", &["not understood", "EOF"]),
            ("hashivault://lost", &["no public key"]),
            ("hashivault://torn", &["unavailable"]),
            ("hashivault://", &["expected `hashivault://KEY`"]),
            ("hashivault://a/../b", &["expected `hashivault://KEY`"]),
        ],
    );
    let wrong = variables(&server, &[("VAULT_TOKEN", "another")]);
    refused(
        &wrong,
        &[(
            "hashivault://release",
            &["not permitted", "permission denied"],
        )],
    );
}

#[test]
fn a_token_goes_nowhere_without_encryption() {
    let token = ("VAULT_TOKEN", SECRET);
    let cases = [
        (
            "http://vault.example.com:8200",
            "no credentials are sent to `http://vault.example.com:8200/",
        ),
        ("vault.example.com", "expected an address with `https://`"),
    ];
    for (address, reason) in cases {
        let world = world(&[("VAULT_ADDR", address), token]);
        refused(&world, &[("hashivault://release", &[reason])]);
    }
    refused(
        &world(&[token]),
        &[("hashivault://release", &["set `VAULT_ADDR`"])],
    );
}
