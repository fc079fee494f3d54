// Building the document by hand. Text enters only through textContent, addresses only through safeUrl.

const LINK_SCHEMES = new Set(["http:", "https:", "mailto:"]);

/** An element with attributes and children. A string child becomes a text node; null children are left out. */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) setAttribute(node, name, value);
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
}

function setAttribute(node, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
  else if (name === "value" || name === "checked") node[name] = value;
  else node.setAttribute(name, value === true ? "" : String(value));
}

/** The address if a person may follow it (http, https, mailto), else null: "javascript:" and "data:" never pass. */
export function safeUrl(address) {
  try {
    const url = new URL(String(address));
    return LINK_SCHEMES.has(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

/** A link that opens beside this page; where the address may not be followed, its text alone. */
export function link(address, ...children) {
  const href = safeUrl(address);
  if (href === null) return el("span", { class: "no-link" }, ...children);
  return el("a", { href, title: href, target: "_blank", rel: "noopener noreferrer" }, ...children);
}

/** A line drawing from the page's own set (icons.svg). */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `/static/icons.svg#${name}`);
  svg.append(use);
  return svg;
}

const signatures = new WeakMap();

/**
 * Makes the children of `parent` be the drawings of `items`, touching only what changed, so that focus,
 * half-written inputs and scroll positions survive a refresh. An item is {key, ...}; its JSON is its signature.
 */
export function keyed(parent, items, draw) {
  const before = new Map([...parent.children].map((node) => [node.dataset.key, node]));
  const nodes = items.map((item) => {
    const signature = JSON.stringify(item);
    const old = before.get(item.key);
    if (old && signatures.get(old) === signature) return old;
    const node = draw(item);
    node.dataset.key = item.key;
    signatures.set(node, signature);
    return node;
  });
  const kept = new Set(nodes);
  for (const node of before.values()) if (!kept.has(node)) node.remove();
  nodes.forEach((node, at) => {
    if (parent.children[at] !== node) parent.insertBefore(node, parent.children[at] ?? null);
  });
}

/** A colour given as data, or undefined when it is not a plain hex colour. */
export function hexColour(value) {
  return /^#[0-9a-f]{3,8}$/i.test(value ?? "") ? value : undefined;
}

let counter = 0;

/** An id no other element of the page has, to tie labels and hints to their fields. */
export function uniqueId(prefix) {
  counter += 1;
  return `${prefix}-${counter}`;
}
