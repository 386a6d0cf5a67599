// What became of a record, in one line: its shape, its word, its receipt.
import { h, quiet, state } from "./dom.js";
import { clock, t } from "./words.js";

const WORDS = () => ({ waiting: ["new", t("未送")], kept: ["done", t("有回执")], aside: ["hold", t("另存")], refused: ["fail", t("要改")] });
export const shapeOf = (row) => (row.state === "waiting" && row.tries && !row.why ? ["doing", t("在送")] : WORDS()[row.state]);

export function keptLine(row) {
  const [shape, word] = shapeOf(row);
  const { receipt } = row;
  return h("div", {}, h("p.cw-line", {}, state(shape, word), quiet(t("%(at)s 存手机", { at: clock(row.at) }))),
    receipt ? h("p.cw-quiet", {}, t("回执 %(hash)s · %(at)s", { hash: receipt.hash.slice(0, 8), at: clock(receipt.at) }), receipt.number ? ` · ${receipt.number}` : "") : "",
    row.why ? h("p", { class: row.state === "refused" ? "cw-bad" : "cw-quiet" }, row.why) : "");
}
