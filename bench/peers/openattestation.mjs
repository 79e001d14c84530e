// Times the unmodified npm packages: node openattestation.mjs wrap|check|envelope <repetitions> <file.json>
// Prints the shortest run in seconds. Reading and parsing the file is not timed.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const oa = require("@govtechsg/open-attestation");
const { encryptString, decryptString } = require("@govtechsg/oa-encryption");

const [task, repetitions, file] = process.argv.slice(2);
const given = JSON.parse(readFileSync(file, "utf8"));
const mustBe = (is) => {
  if (!is) throw new Error("the peer disagrees");
};
const work = {
  wrap: () => oa.wrapDocuments(given),
  check: () => given.forEach((document) => mustBe(oa.verifySignature(document))),
  envelope: () => given.texts.forEach((text) => mustBe(decryptString(encryptString(text, given.key)) === text)),
}[task];

let shortest = Infinity;
for (let run = 0; run < Number(repetitions); run++) {
  const begin = performance.now();
  work();
  shortest = Math.min(shortest, performance.now() - begin);
}
console.log(shortest / 1000);
