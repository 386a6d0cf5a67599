// Quick case: photo, a few words, the kind offered from the words, the place from the phone or the nearest stop.
import { whereAmI } from "../photos.js";
import { h, quiet } from "./dom.js";
import { openDraft } from "./draft.js";
import { metres } from "./map.js";
import { keepRecord } from "./queue.js";
import { shotBox, shownFiles } from "./shotbox.js";
import { t } from "./words.js";

const UNDO_MS = 5000;
const NEAR_M = 200;

// The kinds whose keywords stand in the words, most of them first.
export function offered(kinds, words) {
  const list = (kind) => (Array.isArray(kind.keywords) ? kind.keywords : String(kind.keywords ?? "").split(/[\s,，、;；]+/)).filter(Boolean);
  const score = (kind) => [...list(kind), kind.name].filter((word) => words.includes(word)).reduce((sum, word) => sum + word.length, 0);
  return kinds.map((kind) => [score(kind), kind]).filter(([n]) => n > 0).sort((a, b) => b[0] - a[0]).slice(0, 3).map(([, kind]) => kind);
}

const sitesOf = (day) => [...new Map(day.data.visits.map((visit) => [visit.place.code, visit.place])).values()];

export function nearest(places, point) {
  const far = places.filter((place) => place.lon !== null).map((place) => [metres(place, point), place]).sort((a, b) => a[0] - b[0]);
  return far.length && far[0][0] <= NEAR_M ? far[0][1] : null;
}

function kindField(app, page, paints) {
  const { kinds } = app.day.data;
  const picks = h("div.cw-picks", { role: "group", "aria-label": t("类别") });
  const choose = (code) => { page.draft.change((given) => { given.kind = given.kind === code ? "" : code; }); page.changed(); };
  const other = h("select.form-select", { "aria-label": t("其他类别"), onchange: () => choose(other.value) }, h("option", { value: "" }, t("其他…")), ...kinds.map((kind) => h("option", { value: kind.code }, kind.name)));
  function paint() {
    const { kind, what } = page.draft.given;
    const found = offered(kinds, what ?? "");
    const chosen = kinds.find((one) => one.code === kind);
    const all = chosen && !found.includes(chosen) ? [chosen, ...found] : found;
    picks.replaceChildren(...all.map((one) => h("button.btn", { type: "button", "aria-pressed": String(one.code === kind), onclick: () => choose(one.code) }, one.name)), other);
    other.value = "";
  }
  paints.push(paint);
  return h("div.cw-field", {}, h("span.cw-label", {}, t("类别"), quiet(t("按文字建议，可不选"))), picks);
}

function placeField(app, page, paints) {
  const sites = sitesOf(app.day);
  const site = h("select.form-select", { "aria-label": t("点位"), onchange: () => page.draft.change((given) => { given.site = site.value; }) }, h("option", { value: "" }, t("不在清单的点位上")), ...sites.map((place) => h("option", { value: place.code }, place.name)));
  const address = h("input.form-control.cw-mt", { maxlength: 120, "aria-label": t("位置说明"), placeholder: t("路口、门牌、旁边有什么"), oninput: () => page.draft.type("address", (given) => { given.address = address.value.trim(); }) });
  const told = quiet();
  async function locate() {
    told.textContent = t("在取位置…");
    const found = await whereAmI();
    if (!found) { told.textContent = t("没有取到位置，选点位或写几个字。"); return; }
    const point = { lon: Number(found.coords.longitude.toFixed(7)), lat: Number(found.coords.latitude.toFixed(7)), accuracy_m: Math.round(found.coords.accuracy) };
    const near = nearest(sites, point);
    page.draft.change((given) => { Object.assign(given, point); if (near && !given.site) given.site = near.code; });
    page.changed();
  }
  function paint() {
    const { given } = page.draft;
    site.value = given.site ?? "";
    if (document.activeElement !== address) address.value = given.address ?? "";
    told.textContent = given.lon ? t("已取位置 · 精度 ±%(m)s 米", { m: given.accuracy_m }) : t("拍照时取位置");
  }
  paints.push(paint);
  return h("div.cw-field", {}, h("span.cw-label", {}, t("位置"), told), site, address, h("button.btn.cw-mt", { type: "button", onclick: locate }, t("取现在的位置")));
}

// The record's own place: what was asked for, else that of its first photo.
function placed(given, files) {
  if (given.lon) return { lon: given.lon, lat: given.lat, accuracy_m: given.accuracy_m, datum: "wgs84" };
  const photo = files.find((file) => file.lon);
  return photo ? { lon: photo.lon, lat: photo.lat, accuracy_m: photo.accuracy_m, datum: photo.datum } : {};
}

async function keep(app, page, look) {
  const { draft } = page;
  await Promise.allSettled([...page.pending]);
  if ((draft.given.what ?? "").length < 2) return app.say(t("写几个字说是什么问题。"), { bad: true });
  if (!draft.given.site && !draft.given.address && !draft.given.lon) await Promise.allSettled([...page.placing]);
  await draft.settle();
  const { what, kind, site, address } = draft.given;
  const point = placed(draft.given, await draft.files());
  if (!site && !address && !point.lon) return app.say(t("说明在哪里：取位置、选点位，或写几个字。"), { bad: true });
  const given = { what, kind: kind || null, site: site || null, address: address ?? "", ...point, ...(look ? { look } : {}) };
  const row = await keepRecord(app.db, { person: app.person.id, kind: "report", given, title: what, draft: draft.key, hold_ms: UNDO_MS });
  app.kept(row);
  return app.go(look ? "#/patrol" : "#/");
}

export async function casePage(app, key) {
  const look = app.day.data.looks.find((one) => one.key === key) ?? null;
  const draft = await openDraft(app.db, app.person.id, `case:${look ? look.key : ""}`, { dropped: [], address: look ? look.name : "" });
  const paints = [];
  const page = { app, draft, files: await draft.files(), pending: new Set(), placing: new Set(), changed: () => paints.forEach((paint) => paint()) };
  const box = shotBox(page, { role: "found", most: app.day.data.limits.photos.report });
  paints.push(box.paint);
  const what = h("input.form-control", { id: "what", maxlength: 200, autocomplete: "off", oninput: () => { draft.type("what", (given) => { given.what = what.value.trim(); }); page.changed(); } });
  paints.push(() => { if (document.activeElement !== what) what.value = draft.given.what ?? ""; });
  const fields = [kindField(app, page, paints), placeField(app, page, paints)];
  page.changed();
  return {
    title: t("录入案件"), aside: quiet(t("没网也能报")), back: look ? "#/patrol" : "#/",
    main: [draft.why ? h("p.cw-bad", { role: "alert" }, t("没有收下：%(why)s", { why: draft.why })) : "", h("div.cw-field", {}, box.node), h("div.cw-field", {}, h("label", { for: "what" }, t("什么问题")), what), ...fields],
    foot: [h("button.btn", { type: "button", onclick: () => { draft.undo(); page.changed(); } }, t("撤销一步")), h("button.btn.btn-primary", { type: "button", onclick: () => app.guard(() => keep(app, page, look?.key)) }, t("存好"))],
  };
}
