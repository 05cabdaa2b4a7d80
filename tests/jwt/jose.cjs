// Asks the npm package jose: tests/jwt/README.txt.
"use strict";
const jose = require(process.env.CAPLET_JOSE || "jose");

async function main() {
  const chunks = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  const asked = JSON.parse(Buffer.concat(chunks));
  const keys = jose.createLocalJWKSet(asked.jwks);
  for (const token of asked.tokens) {
    try {
      await jose.jwtVerify(token, keys, {
        algorithms: ["EdDSA"], issuer: asked.issuer, audience: asked.audience, typ: "JWT",
      });
      console.log("yes");
    } catch (error) {
      console.log("no " + String(error.message).replaceAll("\n", " "));
    }
  }
}

main();
