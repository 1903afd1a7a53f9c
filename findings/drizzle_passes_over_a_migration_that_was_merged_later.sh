#!/usr/bin/env bash
# drizzle-orm 0.45.4 and drizzle-kit 0.31.11 with @electric-sql/pglite 0.5.17 (Node 20): a migration whose
# "when" in the journal is before that of the last one applied is never applied, and nothing is said.
#
# Expected: it is applied, or migrate() raises: its hash is kept of each migration that was applied.
# Seen: main deploys `late`; a branch that made `early` a day before is merged. migrate() returns as
# ever on the deployed database, which has no table `early`. A new database has it. `drizzle-kit migrate`
# does the same and ends with 0; so does `drizzle-kit check`.
#
# Why it matters: "when" is the time at which somebody ran `drizzle-kit generate`, and tickets are
# not merged in the order in which they were begun. CI migrates a new database and is green; the
# deploy step is green; production lacks a column until the first query that asks for it, and every
# later deploy passes over it too.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
printf '{"type": "module"}\n' >package.json
npm install --silent --no-audit --no-fund --ignore-scripts \
  drizzle-orm@0.45.4 drizzle-kit@0.31.11 @electric-sql/pglite@0.5.17 >/dev/null
cat >drizzle.config.js <<'JAVASCRIPT'
const settings = { dialect: "postgresql", driver: "pglite", dbCredentials: { url: "./data" } };
export default { ...settings, out: "./migrations", schema: "./schema.js" };
JAVASCRIPT
cat >migrate.js <<'JAVASCRIPT'
import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { PGlite } from "@electric-sql/pglite";
import { drizzle } from "drizzle-orm/pglite";
import { migrate } from "drizzle-orm/pglite/migrator";

const day = 24 * 3600 * 1000;
const when = { one: 1795000000000, early: 1795000000000 + day, late: 1795000000000 + 2 * day };

// as `drizzle-kit generate` writes it
function folderOf(...tags) {
  rmSync("migrations", { recursive: true, force: true });
  mkdirSync("migrations/meta", { recursive: true });
  const entries = tags.map((tag, idx) => ({ idx, version: "7", when: when[tag], tag, breakpoints: true }));
  for (const tag of tags) writeFileSync(`migrations/${tag}.sql`, `CREATE TABLE "${tag}" ("id" serial);`);
  const journal = { version: "7", dialect: "postgresql", entries };
  writeFileSync("migrations/meta/_journal.json", JSON.stringify(journal));
}

// raises where it does not end with 0
function kit(command) {
  execFileSync("node_modules/.bin/drizzle-kit", [command], { stdio: "pipe" });
}

async function migrated(client) {
  await migrate(drizzle(client), { migrationsFolder: "migrations" });
  return await tables(client);
}

async function tables(client) {
  const found = await client.query("select tablename from pg_tables where schemaname = 'public' order by 1");
  return found.rows.map((row) => row.tablename).join(" ");
}

const deployed = new PGlite();
folderOf("one", "late");
const before = await migrated(deployed);
kit("migrate");
folderOf("one", "early", "late");
const after = await migrated(deployed);
kit("check");
kit("migrate");
const byKit = await tables(new PGlite("data"));
const anew = await migrated(new PGlite());
console.log(`deployed: ${before} · after the merge: ${after}, by drizzle-kit: ${byKit}`);
console.log(`a new database: ${anew}`);
const isOld = before === "late one" && after === before && byKit === before;
process.exit(isOld && anew === "early late one" ? 0 : 1);
JAVASCRIPT
node migrate.js
