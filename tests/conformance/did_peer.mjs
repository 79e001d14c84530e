// Says of DID-signed documents what two unmodified verifiers say: JSON lines in, JSON lines out, in order.
//
// In:  {"document": <wrapped>, "rpc": "http://127.0.0.1:8545", "records": {"<domain>": ["<TXT record>", …]}}
// Out: {"<package>": {"integrity": <status>, "signed": [bool, …] | null, "revoked": bool | null, "status": <status>,
//                     "code": <of status, unless VALID>, "identity": {<name>: <status>}}, …}
//
// Stand-ins: a did:ethr's document names the address in the DID itself, as the registry on the chain does until it is
// told otherwise, and each package reads it in the notation of its own resolver; OCSP responders have revoked nothing;
// DNS answers are the line's own.
import { createInterface } from "node:readline";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const { providers } = require("ethers");
const axios = require("axios");
const ACCOUNT = {
  "@govtechsg/oa-verify": (address) => `eip155:1:${address}`,
  "@tradetrust-tt/tt-verify": (address) => `${address}@eip155:1`,
};
const packages = Object.fromEntries(Object.keys(ACCOUNT).map((name) => [name, require(name)]));

const answers = (records, domain) => ({
  AD: false,
  Answer: (records[domain] ?? []).map((text) => ({ name: domain, type: 16, TTL: 60, data: `"${text}"` })),
});

const resolver = (account) => ({
  resolve: async (did) => ({
    didDocument: {
      id: did,
      verificationMethod: [
        {
          id: `${did}#controller`,
          type: "EcdsaSecp256k1RecoveryMethod2020",
          controller: did,
          blockchainAccountId: account(did.split(":").at(-1)),
        },
      ],
    },
  }),
});

const notRevoked = (url) => ({ revoked: false, documentHash: new URL(url).pathname.split("/").at(-1) });

// oa-verify asks OCSP responders through axios, tt-verify through fetch, and DNS too.
let current = {};
axios.defaults.adapter = async (config) => ({ data: notRevoked(config.url), status: 200, headers: {}, config });
globalThis.fetch = async (address) => {
  const url = new URL(address);
  if (url.origin === "https://dns.google") return Response.json(answers(current, url.searchParams.get("name")));
  return Response.json(notRevoked(url));
};

async function said(verifier, account, { document, rpc, records }) {
  const provider = new providers.StaticJsonRpcProvider(rpc, 1337);
  const dnsResolvers = [async (domain) => answers(records, domain)];
  const verifiers = [...verifier.openAttestationVerifiers, verifier.openAttestationDidIdentityProof];
  const verify = verifier.verificationBuilder(verifiers, { provider, resolver: resolver(account), dnsResolvers });
  const fragments = (await verify(document)).filter(({ status }) => status !== "SKIPPED");
  const of = (type) => fragments.filter((fragment) => fragment.type === type);
  const [{ status: integrity }] = of("DOCUMENT_INTEGRITY");
  const found = of("DOCUMENT_STATUS").find(({ name }) => name === "OpenAttestationDidSignedDocumentStatus");
  const issuance = found?.data?.details?.issuance;
  return {
    integrity,
    signed: issuance ? [issuance].flat().map(({ issued }) => issued) : null,
    revoked: found?.data?.revokedOnAny ?? null,
    status: found?.status ?? "SKIPPED",
    code: found?.reason?.codeString,
    identity: Object.fromEntries(of("ISSUER_IDENTITY").map(({ name, status }) => [name, status])),
  };
}

for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line);
  current = asked.records;
  const answer = {};
  for (const [name, verifier] of Object.entries(packages)) answer[name] = await said(verifier, ACCOUNT[name], asked);
  console.log(JSON.stringify(answer));
}
