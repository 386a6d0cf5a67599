// One item of the dossier: characters counted while one types, files dropped or pasted, nothing written is lost.
const BLANK = /[\s\u200b\u200c\u200d\u2060\ufeff]/gu; // the same as in dossier/precheck/texts.py
const text = document.querySelector("textarea[data-limit]");

function count() {
  const output = document.getElementById(text.dataset.count);
  const n = [...text.value.replace(BLANK, "")].length;
  output.value = n;
  output.classList.toggle("cw-bad", n > Number(text.dataset.limit));
}
if (text) {
  let kept = text.value;
  text.addEventListener("input", count);
  count();
  document.addEventListener("keydown", (e) => {
    if (!(e.ctrlKey || e.metaKey) || e.key.toLowerCase() !== "s") return;
    e.preventDefault();
    text.form.requestSubmit();
  });
  document.addEventListener("htmx:afterRequest", (e) => {
    if (e.detail.pathInfo?.requestPath?.endsWith("/report/") && e.detail.successful) kept = e.detail.requestConfig.formData?.get("report") ?? text.value;
  });
  addEventListener("beforeunload", (e) => { if (text.value !== kept) e.preventDefault(); });
  text.form.addEventListener("submit", () => { kept = text.value; }); // without htmx the page goes on
}

// The place for files is drawn anew after each change, so it is looked for when something is dropped.
const place = () => document.querySelector("[data-drop] .cw-dropform");
function send(files) {
  const form = place();
  if (!form || !files.length) return;
  const bag = new DataTransfer();
  [...files].forEach((file) => bag.items.add(file));
  form.elements.file.files = bag.files;
  form.requestSubmit();
}
const carries = (e) => [...(e.dataTransfer?.types ?? [])].includes("Files");
document.addEventListener("dragover", (e) => {
  if (!place() || !carries(e)) return;
  e.preventDefault();
  place().toggleAttribute("data-over", true);
});
document.addEventListener("dragleave", (e) => { if (!e.relatedTarget) place()?.removeAttribute("data-over"); });
document.addEventListener("drop", (e) => {
  if (!place() || !carries(e)) return;
  e.preventDefault();
  place().removeAttribute("data-over");
  send(e.dataTransfer.files);
});
document.addEventListener("paste", (e) => {
  if (e.clipboardData?.files.length && !e.target.closest("textarea, input")) { e.preventDefault(); send(e.clipboardData.files); }
});
document.addEventListener("change", (e) => {
  if (e.target.matches(".cw-dropform input[type=file]") && e.target.files.length) e.target.form.requestSubmit();
});
