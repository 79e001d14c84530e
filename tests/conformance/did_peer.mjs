// Says of DID-signed documents what two unmodified verifiers say: JSON lines in, JSON lines out, in order.
//
// In:  {"document": <wrapped>, "rpc": "http://127.0.0.1:8545", "dns": "127.0.0.1:5353", "web": "http://127.0.0.1:8080"}
// Out: {"<package>": {"valid": bool, "statuses": {<type>: [<status>, …]}, "integrity": <status>, "signed": [bool, …] | null,
//                     "revoked": bool | null, "status": <status>, "code": <of status, unless VALID>}, …}
//
// Names are asked of the name server `dns`, and https URLs of the site `web`, which has each host as its first folder.
// Stand-in: a did:ethr's document names the address in the DID itself, as the registry on the chain does until it is
// told otherwise, and each package reads it in the notation of its own resolver.
import { Resolver } from "node:dns/promises";
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
const NONE = ["ENOTFOUND", "ENODATA"];
const DNS_OVER_HTTPS = ["https://dns.google", "https://cloudflare-dns.com", "https://dns.alidns.com"];

async function answers(server, domain) {
  const resolver = new Resolver();
  resolver.setServers([server]);
  const records = await resolver.resolveTxt(domain).catch((error) => {
    if (NONE.includes(error.code)) return [];
    throw error;
  });
  const Answer = records.map((pieces) => ({ name: domain, type: 16, TTL: 60, data: `"${pieces.join("")}"` }));
  return { AD: false, Answer };
}

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

// oa-verify asks OCSP responders through axios, tt-verify through fetch, and DNS over https too.
let current = {};
const realFetch = globalThis.fetch;
const onSite = (address) => {
  const { host, pathname } = new URL(address);
  return realFetch(`${current.web}/${host}${pathname}`);
};
axios.defaults.adapter = async (config) => {
  const response = await onSite(config.url);
  if (!response.ok) throw new Error(`status ${response.status}`);
  return { data: await response.json(), status: response.status, headers: {}, config };
};
globalThis.fetch = async (address) => {
  const url = new URL(address);
  if (!DNS_OVER_HTTPS.includes(url.origin)) return onSite(address);
  return Response.json(await answers(current.dns, url.searchParams.get("name")));
};

async function said(verifier, account, { document, rpc, dns }) {
  const provider = new providers.StaticJsonRpcProvider(rpc, 1337);
  const dnsResolvers = [(domain) => answers(dns, domain)];
  const verifiers = [...verifier.openAttestationVerifiers, verifier.openAttestationDidIdentityProof];
  const verify = verifier.verificationBuilder(verifiers, { provider, resolver: resolver(account), dnsResolvers });
  const all = await verify(document);
  const fragments = all.filter(({ status }) => status !== "SKIPPED");
  const of = (type) => fragments.filter((fragment) => fragment.type === type);
  const [{ status: integrity }] = of("DOCUMENT_INTEGRITY");
  const found = of("DOCUMENT_STATUS").find(({ name }) => name === "OpenAttestationDidSignedDocumentStatus");
  const issuance = found?.data?.details?.issuance;
  const statuses = {};
  for (const { type, status } of fragments) (statuses[type] ??= []).push(status);
  return {
    valid: verifier.isValid(all),
    statuses,
    integrity,
    signed: issuance ? [issuance].flat().map(({ issued }) => issued) : null,
    revoked: found?.data?.revokedOnAny ?? null,
    status: found?.status ?? "SKIPPED",
    code: found?.reason?.codeString,
  };
}

for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line);
  current = asked;
  const answer = {};
  for (const [name, verifier] of Object.entries(packages)) answer[name] = await said(verifier, ACCOUNT[name], asked);
  console.log(JSON.stringify(answer));
}
