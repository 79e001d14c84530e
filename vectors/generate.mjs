// Writes vectors/openattestation.json: what the unmodified npm packages make and say of OpenAttestation documents.
//
//   node vectors/generate.mjs          print
//   node vectors/generate.mjs --write  replace the file
//
// Randomness is a counter, so that every run gives the same bytes; a test compares them with the committed file.
// Expectations that differ from npm's on purpose (docs/protocol.md section 1, "Exceptions to parity") are named here.
import crypto from "node:crypto";
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

let drawn = 0;
const nextBytes = (size) => crypto.createHash("shake256", { outputLength: size }).update(`govseal vectors ${drawn++}`).digest();
crypto.randomFillSync = (buffer) => (buffer.set(nextBytes(buffer.length)), buffer);
crypto.randomBytes = (size) => nextBytes(size);
crypto.randomUUID = () => {
  const bytes = nextBytes(16);
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
};
const oa = require("@govtechsg/open-attestation"); // after the stubs: it keeps what it finds
const encryption = require("@govtechsg/oa-encryption");
const forge = require("node-forge");
const { Wallet, utils } = require("ethers");
require("@govtechsg/jsonld").expand = async () => []; // wrapping v3 would fetch the contexts from the web
forge.random.getBytesSync = (size) => nextBytes(size).toString("latin1");

const issuers = [
  {
    name: "ក្រសួងអប់រំ",
    documentStore: "0x9178F546D3FF57D7A6352bD61B80cCCD46199C2d",
    identityProof: { type: "DNS-TXT", location: "moe.example" },
  },
];
const numbers = [0, -0, 1, -1.5, 100, 1e20, 1e21, 123456789012345680000, 5e-324, 1.7976931348623157e308, 1e-6, 1e-7, 0.1, 2 ** 53, 4.35];
const texts = ["", "a:b", "សញ្ញាបត្រ", "👩‍👧🏽", "e\u0301", "é", "\u0000\u0008\u000c\n\r\t\u001f\u007f", '"\\/', "\u2028\u2029x", "\ud800x", "x\udfffy", "\u200bx\u200b"];
const raws = [
  { issuers },
  { issuers, numbers },
  { issuers, texts },
  { issuers, others: [true, false, null, {}, [], [[]], { "": { "": null } }] },
  { 10: "ten", 9: "nine", "01": "one", issuers, "ឈ្មោះ": "សុខ", 'q"\\': 1, "\ud800": 2, "a[0]": 3 },
  { issuers, recipient: { name: "Sok", address: { city: "ភ្នំពេញ", zip: 12000 } }, marks: [{ a: 1, b: 2 }, { a: 3 }] },
];
const copy = (value) => structuredClone(value);
const attempt = (compute) => {
  try {
    return compute();
  } catch {
    return "THROWS";
  }
};
const npmSays = (document) =>
  attempt(() => {
    if (!oa.utils.isWrappedV3Document(document) && !oa.utils.isWrappedV2Document(document)) return "NOT_WRAPPED";
    return oa.verifySignature(document) ? "VALID" : "DOCUMENT_TAMPERED";
  });

const batch = oa.wrapDocuments(raws);
const whole = batch.at(-1);
const documents = [];
// Without `expected`, what npm says is what everybody should say.
function add(name, document, { expected, signers = [] } = {}) {
  const npm = npmSays(document);
  documents.push({ name, npm, integrity: expected ?? npm, signers, document });
}
function changed(name, change, options) {
  const document = copy(whole);
  add(name, change(document) ?? document, options);
}
const withMember = (document, key, value) =>
  Object.defineProperty(document, key, { value, enumerable: true, configurable: true, writable: true });

batch.forEach((document, index) => add(`batch of six, document ${index}`, document));
add("wrapped alone", oa.wrapDocument(raws[0]));
add("two fields hidden", oa.obfuscateDocument(whole, ["recipient.address", "marks[0].b"]));
changed("a value changed", (d) => void (d.data.recipient.name = d.data.recipient.name.replace("Sok", "Sak")));
changed("a type changed", (d) => void (d.data.marks[0].a = d.data.marks[0].a.replace("number", "string")));
changed("a field added", (d) => void (d.data.extra = "x"));
changed("a field lost", (d) => void delete d.data.recipient.name);
changed("an empty object added", (d) => void (d.data.extra = {}));
changed("a proof step changed", (d) => void (d.signature.proof[0] = d.signature.proof[1]));
changed("a proof step lost", (d) => void d.signature.proof.pop());
changed("a hidden hash invented", (d) => void (d.privacy = { obfuscatedData: ["ab".repeat(32)] }));
changed("target in upper case", (d) => void (d.signature.targetHash = d.signature.targetHash.toUpperCase()));
changed("root in upper case", (d) => void (d.signature.merkleRoot = d.signature.merkleRoot.toUpperCase()));
changed("root of odd length", (d) => void (d.signature.merkleRoot += "a"));
changed("root cut short", (d) => void (d.signature.merkleRoot = d.signature.merkleRoot.slice(0, -1)));
changed("no proof member", (d) => void delete d.signature.proof);
changed("no signature", (d) => void delete d.signature);
changed("no issuers", (d) => void delete d.data.issuers);
changed("issuers that are no array", (d) => void (d.data.issuers = { 0: d.data.issuers[0] }));
changed("a raw document", (d) => d.data);
changed("a key with a full stop", (d) => void (d.data["a.b"] = "x"), { expected: "DOCUMENT_TAMPERED" });
const ambiguous = { expected: "AMBIGUOUS_CONTENT" };
changed("a root key shadowed by an empty one", (d) => void (d.data = { "": { recipient: { name: "Forged" } }, ...d.data }), ambiguous);
changed("__proto__ added", (d) => void withMember(d.data, "__proto__", "forged"), ambiguous);
changed("constructor added", (d) => void withMember(d.data, "constructor", "forged"), ambiguous);
changed("prototype added", (d) => void withMember(d.data, "prototype", "forged"), ambiguous);

const wallet = new Wallet(`0x${"01".repeat(32)}`);
const signed = await oa.signDocument(whole, "Secp256k1VerificationKey2018", wallet);
signed.proof[0].created = "2026-01-01T00:00:00.000Z";
add("signed by a DID", signed, { signers: [wallet.address] });
const other = { ...oa.wrapDocument(raws[0]), proof: signed.proof };
const stranger = utils.verifyMessage(utils.arrayify(`0x${other.signature.merkleRoot}`), signed.proof[0].signature);
add("signed over another root: somebody, not the signer", other, { signers: [stranger] });
changed("a proof without the form of signatures", (d) => void (d.proof = [{ ...signed.proof[0], type: "other" }]));

const credential = {
  version: oa.SchemaId.v3,
  "@context": ["https://www.w3.org/2018/credentials/v1", "https://schemata.openattestation.com/com/openattestation/1.0/OpenAttestation.v3.json"],
  type: ["VerifiableCredential", "OpenAttestationCredential"],
  issuanceDate: "2026-01-01T00:00:00Z",
  issuer: { id: "https://moe.example", name: "ក្រសួងអប់រំ" },
  credentialSubject: { id: "urn:uuid:a013fb9d-bb03-4056-b696-05575eceaf42", name: "សុខ", marks: [{ n: 1.0 }, null, true], empty: {} },
  openAttestationMetadata: {
    template: { name: "x", type: "EMBEDDED_RENDERER", url: "https://render.example" },
    proof: { type: "OpenAttestationProofMethod", method: "DOCUMENT_STORE", value: "0x9178F546D3FF57D7A6352bD61B80cCCD46199C2d", revocation: { type: "NONE" } },
    identityProof: { type: "DNS-TXT", identifier: "moe.example" },
  },
};
const [v3] = await oa.__unsafe__use__it__at__your__own__risks__wrapDocuments([credential, { ...credential, issuanceDate: "2026-01-02T00:00:00Z" }]);
const salts = (document, change) => {
  const entries = JSON.parse(Buffer.from(document.proof.salts, "base64").toString());
  document.proof.salts = Buffer.from(JSON.stringify(change(entries))).toString("base64");
};
const name = "credentialSubject.name";
const changedV3 = (title, change, options) => {
  const document = copy(v3);
  change(document);
  add(title, document, options);
};
add("version 3", v3);
add("version 3, a field hidden", oa.obfuscateDocument(v3, name));
changedV3("version 3, a value changed", (d) => void (d.credentialSubject.name = "Forged"));
changedV3("version 3, a number as text", (d) => void (d.credentialSubject.marks[0].n = "1"));
changedV3("version 3, a field added", (d) => void (d.credentialSubject.extra = "x"));
changedV3("version 3, salts that are none", (d) => void (d.proof.salts = "e30="), { expected: "DOCUMENT_TAMPERED" });
changedV3(
  "version 3, a forged field whose salt leads nowhere",
  (d) => {
    const { proof } = oa.obfuscateDocument(d, name);
    d.proof.privacy = proof.privacy;
    d.credentialSubject.name = "Forged";
    salts(d, (entries) => entries.map((entry) => (entry.path === name ? { ...entry, path: "nowhere" } : entry)));
  },
  ambiguous,
);
changedV3("version 3, __proto__ added", (d) => void withMember(d, "__proto__", { b: "forged" }), ambiguous);

const encrypted = ["", "x", JSON.stringify(raws[2]), JSON.stringify(batch[0])].flatMap((plaintext) =>
  [128, 192, 256].map((bits) => ({ plaintext, ...encryption.encryptString(plaintext, encryption.generateEncryptionKey(bits)) })),
);

const vectors = {
  source: "npm @govtechsg/open-attestation 6.9.7, @govtechsg/oa-encryption 1.3.5; written by vectors/generate.mjs",
  numbers: numbers.map((number) => ({ number, text: String(number) })),
  batch: { raws, wrapped: batch },
  documents,
  encrypted,
};
const text = `${JSON.stringify(vectors, null, 1)}\n`;
if (process.argv.includes("--write")) writeFileSync(new URL("openattestation.json", import.meta.url), text);
else process.stdout.write(text);
