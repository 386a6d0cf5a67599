// Sign-in by passkey: the browser signs allauth's challenge, nothing else.
const button = document.getElementById("passkey");

if (button && window.PublicKeyCredential?.parseRequestOptionsFromJSON) button.hidden = false;
button?.addEventListener("click", async () => {
  const answer = await fetch(button.dataset.url, { headers: { "X-Requested-With": "XMLHttpRequest", Accept: "application/json" } });
  const data = await answer.json();
  const options = PublicKeyCredential.parseRequestOptionsFromJSON(data.request_options.publicKey);
  const credential = await navigator.credentials.get({ publicKey: options });
  const form = document.createElement("form");
  form.method = "post";
  form.action = button.dataset.url;
  for (const [name, value] of [["credential", JSON.stringify(credential)], ["csrfmiddlewaretoken", document.querySelector("[name=csrfmiddlewaretoken]").value]]) {
    const input = document.createElement("input");
    input.type = "hidden"; input.name = name; input.value = value;
    form.append(input);
  }
  document.body.append(form);
  form.submit();
});
