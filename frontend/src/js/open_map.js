// The public map: what is public as tiles over the outlines of the city. Without WebGL the list beside it remains.
const root = document.getElementById("map");
const card = document.getElementById("card");
const given = root.dataset;
const RATIO = 2;
const ZOOMS = [0, 17];
const MOST_TILES = 30;
const kept = new Map();
let map;

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--cw-${name}`).trim();

function canvasOf(size) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = size * RATIO;
  const c = canvas.getContext("2d");
  c.scale(RATIO, RATIO);
  return c;
}

function pin(state) {
  const c = canvasOf(24);
  c.beginPath();
  if (state === "open") c.rect(6, 6, 12, 12);
  else { c.moveTo(4, 13); c.lineTo(10, 19); c.lineTo(21, 5); }
  c.lineJoin = c.lineCap = "round";
  c.strokeStyle = colour("paper");
  c.lineWidth = state === "open" ? 3 : 8;
  c.stroke();
  c.fillStyle = colour("accent");
  c.strokeStyle = colour("ok");
  c.lineWidth = 4;
  if (state === "open") c.fill(); else c.stroke();
  return c.getImageData(0, 0, c.canvas.width, c.canvas.height);
}

function cluster(n) {
  const r = Math.min(26, 12 + 4.5 * Math.log10(n + 1));
  const c = canvasOf(Math.ceil(2 * r + 4));
  c.translate(r + 2, r + 2);
  c.beginPath();
  c.arc(0, 0, r, 0, 7);
  c.fillStyle = colour("ink");
  c.strokeStyle = colour("paper");
  c.lineWidth = 2;
  c.fill();
  c.stroke();
  c.fillStyle = colour("paper");
  c.font = `600 ${n > 9999 ? 10 : 12}px sans-serif`;
  c.textAlign = "center";
  c.textBaseline = "middle";
  c.fillText(n > 9999 ? `${Math.round(n / 1000)}k` : n, 0, 1);
  return c.getImageData(0, 0, c.canvas.width, c.canvas.height);
}

function imageOf(properties) {
  const name = properties.n ? `n-${properties.n}` : properties.s;
  if (!map.hasImage(name)) map.addImage(name, properties.n ? cluster(properties.n) : pin(name), { pixelRatio: RATIO });
  return name;
}

const column = (lon, z) => Math.floor(((lon + 180) / 360) * 2 ** z);
const row = (lat, z) => Math.floor(((1 - Math.asinh(Math.tan((lat * Math.PI) / 180)) / Math.PI) / 2) * 2 ** z);

async function fetchTile(name) {
  const answer = await fetch(`/p/map/tiles/${name}.json${given.query}`).catch(() => null);
  return answer?.ok ? (await answer.json()).features : null;
}

async function moved() {
  const z = Math.min(ZOOMS[1], Math.max(ZOOMS[0], Math.floor(map.getZoom())));
  const bounds = map.getBounds();
  const wanted = [];
  for (let x = column(bounds.getWest(), z); x <= column(bounds.getEast(), z); x += 1) {
    for (let y = row(bounds.getNorth(), z); y <= row(bounds.getSouth(), z); y += 1) wanted.push(`${z}/${x}/${y}`);
  }
  if (wanted.length > MOST_TILES) return;
  await Promise.all(wanted.filter((name) => !kept.has(name)).map(async (name) => {
    const features = await fetchTile(name);
    if (features) kept.set(name, features);
  }));
  const features = wanted.flatMap((name) => kept.get(name) ?? []);
  features.forEach((f) => { f.properties.image = imageOf(f.properties); });
  map.getSource("cases").setData({ type: "FeatureCollection", features });
  root.dataset.shown = features.length;
}

function tell(properties) {
  const link = document.createElement("a");
  link.className = "cw-tap";
  if (properties.n) {
    card.textContent = `${properties.n} · ${given.open} ${properties.open} `;
    link.href = `/p/cases/?at=${properties.at}`;
    link.textContent = given.list;
  } else {
    card.textContent = `${properties.what} · ${properties.s === "open" ? given.open : given.done} `;
    link.href = `/p/cases/${properties.id}/`;
    link.textContent = given.see;
  }
  card.append(link);
  card.hidden = false;
}

function style(outlines) {
  const empty = { type: "FeatureCollection", features: [] };
  const sources = { base: { type: "geojson", data: outlines }, cases: { type: "geojson", data: empty } };
  const layers = [{ id: "paper", type: "background", paint: { "background-color": colour("wash") } }];
  if (given.tianditu) {
    ["vec", "cva"].forEach((kind, i) => {
      const tiles = [...Array(8).keys()].map((n) => `https://t${n}.tianditu.gov.cn/${kind}_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER=${kind}&STYLE=default&TILEMATRIXSET=w&FORMAT=tiles&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}&tk=${given.tianditu}`);
      sources[`tdt${i}`] = { type: "raster", tiles, tileSize: 256, maxzoom: 18 };
      layers.push({ id: `tdt${i}`, type: "raster", source: `tdt${i}` });
    });
  }
  layers.push(
    { id: "areas", type: "fill", source: "base", paint: { "fill-color": colour("paper"), "fill-opacity": given.tianditu ? 0 : 0.7 } },
    { id: "borders", type: "line", source: "base", paint: { "line-color": colour("rule"), "line-width": 1 } },
    { id: "cases", type: "symbol", source: "cases", layout: { "icon-image": ["get", "image"], "icon-allow-overlap": true, "icon-ignore-placement": true } },
  );
  return { version: 8, sources, layers };
}

function boxOf(outlines) {
  const box = [180, 90, -180, -90];
  const walk = (c) => {
    if (typeof c[0] === "number") {
      box[0] = Math.min(box[0], c[0]); box[1] = Math.min(box[1], c[1]); box[2] = Math.max(box[2], c[0]); box[3] = Math.max(box[3], c[1]);
    } else c.forEach(walk);
  };
  outlines.features.forEach((f) => walk(f.geometry.coordinates));
  return box[0] < box[2] ? box : null;
}

async function start() {
  const [lib, outlines] = await Promise.all([import(given.maplibre), fetch("/p/map/base.geojson").then((answer) => answer.json())]);
  lib.setWorkerUrl(new URL(given.worker, location.href).href);
  map = new lib.Map({
    container: root, style: style(outlines), center: [Number(given.lon), Number(given.lat)], zoom: 11,
    attributionControl: false, dragRotate: false, pitchWithRotate: false, fadeDuration: 0, maxZoom: 18, cooperativeGestures: false,
  });
  map.touchZoomRotate.disableRotation();
  await new Promise((done) => map.once("load", done));
  const box = boxOf(outlines);
  if (box) map.fitBounds(box, { padding: 20, animate: false });
  map.on("click", "cases", (event) => {
    const feature = event.features[0];
    if (feature.properties.n && map.getZoom() < ZOOMS[1]) map.easeTo({ center: feature.geometry.coordinates, zoom: map.getZoom() + 2, animate: false });
    tell(feature.properties);
  });
  map.on("moveend", moved);
  await moved();
  root.dataset.ready = "1";
}

start().catch((fault) => {
  document.querySelector("[data-nomap]").hidden = false;
  root.hidden = true;
  console.warn(fault);
});
