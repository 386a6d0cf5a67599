// Copies the browser libraries that pages use from node_modules to dist/vendor; nothing is bundled or changed but
// the source-map lines, which Django's manifest storage would otherwise look up and miss, and the pictures written
// into style sheets as data: addresses, which our content policy forbids: each becomes a file beside the sheet.
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

const DATA_PICTURE = /url\((["']?)data:image\/svg\+xml(?:;charset=utf-?8)?,(.*?)\1\)/gi;

async function withoutDataPictures(name, text) {
  const names = new Map();
  const changed = text.replace(DATA_PICTURE, (_, quote, picture) => {
    const svg = decodeURIComponent(picture).replaceAll("\\'", "'").replaceAll('\\"', '"');
    if (!names.has(svg)) names.set(svg, `${name.split(".")[0]}-${names.size + 1}.svg`);
    return `url("${names.get(svg)}")`;
  });
  for (const [svg, file] of names) await writeFile(join(vendor, file), svg);
  return changed;
}

async function copyLibraries() {
  await rm(vendor, { recursive: true, force: true });
  await mkdir(vendor, { recursive: true });
  for (const file of FILES) {
    const text = (await readFile(join(here, "node_modules", file), "utf8")).replace(SOURCE_MAP, "\n");
    const name = basename(file);
    await writeFile(join(vendor, name), name.endsWith(".css") ? await withoutDataPictures(name, text) : text);
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
