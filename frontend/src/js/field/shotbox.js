// Photos and voice notes of one question: taken, shown, taken off again (undo brings them back).
import { isFull } from "./db.js";
import { h } from "./dom.js";
import { keepShot, keepVoice, lend } from "./shots.js";
import { canRecord, record } from "./voice.js";
import { t } from "./words.js";

// `page`: {app, draft, files (rows), pending and placing (Sets), changed()}; `what`: {role, item, most, label}.
export const shownFiles = (page) => page.files.filter((file) => !(page.draft.given.dropped ?? []).includes(file.uid));

export function shotBox(page, { role, item = null, most = 6, label, withVoice = true }) {
  const mine = () => shownFiles(page).filter((file) => file.item === item && (file.role === role || file.role === "voice"));
  const box = h("div.cw-photos.cw-mt");
  let painted = null;

  function drop(file) {
    page.draft.change((given) => { given.dropped = [...(given.dropped ?? []), file.uid]; });
    page.changed();
  }

  function shown(file, n) {
    const off = h("button.cw-drop", { type: "button", "aria-label": t("去掉第 %(n)s 个", { n }), onclick: () => drop(file) });
    if (file.role === "voice") return h("div.cw-voice", {}, h("audio", { controls: true, src: lend(file), "aria-label": t("录音") }), off);
    const image = h("img", { alt: t("第 %(n)s 张照片", { n }), src: lend(file) });
    image.addEventListener("error", () => image.replaceWith(h("span.cw-noshow", {}, t("已存，这里显示不了"))), { once: true });
    off.append(image);
    return off;
  }

  async function keep(work) {
    const busy = h("span.cw-noshow", {}, t("在存…"));
    box.prepend(busy);
    page.pending.add(work);
    try {
      const kept = await work;
      if (kept.placed) page.placing.add(kept.placed);
      page.files.push(kept.row ?? kept);
      page.app.say("");
    } catch (fault) {
      page.app.say(isFull(fault) ? t("手机存储满了，这一张没有存下。先到有网处送出，或清出空间，再拍。") : t("这一张没有存下（%(why)s），再拍一次。", { why: fault.message }), { bad: true });
    } finally {
      page.pending.delete(work);
      busy.remove();
      page.changed();
    }
  }

  async function take(e) {
    const files = [...e.target.files];
    e.target.value = "";
    const { db, person } = page.app;
    for (const file of files.slice(0, most - mine().length)) await keep(keepShot(db, { person: person.id, draft: page.draft.key, role, item, file }));
  }

  async function speak(e) {
    const button = e.currentTarget;
    if (button.stop) return button.stop();
    const taken = await record().catch(() => null);
    if (!taken) return page.app.say(t("没有录成：手机不让用话筒。在手机设置里允许，或写几个字。"), { bad: true });
    button.stop = taken.stop;
    button.textContent = t("说完了");
    button.setAttribute("aria-pressed", "true");
    const blob = await taken.whole;
    painted = null; // the button says 录音 again
    return keep(keepVoice(page.app.db, { person: page.app.person.id, draft: page.draft.key, item, blob }));
  }

  function paint() {
    const shots = mine();
    const sign = shots.map((file) => file.uid).join();
    if (painted === sign) return;
    painted = sign;
    const add = h("label.cw-add", {}, "＋", h("br"), t("拍照"), h("input.cw-file", { type: "file", accept: "image/*", capture: "environment", "aria-label": label ?? t("拍照"), onchange: take }));
    const voice = h("button.cw-add", { type: "button", "aria-pressed": "false", onclick: speak }, t("录音"));
    const photos = shots.filter((file) => file.role !== "voice").length;
    box.replaceChildren(...shots.map((file, i) => shown(file, i + 1)), photos < most ? add : "", withVoice && canRecord() ? voice : "");
  }
  paint();
  return { node: box, paint, count: () => mine().length };
}
