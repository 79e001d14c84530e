// Says what the unmodified @owf/eudi-lote says of the form of lists of trusted entities: JSON lines in and out, in order.
//
// In:  {"LoTE": …}
// Out: {"valid": bool, "errors": [{"path", "message"}]}
import { createInterface } from "node:readline";
import { createRequire } from "node:module";

const { validateLoTE } = createRequire(import.meta.url)("@owf/eudi-lote");

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(validateLoTE(JSON.parse(line))));
}
