// 巡查: what to look at today, one tap when all is well, a quick case when not.
import { h, quiet } from "./dom.js";
import { keepRecord, outbox } from "./queue.js";
import { t } from "./words.js";

const UNDO_MS = 5000;

// Looks taken on this phone that the day of the server does not count yet.
async function taken(app) {
  const found = new Map();
  for (const row of await outbox(app.db, app.person.id)) {
    const key = row.kind === "patrol" ? row.given.key : row.given.look;
    if (!key || (row.settled_at && row.settled_at < app.day.got_at)) continue;
    found.set(key, (found.get(key) ?? 0) + 1);
  }
  return found;
}

function line(app, look, here) {
  const done = look.done + here;
  const fine = async () => {
    const row = await keepRecord(app.db, { person: app.person.id, kind: "patrol", given: { key: look.key, is_fine: true, note: "" }, title: look.name, hold_ms: UNDO_MS });
    app.kept(row);
    app.show();
  };
  return h("li", {}, h("span.cw-shape", { "data-s": done >= look.wanted ? "done" : done ? "doing" : "new" }), h("div", {}, h("b", {}, look.name),
    quiet([look.where, t("今天 %(n)s/%(of)s 次", { n: done, of: look.wanted })].filter(Boolean).join(" · ")), look.points.length ? quiet(t("看：%(what)s", { what: look.points.join("、") })) : "",
    h("div.cw-acts.cw-mt", {}, h("button.btn.btn-sm", { type: "button", onclick: () => app.guard(fine) }, t("都正常")), h("a.btn.btn-sm", { href: `#/case/${encodeURIComponent(look.key)}` }, t("有问题…")))));
}

export async function patrolPage(app) {
  const { looks } = app.day.data;
  const here = await taken(app);
  const done = looks.filter((look) => look.done + (here.get(look.key) ?? 0) >= look.wanted).length;
  return {
    title: t("今天的巡查"), aside: quiet(`${done}/${looks.length}`), tab: "today",
    main: [h("p.cw-line", {}, t("只记看了什么，不签到，不传轨迹。")),
      looks.length ? h("ol.cw-stops.cw-looks", {}, ...looks.map((look) => line(app, look, here.get(look.key) ?? 0))) : h("p.cw-empty", {}, h("b", {}, t("今天没有要看的。")), t("看到问题就录入。"))],
  };
}
