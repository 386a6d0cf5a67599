// The map: outlines of the city, tiles of cases and sites, the list of what is in view. Without WebGL the list remains.
const root = document.getElementById("map");
const card = document.getElementById("card");
const given = root.dataset;
const RATIO = 2; // images are drawn at twice their size, sharp on any screen
const TILES_ZOOM = [0, 16];
const MOST_TILES = 40;
const SITES_FROM = 12; // farther out hundreds of sites would hide the cases
const shown = { cases: true, sites: true, areas: true, roads: true };
const kept = new Map();
let map;
let tints;

// The tokens are oklch() in light-dark(); MapLibre reads plain RGB, so a pixel is painted and read.
const pixel = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
function colour(token) {
  const probe = document.createElement("span");
  probe.style.color = `var(${token})`;
  root.append(probe);
  pixel.clearRect(0, 0, 1, 1);
  pixel.fillStyle = getComputedStyle(probe).color;
  pixel.fillRect(0, 0, 1, 1);
  probe.remove();
  const [r, g, b] = pixel.getImageData(0, 0, 1, 1).data;
  return `rgb(${r},${g},${b})`;
}

const paths = {
  site: (c) => c.arc(11, 11, 5, 0, 7),
  open: (c) => c.rect(5, 5, 12, 12),
  soon: (c) => { c.moveTo(11, 11); c.lineTo(11, 2); c.arc(11, 11, 9, -Math.PI / 2, Math.PI); c.closePath(); },
  late: (c) => { c.moveTo(11, 2); c.lineTo(20, 18); c.lineTo(2, 18); c.closePath(); },
  again: (c) => { c.moveTo(11, 1); c.lineTo(21, 11); c.lineTo(11, 21); c.lineTo(1, 11); c.closePath(); },
};

function canvasOf(size) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = size * RATIO;
  const c = canvas.getContext("2d");
  c.scale(RATIO, RATIO);
  return c;
}
const imageOf = (c) => c.getImageData(0, 0, c.canvas.width, c.canvas.height);

function pin(shape) {
  const c = canvasOf(22);
  c.beginPath();
  paths[shape](c);
  c.fillStyle = { site: tints.paper, open: tints.accent, soon: tints.soon }[shape] ?? tints.late;
  c.strokeStyle = shape === "site" ? tints.ink2 : tints.paper;
  c.lineWidth = 1.5;
  c.fill();
  c.stroke();
  return imageOf(c);
}

// "clu-<how many>-<how many late>": a disc with the number; the red arc is the share that is late.
function cluster(name) {
  const [, n, late] = name.split("-").map(Number);
  const r = Math.min(24, 12 + 3 * Math.log10(n + 1) * 1.6);
  const size = Math.ceil(2 * r + 12);
  const c = canvasOf(size);
  const isSite = name.startsWith("sit");
  c.translate(size / 2, size / 2);
  c.beginPath();
  c.arc(0, 0, r, 0, 7);
  c.fillStyle = isSite ? tints.paper : tints.ink;
  c.strokeStyle = isSite ? tints.ink2 : tints.paper;
  c.lineWidth = isSite ? 1 : 2;
  c.fill();
  c.stroke();
  if (late) {
    c.beginPath();
    c.arc(0, 0, r + 3, -Math.PI / 2, -Math.PI / 2 + 2 * Math.PI * Math.min(1, late / n));
    c.strokeStyle = tints.late;
    c.lineWidth = 3;
    c.stroke();
  }
  c.fillStyle = isSite ? tints.ink2 : tints.paper;
  c.font = `600 ${n > 999 ? 10 : 12}px sans-serif`;
  c.textAlign = "center";
  c.textBaseline = "middle";
  c.fillText(String(n), 0, 0.5);
  return imageOf(c);
}

function tileNumbers() {
  const z = Math.max(TILES_ZOOM[0], Math.min(TILES_ZOOM[1], Math.floor(map.getZoom())));
  const bounds = map.getBounds();
  const across = 2 ** z;
  const x = (lon) => Math.max(0, Math.min(across - 1, Math.floor(((lon + 180) / 360) * across)));
  const y = (lat) => {
    const a = (Math.max(-85, Math.min(85, lat)) * Math.PI) / 180;
    return Math.max(0, Math.min(across - 1, Math.floor(((1 - Math.log(Math.tan(a) + 1 / Math.cos(a)) / Math.PI) / 2) * across)));
  };
  const found = [];
  for (let i = x(bounds.getWest()); i <= x(bounds.getEast()); i++) {
    for (let j = y(bounds.getNorth()); j <= y(bounds.getSouth()); j++) found.push(`${z}/${i}/${j}`);
  }
  return found.slice(0, MOST_TILES);
}

async function tile(layer, number) {
  const address = `/map/${layer}/${number}.json${layer === "cases" ? given.query : ""}`;
  if (!kept.has(address)) {
    if (kept.size > 400) kept.clear();
    kept.set(address, fetch(address).then((answer) => (answer.ok ? answer.json() : { features: [] })).catch(() => ({ features: [] })));
    setTimeout(() => kept.delete(address), 30_000);
  }
  return (await kept.get(address)).features;
}

async function fill(layer) {
  const wanted = shown[layer] && (layer === "cases" || map.getZoom() >= SITES_FROM);
  const features = wanted ? (await Promise.all(tileNumbers().map((number) => tile(layer, number)))).flat() : [];
  for (const f of features) {
    const p = f.properties;
    p.image = p.n > 1 ? `${layer === "sites" ? "sit" : "clu"}-${p.n}-${p.late ?? 0}` : layer === "sites" ? "site" : p.s;
    if (!map.hasImage(p.image)) map.addImage(p.image, paths[p.image] ? pin(p.image) : cluster(p.image), { pixelRatio: RATIO });
  }
  map.getSource(layer).setData({ type: "FeatureCollection", features });
}

let waiting;
function moved() {
  fill("sites");
  fill("cases");
  clearTimeout(waiting);
  waiting = setTimeout(async () => {
    const b = map.getBounds();
    const box = [b.getWest(), b.getSouth(), b.getEast(), b.getNorth()].map((n) => n.toFixed(6)).join(",");
    const join = given.query.length > 1 ? `${given.query}&` : "?";
    const answer = await fetch(`/map/${join}box=${box}`, { headers: { "HX-Request": "true" } }).catch(() => null);
    if (answer?.ok) document.getElementById("side").innerHTML = await answer.text();
  }, 250);
}

async function showCase(number, point) {
  const answer = await fetch(`/map/card/${encodeURIComponent(number)}/`, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (!answer?.ok) return;
  card.innerHTML = await answer.text();
  card.hidden = false;
  document.querySelectorAll("#side li").forEach((li) => li.toggleAttribute("aria-current", li.dataset.number === number));
  map.getSource("focus").setData(point ? { type: "Point", coordinates: point } : { type: "FeatureCollection", features: [] });
}

function showSite(p) {
  const title = document.createElement("h2");
  const type = document.createElement("p");
  const link = document.createElement("a");
  title.textContent = p.what;
  type.textContent = p.type;
  type.className = "cw-quiet";
  link.textContent = document.querySelector('[data-layer="sites"]').textContent + " →";
  link.href = `/sites/${encodeURIComponent(p.id)}/`;
  link.className = "btn cw-mt";
  card.replaceChildren(title, type, link);
  card.hidden = false;
}

// Names are drawn like the pins, under them: no glyphs are fetched, and no number is covered.
function nameImage(name) {
  const font = "600 13px 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif";
  const c = canvasOf(8);
  c.font = font;
  c.canvas.width = Math.ceil(c.measureText(name).width + 8) * RATIO;
  c.canvas.height = 20 * RATIO;
  c.scale(RATIO, RATIO);
  Object.assign(c, { font, lineWidth: 3, lineJoin: "round", textBaseline: "middle", strokeStyle: tints.paper, fillStyle: tints.ink });
  c.strokeText(name, 4, 10);
  c.fillText(name, 4, 10);
  return imageOf(c);
}

function nameAreas(outlines) {
  const streets = outlines.features.filter((f) => f.properties.at && f.properties.kind === "street");
  const features = streets.map(({ properties: p }) => {
    map.addImage(`name-${p.code}`, nameImage(p.name), { pixelRatio: RATIO });
    return { type: "Feature", geometry: { type: "Point", coordinates: p.at }, properties: { image: `name-${p.code}` } };
  });
  map.getSource("names").setData({ type: "FeatureCollection", features });
}

function style(outlines) {
  const sources = {
    base: { type: "geojson", data: outlines },
    sites: { type: "geojson", data: { type: "FeatureCollection", features: [] } },
    cases: { type: "geojson", data: { type: "FeatureCollection", features: [] } },
    names: { type: "geojson", data: { type: "FeatureCollection", features: [] } },
    focus: { type: "geojson", data: { type: "FeatureCollection", features: [] } },
  };
  const layers = [{ id: "paper", type: "background", paint: { "background-color": tints.wash } }];
  if (given.tianditu) {
    const tiles = ["vec", "cva"].map((kind) => [...Array(8).keys()].map((n) => `https://t${n}.tianditu.gov.cn/${kind}_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER=${kind}&STYLE=default&TILEMATRIXSET=w&FORMAT=tiles&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}&tk=${given.tianditu}`));
    tiles.forEach((urls, i) => {
      sources[`tdt${i}`] = { type: "raster", tiles: urls, tileSize: 256, maxzoom: 18 };
      layers.push({ id: `tdt${i}`, type: "raster", source: `tdt${i}` });
    });
  }
  const area = ["in", ["get", "kind"], ["literal", ["city", "county", "street"]]];
  const image = { "icon-image": ["get", "image"], "icon-allow-overlap": true, "icon-ignore-placement": true };
  layers.push(
    { id: "areas", type: "fill", source: "base", filter: area, paint: { "fill-color": tints.paper, "fill-opacity": given.tianditu ? 0 : 0.6 } },
    { id: "borders", type: "line", source: "base", filter: area, paint: { "line-color": tints.rule, "line-width": ["match", ["get", "kind"], "street", 1, 2] } },
    { id: "roads", type: "line", source: "base", filter: ["==", ["get", "kind"], "road"], paint: { "line-color": tints.rule, "line-width": ["interpolate", ["linear"], ["zoom"], 10, 1, 15, 5] } },
    { id: "names", type: "symbol", source: "names", layout: { ...image, "icon-allow-overlap": false } },
    { id: "sites", type: "symbol", source: "sites", layout: image },
    { id: "cases", type: "symbol", source: "cases", layout: image },
    { id: "focus", type: "circle", source: "focus", paint: { "circle-radius": 16, "circle-opacity": 0, "circle-stroke-width": 2, "circle-stroke-color": tints.accent } },
  );
  return { version: 8, sources, layers };
}

function wire() {
  for (const layer of ["cases", "sites"]) {
    map.on("click", layer, (e) => {
      const f = e.features[0];
      if (f.properties.n) map.easeTo({ center: f.geometry.coordinates, zoom: map.getZoom() + 2, animate: false });
      else if (layer === "cases") showCase(f.properties.id, f.geometry.coordinates);
      else showSite(f.properties);
    });
    map.on("mouseenter", layer, () => { map.getCanvas().style.cursor = "pointer"; });
    map.on("mouseleave", layer, () => { map.getCanvas().style.cursor = ""; });
  }
  document.querySelectorAll("[data-layer]").forEach((button) => button.addEventListener("click", () => {
    const layer = button.dataset.layer;
    shown[layer] = !shown[layer];
    button.setAttribute("aria-pressed", shown[layer]);
    button.toggleAttribute("data-on", shown[layer]);
    if (layer === "cases" || layer === "sites") fill(layer);
    else (layer === "areas" ? ["areas", "borders", "names"] : ["roads"]).forEach((id) => map.setLayoutProperty(id, "visibility", shown[layer] ? "visible" : "none"));
  }));
  document.querySelectorAll("[data-zoom-by]").forEach((button) => button.addEventListener("click", () => map.zoomTo(map.getZoom() + Number(button.dataset.zoomBy), { animate: false })));
  document.getElementById("side").addEventListener("click", (e) => {
    const link = e.target.closest("a[data-case]");
    if (!link || e.ctrlKey || e.metaKey || e.shiftKey) return;
    e.preventDefault();
    const point = [Number(link.dataset.lon), Number(link.dataset.lat)];
    showCase(link.dataset.case, point);
    if (!map.getBounds().contains(point)) map.jumpTo({ center: point });
  });
  document.addEventListener("keydown", (e) => { if (e.key === "Escape") { card.hidden = true; map.getSource("focus").setData({ type: "FeatureCollection", features: [] }); } });
}

function extent(outlines) {
  const box = [180, 90, -180, -90];
  const walk = (c) => {
    if (typeof c[0] === "number") {
      box[0] = Math.min(box[0], c[0]); box[1] = Math.min(box[1], c[1]); box[2] = Math.max(box[2], c[0]); box[3] = Math.max(box[3], c[1]);
    } else c.forEach(walk);
  };
  outlines.features.filter((f) => f.properties.kind === "city").forEach((f) => walk(f.geometry.coordinates));
  return box[0] < box[2] ? box : null;
}

async function start() {
  const [lib, outlines] = await Promise.all([import(given.maplibre), fetch(given.base).then((answer) => answer.json())]);
  lib.setWorkerUrl(new URL(given.worker, location.href).href);
  tints = Object.fromEntries(["paper", "wash", "rule", "ink", "ink-2", "accent", "soon", "late"].map((name) => [name.replace("-", ""), colour(`--cw-${name}`)]));
  map = new lib.Map({
    container: root, style: style(outlines), center: [Number(given.lon), Number(given.lat)], zoom: Number(given.zoom),
    attributionControl: false, dragRotate: false, pitchWithRotate: false, fadeDuration: 0, maxZoom: 19,
  });
  map.touchZoomRotate.disableRotation();
  await new Promise((done) => map.once("load", done));
  const box = extent(outlines);
  if (given.case) map.jumpTo({ center: [Number(given.caseLon), Number(given.caseLat)], zoom: 16 });
  else if (box) map.fitBounds(box, { padding: 24, animate: false });
  nameAreas(outlines);
  wire();
  map.on("moveend", moved);
  moved();
  if (given.case) showCase(given.case, [Number(given.caseLon), Number(given.caseLat)]);
  root.dataset.ready = "1";
}

document.querySelector("form[data-auto]").addEventListener("change", (e) => e.currentTarget.requestSubmit());
start().catch((fault) => {
  document.querySelector("[data-nomap]").hidden = false;
  console.warn(fault);
});
