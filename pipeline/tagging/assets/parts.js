// Makes what the page shows. Whatever comes from pages of a crawl becomes text, never markup.

const MATHML = "http://www.w3.org/1998/Math/MathML";

/** An element with classes, children (nodes or strings) and properties. */
export function make(name, className = "", children = [], properties = {}) {
  const element = document.createElement(name);
  if (className) element.className = className;
  element.append(...[children].flat().filter((child) => child !== null));
  return Object.assign(element, properties);
}

const numbers = new Intl.NumberFormat("en");
export const count = (number) => numbers.format(number);
export const percent = (share) => `${(100 * share).toFixed(share < 0.0995 ? 1 : 0)}%`;

/** Seconds as people say them. */
export function duration(seconds) {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

const word = (tag) => (tag.mathematical ? "mathematical" : "not mathematical");

export function domainButton(domain) {
  const states = domain.state === "open" ? [] : [chip(domain.state, domain.state)];
  return make("button", "", [
    make("span", "name", domain.domain),
    make("span", "number", `+${count(domain.gain)}`, { title: "uncollected pages to decide" }),
    make("span", "quiet", `${count(domain.pages)} pages · ${percent(domain.share)} · ${domain.language}`),
    make("span", "", states),
  ], { type: "button", title: domain.domain });
}

export function chip(text, kind = "") {
  return make("span", `chip ${kind}`, text);
}

export function domainHead(domain) {
  return [
    make("h1", "", domain.domain),
    make("p", "quiet", `${count(domain.pages)} pages, ${count(domain.collected)} collected ` +
      `(${percent(domain.share)}), ${domain.language}`),
  ];
}

export function legend() {
  return make("div", "legend", ["path", "pages", "share", "score"].map((text) => make("span", "", text)));
}

/** A node of the path tree: its last segment, and bars for pages, share and score. */
export function nodeButton(node, most, depthOfRoot) {
  const slash = node.prefix.lastIndexOf("/");
  const label = node.parent === null ? node.prefix : node.prefix.slice(node.parent.length);
  const chips = [];
  if (node.disputed) chips.push(chip("disputed", "disputed"));
  if (node.tag) chips.push(chip(word(node.tag), node.tag.mathematical ? "yes" : "no"));
  else if (node.falls_under) chips.push(chip(node.falls_under.mathematical ? "yes, from above" : "no, from above"));
  if (node.skipped) chips.push(chip("skipped"));
  if (node.split && !node.tag) chips.push(chip("split"));
  const depth = Math.min(4, node.depth - depthOfRoot);
  const button = make("button", `node depth-${depth}${node.open ? "" : " settled"}`, [
    make("span", "path", [make("span", "segment", slash < 0 ? node.prefix : label), ...chips]),
    bar(count(node.pages), fill(node.pages / most, "weak"), fill(node.collected / most)),
    bar(percent(node.share), fill(node.share)),
    bar(node.scores[1].toFixed(2), range(node.scores), median(node.scores[1])),
  ], { type: "button", title: tooltip(node) });
  button.setAttribute("role", "treeitem");
  button.setAttribute("aria-level", String(depth + 1));
  return button;
}

function tooltip(node) {
  const said = node.tag
    ? `\n${word(node.tag)}: ${node.tag.who}, ${node.tag.when} ${node.tag.note}`
    : "";
  return `${node.prefix}\n${count(node.pages)} pages, ${count(node.collected)} collected\n` +
    `scores ${node.scores.map((score) => score.toFixed(2)).join(" – ")}${said}`;
}

export function dispute(node) {
  const ours = node.tag ? `${node.tag.who} says ${word(node.tag)}` : "";
  return `${ours}, ${node.disputed.who} says ${word(node.disputed)}` +
    `${node.disputed.note ? ` (${node.disputed.note})` : ""}. Your decision settles it.`;
}

function bar(text, ...fills) {
  return make("span", "bar", [make("span", "", text), make("span", "track", fills)]);
}

function fill(share, kind = "") {
  const part = make("i", kind);
  part.style.width = `${100 * Math.min(1, share)}%`;
  return part;
}

function range([low, , high]) {
  const part = fill(Math.max(0.02, high - low), "range");
  part.style.left = `${100 * low}%`;
  return part;
}

function median(score) {
  const part = make("i", "median");
  part.style.left = `${100 * score}%`;
  return part;
}

/** A sample page: title, where it is from, its text with formulas. */
export function sampleArticle(sample) {
  const link = sample.link === null
    ? make("span", "", sample.url)
    : make("a", "", sample.url, { href: sample.link, target: "_blank", rel: "noopener noreferrer" });
  const text = make("div", "text", withoutDoubleSpace(sample.pieces).map(piece));
  text.lang = sample.language;
  text.dir = "auto";
  const unfold = make("button", "unfold", "Read all", { type: "button", hidden: true });
  unfold.addEventListener("click", () => {
    unfold.textContent = text.classList.toggle("whole") ? "Show less" : "Read all";
  });
  return make("article", "", [
    make("h3", "", sample.title || "(no title)", { dir: "auto" }),
    make("p", "about", [
      chip(sample.collected ? "collected" : "not collected", sample.collected ? "yes" : ""),
      make("span", "", `score ${sample.score.toFixed(2)}`),
      link,
    ]),
    text,
    unfold,
  ]);
}

/** To be called once articles are in the page: only long texts are folded. */
export function foldLongTexts(place) {
  for (const text of place.querySelectorAll(".text")) {
    const long = text.scrollHeight > text.clientHeight + 8;
    text.classList.toggle("long", long);
    text.nextElementSibling.hidden = !long;
  }
}

/** A display formula is a block: empty lines around it would be seen twice. */
function withoutDoubleSpace(pieces) {
  const display = (part) => Boolean(part?.display && part.tree !== null);
  return pieces.map((part, at) => {
    if (!("text" in part)) return part;
    let { text } = part;
    if (display(pieces[at - 1])) text = text.replace(/^\s*\n/, "");
    if (display(pieces[at + 1])) text = text.trimEnd();
    return { text };
  });
}

function piece(part) {
  if ("text" in part) return document.createTextNode(part.text);
  if (part.tree === null) {
    const dollars = part.display ? "$$" : "$";
    return make("code", "tex", dollars + part.tex + dollars);
  }
  return make("span", part.display ? "display" : "inline", tree(part.tree), { title: part.tex });
}

/** MathML out of [name, attributes, children], both of which the server has checked. */
function tree(node) {
  if (typeof node === "string") return document.createTextNode(node);
  const [name, attributes, children] = node;
  const element = document.createElementNS(MATHML, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children.map(tree));
  return element;
}
