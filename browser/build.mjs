// Builds what the browser loads into src/govseal/web/shared/static/build/: site.css, site.js and the fonts.
// Run from anywhere: `node browser/build.mjs`. The result is not committed; `make setup` makes it.
// esbuild's own program is run, not its Node API, so that no child outlives this script.

import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { rmSync } from "node:fs";

const project = dirname(dirname(fileURLToPath(import.meta.url)));
const target = join(project, "src/govseal/web/shared/static/build");
const esbuild = createRequire(import.meta.url).resolve("esbuild/bin/esbuild");

rmSync(target, { recursive: true, force: true });
execFileSync(
  process.execPath,
  [
    esbuild,
    join(project, "browser/site.ts"),
    join(project, "browser/styles/site.css"),
    "--bundle",
    "--minify",
    "--target=chrome80,firefox78,safari13", // phones of 2020
    "--format=iife",
    "--loader:.woff2=file",
    "--asset-names=fonts/[name]",
    "--entry-names=[name]",
    "--log-level=warning",
    `--outdir=${target}`,
  ],
  { stdio: "inherit" },
);
