// Today: the stops in the order of the route with what became of each, rechecks, looks, and what is still unsent.
import { h, quiet, section, state } from "./dom.js";
import { shapeOf } from "./receipt.js";
import { recordsOf, stands } from "./stops.js";
import { isUnsent, outbox } from "./queue.js";
import { clock, megabytes, t } from "./words.js";

// 已存手机 08:12 · 22 处 · 12 张旧照片, and what is still loading.
export function storedLine(app) {
  const { day, earlier } = app;
  const parts = [t("已存手机 %(at)s", { at: clock(day.got_at) })];
  if (day.data.visits.length) parts.push(t("%(n)s 处", { n: day.data.visits.length }));
  if (earlier.all) parts.push(earlier.have < earlier.all ? t("旧照片 %(have)s/%(all)s", earlier) : t("%(all)s 张旧照片", earlier));
  const online = app.online ? state("done", t("在线")) : state("hold", t("离线"));
  return h("p.cw-line", { id: "stored" }, online, h("span", {}, parts.join(" · ")), h("button.cw-link.cw-right.cw-tap", { type: "button", onclick: () => app.refresh(true) }, t("更新清单")));
}

// A wrong clock is said; the server sets the times right by it.
function clockLine(app) {
  const minutes = Math.round((app.day.skew_ms ?? 0) / 60_000);
  if (Math.abs(minutes) < 2) return "";
  return h("p.cw-line", {}, minutes > 0 ? t("手机的钟快 %(n)s 分，记录的时间会按服务器的钟改正。", { n: minutes }) : t("手机的钟慢 %(n)s 分，记录的时间会按服务器的钟改正。", { n: -minutes }));
}

function stop(app, visit, row, half, n) {
  const list = app.day.data.checklists[visit.checklist] ?? { name: "", items: [] };
  const answered = half ? Object.values(half.given.answers ?? {}).filter((one) => one.v).length : 0;
  const [shape, word] = row ? shapeOf(row) : visit.state === "done" ? ["done", t("已送")] : visit.state === "skipped" ? ["void", t("没去成")] : [answered ? "doing" : "new", String(n)];
  const facts = [list.name, t("%(n)s 项", { n: list.items.length }), answered && !row ? t("已查 %(n)s 项", { n: answered }) : "", visit.is_second ? t("复评") : ""];
  return h("li", {}, h("span.cw-shape", { "data-s": shape }), h("a.cw-ink", { href: `#/visit/${visit.uid}` }, h("b", {}, visit.place.name), quiet(facts.filter(Boolean).join(" · "))), quiet(word));
}

async function rounds(app, records) {
  const halves = new Map((await app.db.drafts.where({ person: app.person.id }).toArray()).map((half) => [half.key, half]));
  return app.day.data.rounds.map((round) => {
    const visits = app.day.data.visits.filter((one) => one.round === round.number);
    const done = visits.filter((one) => one.state !== "planned" || records.has(one.uid)).length;
    const title = `${round.name} ${done}/${visits.length}`;
    const rows = visits.map((visit, i) => stop(app, visit, records.get(visit.uid), halves.get(`visit:${visit.uid}`), i + 1));
    return section(title, round.is_hidden ? quiet(t("保密，不外传")) : null, h("ol.cw-stops", {}, ...rows));
  });
}

function rechecks(app, rows) {
  const { rechecks: all } = app.day.data;
  if (!all.length) return "";
  const row = (one) => {
    const record = rows.find((kept) => kept.kind === "recheck" && kept.given.number === one.number && stands(app, kept));
    const late = one.due && Date.parse(one.due) < Date.now();
    const end = record ? quiet(shapeOf(record)[1]) : one.due ? h("span.cw-due", { "data-d": late ? "late" : null }, clock(one.due)) : quiet(one.state_label);
    return h("li", {}, h("span.cw-shape", { "data-s": record ? shapeOf(record)[0] : "check" }), h("a.cw-ink", { href: `#/recheck/${one.number}` }, h("b", {}, one.what), quiet(one.address)), end);
  };
  return section(t("复看 %(n)s 件", { n: all.length }), quiet(t("先看原照片再拍")), h("ol.cw-stops", {}, ...all.map(row)));
}

const looks = (app) => (app.day.data.looks.length ? section(t("巡查"), null, h("p.cw-line", {}, t("今天要看 %(n)s 处", { n: app.day.data.looks.length }), h("a.cw-right.cw-tap", { href: "#/patrol" }, t("去看")))) : "");

async function unsent(app, rows) {
  const open = rows.filter(isUnsent);
  if (!open.length) return "";
  const files = open.flatMap((row) => row.files);
  const bytes = files.reduce((sum, file) => sum + file.size, 0);
  return section(t("未送 %(n)s 条", { n: open.length }), h("a.cw-tap", { href: "#/outbox" }, t("逐条看")),
    h("p.cw-line", {}, files.length ? t("照片和录音 %(n)s 个（%(size)s）。有网自动送；没有回执的不能删。", { n: files.length, size: megabytes(bytes) }) : t("有网自动送；没有回执的不能删。")));
}

export async function todayPage(app) {
  const rows = await outbox(app.db, app.person.id);
  const parts = await rounds(app, await recordsOf(app));
  const { visits, rechecks: cases, looks: places } = app.day.data;
  const none = visits.length + cases.length + places.length ? "" : h("p.cw-empty", {}, h("b", {}, t("今天没有派给你的考察。")), t("轮次开始后，点位会按路线排在这里。"));
  return {
    title: t("今天"), aside: quiet(app.person.name), tab: "today", isHome: true,
    main: [storedLine(app), clockLine(app), none, ...parts, rechecks(app, rows), looks(app), await unsent(app, rows)],
  };
}
