// Says of each seal what the unmodified @auth0/cose says: JSON lines in, JSON lines out, in order.
//
// In:  {"seal" (base64 COSE_Sign1), "certificate" (base64 DER)}
// Out: {"algorithm", "kid" (hex), "payload" (base64), "refused"?: <code>}
import { X509Certificate } from "node:crypto";
import { createInterface } from "node:readline";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const { Sign1 } = require("@auth0/cose");

const [ALGORITHM, KID] = [1, 4];
const bytes = (text) => Buffer.from(text, "base64");

async function refusal(message, certificate) {
  try {
    await message.verify(new X509Certificate(bytes(certificate)).publicKey);
    return undefined;
  } catch (error) {
    return error.code ?? String(error);
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const { seal, certificate } = JSON.parse(line);
  const message = Sign1.decode(bytes(seal));
  console.log(
    JSON.stringify({
      algorithm: message.protectedHeaders.get(ALGORITHM),
      kid: Buffer.from(message.protectedHeaders.get(KID)).toString("hex"),
      payload: Buffer.from(message.payload).toString("base64"),
      refused: await refusal(message, certificate),
    }),
  );
}
