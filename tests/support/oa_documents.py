"""Random attested documents, genuine and broken, from a fixed seed: what the npm packages and we are compared on."""

import base64
import copy
from random import Random
from typing import Any

from govseal.core import jsjson
from govseal.core.openattestation import v2
from govseal.core.openattestation.salting import salt, uuid4_source
from govseal.core.openattestation.shapes import V2, V3

ADDRESS = "0x9178F546D3FF57D7A6352bD61B80cCCD46199C2d"
TEXTS = [
    "", "x", "true", "a:b:c", " padded ", "សញ្ញាបត្រ", "ក្រសួង\u200bអប់រំ", "👩‍👧🏽", "e\u0301", "é", "\ud800", "x\udfffy", "\u2028\u2029",
    "\x00\x08\x0c\n\r\t\x1f\x7f", '"\\/', "\ufeffbom\ufeff", "\u0085\x1c", "ﬁ", "<script>", "null", "0x10", "1e400", "[object Object]",
    "3f0ba186-924a-460e-a811-12e17b2ecaa5", "3f0ba186-924a-460e-a811-12e17b2ecaa5:string:in",
]  # fmt: skip
KEYS = [
    "name", "id", "n", "0", "1", "10", "01", "4294967294", "4294967295", "-1", "length", "toString", "constructor", "prototype", "hasOwnProperty",
    "ឈ្មោះ", "👩", "k\ud800", 'q"q', "a b", "a[0]", "\n", "$template", "recipient", "issuers", "attachments", "network",
]  # fmt: skip
ODD_PATHS = [
    "nowhere",
    "issuer",
    "type",
    "type[0]",
    "issuer.name",
    "",
    "credentialSubject",
    "type.0",
    "[0]",
    "a..b",
]
ODD_MEMBERS = ["y", {}, [], {"b": "y"}, 1, None]
ODD_KEYS = ["", "__proto__", "a.b"]
NUMBERS = [
    0, 1, -1, 100, 1.5, -0.0, 1e21, 1e20, 123456789012345680000, 5e-324, 1.7976931348623157e308, 1e-6, 1e-7, 0.1, -1.25e-9,
    2**53, 2**53 + 2, -(2**53), 4.35, 100000.0,
]  # fmt: skip
SALTED_VALUES = [
    "number:1", "number:", "number: 12 ", "number:0x1F", "number:0b101", "number:0o17", "number:1_000", "number:Infinity", "number:-0",
    "number:1e400", "number:.5", "number:5.", "number:x", "number:٣", "boolean:true", "boolean:no", "null:null", "undefined:undefined",
    " string:x ", "\u200bstring:x", "string", "string:", "date:now", "", ":", "string:\u3000x\u3000", "string:x\u0085", "string:x\x1f",
]  # fmt: skip
UUIDS = [
    "3f0ba186-924a-460e-a811-12e17b2ecaa5", "3F0BA186-924A-460E-A811-12E17B2ECAA5", "3f0ba186-924a-160e-a811-12e17b2ecaa5",
    "3f0ba186-924a-460e-c811-12e17b2ecaa5", "3f0ba186-924a-460e-a811-12e17b2ecaa5\n", "3f0ba186924a460ea81112e17b2ecaa5",
]  # fmt: skip


class DocumentSource:
    """Draws documents; the same seed draws the same ones."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)
        self.new_uuid = uuid4_source(self._random.randbytes)

    def scalar(self) -> Any:
        return self._pick(
            [self._pick(TEXTS), self._pick(NUMBERS), True, False, None, self._random.uniform(-1e25, 1e25)]
        )

    def tree(self, depth: int = 3) -> Any:
        if depth == 0 or self._chance(0.4):
            return self.scalar()
        size = self._random.randrange(4)
        if self._chance(0.5):
            return [self.tree(depth - 1) for _ in range(size)]
        return {self._pick(KEYS): self.tree(depth - 1) for _ in range(size)}

    def raw(self) -> dict[str, Any]:
        """Return a document that both npm and we attest."""
        issuers = [
            {"name": "x", "documentStore": ADDRESS, "identityProof": {"type": "DNS-TXT", "location": "e.gov"}}
        ]
        plain = [
            key
            for key in KEYS
            if key
            not in {
                "constructor",
                "prototype",
                "id",
                "$template",
                "recipient",
                "issuers",
                "attachments",
                "network",
            }
        ]
        members = {self._pick(plain): self.tree() for _ in range(self._random.randrange(6))}
        return {**members, "issuers": issuers} if self._chance(0.5) else {"issuers": issuers, **members}

    def case(self) -> dict[str, Any]:
        """Return {"document", "reseal"}: genuine, odd but digested anew, or broken somewhere."""
        make, reseal = self._pick([
            (self._genuine, False), (self._odd_v2, True), (self._mutated_v2, False), (self._mutated_v2, True),
            (self._odd_signature, False), (self._odd_privacy, True), (self._v3, False), (self._odd_v3, True), (self._mutated_v3, False),
            (self._mutated_v3, True),
        ])  # fmt: skip
        return {"document": make(), "reseal": reseal}

    def _pick(self, choices: list[Any]) -> Any:
        return self._random.choice(choices)

    def _chance(self, probability: float) -> bool:
        return self._random.random() < probability

    def _genuine(self) -> dict[str, Any]:
        batch = [self.raw() for _ in range(self._random.randrange(1, 6))]
        return self._pick(v2.wrap_batch(batch, self.new_uuid))

    def _odd_v2(self) -> dict[str, Any]:
        document = self._genuine()
        data = document["data"]
        places = [data, data, data["issuers"][0], document]
        for _ in range(self._random.randrange(1, 4)):
            key = self._pick(ODD_KEYS + KEYS)
            place = self._pick(places)
            place[key] = self._pick([
                self.tree(), salt(self.tree(), self.new_uuid), {self._pick(KEYS + ODD_KEYS): self.new_uuid()},
                f"{self._pick(UUIDS)}:{self._pick(SALTED_VALUES)}", {}, [], {"0": "y"}, ["y"],
            ])  # fmt: skip
        if self._chance(0.2):  # two leaves of one path
            data[""] = dict.fromkeys(list(data)[:2], "forged")
        return document

    def _odd_signature(self) -> dict[str, Any]:
        document = self._genuine()
        signature = document["signature"]
        part = self._pick(["targetHash", "merkleRoot", "proof", "type"])
        whole = signature[part]
        if part == "proof":
            signature[part] = self._pick(
                [
                    None,
                    [],
                    {},
                    "",
                    [*whole, ""],
                    [*whole, "zz"],
                    [None],
                    [1],
                    [one.upper() for one in whole],
                    [one + "0" for one in whole],
                ]
            )
        else:
            signature[part] = self._pick(
                [
                    whole.upper(),
                    whole + "0",
                    whole + "zz",
                    whole[:-1],
                    whole[:-2],
                    "0x" + whole,
                    " " + whole,
                    "",
                    None,
                    7,
                    [whole],
                ]
            )
        if self._chance(0.2):
            del signature[part]
        return document

    def _odd_privacy(self) -> dict[str, Any]:
        document = self._genuine()
        hidden = self._pick(
            [
                [],
                [""],
                ["ab" * 32],
                ["AB" * 32],
                ["Z", "a"],
                ["\uffff", "😀"],
                None,
                {},
                "",
                "ab",
                5,
                ["é", "z"],
                ["\ud800"],
            ]
        )
        document["privacy"] = self._pick(
            [{"obfuscatedData": hidden}] * 4
            + [None, "x", [], {}, {"obfuscatedData": [*hidden] if isinstance(hidden, list) else []}]
        )
        return document

    def _mutated_v2(self) -> dict[str, Any]:
        return self._mutated(self._genuine())

    def _v3(self) -> dict[str, Any]:
        body = {
            "version": V3,
            "@context": ["https://www.w3.org/2018/credentials/v1"],
            "type": ["VerifiableCredential"],
            "issuanceDate": "2026-01-01T00:00:00Z",
            "issuer": {"id": "https://example.gov", "name": "x"},
            "credentialSubject": {
                f"k{index}": self._v3_tree(2) for index in range(self._random.randrange(5))
            },
            "openAttestationMetadata": {
                "proof": {"type": "OpenAttestationProofMethod", "method": "DOCUMENT_STORE", "value": ADDRESS},
                "identityProof": {"type": "DNS-TXT", "identifier": "e.gov"},
            },
        }
        return self._v3_sealed(body)

    def _v3_tree(self, depth: int) -> Any:
        tree = self.tree(depth)
        return (
            tree if not ({"[", "."} & set(jsjson.dumps(tree))) or isinstance(tree, str | float) else "plain"
        )

    def _v3_sealed(self, body: dict[str, Any]) -> dict[str, Any]:
        salts = [{"value": self._random.randbytes(32).hex(), "path": path} for path in v3_paths(body)]
        proof = {
            "type": "OpenAttestationMerkleProofSignature2018",
            "proofPurpose": "assertionMethod",
            "targetHash": "00" * 32,
            "proofs": [],
            "merkleRoot": "00" * 32,
            "salts": _encoded(salts),
            "privacy": {"obfuscated": []},
        }
        return {**body, "proof": proof}

    def _odd_v3(self) -> dict[str, Any]:
        document = self._v3()
        salts = jsjson.parse(base64.b64decode(document["proof"]["salts"]))
        for _ in range(self._random.randrange(3)):
            self._spoil_v3(document, salts)
        document["proof"]["salts"] = _encoded(salts)
        if self._chance(0.5):  # salts for exactly what is visible
            return self._v3_sealed({key: value for key, value in document.items() if key != "proof"})
        return document

    def _spoil_v3(self, document: dict[str, Any], salts: list[dict[str, Any]]) -> None:
        entry = self._pick(salts)
        match self._random.randrange(7):
            case 0:
                entry["path"] = self._pick(ODD_PATHS)
            case 1:
                entry["value"] = self._pick(["a" * 64, "a" * 63, "é" * 64, "😀" * 32, 5, None])
            case 2:
                salts.append(dict(entry))
            case 3 if len(salts) > 1:
                salts.remove(entry)
            case 4:
                document["credentialSubject"][self._pick(["", "0", "x", "__proto__", "👩"])] = self._pick(
                    ODD_MEMBERS
                )
            case 5:
                document[self._pick(["", "__proto__", "extra"])] = self._pick(ODD_MEMBERS)
            case _:
                hidden = self._pick([["ab" * 32], ["AB" * 32], ["zz"], None, "x"])
                document["proof"]["privacy"] = {"obfuscated": hidden}

    def _mutated_v3(self) -> dict[str, Any]:
        return self._mutated(self._v3())

    def _mutated(self, document: dict[str, Any]) -> dict[str, Any]:
        document = copy.deepcopy(document)
        node: Any = document
        while True:
            key = self._pick(list(node) if isinstance(node, dict) else list(range(len(node))))
            inner = node[key]
            if not (isinstance(inner, dict | list) and inner) or self._chance(0.25):
                break
            node = inner
        if self._chance(0.2):
            del node[key]
        else:
            node[key] = self._pick(
                [self.tree(), str(inner) + "x", [inner], {"0": inner}, inner, None, {}, [], V2, V3, 1]
            )
        return document


def v3_paths(node: Any, path: str = "") -> list[str]:
    """Return the path of each visible leaf of a version 3 body."""
    if isinstance(node, dict):
        return [
            leaf for key, value in node.items() for leaf in v3_paths(value, f"{path}.{key}" if path else key)
        ]
    if isinstance(node, list):
        return [leaf for index, value in enumerate(node) for leaf in v3_paths(value, f"{path}[{index}]")]
    return [path]


def _encoded(salts: list[dict[str, Any]]) -> str:
    return base64.b64encode(jsjson.dumps(salts).encode()).decode()
