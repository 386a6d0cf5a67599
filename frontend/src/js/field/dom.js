// Elements without a framework: h("a.btn", {href}, "text", child). Text is always text, never markup.
export function h(name, given = {}, ...children) {
  const [tag, ...classes] = name.split(".");
  const node = document.createElement(tag);
  if (classes.length) node.className = classes.join(" ");
  return fill(node, given, children);
}

export function svg(name, given = {}, ...children) {
  const [tag, ...classes] = name.split(".");
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  if (classes.length) node.setAttribute("class", classes.join(" "));
  return fill(node, given, children);
}

function fill(node, given, children) {
  for (const [key, value] of Object.entries(given)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (key === "value") node.value = value;
    else node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.flat(3).filter((child) => child !== null && child !== undefined && child !== false && child !== ""));
  return node;
}

export const section = (title, aside, ...children) => h("section.cw-sec", {}, h("header", {}, h("h2", {}, title), aside ?? null), ...children);
export const quiet = (...text) => h("span.cw-quiet", {}, ...text);
export const state = (shape, text) => h("span.cw-state", { "data-s": shape }, text);
