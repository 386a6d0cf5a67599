// The camera picture with the earlier photo laid over it, so that the new one is taken from the same place.
import { h } from "./dom.js";
import { t } from "./words.js";

export const canFilm = () => Boolean(navigator.mediaDevices?.getUserMedia) && typeof HTMLCanvasElement.prototype.toBlob === "function";

async function shoot(video) {
  const canvas = document.createElement("canvas");
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  canvas.getContext("2d").drawImage(video, 0, 0);
  const blob = await new Promise((done) => { canvas.toBlob(done, "image/jpeg", 0.92); });
  return new File([blob], "photo.jpg", { type: "image/jpeg", lastModified: Date.now() });
}

// `over`: address of the earlier photo; `taken(file)`: what to do with a shot. Returns {node, stop()}.
export function camera(over, taken, app) {
  let stream = null;
  const video = h("video", { playsinline: true, muted: true, autoplay: true, "aria-label": t("镜头") });
  video.muted = true;
  const ghost = h("img.cw-ghost", { src: over, alt: t("原照片，叠在镜头上") });
  const slider = h("input.form-range", { type: "range", min: 0, max: 100, value: 45, "aria-label": t("原照片叠多深"), oninput: () => { ghost.style.opacity = slider.value / 100; } });
  const snap = h("button.btn", { type: "button", onclick: async () => taken(await shoot(video)) }, t("拍下"));
  const view = h("div.cw-live", {}, video, ghost);
  const open = h("button.btn", { type: "button", onclick: start }, t("对着原照片拍"));
  const node = h("div.cw-mt", {}, open);

  async function start() {
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 2048 } } });
    } catch {
      app.say(t("手机不让本页用镜头；用下面的“拍照”，原照片在上面对着看。"));
      open.hidden = true;
      return;
    }
    video.srcObject = stream;
    ghost.style.opacity = slider.value / 100;
    node.replaceChildren(view, h("label.cw-line", {}, t("原照片"), slider), h("div.cw-acts", {}, snap, h("button.btn", { type: "button", onclick: close }, t("收起"))));
  }
  function stop() { stream?.getTracks().forEach((track) => track.stop()); stream = null; }
  function close() { stop(); node.replaceChildren(open); }
  return { node, stop };
}
