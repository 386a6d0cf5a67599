// The stops on a plain drawing: works without tiles and without network. North is up, one scale both ways.
import { h, quiet, svg } from "./dom.js";
import { shapeOf } from "./receipt.js";
import { recordsOf } from "./stops.js";
import { t } from "./words.js";

const WIDTH = 358;
const HEIGHT = 420;
const EDGE = 28;
const DEGREE_M = 111_320;

// Metres between two points {lon, lat}; flat, good enough within a city.
export function metres(a, b) {
  const x = (a.lon - b.lon) * Math.cos(((a.lat + b.lat) / 2) * (Math.PI / 180));
  return Math.hypot(x, a.lat - b.lat) * DEGREE_M;
}

// A function from {lon, lat} to [x, y], and the metres of one unit.
export function frame(points) {
  const [west, east] = [Math.min(...points.map((p) => p.lon)), Math.max(...points.map((p) => p.lon))];
  const [south, north] = [Math.min(...points.map((p) => p.lat)), Math.max(...points.map((p) => p.lat))];
  const narrow = Math.cos(((south + north) / 2) * (Math.PI / 180));
  const unit = Math.max(((east - west) * narrow) / (WIDTH - 2 * EDGE), (north - south) / (HEIGHT - 2 * EDGE), 1e-6); // degrees
  const [midX, midY] = [(west + east) / 2, (south + north) / 2];
  return { at: (p) => [WIDTH / 2 + ((p.lon - midX) * narrow) / unit, HEIGHT / 2 - (p.lat - midY) / unit], metres: unit * DEGREE_M };
}

// A round length for the scale, about a quarter of the width.
function scaleLength(unit) {
  const most = (WIDTH / 4) * unit;
  const ten = 10 ** Math.floor(Math.log10(most));
  return [5, 2, 1].map((n) => n * ten).find((n) => n <= most);
}

function scale(unit) {
  const length = scaleLength(unit);
  const text = length >= 1000 ? t("%(n)s 千米", { n: length / 1000 }) : t("%(n)s 米", { n: length });
  return [svg("line.cw-mapscale", { x1: 12, x2: 12 + length / unit, y1: HEIGHT - 12, y2: HEIGHT - 12 }), svg("text", { x: 12, y: HEIGHT - 18 }, text)];
}

function pin([x, y], { href, label, name, shape, square }) {
  const body = square ? svg("rect.cw-pin", { x: x - 8, y: y - 8, width: 16, height: 16, "data-s": shape }) : svg("circle.cw-pin", { cx: x, cy: y, r: 11, "data-s": shape });
  return svg("a", { href, "aria-label": name }, svg("circle.cw-pinhit", { cx: x, cy: y, r: 22 }), body, svg("text.cw-pin-n", { x, y: y + 4 }, label));
}

export async function mapPage(app) {
  const records = await recordsOf(app);
  const stops = app.day.data.visits.map((visit, i) => {
    const row = records.get(visit.uid);
    const shape = row ? shapeOf(row)[0] : visit.state === "planned" ? "open" : "done";
    return { ...visit.place, href: `#/visit/${visit.uid}`, label: String(i + 1), name: `${i + 1} ${visit.place.name}`, shape };
  });
  const rechecks = app.day.data.rechecks.map((one) => ({ lon: one.lon, lat: one.lat, href: `#/recheck/${one.number}`, label: t("复"), name: one.what, shape: "again", square: true }));
  const placed = [...rechecks, ...stops].filter((one) => one.lon !== null && one.lon !== undefined);
  const without = stops.length + rechecks.length - placed.length;
  if (!placed.length) return { title: t("地图"), tab: "map", main: [h("p.cw-empty", {}, h("b", {}, t("今天的点位都没有坐标。")), t("在点位页补上坐标，地图上就有了。"))] };
  const { at, metres: unit } = frame(placed);
  const route = stops.filter((one) => one.lon !== null).map((one) => at(one).map((n) => n.toFixed(1)).join(",")).join(" ");
  const drawing = svg("svg.cw-map.cw-fieldmap", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "group", "aria-label": t("今天的点位") },
    svg("polyline.cw-route", { points: route }), ...placed.map((one) => pin(at(one), one)), ...scale(unit));
  return {
    title: t("地图"), tab: "map",
    main: [h("p.cw-line", {}, t("按路线连线，上北下南；没网也能看。")), drawing, without ? h("p.cw-line", {}, quiet(t("%(n)s 处没有坐标，不在图上。", { n: without }))) : "",
      h("ol.cw-stops", {}, ...stops.map((one) => h("li", {}, h("span.cw-num", {}, one.label), h("a.cw-ink", { href: one.href }, h("b", {}, one.name.slice(one.label.length + 1)), one.address ? quiet(one.address) : ""), "")))],
  };
}
