// 复看: the earlier photo laid over the camera picture, then pass or return.
import { canFilm, camera } from "./camera.js";
import { h, quiet } from "./dom.js";
import { openDraft } from "./draft.js";
import { keepRecord, outbox, reopenRecord } from "./queue.js";
import { keptLine } from "./receipt.js";
import { shotBox, shownFiles } from "./shotbox.js";
import { keepShot, lend } from "./shots.js";
import { stands } from "./stops.js";
import { swipe } from "./swipe.js";
import { clock, t } from "./words.js";

const UNDO_MS = 5000;

async function photos(app, list) {
  const rows = await Promise.all(list.map((photo) => app.db.earlier.get([app.person.id, photo.url])));
  return rows.map((row, i) => (row ? { src: lend(row), at: list[i].taken_at } : null)).filter(Boolean);
}

function pictures(title, shots, all) {
  const missing = all - shots.length;
  return shots.map((shot, i) => h("figure", {}, h("img", { src: shot.src, alt: `${title} ${i + 1}` }), h("figcaption", {}, h("b", {}, title), shot.at ? clock(shot.at) : "")))
    .concat(missing > 0 ? [h("p.cw-quiet", {}, t("%(what)s还有 %(n)s 张没存到手机。", { what: title, n: missing }))] : []);
}

async function keep(app, page, one, step, note) {
  await Promise.allSettled([...page.pending]);
  const words = note.value.trim();
  if (step.needs_reason && !words) {
    app.say(t("写明理由，责任单位照着改。"), { bad: true });
    return note.focus();
  }
  await page.draft.settle();
  const given = { number: one.number, step: step.code, note: words, reason: words };
  const row = await keepRecord(app.db, { person: app.person.id, kind: "recheck", given, title: `${step.label} · ${one.what}`, draft: page.draft.key, hold_ms: UNDO_MS });
  app.kept(row);
  return app.go("#/");
}

// The live picture with the earlier one over it where the phone has a camera for pages; a plain file input always.
function shooting(app, page, before) {
  const box = shotBox(page, { role: "check", label: t("复看拍照") });
  page.paints.push(box.paint);
  const laid = h("div.cw-mt");
  page.paints.push(() => {
    const last = shownFiles(page).filter((file) => file.role === "check").pop();
    laid.replaceChildren(before.length && last ? swipe(before[0].src, lend(last)) : "");
  });
  if (!before.length || !canFilm()) return { nodes: [box.node, laid], stop: () => {} };
  const live = camera(before[0].src, async (file) => {
    const work = keepShot(app.db, { person: app.person.id, draft: page.draft.key, role: "check", file });
    page.pending.add(work);
    const kept = await work.finally(() => page.pending.delete(work));
    page.files.push(kept.row);
    page.changed();
  }, app);
  return { nodes: [live.node, box.node, laid], stop: live.stop };
}

export async function recheckPage(app, number) {
  const one = app.day.data.rechecks.find((row) => row.number === number);
  const row = (await outbox(app.db, app.person.id)).find((kept) => kept.kind === "recheck" && kept.given.number === number && stands(app, kept));
  if (row) {
    const again = async () => { if (await reopenRecord(app.db, row.uid)) app.show(); else app.say(t("已经在送，改不了。")); };
    return { title: row.title, main: [keptLine(row), row.state === "refused" || row.tries === 0 ? h("p.cw-mt", {}, h("button.btn", { type: "button", onclick: again }, t("打开再改"))) : ""] };
  }
  if (!one) return { title: t("没有这一件"), main: [h("p.cw-empty", {}, h("b", {}, t("要复看的里面没有这一件。")), t("更新清单再看。"))] };
  const draft = await openDraft(app.db, app.person.id, `recheck:${number}`, { dropped: [], note: "" });
  const page = { app, draft, files: await draft.files(), pending: new Set(), placing: new Set(), paints: [], changed: () => page.paints.forEach((paint) => paint()) };
  const [before, after] = [await photos(app, one.before), await photos(app, one.after)];
  const shots = shooting(app, page, before);
  page.changed();
  const note = h("textarea.form-control", { rows: 2, maxlength: 500, "aria-label": t("说明"), placeholder: t("看到什么，几个字"), value: draft.given.note, oninput: () => draft.type("note", (given) => { given.note = note.value.trim(); }) });
  const steps = one.steps.map((step, i) => h(i ? "button.btn" : "button.btn.btn-primary", { type: "button", onclick: () => app.guard(() => keep(app, page, one, step, note)) }, step.label));
  return {
    title: t("复看"), aside: quiet(one.state_label), leave: shots.stop,
    main: [h("p.cw-lead", {}, h("b", {}, one.what)), draft.why ? h("p.cw-bad", { role: "alert" }, t("没有收下：%(why)s", { why: draft.why })) : "", h("p.cw-line", {}, one.address, one.due ? h("span.cw-right", {}, t("限 %(at)s", { at: clock(one.due) })) : ""),
      h("div.cw-pair", {}, ...pictures(t("整改前"), before, one.before.length), ...pictures(t("整改后"), after, one.after.length)), ...shots.nodes, h("div.cw-mt", {}, note)],
    foot: steps.reverse(),
  };
}
