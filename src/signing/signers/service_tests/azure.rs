//! Azure Key Vault: answers as "Key Vault REST API, Keys, 7.4" and "OAuth 2.0 client credentials flow" show
//! them. Signatures are made as `r` and `s` side by side by another library than turns them into DER here.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING,
    ECDSA_P521_SHA512_FIXED_SIGNING, EcdsaKeyPair,
};
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::*;

const TENANT: &str = "8eaef023-2b34-4da1-9baa-8bc8c9d6a490";
const CLIENT: &str = "6731de76-14a6-49ae-97bc-6eba6914391e";
const VERSION: &str = "0d8b5bd8e1f24a1c9f7d6a5b4c3d2e1f";

fn vault(curve: Curve) -> Server {
    Server::new(move |asked| {
        if asked.path == format!("/{TENANT}/oauth2/v2.0/token") {
            return token(asked);
        }
        if asked.header("authorization") != format!("Bearer {SECRET}") {
            return refuse(
                401,
                "Unauthorized",
                "AKV10000: Request is missing a Bearer or PoP token.",
            );
        }
        let path = asked
            .path
            .strip_suffix("?api-version=7.4")
            .expect("a version of the interface");
        let vault = format!("http://{}", asked.header("host"));
        let kid = |name: &str| format!("{vault}/keys/{name}/{VERSION}");
        let jwk = |name: &str, kind: &str| {
            ok(json!({
                "key": jwk(&kid(name), kind, curve),
                "attributes": {"enabled": true},
            }))
        };
        let signed = |name: &str, value: &[u8]| {
            ok(json!({"kid": kid(name), "value": URL_SAFE_NO_PAD.encode(value)}))
        };
        let path = path.strip_prefix("/keys/").unwrap_or_default();
        match path.strip_suffix(&format!("{VERSION}/sign")) {
            Some("release/") => {
                let expected = json!({
                    "alg": format!("ES{}", bits(curve)),
                    "value": URL_SAFE_NO_PAD.encode(expected_digest(curve)),
                });
                assert_eq!(asked.json(), expected);
                return signed("release", &fixed(curve));
            }
            Some("locked/") => {
                return refuse(
                    403,
                    "Forbidden",
                    "The user does not have keys sign permission",
                );
            }
            Some("short/") => return signed("short", &fixed(curve)[1..]),
            Some("swapped/") => return signed("release", &fixed(curve)),
            Some(other) => panic!("{other}"),
            None => {}
        }
        match path.split('/').next().unwrap_or_default() {
            "absent" => refuse(
                404,
                "KeyNotFound",
                "A key with (name/id) absent was not found in this key vault.",
            ),
            "rsa" => {
                ok(json!({"key": {"kid": kid("rsa"), "kty": "RSA", "n": "AQAB", "e": "AQAB"}}))
            }
            "koblitz" => ok(
                json!({"key": {"kid": kid("koblitz"), "kty": "EC", "crv": "P-256K", "x": "AA", "y": "AA"}}),
            ),
            "cut" => Answer::Text(r#"{"key":"#.to_owned()),
            "point" => ok(
                json!({"key": {"kid": kid("point"), "kty": "EC", "crv": "P-256", "x": "AAAA", "y": "AAAA"}}),
            ),
            "moved" => jwk("elsewhere", "EC"),
            "release" | "RELEASE" => jwk("release", "EC-HSM"),
            name => jwk(name, "EC"),
        }
    })
}

fn token(asked: &Asked) -> Answer {
    let assertion = "client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion=an.identity.token";
    let scope = format!(
        "grant_type=client_credentials&client_id={CLIENT}&scope=https%3A%2F%2Fvault.azure.net%2F.default"
    );
    let known = [
        format!("{scope}&client_secret=right"),
        format!("{scope}&{assertion}"),
    ];
    match known.contains(&asked.body) {
        true => ok(json!({"token_type": "Bearer", "expires_in": 3599, "access_token": SECRET})),
        false => Answer::Json(
            401,
            json!({"error": "invalid_client", "error_description": "AADSTS7000215: Invalid client secret provided."}),
        ),
    }
}

fn refuse(status: u16, code: &str, message: &str) -> Answer {
    Answer::Json(status, json!({"error": {"code": code, "message": message}}))
}

fn jwk(kid: &str, kind: &str, curve: Curve) -> Value {
    let der = public_der(curve);
    let (rest, y) = der.split_at(der.len() - curve.bytes());
    let (_, x) = rest.split_at(rest.len() - curve.bytes());
    let (x, y) = (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y));
    json!({"kid": kid, "kty": kind, "crv": curve.to_string(), "x": x, "y": y, "key_ops": ["sign"]})
}

/// `r` and `s` side by side.
fn fixed(curve: Curve) -> Vec<u8> {
    let algorithm = match curve {
        Curve::P256 => &ECDSA_P256_SHA256_FIXED_SIGNING,
        Curve::P384 => &ECDSA_P384_SHA384_FIXED_SIGNING,
        Curve::P521 => &ECDSA_P521_SHA512_FIXED_SIGNING,
    };
    let digits = private_pem(curve)
        .lines()
        .filter(|line| !line.starts_with('-'));
    let der = STANDARD.decode(digits.collect::<String>()).expect("base64");
    let key = EcdsaKeyPair::from_pkcs8(algorithm, &der).expect("a key");
    let signature = key
        .sign(&SystemRandom::new(), &pae(PAYLOAD))
        .expect("signed");
    signature.as_ref().to_vec()
}

fn variables(server: &Server, more: &[(&str, &str)]) -> World {
    let authority = format!("http://{}/", server.place);
    let mut all = vec![
        ("AZURE_AUTHORITY_HOST", authority.as_str()),
        ("AZURE_TENANT_ID", TENANT),
        ("AZURE_CLIENT_ID", CLIENT),
    ];
    all.extend_from_slice(more);
    world(&all)
}

#[test]
fn keys_on_every_curve_sign() {
    for curve in Curve::ALL {
        let server = vault(curve);
        let world = variables(&server, &[("AZURE_CLIENT_SECRET", "right")]);
        signs(
            &format!("azurekms://{}/release", server.place),
            &world,
            curve,
        );
        signs(
            &format!("azurekms://{}/release/{VERSION}", server.place),
            &world,
            curve,
        );
        signs(
            &format!("azurekms://{}/RELEASE", server.place),
            &world,
            curve,
        );
    }
}

#[test]
fn numbers_of_every_length_become_der() {
    // Both numbers are random: leading zeros and set highest bits come in a few tries.
    for _ in 0..64 {
        let der = crate::signing::pem::signature_of_fixed(Curve::P256, &fixed(Curve::P256));
        let der = der.expect("a signature");
        assert!(private(Curve::P256).public().verifies(&pae(PAYLOAD), &der));
    }
    let mut small = [0; 64];
    (small[31], small[63]) = (1, 0x80);
    let der = crate::signing::pem::signature_of_fixed(Curve::P256, &small);
    assert_eq!(
        der.as_deref(),
        Some([0x30, 7, 2, 1, 1, 2, 2, 0, 0x80].as_slice())
    );
}

#[test]
fn a_job_signs_by_its_identity() {
    let server = vault(Curve::P256);
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("token");
    std::fs::write(&file, "an.identity.token\n").expect("written");
    let file = file.display().to_string();
    let reference = format!("azurekms://{}/release", server.place);
    let world = variables(&server, &[("AZURE_FEDERATED_TOKEN_FILE", &file)]);
    signs(&reference, &world, Curve::P256);
    refused(
        &variables(&server, &[]),
        &[(
            reference.as_str(),
            &[
                "who asks Azure is not known",
                "`AZURE_FEDERATED_TOKEN_FILE`",
            ],
        )],
    );
}

#[test]
fn what_does_not_sign_says_why() {
    let server = vault(Curve::P256);
    let right = variables(&server, &[("AZURE_CLIENT_SECRET", "right")]);
    let refused_there = |key: &str, words: &[&str]| {
        refused(
            &right,
            &[(format!("azurekms://{}/{key}", server.place).as_str(), words)],
        );
    };
    refused_there("absent", &["not found", "KeyNotFound"]);
    refused_there("rsa", &["`RSA `"]);
    refused_there("koblitz", &["`EC P-256K`"]);
    refused_there("point", &["`x` or `y` has another length"]);
    refused_there("moved", &["it is another key"]);
    refused_there("cut", &["not understood"]);
    refused_there("locked", &["not permitted", "keys sign permission"]);
    refused_there("short", &["the signature has another length"]);
    refused_there("swapped", &["another key has signed"]);
    refused_there("release/other", &["it is another key"]);
    refused_there("a/b/c", &["expected `azurekms://VAULT"]);
    let wrong = variables(&server, &[("AZURE_CLIENT_SECRET", SECRET)]);
    let reference = format!("azurekms://{}/release", server.place);
    refused(
        &wrong,
        &[(reference.as_str(), &["not authenticated", "AADSTS7000215"])],
    );
}

#[test]
fn a_token_for_vaults_goes_to_vaults() {
    let who = [
        ("AZURE_TENANT_ID", TENANT),
        ("AZURE_CLIENT_ID", CLIENT),
        ("AZURE_CLIENT_SECRET", SECRET),
    ];
    for host in [
        "example.com",
        "vault.azure.net.example.com",
        "127.0.0.1:1",
        ".vault.azure.net",
    ] {
        let reference = format!("azurekms://{host}/release");
        refused(
            &world(&who),
            &[(reference.as_str(), &["no vault of Azure"])],
        );
    }
}
