// Two photos over each other with a slider: the new one wipes over the earlier one.
import { h } from "./dom.js";
import { t } from "./words.js";

export function swipe(before, after) {
  const upper = h("img.cw-ghost", { src: after, alt: t("这次的照片") });
  const cut = () => { upper.style.clipPath = `inset(0 0 0 ${slider.value}%)`; };
  const slider = h("input.form-range", { type: "range", min: 0, max: 100, value: 50, "aria-label": t("左右滑，对着看"), oninput: cut });
  cut();
  return h("div", {}, h("div.cw-live", {}, h("img", { src: before, alt: t("原照片") }), upper), h("label.cw-line", {}, t("原照片"), slider, t("这次")));
}
