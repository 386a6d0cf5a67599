// 没去成: a stop that could not be visited, with the reason.
import { h } from "./dom.js";
import { keepRecord } from "./queue.js";
import { nextStop, recordsOf } from "./stops.js";
import { t } from "./words.js";

const UNDO_MS = 5000;

export async function skipPart(app, visit) {
  const draft = `skip:${visit.uid}`;
  const half = await app.db.drafts.get([app.person.id, draft]);
  const why = h("input.form-control", { maxlength: 200, value: half?.given.why ?? "", "aria-label": t("没去成的原因"), placeholder: t("闭店、施工、找不到") });
  async function keep() {
    const words = why.value.trim();
    if (!words) return app.say(t("写明为什么没去成。"), { bad: true });
    const row = await keepRecord(app.db, { person: app.person.id, kind: "skip", given: { visit: visit.uid, why: words }, title: visit.place.name, draft, hold_ms: UNDO_MS });
    app.kept(row);
    const next = nextStop(app.day, await recordsOf(app), visit.uid);
    return app.go(next ? `#/visit/${next.uid}` : "#/");
  }
  const pick = (text) => h("button.btn", { type: "button", onclick: () => { why.value = text; } }, text);
  return h("details.cw-more", { open: Boolean(half) }, h("summary.cw-tap", {}, t("没去成…")),
    h("div.cw-picks", {}, pick(t("闭店")), pick(t("施工")), pick(t("找不到"))), h("div.cw-mt", {}, why),
    h("button.btn.cw-mt", { type: "button", onclick: () => app.guard(keep) }, t("记为没去成")));
}
