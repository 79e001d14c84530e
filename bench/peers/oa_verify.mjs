// The unmodified @govtechsg/oa-verify: node oa_verify.mjs verify <file.json>
// The file: {documents: [<wrapped>, …], rpc, domain, record}; `record` is all that DNS answers, for `domain`.
// For each line on standard input, verifies all documents once, one after another, over one provider, and prints how
// many seconds it took. Reading and parsing the file is not timed.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const require = createRequire(import.meta.url);
const { providers } = require("ethers");
const { isValid, openAttestationVerifiers, verificationBuilder } = require("@govtechsg/oa-verify");

const { documents, rpc, domain, record } = JSON.parse(readFileSync(process.argv[3], "utf8"));
const provider = new providers.StaticJsonRpcProvider(rpc); // does not ask again and again which chain it is
const answer = (name) => ({ name, type: 16, TTL: 60, data: `"${record}"` });
const dnsResolvers = [async (name) => ({ AD: false, Answer: name === domain ? [answer(name)] : [] })];
const verify = verificationBuilder(openAttestationVerifiers, { provider, dnsResolvers });

for await (const _ of createInterface({ input: process.stdin })) {
  const begin = performance.now();
  for (const document of documents) if (!isValid(await verify(document))) throw new Error("the peer disagrees");
  console.log((performance.now() - begin) / 1000);
}
