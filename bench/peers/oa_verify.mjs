// The unmodified @govtechsg/oa-verify: node oa_verify.mjs one-by-one|together <file.json>
// The file: {documents: [<wrapped>, …], rpc, domain, record}; `record` is all that DNS answers, for `domain`.
// For each line on standard input, verifies all documents once over one provider, one after another or all begun at
// once, and prints how many seconds it took. Reading and parsing the file is not timed.
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

const mustBeValid = async (document) => {
  if (!isValid(await verify(document))) throw new Error("the peer disagrees");
};
const work = {
  "one-by-one": async () => {
    for (const document of documents) await mustBeValid(document);
  },
  together: () => Promise.all(documents.map(mustBeValid)),
}[process.argv[2]];

for await (const _ of createInterface({ input: process.stdin })) {
  const begin = performance.now();
  await work();
  console.log((performance.now() - begin) / 1000);
}
