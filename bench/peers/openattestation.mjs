// The unmodified npm packages: node openattestation.mjs wrap|check|envelope <file.json>
// For each line on standard input, does the task once and prints how many seconds it took. Reading and parsing the
// file is not timed, nor is collecting the result before.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const require = createRequire(import.meta.url);
const oa = require("@govtechsg/open-attestation");
const { encryptString, decryptString } = require("@govtechsg/oa-encryption");

const [task, file] = process.argv.slice(2);
const given = JSON.parse(readFileSync(file, "utf8"));
const mustBe = (is) => {
  if (!is) throw new Error("the peer disagrees");
};
const work = {
  wrap: () => oa.wrapDocuments(given),
  check: () => given.forEach((document) => mustBe(oa.verifySignature(document))),
  envelope: () => given.texts.forEach((text) => mustBe(decryptString(encryptString(text, given.key)) === text)),
}[task];

for await (const _ of createInterface({ input: process.stdin })) {
  const begin = performance.now();
  work();
  console.log((performance.now() - begin) / 1000);
}
