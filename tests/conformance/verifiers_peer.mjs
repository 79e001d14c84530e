// Says of each document what two unmodified verifiers say, oa-verify and tt-verify: JSON lines in and out, in order.
//
// In:  {"document": <wrapped>, "rpc": "http://127.0.0.1:8545", "records": {"<domain>": ["<TXT record>", …]}}
// Out: {"<package>": {"valid": bool, "statuses": {<type>: <status>, not SKIPPED}}, …}
import { createInterface } from "node:readline";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const { providers } = require("ethers");
const PACKAGES = ["@govtechsg/oa-verify", "@tradetrust-tt/tt-verify"];
const verifiers = Object.fromEntries(PACKAGES.map((name) => [name, require(name)]));

// DNS must answer for any name: a verifier asks a silent resolver again for ever.
const answers = (records, domain) => ({
  AD: false,
  Answer: (records[domain] ?? []).map((text) => ({ name: domain, type: 16, TTL: 60, data: `"${text}"` })),
});

// tt-verify takes no resolvers: it asks Google's over https, which is answered here. Nothing else is reached so.
let current = {};
globalThis.fetch = async (address) => {
  const url = new URL(address);
  if (url.origin !== "https://dns.google") throw new Error(`asked for ${url}`);
  return Response.json(answers(current, url.searchParams.get("name")));
};

async function said({ verificationBuilder, openAttestationVerifiers, isValid }, { document, rpc, records }) {
  const provider = new providers.JsonRpcProvider(rpc);
  const dnsResolvers = [async (domain) => answers(records, domain)];
  const fragments = await verificationBuilder(openAttestationVerifiers, { provider, dnsResolvers })(document);
  const told = fragments.filter(({ status }) => status !== "SKIPPED");
  return { valid: isValid(fragments), statuses: Object.fromEntries(told.map(({ type, status }) => [type, status])) };
}

for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line);
  current = asked.records;
  const answer = {};
  for (const [name, verifier] of Object.entries(verifiers)) answer[name] = await said(verifier, asked);
  console.log(JSON.stringify(answer));
}
