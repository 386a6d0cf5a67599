// Copies the link. Everything else on the page works by itself.
const button = document.querySelector("[data-copy]");
if (navigator.clipboard) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.querySelector("[data-link]").textContent.trim());
    button.textContent = button.dataset.done;
  });
}
