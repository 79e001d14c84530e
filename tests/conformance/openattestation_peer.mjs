// Says of each line what the unmodified npm packages say: JSON lines in, JSON lines out, in order.
//
// In:  {"document": <any>, "reseal"?: true}   reseal: put npm's own digest into the signature first
// Out: {"verdict": "VALID" | "DOCUMENT_TAMPERED" | "NOT_WRAPPED" | "THROWS", "document", "signers", "data"?}
import { createInterface } from "node:readline";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const oa = require("@govtechsg/open-attestation");
const { utils } = require("ethers");

const orElse = (compute, otherwise) => {
  try {
    return compute();
  } catch {
    return otherwise;
  }
};

function reseal(document) {
  if (document.version === oa.SchemaId.v3) {
    const { proof, ...body } = document;
    const salts = JSON.parse(Buffer.from(proof.salts, "base64").toString());
    proof.targetHash = proof.merkleRoot = oa.digestCredential(body, salts, proof.privacy.obfuscated);
    proof.proofs = [];
  } else {
    const targetHash = oa.digestDocument(document);
    document.signature = { type: "SHA3MerkleProof", targetHash, proof: [], merkleRoot: targetHash };
  }
}

function verdict(document) {
  if (!oa.utils.isWrappedV3Document(document) && !oa.utils.isWrappedV2Document(document)) return "NOT_WRAPPED";
  return oa.verifySignature(document) ? "VALID" : "DOCUMENT_TAMPERED";
}

function signers(document) {
  if (oa.utils.isSignedWrappedV2Document(document)) {
    const root = `0x${document.signature.merkleRoot}`;
    return document.proof.map(({ signature }) => orElse(() => utils.verifyMessage(utils.arrayify(root), signature), null));
  }
  if (oa.utils.isSignedWrappedV3Document(document)) {
    const root = `0x${document.proof.merkleRoot}`;
    return [orElse(() => utils.verifyMessage(utils.arrayify(root), document.proof.signature), null)];
  }
  return [];
}

for await (const line of createInterface({ input: process.stdin })) {
  const { document, reseal: wanted } = JSON.parse(line);
  if (wanted) orElse(() => reseal(document));
  const said = orElse(() => verdict(document), "THROWS");
  const data = said === "VALID" && document.version !== oa.SchemaId.v3 ? oa.getData(document) : undefined;
  console.log(JSON.stringify({ verdict: said, document, signers: orElse(() => signers(document), []), data }));
}
