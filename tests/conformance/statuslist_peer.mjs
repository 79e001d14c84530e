// What the unmodified @owf/token-status-list reads in our status lists, and writes: JSON lines in, JSON lines out, in order.
//
// In:  {"jwt", "cwt" (base64), "certificate" (base64 DER)}   → {"jwt": <read>, "cwt": <read>}
//      {"states": {index: state}, "entries": <how many>}     → {"lst" (base64url)}
// <read>: {"typ", "sub", "iat", "exp", "ttl", "bits", "entries": <how many>, "states": {index: state, but valid}, "signed": bool}
import { X509Certificate, verify } from "node:crypto";
import { createInterface } from "node:readline";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const tsl = require("@owf/token-status-list");
const { Sign1, cborDecode } = createRequire(require.resolve("@owf/token-status-list"))("@owf/cose");

const TYP = 16;
const [SUB, EXP, IAT, STATUS_LIST, TTL] = [2, 4, 6, tsl.StatusListCwtClaimKey.StatusList, tsl.StatusListCwtClaimKey.TimeToLive];
const json = (part) => JSON.parse(Buffer.from(part, "base64url"));

function isSigned(message, signature, certificate) {
  const key = new X509Certificate(Buffer.from(certificate, "base64")).publicKey;
  return verify("sha256", message, { key, dsaEncoding: "ieee-p1363" }, signature);
}

function entries(list) {
  const states = {};
  list.statusList.forEach((state, index) => {
    if (state !== tsl.StatusTypes.VALID) states[index] = state;
  });
  return { bits: list.getBitsPerStatus(), entries: list.statusList.length, states };
}

function jwt(token, certificate) {
  const [header, payload, signature] = token.split(".");
  const { sub, iat, exp, ttl } = json(payload);
  const signed = isSigned(Buffer.from(`${header}.${payload}`), Buffer.from(signature, "base64url"), certificate);
  return { typ: json(header).typ, sub, iat, exp, ttl, ...entries(tsl.getListFromStatusListJWT(token)), signed };
}

// The package's own reader of whole CWTs asks for the optional aggregation_uri, so its parts are called one by one.
function cwt(token, certificate) {
  const message = Sign1.decode(token);
  const claims = cborDecode(message.payload);
  const list = claims.get(STATUS_LIST);
  return {
    typ: message.protectedHeaders.headers.get(TYP),
    sub: claims.get(SUB),
    iat: claims.get(IAT),
    exp: claims.get(EXP),
    ttl: claims.get(TTL),
    ...entries(tsl.StatusList.decompressStatusListFromBytes(list.get("lst"), list.get("bits"))),
    signed: isSigned(message.toBeSigned, message.signature, certificate),
  };
}

function write({ states, entries: count }) {
  const list = new tsl.StatusList(new Array(count).fill(tsl.StatusTypes.VALID), 2);
  for (const [index, state] of Object.entries(states)) list.setStatus(Number(index), state);
  return { lst: Buffer.from(list.compressStatusListToBytes()).toString("base64url") };
}

for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line);
  const answer = asked.states
    ? write(asked)
    : { jwt: jwt(asked.jwt, asked.certificate), cwt: cwt(Buffer.from(asked.cwt, "base64"), asked.certificate) };
  console.log(JSON.stringify(answer));
}
