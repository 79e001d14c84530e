// Says of each document what the unmodified oa-verify says: JSON lines in, JSON lines out, in order.
//
// In:  {"document": <wrapped>, "rpc": "http://127.0.0.1:8545", "records": {"<domain>": ["<TXT record>", …]}}
// Out: {"valid": true | false, "fragments": [{"name", "type", "status", "code"}]}
import { createInterface } from "node:readline";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const { verificationBuilder, openAttestationVerifiers, isValid } = require("@govtechsg/oa-verify");
const { providers } = require("ethers");

// DNS as dnsprove asks for it. It must answer for any name: dnsprove asks a silent resolver again for ever.
const resolver = (records) => async (domain) => ({
  AD: false,
  Answer: (records[domain] ?? []).map((text) => ({ name: domain, type: 16, TTL: 60, data: `"${text}"` })),
});

for await (const line of createInterface({ input: process.stdin })) {
  const { document, rpc, records } = JSON.parse(line);
  const provider = new providers.JsonRpcProvider(rpc);
  const verify = verificationBuilder(openAttestationVerifiers, { provider, dnsResolvers: [resolver(records)] });
  const fragments = await verify(document);
  console.log(
    JSON.stringify({
      valid: isValid(fragments),
      fragments: fragments.map(({ name, type, status, reason }) => ({ name, type, status, code: reason?.codeString })),
    }),
  );
}
