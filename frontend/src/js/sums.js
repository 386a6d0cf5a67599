// The entry table of a survey: what is left unanswered is reckoned while typing.
const form = document.querySelector("form[data-sums]");
if (form) {
  const valid = Number(form.dataset.sums);
  form.addEventListener("input", (event) => {
    const row = event.target.closest("[data-sum]");
    if (!row) return;
    const boxes = [...row.querySelectorAll("input")].map((box) => box.value.trim());
    const bad = boxes.some((text) => text && !/^\d{1,8}$/.test(text));
    const rest = valid - boxes.reduce((sum, text) => sum + (/^\d+$/.test(text) ? Number(text) : 0), 0);
    const cell = row.querySelector("[data-rest]");
    cell.textContent = boxes.every((text) => !text) || bad ? "—" : rest.toLocaleString("en").replace("-", "−");
    cell.classList.toggle("cw-bad", rest < 0 || bad);
  });
}
