// One stop: its checklist, one tap an item; kept on the phone and on to the next.
import { h, quiet, section } from "./dom.js";
import { openDraft } from "./draft.js";
import { best, itemNode, seenOf } from "./item.js";
import { keepRecord, reopenRecord } from "./queue.js";
import { skipPart } from "./skip.js";
import { nextStop, recordsOf, visitOf } from "./stops.js";
import { keptLine } from "./receipt.js";
import { t } from "./words.js";

const UNDO_MS = 5000; // a record stays here so long that a slip of the thumb can be taken back

// Where a stop was recorded already: what became of it, and back to the page while that is possible.
function recorded(app, visit, row) {
  const again = async () => {
    if (await reopenRecord(app.db, row.uid)) app.show();
    else app.say(t("已经在送，改不了；要改由轮次制定人重开。"));
  };
  return { title: visit.place.name, main: [keptLine(row), row.state === "refused" || row.tries === 0 ? h("p.cw-mt", {}, h("button.btn", { type: "button", onclick: again }, t("打开再改"))) : ""] };
}

// Recorded at the desk or on another phone.
const sent = (visit) => ({
  title: visit.place.name,
  main: [h("p.cw-empty", {}, h("b", {}, visit.state === "done" ? t("这一处已经记过。") : t("这一处记为没去成。")), h("a.cw-tap", { href: `/visits/${visit.uid}/` }, t("有网时看记录")))],
});

function headOf(visit, round, draft) {
  const { before } = visit;
  return [
    draft.why ? h("p.cw-bad", { role: "alert" }, t("没有收下：%(why)s", { why: draft.why })) : "",
    h("p.cw-line", {}, [round.name, visit.is_second ? t("复评，照自己看到的记") : "", t("清单已存手机")].filter(Boolean).join(" · ")),
    before && !visit.is_second ? h("details.cw-more", {}, h("summary.cw-tap", {}, t("上次 %(day)s：%(n)s 项不合格", { day: before.date ?? "", n: before.failed })), h("ul.cw-before", {}, ...before.items.map((text) => h("li", {}, text)))) : "",
  ];
}

// The sections of the list, in order; `nodes` collects what is to be painted again after undo.
function listOf(page, items, most, nodes) {
  const groups = [];
  items.forEach((item, i) => {
    if (groups[groups.length - 1]?.[0] !== item.group) groups.push([item.group, []]);
    const one = itemNode(page, item, i + 1, most);
    nodes.push(one);
    groups[groups.length - 1][1].push(one.node);
  });
  return groups.map(([name, part]) => section(name, quiet(t("%(n)s 项", { n: part.length })), h("ol", {}, ...part)));
}

function acceptance(page, nodes) {
  const choose = (value) => { page.draft.change((given) => { given.accepted = given.accepted === value ? null : value; }); page.changed(); };
  const buttons = [[true, t("通过")], [false, t("不通过")]].map(([value, label]) => [value, h("button.btn", { type: "button", onclick: () => choose(value) }, label)]);
  const paint = () => buttons.forEach(([value, button]) => button.setAttribute("aria-pressed", String(page.draft.given.accepted === value)));
  nodes.push({ paint });
  paint();
  return section(t("验收结论"), null, h("div.cw-q", { id: "accepted" }, h("div.cw-bands", { role: "group", "aria-label": t("验收结论") }, ...buttons.map(([, button]) => button))));
}

function wholeNote(page, nodes) {
  const area = h("textarea.form-control", { rows: 2, maxlength: 300, "aria-label": t("整处说明"), oninput: () => page.draft.type("note", (given) => { given.note = area.value.trim(); }) });
  const paint = () => { if (document.activeElement !== area) area.value = page.draft.given.note ?? ""; };
  nodes.push({ paint });
  paint();
  return section(t("整处说明"), quiet(t("可不填")), area);
}

// What is still missing, as the place to go to and the sentence; null when all is there.
function missing(page, items, round) {
  const open = items.filter((item) => !page.draft.given.answers[item.id]?.v);
  if (open.length) return [`item-${open[0].id}`, t("还有 %(n)s 项没记，记了再存。", { n: open.length })];
  if (round.is_acceptance && typeof page.draft.given.accepted !== "boolean") return ["accepted", t("选验收通过或不通过。")];
  return null;
}

async function keep(app, page, visit, items) {
  await Promise.allSettled([...page.pending]);
  await page.draft.settle();
  const { answers, note, accepted } = page.draft.given;
  const given = { visit: visit.uid, seen: items.map((item) => seenOf(item, answers[item.id])), note: note ?? "", accepted: accepted ?? null, rest: false };
  const row = await keepRecord(app.db, { person: app.person.id, kind: "visit", given, title: visit.place.name, draft: page.draft.key, hold_ms: UNDO_MS });
  app.kept(row);
  const next = nextStop(app.day, await recordsOf(app), visit.uid);
  app.go(next ? `#/visit/${next.uid}` : "#/");
}

export async function visitPage(app, uid) {
  const visit = visitOf(app.day, uid);
  if (!visit) return { title: t("没有这一处"), main: [h("p.cw-empty", {}, h("b", {}, t("今天的清单里没有这一处。")), t("更新清单再看。"))] };
  const row = (await recordsOf(app)).get(uid);
  if (row) return recorded(app, visit, row);
  if (visit.state !== "planned") return sent(visit);
  const round = app.day.data.rounds.find((one) => one.number === visit.round);
  const { items } = app.day.data.checklists[visit.checklist] ?? { items: [] };
  const draft = await openDraft(app.db, app.person.id, `visit:${uid}`, { answers: {}, dropped: [] });
  const nodes = [];
  const count = quiet();
  const undo = h("button.btn", { type: "button", onclick: () => { draft.undo(); changed(); } }, t("撤销一步"));
  const page = { app, draft, files: await draft.files(), pending: new Set(), placing: new Set(), changed };
  function tell() {
    count.textContent = `${items.filter((item) => draft.given.answers[item.id]?.v).length}/${items.length}`;
    undo.setAttribute("aria-disabled", String(!draft.canUndo));
  }
  function changed() {
    nodes.forEach((one) => one.paint());
    tell();
  }
  const rest = () => { draft.change((given) => items.forEach((item) => { if (!given.answers[item.id]?.v) given.answers[item.id] = { ...given.answers[item.id], v: best(item) }; })); changed(); };
  const save = async () => {
    const hole = missing(page, items, round);
    if (!hole) return app.guard(() => keep(app, page, visit, items));
    app.say(hole[1], { bad: true });
    return document.getElementById(hole[0])?.scrollIntoView({ block: "center" });
  };
  const parts = items.length ? listOf(page, items, app.day.data.limits.photos.visit_item, nodes) : [h("p.cw-empty", {}, h("b", {}, t("这类点位没有检查项。")), t("告诉创建办给这类点位加上检查项。"))];
  tell();
  return {
    title: visit.place.name, aside: count,
    main: [...headOf(visit, round, draft), ...parts, round.is_acceptance ? acceptance(page, nodes) : "", wholeNote(page, nodes), await skipPart(app, visit)],
    foot: [undo, h("button.btn", { type: "button", onclick: rest }, t("其余合格")), h("button.btn.btn-primary", { type: "button", onclick: save }, t("存好，下一处"))],
  };
}
