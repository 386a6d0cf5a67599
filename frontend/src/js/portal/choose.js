// A small map to say where: loaded only when somebody taps 改位置. The cross stands still, the map moves under it.
let map;

// Tokens are plain colours in portal.css; MapLibre reads them as they are.
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

async function make(given, start) {
  const sheet = Object.assign(document.createElement("link"), { rel: "stylesheet", href: given.css });
  document.head.append(sheet);
  const [lib, base] = await Promise.all([import(given.maplibre), fetch(given.base).then((answer) => answer.json())]);
  lib.setWorkerUrl(new URL(given.maplibreWorker, location.href).href);
  const sources = { base: { type: "geojson", data: base } };
  const layers = [{ id: "paper", type: "background", paint: { "background-color": colour("--cw-wash") } }];
  if (given.tianditu) {
    for (const kind of ["vec", "cva"]) {
      const tiles = [0, 1, 2, 3].map((n) => `https://t${n}.tianditu.gov.cn/${kind}_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER=${kind}&STYLE=default&TILEMATRIXSET=w&FORMAT=tiles&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}&tk=${given.tianditu}`);
      sources[kind] = { type: "raster", tiles, tileSize: 256, maxzoom: 18 };
      layers.push({ id: kind, type: "raster", source: kind });
    }
  }
  const line = (kind, width, paint) => ({ id: kind, type: "line", source: "base", filter: ["==", ["get", "kind"], kind], paint: { "line-color": colour(paint), "line-width": width } });
  layers.push(line("street", 1, "--cw-rule"), line("city", 2, "--cw-rule"), line("road", ["interpolate", ["linear"], ["zoom"], 10, 1, 16, 7], "--cw-field"));
  map = new lib.Map({
    container: "map", style: { version: 8, sources, layers }, center: start ?? [Number(given.lon), Number(given.lat)], zoom: start ? 16 : 12,
    attributionControl: false, dragRotate: false, pitchWithRotate: false, fadeDuration: 0, maxZoom: 19,
  });
  map.touchZoomRotate.disableRotation();
  const cross = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  cross.setAttribute("viewBox", "-20 -20 40 40");
  cross.setAttribute("class", "cw-cross");
  cross.setAttribute("aria-hidden", "true");
  cross.innerHTML = '<path d="M-18 0H18M0-18V18"/><circle r="7"/>';
  map.getCanvasContainer().append(cross);
  await new Promise((done) => { map.once("load", done); });
}

// Resolves to the point ({lng, lat}, WGS-84 degrees) once 就在这里 is tapped.
export async function choose(given, box, start) {
  if (map) {
    map.resize();
    if (start) map.jumpTo({ center: start });
  } else await make(given, start);
  box.querySelector("[data-nearer]").onclick = () => map.zoomIn({ animate: false });
  box.querySelector("[data-farther]").onclick = () => map.zoomOut({ animate: false });
  box.dataset.ready = "1";
  return new Promise((done) => { box.querySelector("[data-take]").onclick = () => done(map.getCenter()); });
}
