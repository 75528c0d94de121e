// Making and changing what is on the page. Text is only ever text: nothing here, or anywhere in the console, parses
// markup, so a name is shown as it was given, whatever it holds.

/** Make an element. Attributes that are false, null or undefined are left out; strings among the children are text. */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false && value !== null && value !== undefined) {
      node.setAttribute(name, value === true ? "" : String(value));
    }
  }
  node.append(...children.flat(Infinity).filter((one) => one !== null && one !== undefined && one !== false));
  return node;
}

/** Make an element of a drawing. */
export function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false && value !== null && value !== undefined) node.setAttribute(name, String(value));
  }
  node.append(...children.flat(Infinity).filter((one) => one !== null && one !== undefined && one !== false));
  return node;
}

const unmade = new WeakMap(); // of elements that have no children yet: what makes them

/**
 * Make an element whose children are made when it is shown first, and again when its version is another: what has not
 * changed costs nothing, and what fills itself (one version for good) is left alone.
 */
export function lazy(tag, attributes, version, children) {
  const node = el(tag, { ...attributes, "data-version": version });
  unmade.set(node, children);
  return node;
}

function make(node) {
  const children = unmade.get(node);
  if (children === undefined) return;
  unmade.delete(node);
  node.append(...[children()].flat(Infinity).filter((one) => one !== null && one !== undefined && one !== false));
}

function makeAll(node) {
  if (node.nodeType !== Node.ELEMENT_NODE) return;
  make(node);
  for (const child of node.children) makeAll(child);
}

/** Somebody's name: apart from the text around it, whichever way its script runs. `title`: what else is known of them. */
export function name(text, title = null) {
  return el("bdi", { title }, text);
}

/** Let an element hold these nodes, changing as little as can be: focus, selection and scrolling stay where they are. */
export function fill(old, ...nodes) {
  const fresh = document.createDocumentFragment();
  fresh.append(...nodes.flat(Infinity).filter((one) => one !== null && one !== undefined && one !== false));
  changeChildren(old, fresh);
}

function alike(one, other) {
  return one.nodeName === other.nodeName && one.dataset?.key === other.dataset?.key;
}

function change(old, fresh) {
  if (old.nodeType === Node.TEXT_NODE) {
    if (old.data !== fresh.data) old.data = fresh.data;
    return;
  }
  if (fresh.dataset.version !== undefined && fresh.dataset.version === old.dataset.version) return;
  make(fresh);
  for (const { name: given } of [...old.attributes]) {
    if (!fresh.hasAttribute(given) && given !== "open") old.removeAttribute(given);
  }
  for (const { name: given, value } of [...fresh.attributes]) {
    if (old.getAttribute(given) !== value) old.setAttribute(given, value);
  }
  changeChildren(old, fresh);
}

function changeChildren(old, fresh) {
  const wanted = new Set([...fresh.children].map((one) => one.dataset.key));
  for (const one of [...old.children]) {
    if (one.dataset.key && !wanted.has(one.dataset.key)) one.remove();
  }
  const keyed = new Map([...old.children].map((one) => [one.dataset.key, one]));
  let at = old.firstChild;
  for (const want of [...fresh.childNodes]) {
    const key = want.dataset?.key;
    const candidate = key ? keyed.get(key) : at;
    const have = candidate && alike(candidate, want) ? candidate : null;
    if (have === null) {
      makeAll(want);
      old.insertBefore(want, at);
      continue;
    }
    if (have === at) at = at.nextSibling;
    else old.insertBefore(have, at);
    change(have, want);
  }
  while (at !== null) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
}
