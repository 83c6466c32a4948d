//! Plug-ins: shell scripts that speak the protocol, and some that do not.

use std::path::Path;

use super::*;

/// A folder with the plug-in `sigstore-kms-SCHEME`, and the world in which it is found.
fn plugin(scheme: &str, script: &str) -> (tempfile::TempDir, World) {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("message"), pae(PAYLOAD)).expect("written");
    write_program(folder.path(), scheme, script);
    let path = format!(".::{}", folder.path().display());
    (folder, world(&[("PATH", &path)]))
}

/// Another process writes it: while a test elsewhere in this one starts a program, a file that is open for
/// writing here cannot be started.
fn write_program(folder: &Path, scheme: &str, script: &str) {
    let name = format!("sigstore-kms-{scheme}");
    let write = format!("cat > '{name}' && chmod 755 '{name}'");
    let argv = ["sh", "-c", &write].map(str::to_owned);
    let program = Program {
        argv: &argv,
        directory: folder,
        environment: &[],
        time_max: Duration::from_secs(60),
    };
    let script = format!("#!/bin/sh\n{script}");
    let ended = process::ask(&program, script.as_bytes(), 0).expect("written");
    assert!(ended.status.success(), "{}", ended.said);
}

/// Checks what it is asked and answers for `curve`; its status is bad, as the protocol does not care.
fn honest(curve: Curve) -> String {
    let hash = match curve {
        Curve::P256 => 5,
        Curve::P384 => 6,
        Curve::P521 => 7,
    };
    let public = STANDARD.encode(public_pem(curve));
    let signature = STANDARD.encode(signature(curve));
    format!(
        r#"
[ "$#" = 2 ] && [ "$1" = 1 ] || exit 9
case "$2" in
'{{"initOptions":{{"hashFunc":5,"keyResourceID":"slot/a;b","protocolVersion":"1"}},"methodName":"publicKey","publicKey":{{"publicKeyOptions":{{"rpcOptions":{{}}}}}}}}')
  echo '{{"publicKey":{{"publicKeyPEM":"{public}"}}}}' ;;
'{{"initOptions":{{"hashFunc":{hash},"keyResourceID":"slot/a;b","protocolVersion":"1"}},"methodName":"signMessage","signMessage":{{"signOptions":{{"messageOptions":{{}},"rpcOptions":{{}}}}}}}}')
  cmp -s - "$(dirname "$0")/message" && echo '{{"signMessage":{{"signature":"{signature}"}}}}' ;;
*) echo "$2" >&2 ;;
esac
exit 3
"#
    )
}

#[test]
fn a_plug_in_signs_with_keys_on_every_curve() {
    for curve in Curve::ALL {
        let (_folder, world) = plugin("test", &honest(curve));
        signs("test://slot/a;b", &world, curve);
    }
}

#[test]
fn a_plug_in_that_does_not_answer_as_agreed_says_why() {
    let cases: [(&str, &[&str]); 8] = [
        (
            r#"echo '{"errorMessage":"no such slot"}'"#,
            &["rejected: no such slot"],
        ),
        ("echo no token >&2; exit 4", &["not understood", "no token"]),
        ("echo '{}'", &["`publicKey.publicKeyPEM`"]),
        (
            r#"echo '{"publicKey":{"publicKeyPEM":"%"}}'"#,
            &["is not base64"],
        ),
        (
            r#"echo '{"publicKey":{"publicKeyPEM":"bXlwZW0="}}'"#,
            &["of the kind `mypem`"],
        ),
        (r#"echo '{"publicKey":{}}'"#, &["not that of a plug-in"]),
        ("yes", &["was stopped", "more than"]),
        ("printf '\\377'", &["not that of a plug-in"]),
    ];
    for (script, words) in cases {
        let (_folder, world) = plugin("bad", script);
        refused(&world, &[("bad://key", words)]);
    }
    // The signature of another message.
    let (folder, world) = plugin("test", &honest(Curve::P256).replace("cmp -s", "true"));
    let other = private(Curve::P256).sign(b"another").expect("signed");
    let honest = honest(Curve::P256).replace("cmp -s", "true");
    let right = honest
        .split("\"signature\":\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next());
    let faulty = honest.replace(right.expect("a signature"), &STANDARD.encode(other));
    write_program(folder.path(), "test", &faulty);
    refused(&world, &[("test://slot/a;b", &["does not verify"])]);
}

#[test]
fn a_plug_in_that_is_not_there_is_named() {
    let (_folder, world) = plugin("test", "true");
    refused(
        &world,
        &[
            (
                "yubikey://1",
                &[
                    "`yubikey://1` names no key",
                    "`awskms://…`",
                    "`sigstore-kms-yubikey` is not on `PATH`",
                ],
            ),
            ("../test://1", &["names no key"]),
            ("/bin/sh://1", &["names no key"]),
            ("://1", &["names no key"]),
        ],
    );
    assert!(!refusal("../test://1", &world).contains("sigstore-kms"));
}
