// Buttons that copy a text shown on the page; without scripts it is marked and copied by hand.
for (const button of document.querySelectorAll("[data-copy]")) {
  const source = document.querySelector(button.dataset.copy);
  const done = button.parentElement.querySelector("[data-copied]");
  button.hidden = false;
  button.addEventListener("click", async () => {
    getSelection().selectAllChildren(source);
    try {
      if (navigator.clipboard) await navigator.clipboard.writeText(source.textContent);
      else document.execCommand("copy"); // pages over plain http in an intranet have no clipboard object
      done.hidden = false;
    } catch { /* the text is marked; the person copies it */ }
  });
}
