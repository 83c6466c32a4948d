"""Signs with keys that others hold, verifies by the reference, by the public key, and with OpenSSL. Called by
keys.sh. Prints one line for each expectation; exits 1 when one does not hold.
"""

import json
import os
import shutil
import sys

import openbao
from held import CURVES, HERE, INPUT_MISSING, INTEGRITY_FAILURE, PASSED, PERMISSION_DENIED, USAGE, WORK
from held import expect, expect_said, expect_signature, failures, run, sign, verify

# What fills the service; every request after it must carry a right signature. moto reads this when it is
# imported.
USERS = {"signer": ["kms:Sign", "kms:GetPublicKey"], "verifier": ["kms:GetPublicKey"]}
os.environ["INITIAL_NO_AUTH_ACTION_COUNT"] = str(3 * len(USERS) + 3 * len(CURVES) + 2)

import boto3
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils
from moto.kms import utils as moto_kms
from moto.server import ThreadedMotoServer

SOFTHSM = ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/pkcs11/libsofthsm2.so")


def sign_digest(self, message, signing_algorithm):
    """What AWS does with MessageType DIGEST, which is all that is asked here; moto hashes the digest again."""
    hash_function = {"256": hashes.SHA256, "384": hashes.SHA384, "512": hashes.SHA512}[signing_algorithm[-3:]]
    return self.private_key.sign(message, ec.ECDSA(utils.Prehashed(hash_function())))


def aws():
    moto_kms.ECDSAPrivateKey.sign = sign_digest
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    place = {"endpoint_url": f"http://{host}:{port}", "region_name": "eu-west-1"}
    anyone = {"aws_access_key_id": "setup", "aws_secret_access_key": "setup"}
    iam, kms = boto3.client("iam", **place, **anyone), boto3.client("kms", **place, **anyone)
    users = {name: user(iam, name, actions) for name, actions in USERS.items()}
    keys = {curve: kms_key(kms, f"ECC_NIST_{curve}", f"alias/{curve}") for curve in CURVES}
    kms_key(kms, "ECC_SECG_P256K1", "alias/koblitz")

    for curve, option in CURVES.items():
        identifier, public = keys[curve]
        arn = f"arn:aws:kms:eu-west-1:123456789012:key/{identifier}"
        name = {"P256": f"alias/{curve}", "P384": identifier, "P521": arn}[curve]
        expect_signature(f"aws {curve}", f"awskms://{host}:{port}/{name}", option, public, **users["signer"])
    reference, signature = f"awskms://{host}:{port}/alias/P256", WORK / "aws P256.sig"
    expect_said("aws: who may only verify does", verify(reference, signature, **users["verifier"]), PASSED)
    none = WORK / "none.sig"
    denied = sign(reference, none, **users["verifier"])
    expect_said("aws: who may only verify does not sign", denied, PERMISSION_DENIED, "Sign POST")
    wrong = {**users["signer"], "AWS_SECRET_ACCESS_KEY": "wrong"}
    expect_said("aws: a wrong secret is refused", sign(reference, none, **wrong), PERMISSION_DENIED)
    absent = sign(reference.replace("P256", "absent"), none, **users["signer"])
    expect_said("aws: an absent key is not found", absent, INPUT_MISSING, "alias/absent")
    koblitz = sign(reference.replace("P256", "koblitz"), none, **users["signer"])
    expect_said("aws: a key on another curve is refused", koblitz, INPUT_MISSING, "P-256, P-384 or P-521")
    other = verify(reference.replace("P256", "P384"), signature, **users["signer"])
    expect_said("aws: another key does not verify", other, INTEGRITY_FAILURE)
    expect("aws: what is refused leaves no signature", not none.exists())
    server.stop()


def user(iam, name, actions):
    iam.create_user(UserName=name)
    statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName=name, PolicyName=name, PolicyDocument=policy)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    keys = {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}
    return {**keys, "AWS_REGION": "eu-west-1"}


def kms_key(kms, spec, alias):
    """The ID and the public key in PEM of a new key; that one on another curve is not asked for."""
    made = kms.create_key(KeySpec=spec, KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName=alias, TargetKeyId=made)
    return made, None if spec == "ECC_SECG_P256K1" else pem(kms.get_public_key(KeyId=made)["PublicKey"])


def pem(der):
    key = serialization.load_der_public_key(der)
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def pkcs11():
    module = next((path for path in SOFTHSM if os.path.exists(path)), None)
    if not module or not shutil.which("pkcs11-tool"):
        print("skip  PKCS#11 (SoftHSM and OpenSC are not installed)")
        return
    tokens = WORK / "tokens"
    tokens.mkdir()
    config = WORK / "softhsm2.conf"
    config.write_text(f"directories.tokendir = {tokens}\n")
    variables = {"SOFTHSM2_CONF": str(config), "PKCS11_MODULE": module, "PKCS11_PIN": "2718"}
    variables["PATH"] = f"{HERE}:{os.environ['PATH']}"
    make = ["softhsm2-util", "--init-token", "--free", "--label", "models", "--pin", "2718", "--so-pin", "3141"]
    expect_said("pkcs11: a token", run(make, **variables), 0)
    curves = zip(("prime256v1", "secp384r1", "secp521r1"), CURVES.items())
    for name, (curve, option) in curves:
        key = ec.generate_private_key({"P256": ec.SECP256R1, "P384": ec.SECP384R1, "P521": ec.SECP521R1}[curve]())
        # Made outside, so that the public key does not come from the plug-in.
        file = WORK / f"{name}.pem"
        file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        load = ["softhsm2-util", "--import", file, "--token", "models", "--label", curve]
        load += ["--id", {"P256": "01", "P384": "02", "P521": "03"}[curve], "--pin", "2718"]
        expect_said(f"pkcs11 {curve}: a key", run(load, **variables), 0)
        public = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        expect_signature(f"pkcs11 {curve}", f"pkcs11://{curve}", option, pem(public), **variables)
    none = WORK / "none.sig"
    expect_said("pkcs11: an absent key is refused", sign("pkcs11://absent", none, **variables), USAGE, "absent")
    wrong = {**variables, "PKCS11_PIN": "1618"}
    expect_said("pkcs11: a wrong PIN is refused", sign("pkcs11://P256", none, **wrong), USAGE, "CKR_PIN_INCORRECT")
    expect_said("pkcs11: a plug-in that is not there", sign("other://1", none), USAGE, "sigstore-kms-other")


def main():
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(parents=True)
    aws()
    pkcs11()
    openbao.vault()
    if failures:
        sys.exit(f"{len(failures)} expectations do not hold")


if __name__ == "__main__":
    main()
