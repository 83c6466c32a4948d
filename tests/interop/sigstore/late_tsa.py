"""A time stamp authority whose clock is wrong: late_tsa.py PORT CHAIN SKEW_SECONDS.

Writes its certificates (PEM, its own first) to CHAIN, then answers every request (RFC 3161) with a well-formed
stamp for now plus SKEW_SECONDS.
"""

import datetime
import hashlib
import http.server
import pathlib
import sys

from asn1crypto import algos, cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

PORT, CHAIN, SKEW = int(sys.argv[1]), pathlib.Path(sys.argv[2]), datetime.timedelta(seconds=int(sys.argv[3]))
SINCE = datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc)
UNTIL = datetime.datetime(2049, 1, 1, tzinfo=datetime.timezone.utc)


def certificate(name, key, issuer_name, issuer_key, is_authority):
    named = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)]) for text in (name, issuer_name)]
    usage = dict.fromkeys(("content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
                           "encipher_only", "decipher_only"), False)
    usage |= {"digital_signature": not is_authority, "key_cert_sign": is_authority, "crl_sign": is_authority}
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    builder = (x509.CertificateBuilder().subject_name(named[0]).issuer_name(named[1])
               .public_key(key.public_key()).serial_number(x509.random_serial_number())
               .not_valid_before(SINCE).not_valid_after(UNTIL).add_extension(identifier, False)
               .add_extension(x509.BasicConstraints(is_authority, None), True)
               .add_extension(x509.KeyUsage(**usage), True))
    if not is_authority:
        purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        builder = builder.add_extension(purpose, True)
    return builder.sign(issuer_key, hashes.SHA256())


ROOT_KEY, KEY = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
ROOT = certificate("late root", ROOT_KEY, "late root", ROOT_KEY, True)
LEAF = certificate("late", KEY, "late root", ROOT_KEY, False)
PEMS = [one.public_bytes(serialization.Encoding.PEM) for one in (LEAF, ROOT)]
CHAIN.write_bytes(b"".join(PEMS))
LEAF_DER = LEAF.public_bytes(serialization.Encoding.DER)


def stamp(request):
    asked = tsp.TimeStampReq.load(request)
    content = tsp.TSTInfo({
        "version": "v1",
        "policy": "1.3.6.1.4.1.57264.2",
        "message_imprint": asked["message_imprint"],
        "serial_number": x509.random_serial_number(),
        "gen_time": (datetime.datetime.now(datetime.timezone.utc) + SKEW).replace(microsecond=0),
    })
    certified = tsp.ESSCertIDv2({"cert_hash": hashlib.sha256(LEAF_DER).digest()})
    attributes = cms.CMSAttributes([
        cms.CMSAttribute({"type": "content_type", "values": ["tst_info"]}),
        cms.CMSAttribute({"type": "message_digest", "values": [hashlib.sha256(content.dump()).digest()]}),
        cms.CMSAttribute({"type": "signing_certificate_v2", "values": [{"certs": [certified]}]}),
    ])
    leaf = asn1_x509.Certificate.load(LEAF_DER)
    sha256 = algos.DigestAlgorithm({"algorithm": "sha256"})
    signer = cms.SignerInfo({
        "version": "v1",
        "sid": cms.IssuerAndSerialNumber({"issuer": leaf.issuer, "serial_number": leaf.serial_number}),
        "digest_algorithm": sha256,
        "signed_attrs": attributes,
        "signature_algorithm": {"algorithm": "sha256_ecdsa"},
        "signature": KEY.sign(attributes.dump(), ec.ECDSA(hashes.SHA256())),
    })
    signed = cms.SignedData({
        "version": "v3",
        "digest_algorithms": [sha256],
        "encap_content_info": {"content_type": "tst_info", "content": core.ParsableOctetString(content.dump())},
        "certificates": [leaf],
        "signer_infos": [signer],
    })
    token = {"content_type": "signed_data", "content": signed}
    return tsp.TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": token}).dump()


class Authority(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = stamp(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.send_header("Content-Type", "application/timestamp-reply")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


http.server.HTTPServer(("127.0.0.1", PORT), Authority).serve_forever()
