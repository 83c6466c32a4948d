//! Google Cloud KMS: answers as the reference of "Cloud KMS API, v1" shows them.

use super::*;

const RING: &str = "projects/example-1/locations/europe-west1/keyRings/models/cryptoKeys";

/// CRC-32C of `123456789`, as catalogues of checksums have it: what damaged answers carry here.
const OTHER_CHECKSUM: u32 = 0xe306_9283;

fn kms(curve: Curve) -> Server {
    Server::new(move |asked| {
        if asked.header("authorization") != format!("Bearer {SECRET}") {
            return refuse(
                401,
                "UNAUTHENTICATED",
                "Request had invalid authentication credentials.",
            );
        }
        let path = asked
            .path
            .strip_prefix(&format!("/v1/{RING}/"))
            .unwrap_or_default();
        let (key, rest) = path.split_once('/').unwrap_or_default();
        let name = format!("{RING}/{key}/cryptoKeyVersions/7");
        match (key, rest) {
            ("absent", _) => refuse(404, "NOT_FOUND", "CryptoKeyVersion not found."),
            ("cut", _) => Answer::Text(r#"{"pem":"#.to_owned()),
            (_, "cryptoKeyVersions/7/publicKey") => {
                let algorithm = match key {
                    "rsa" => "RSA_SIGN_PSS_2048_SHA256".to_owned(),
                    "koblitz" => "EC_SIGN_SECP256K1_SHA256".to_owned(),
                    _ => format!("EC_SIGN_P{0}_SHA{0}", bits(curve)),
                };
                let pem = public_pem(curve);
                let checksum = if key == "damaged-key" {
                    OTHER_CHECKSUM
                } else {
                    checksum(pem.as_bytes())
                };
                let name = if key == "renamed-key" {
                    "projects/other"
                } else {
                    name.as_str()
                };
                ok(
                    json!({"name": name, "pem": pem, "algorithm": algorithm, "pemCrc32c": checksum.to_string(), "protectionLevel": "HSM"}),
                )
            }
            ("locked", _) => refuse(
                403,
                "PERMISSION_DENIED",
                "Permission 'cloudkms.cryptoKeyVersions.useToSign' denied",
            ),
            (_, "cryptoKeyVersions/7:asymmetricSign") => sign(asked, key, &name, curve),
            (_, other) => panic!("{other}"),
        }
    })
}

fn sign(asked: &Asked, key: &str, name: &str, curve: Curve) -> Answer {
    let digest = expected_digest(curve);
    let hash = format!("sha{}", bits(curve));
    let expected = json!({
        "digest": {hash: STANDARD.encode(&digest)},
        "digestCrc32c": checksum(&digest).to_string(),
    });
    assert_eq!(asked.json(), expected);
    let signature = signature(curve);
    let mut answer = json!({
        "name": name,
        "signature": STANDARD.encode(&signature),
        "signatureCrc32c": checksum(&signature).to_string(),
        "verifiedDigestCrc32c": true,
        "protectionLevel": "HSM",
    });
    match key {
        "damaged" => answer["signatureCrc32c"] = json!(OTHER_CHECKSUM.to_string()),
        "unchecked" => answer["verifiedDigestCrc32c"] = json!(false),
        "renamed" => answer["name"] = json!("projects/other"),
        _ => {}
    }
    ok(answer)
}

/// CRC-32C by the table of RFC 3720, appendix B.4, byte by byte: another way than the program's.
fn checksum(bytes: &[u8]) -> u32 {
    let table: Vec<u32> = (0..256u32)
        .map(|index| {
            (0..8).fold(index, |value, _| match value & 1 {
                1 => 0x82f6_3b78 ^ (value >> 1),
                _ => value >> 1,
            })
        })
        .collect();
    let register = bytes.iter().fold(u32::MAX, |register, byte| {
        let index = (register ^ u32::from(*byte)) & 0xff;
        table[index as usize] ^ (register >> 8)
    });
    register ^ u32::MAX
}

fn refuse(status: u16, code: &str, message: &str) -> Answer {
    Answer::Json(
        status,
        json!({"error": {"code": status, "message": message, "status": code}}),
    )
}

fn variables(server: &Server, token: &str) -> World {
    let address = format!("http://{}/", server.place);
    world(&[
        ("CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDKMS", address.as_str()),
        ("GOOGLE_OAUTH_ACCESS_TOKEN", token),
    ])
}

#[test]
fn keys_on_both_curves_of_google_sign_by_both_names() {
    for (curve, word) in [
        (Curve::P256, "cryptoKeyVersions"),
        (Curve::P384, "versions"),
    ] {
        let world = variables(&kms(curve), SECRET);
        signs(&format!("gcpkms://{RING}/release/{word}/7"), &world, curve);
    }
}

#[test]
fn what_does_not_sign_says_why() {
    let server = kms(Curve::P256);
    let refused_by = |token: &str, key: &str, words: &[&str]| {
        let reference = format!("gcpkms://{RING}/{key}/cryptoKeyVersions/7");
        refused(&variables(&server, token), &[(reference.as_str(), words)]);
    };
    refused_by(SECRET, "absent", &["not found", "NOT_FOUND"]);
    refused_by(SECRET, "cut", &["not understood"]);
    refused_by(SECRET, "rsa", &["`RSA_SIGN_PSS_2048_SHA256`"]);
    refused_by(SECRET, "koblitz", &["`EC_SIGN_SECP256K1_SHA256`"]);
    refused_by(SECRET, "damaged-key", &["CRC32C"]);
    refused_by(SECRET, "renamed-key", &["about another key"]);
    refused_by(SECRET, "locked", &["not permitted", "useToSign"]);
    refused_by(SECRET, "damaged", &["CRC32C"]);
    refused_by(
        SECRET,
        "unchecked",
        &["does not say that the digest has arrived whole"],
    );
    refused_by(SECRET, "renamed", &["about another key"]);
    refused_by(
        "another",
        "release",
        &["not authenticated", "UNAUTHENTICATED"],
    );
    for reference in [
        format!("gcpkms://{RING}/release"),
        format!("gcpkms://{RING}/../cryptoKeyVersions/7"),
        format!("gcpkms://{RING}/a?b/cryptoKeyVersions/7"),
    ] {
        refused(
            &variables(&server, SECRET),
            &[(reference.as_str(), &["expected `gcpkms://projects/"])],
        );
    }
}

#[test]
fn the_file_of_a_service_account_gives_a_token() {
    use aws_lc_rs::encoding::AsDer as _;
    use aws_lc_rs::rsa::{KeyPair, KeySize};
    let key = KeyPair::generate(KeySize::Rsa2048).expect("a key");
    let der = key.as_der().expect("DER");
    let pem = format!(
        "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
        STANDARD.encode(der.as_ref())
    );
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("account.json");
    let account = json!({
        "type": "service_account",
        "client_email": "signer@example-1.iam.gserviceaccount.com",
        "private_key_id": "1",
        "private_key": pem,
    });
    std::fs::write(&file, account.to_string()).expect("written");
    let server = kms(Curve::P256);
    let address = format!("http://{}", server.place);
    let world = world(&[
        ("CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDKMS", address.as_str()),
        (
            "GOOGLE_APPLICATION_CREDENTIALS",
            &file.display().to_string(),
        ),
    ]);
    let reference = format!("gcpkms://{RING}/release/versions/7");
    // The server takes another token; what counts is that it was sent one that names the account.
    refused(&world, &[(reference.as_str(), &["not authenticated"])]);
    let sent = server.asked("publicKey", |asked| {
        asked.header("authorization").to_owned()
    });
    let claims = sent
        .first()
        .and_then(|bearer| bearer.split('.').nth(1))
        .expect("a JWT");
    let claims = base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(claims)
        .expect("base64url");
    let claims: Value = serde_json::from_slice(&claims).expect("JSON");
    assert_eq!(claims["iss"], "signer@example-1.iam.gserviceaccount.com");
    assert_eq!(
        claims["scope"],
        "https://www.googleapis.com/auth/cloud-platform"
    );
}

#[test]
fn a_token_of_google_goes_to_google() {
    let world = world(&[
        (
            "CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDKMS",
            "https://googleapis.example.com",
        ),
        ("GOOGLE_OAUTH_ACCESS_TOKEN", SECRET),
    ]);
    let reference = format!("gcpkms://{RING}/release/versions/7");
    refused(&world, &[(reference.as_str(), &["no service of Google"])]);
}
