// Copies the browser libraries that pages use from node_modules to dist/vendor; nothing is bundled or changed
// but the source-map lines, which Django's manifest storage would otherwise look up and miss.
// `node build.mjs tidy-lock` removes the "funding" addresses from package-lock.json; npm does not need them.
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const vendor = join(here, "dist", "vendor");

// MapLibre 6 is ES modules only and loads its worker from beside itself, so a CSP without blob: is enough.
const FILES = [
  "@tabler/core/dist/css/tabler.min.css",
  "htmx.org/dist/htmx.min.js",
  "maplibre-gl/dist/maplibre-gl.mjs",
  "maplibre-gl/dist/maplibre-gl-worker.mjs",
  "maplibre-gl/dist/maplibre-gl.css",
  "echarts/dist/echarts.min.js",
  "dexie/dist/modern/dexie.min.mjs",
];
const SOURCE_MAP = /\n?(?:\/\/# sourceMappingURL=[^\n]*|\/\*# sourceMappingURL=[^*]*\*\/)\s*$/;

async function copyLibraries() {
  await rm(vendor, { recursive: true, force: true });
  await mkdir(vendor, { recursive: true });
  for (const file of FILES) {
    const text = await readFile(join(here, "node_modules", file), "utf8");
    await writeFile(join(vendor, basename(file)), text.replace(SOURCE_MAP, "\n"));
  }
}

async function tidyLock() {
  const path = join(here, "package-lock.json");
  const lock = JSON.parse(await readFile(path, "utf8"));
  for (const entry of Object.values(lock.packages)) {
    delete entry.funding;
    delete entry.resolved;
  }
  await writeFile(path, JSON.stringify(lock, null, 2) + "\n");
}

await (process.argv[2] === "tidy-lock" ? tidyLock() : copyLibraries());
