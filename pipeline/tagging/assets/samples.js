// Sample pages, several in sight at once, and the stored page behind each.

import { get } from "./asking.js";
import { count, counted, make, name } from "./parts.js";

const MATHML = "http://www.w3.org/1998/Math/MathML";
const $ = (id) => document.getElementById(id);

/** A sample page: a line of title and three of text, which opens on demand. */
export function sampleArticle(sample, at) {
  const text = textOf(make("div", "text", [], { id: `sample-${at}` }), sample);
  const title = make("button", "title", [
    make("i", sample.collected ? "mark yes" : "mark", [], { title: sample.collected ? "collected" : "not collected" }),
    make("span", "words", sample.title || "(no title)", { dir: "auto" }),
    make("span", "score", [make("span", "taken", sample.collected ? "collected " : "not collected "), sample.score.toFixed(2)]),
  ], { type: "button", title: sample.title });
  title.setAttribute("aria-controls", text.id);
  const link = sample.link === null
    ? make("bdi", "address", name(sample.url))
    : make("a", "address", make("bdi", "", name(sample.url)),
      { href: sample.link, target: "_blank", rel: "noopener noreferrer", title: "on the live web, where it may have changed" });
  const view = make("button", "view", "stored page", { type: "button" });
  view.addEventListener("click", () => showStored(sample.id));
  const article = make("article", "", [make("h3", "", title), text, make("p", "about", [view, link])]);
  article.dataset.id = sample.id;
  title.addEventListener("click", () => unfold(article, !article.classList.contains("open")));
  // What is cut off is opened by pointing at it; a link or a selection in it is left alone.
  text.addEventListener("click", () => {
    if (!article.classList.contains("open") && getSelection().isCollapsed) unfold(article, true);
  });
  unfold(article, false);
  return article;
}

export function unfold(article, open) {
  article.classList.toggle("open", open);
  article.querySelector(".title").setAttribute("aria-expanded", String(open));
  if (open) {
    for (const other of document.querySelectorAll("article.last")) other.classList.remove("last");
    article.classList.add("last");
  }
}

/** The sample that was opened last, else the first one. */
export const current = () => document.querySelector("article.last.open") ?? document.querySelector("article");

function textOf(place, { pieces, language }) {
  place.lang = language;
  place.dir = "auto";
  place.replaceChildren(...withoutDoubleSpace(pieces).map(piece));
  return place;
}

/** Blank lines are one; around a display formula, which is a block, there are none. */
function withoutDoubleSpace(pieces) {
  const display = (part) => Boolean(part?.display && part.tree !== null);
  return pieces.map((part, at) => {
    if (!("text" in part)) return part;
    let text = part.text.replace(/[^\S\n]*\n(?:[^\S\n]*\n)+/g, "\n\n");
    if (at === 0) text = text.trimStart();
    if (at === pieces.length - 1) text = text.trimEnd();
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
  const [tag, attributes, children] = node;
  const element = document.createElementNS(MATHML, tag);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children.map(tree));
  return element;
}

// --- The stored page ---------------------------------------------------------

let stored = null; // as /api/page tells it, once it is read
let storedAsked = 0;
let shownAs = "text"; // or "fetched": as the page before was looked at

export async function showStored(id) {
  const dialog = $("stored");
  const asked = ++storedAsked;
  stored = null;
  $("stored-title").textContent = "…";
  $("stored-about").textContent = "";
  $("stored-note").textContent = "reading";
  $("stored-text").replaceChildren();
  $("stored-fetched").replaceChildren();
  if (!dialog.open) dialog.showModal();
  let page;
  try {
    page = await get("/api/page", { id });
  } catch (error) {
    $("stored-note").textContent = error.message;
    return;
  }
  if (asked !== storedAsked) return;
  stored = { ...page, id };
  $("stored-title").textContent = stored.title || "(no title)";
  $("stored-about").replaceChildren(make("bdi", "address", name(stored.url)), stored.fetch_time
    ? ` · fetched ${stored.fetch_time.slice(0, 16)} UTC · ${stored.warc}, from byte ${count(stored.warc_offset)}` : "");
  textOf($("stored-text"), stored);
  view(shownAs);
}

function view(kind) {
  shownAs = kind;
  if (stored === null) return;
  const fetched = kind === "fetched";
  for (const [tab, chosen] of [["as-text", !fetched], ["as-fetched", fetched]]) {
    $(tab).setAttribute("aria-selected", String(chosen));
    $(tab).tabIndex = chosen ? 0 : -1;
  }
  $("stored-text").hidden = fetched;
  $("stored-fetched").hidden = !fetched || stored.not_at_hand !== null;
  if (fetched) showFetched();
  else $("stored-note").textContent = stored.only_beginning === null ? "" : `Only its beginning: ${stored.only_beginning}`;
}

function showFetched() {
  if (stored.not_at_hand !== null) {
    $("stored-note").textContent = `It cannot be shown: ${stored.not_at_hand}`;
    return;
  }
  const left = Object.entries(stored.left_out).map(([kinds, number]) => counted(number, kinds.slice(0, -1), kinds));
  $("stored-note").textContent = `Offline, without its style${left.length ? `; left out: ${left.join(", ")}` : ""}.`;
  if ($("stored-fetched").childElementCount) return;
  // No script, no form, no way out: see also the policy that comes with it.
  const frame = make("iframe", "", [], { title: "the page as it was fetched" });
  frame.setAttribute("sandbox", "");
  frame.setAttribute("referrerpolicy", "no-referrer");
  frame.src = `/fetched?${new URLSearchParams({ id: stored.id })}`;
  $("stored-fetched").replaceChildren(frame);
}

$("as-text").addEventListener("click", () => view("text"));
$("as-fetched").addEventListener("click", () => view("fetched"));
$("stored").addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const key = event.key.toLowerCase();
  const arrow = event.target.closest("[role=tab]") && ["arrowleft", "arrowright"].includes(key);
  if (key === "t" || (arrow && key === "arrowleft")) view("text");
  else if (key === "f" || (arrow && key === "arrowright")) view("fetched");
  else return;
  event.preventDefault();
  if (arrow) $("stored").querySelector("[role=tab][aria-selected=true]").focus();
});
$("stored").addEventListener("close", () => $("stored-fetched").replaceChildren());
