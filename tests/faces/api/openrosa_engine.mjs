// Drives @getodk/xforms-engine, which nobody here wrote: loads a form, answers it as a person would, gives the submission.

const find = (node, name) => {
  for (const child of node.currentState.children ?? []) {
    const own = child.definition.nodeset.split("/").pop();
    if (own === name) return child;
    const below = find(child, name);
    if (below) return below;
  }
  return null;
};

const offered = (node) => node.currentState.valueOptions.map((option) => option.value);

function answer(root, name, value) {
  const node = find(root, name);
  if (!node) throw new Error(`no question ${name}`);
  if (!node.currentState.relevant) throw new Error(`${name} is not asked now`);
  if (node.nodeType === "select") {
    if (!offered(node).includes(value)) throw new Error(`${name} offers ${offered(node)}`);
    node.selectValue(value);
  } else if (node.nodeType === "upload") {
    node.setValue(new File([Uint8Array.from(atob(value.data), (c) => c.charCodeAt(0))], value.name, { type: value.type }));
  } else if (value && typeof value === "object") {
    node.setValue(value); // a place: the engine's own shape
  } else {
    node.setValue(value);
  }
}

/**
 * @param {object} engine the module
 * @param {string} form the XForm
 * @param {Record<string, string>} media files of the form by name
 * @param {Array<[string, any]>} answers in the order a person gives them
 */
export async function fill(engine, form, media, answers) {
  const fetchFormAttachment = async (url) => {
    const name = String(url).split("/").pop();
    if (!(name in media)) return new Response("", { status: 404 });
    return new Response(media[name], { status: 200, headers: { "content-type": "text/csv" } });
  };
  const loaded = await engine.loadForm(form, { fetchFormAttachment });
  if (loaded.status === "failure") throw new Error(String(loaded.error?.message ?? loaded.error));
  const instance = loaded.createInstance();
  const { root } = instance;
  const asked = {};
  for (const [name, value] of answers) {
    if (value === null) {
      const node = find(root, name);
      asked[name] = { relevant: node.currentState.relevant, options: node.nodeType === "select" ? offered(node) : null };
    } else {
      answer(root, name, value);
    }
  }
  const payload = await root.prepareInstancePayload({ payloadType: "monolithic" });
  const files = [];
  for (const [name, file] of payload.data[0]) {
    const bytes = new Uint8Array(await file.arrayBuffer());
    files.push({ field: name, name: file.name, data: btoa(Array.from(bytes, (b) => String.fromCharCode(b)).join("")) });
  }
  const violations = (payload.violations ?? []).map((one) => `${one.reference}: ${one.violation?.condition}`);
  return { status: payload.status, warnings: loaded.status, violations, files, asked, languages: root.languages.map((l) => l.language ?? String(l)) };
}
