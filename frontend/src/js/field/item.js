// One check item: what can be tapped, and what a wrong one asks for.
import { h } from "./dom.js";
import { shotBox, shownFiles } from "./shotbox.js";
import { t } from "./words.js";

export const RIGHT = "1";
const WRONG = "0";
const NOT_HERE = "3";

// What 其余都合格 fills in: the best band where there are bands.
export const best = (item) => (item.bands.length ? `band:${item.bands[0]}` : RIGHT);
const isWrong = (item, value) => Boolean(value) && value !== NOT_HERE && value !== best(item);

const choicesOf = (item) => (item.bands.length
  ? [...item.bands.map((band) => [`band:${band}`, band, ""]), [NOT_HERE, t("不适用"), ""]]
  : [[RIGHT, t("合格"), "done"], [WRONG, t("不合格"), "fail"], [NOT_HERE, t("不适用"), ""]]);

// The item as the server reads it, or null when it was left open.
export function seenOf(item, answer) {
  if (!answer?.v) return null;
  const seen = { item: item.id, note: answer.note ?? "" };
  if (answer.v.startsWith("band:")) seen.band = answer.v.slice(5);
  else seen.result = Number(answer.v);
  const count = Number.parseInt(answer.count ?? item.count, 10);
  if (item.count_label && isWrong(item, answer.v) && Number.isFinite(count)) seen.count = count;
  return seen;
}

// `page`: {app, draft, files, pending, changed()}.
export function itemNode(page, item, n, most) {
  const answer = () => page.draft.given.answers[item.id] ?? {};
  const name = `item-${item.id}`;
  let noting = false;
  let box = null;

  function tap(value) {
    page.draft.change((given) => {
      const old = given.answers[item.id] ?? {};
      given.answers[item.id] = { ...old, v: old.v === value ? "" : value };
    });
    page.changed();
  }
  const buttons = choicesOf(item).map(([value, label, shape]) => h("button.btn", { type: "button", "data-v": value, "data-s": shape || null, "aria-pressed": "false", onclick: () => tap(value) }, label));

  const note = h("textarea.form-control.cw-mt", {
    rows: 2, maxlength: 200, "aria-label": t("第 %(n)s 项的说明", { n }), placeholder: t("哪里、什么样，几个字"), value: answer().note ?? "",
    oninput: () => page.draft.type(`note-${item.id}`, (given) => { given.answers[item.id] = { ...given.answers[item.id], note: note.value.trim() }; }),
  });
  const count = item.count_label ? h("input.form-control.cw-count", {
    type: "number", inputmode: "numeric", min: 0, max: 9999, value: answer().count ?? item.count ?? "",
    oninput: () => page.draft.type(`count-${item.id}`, (given) => { given.answers[item.id] = { ...given.answers[item.id], count: count.value }; }),
  }) : null;
  const counting = count ? h("label.cw-line.cw-tap", {}, item.count_label, count) : null;
  const more = h("div", { hidden: true });
  const margin = h("button.cw-margin-note", { type: "button", "aria-expanded": "false", "aria-label": t("第 %(n)s 项的边注", { n }), onclick: () => { noting = true; paint(); note.focus(); } }, t("边注"));

  function paint() {
    const { v, note: words } = answer();
    const wrong = isWrong(item, v);
    buttons.forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.v === (v || "-"))));
    if (document.activeElement !== note) note.value = words ?? "";
    const has = shownFiles(page).some((file) => file.item === item.id);
    if ((wrong || has) && !box) {
      box = shotBox(page, { role: "found", item: item.id, most, label: t("第 %(n)s 项拍照", { n }) });
      more.append(...[counting, box.node].filter(Boolean));
    }
    if ((wrong || has || noting || words) && !note.isConnected) more.append(note);
    box?.paint();
    if (counting) counting.hidden = !wrong;
    if (box) box.node.hidden = !(wrong || has);
    more.hidden = !(wrong || has || noting || words);
    margin.hidden = wrong || has;
    margin.setAttribute("aria-expanded", String(!more.hidden));
  }
  const node = h("li.cw-q", { id: name }, h("div.cw-qline", {}, h("p", { id: `${name}-text` }, `${n}. ${item.text}`), margin),
    h(item.bands.length ? "div.cw-bands" : "div.cw-tri", { role: "group", "aria-labelledby": `${name}-text` }, ...buttons), more);
  paint();
  return { node, paint };
}
