// The big screen: asks for the figures again and again and puts them in place. Says plainly when they have stopped.
const body = document.body;
const seconds = Number(body.dataset.seconds);
const at = document.getElementById("at");
const boxes = { told: document.getElementById("told"), cut: document.getElementById("cut"), ended: document.getElementById("ended") };
let heard = Date.now();
let source;

function say(which) {
  for (const [name, box] of Object.entries(boxes)) box.hidden = name !== which;
  if (which !== "told") document.getElementById(`${which}-at`).textContent = at.textContent;
}

function alive(data) {
  heard = Date.now();
  at.textContent = data.at;
  say("told");
}

function show(data) {
  for (const [part, html] of Object.entries(data.html)) {
    const box = document.querySelector(`[data-part="${part}"]`);
    if (box) box.innerHTML = html;
  }
  for (const [code, shade] of Object.entries(data.fill)) {
    const area = document.querySelector(`[data-area="${CSS.escape(code)}"]`);
    if (area) area.dataset.q = shade;
  }
  alive(data);
}

function listen() {
  source = new EventSource(body.dataset.events);
  source.addEventListener("figures", (e) => show(JSON.parse(e.data)));
  source.addEventListener("same", (e) => alive(JSON.parse(e.data)));
  // Each answer ends at once and the browser asks again by itself; it gives up only where something else than events
  // came: the sign-in page, or the page of a server that is just starting.
  source.addEventListener("error", async () => {
    if (source.readyState !== EventSource.CLOSED) return;
    const answer = await fetch(body.dataset.events).catch(() => null);
    if (answer && (answer.redirected || answer.status === 404)) say("ended");
    else setTimeout(listen, seconds * 1000);
  });
}

setInterval(() => {
  if (boxes.ended.hidden && Date.now() - heard > (3 * seconds + 10) * 1000) say("cut");
}, 1000);
listen();
