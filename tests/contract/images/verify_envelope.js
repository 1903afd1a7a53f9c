// Verifies DSSE envelopes with sigstore's own client for Node: no certificate, no log, a key alone.
// usage: node verify_envelope.js ENVELOPE PUBLIC_KEY, from a folder with @sigstore/verify
const fs = require("node:fs");
const path = require("node:path");
const { createRequire } = require("node:module");
const load = createRequire(path.join(process.cwd(), "here.js"));
const { Verifier, toSignedEntity, toTrustMaterial } = load("@sigstore/verify");
const { bundleFromJSON } = load("@sigstore/bundle");
const { createPublicKey } = require("node:crypto");

const envelope = JSON.parse(fs.readFileSync(process.argv[2]));
const key = createPublicKey(fs.readFileSync(process.argv[3]));
const bundle = bundleFromJSON({
  mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json",
  verificationMaterial: { publicKey: { hint: "key" }, tlogEntries: [] },
  dsseEnvelope: envelope,
});
const none = { certificateAuthorities: [], timestampAuthorities: [], tlogs: [], ctlogs: [] };
const trust = toTrustMaterial(none, () => ({ publicKey: key, validFor: () => true }));
const options = { ctlogThreshold: 0, tlogThreshold: 0, tsaThreshold: 0, timestampThreshold: 0 };
try {
  new Verifier(trust, options).verify(toSignedEntity(bundle));
  console.log("verified");
} catch (error) {
  console.log(`refused: ${error.code}`);
  process.exitCode = 1;
}
