// The state of the page, and what keys and buttons do. Everything is kept by the server.

import { get, onReturn, post } from "./asking.js";
import { findWith } from "./find.js";
import { count, counted, dispute, domainButton, domainHead, lastView, legend, make, name, nodeButton, people }
  from "./parts.js";
import { showProgress } from "./progress.js";
import { current, sampleArticle, showStored, unfold } from "./samples.js";

const $ = (id) => document.getElementById(id);
const KEYS = { m: "mathematical", n: "not", d: "split", s: "skip", u: "undo" };
const CONFIDENCES = { 1: "unsure", 2: "likely", 3: "sure" };
const PAGE = 50;
const MOST = 500; // paths that the server takes at once
const PHONE = matchMedia("(max-width: 44rem)");

let queue = { domains: [], total: 0 };
let domain = null; // as /api/domain tells it
let prefix = null; // of the node that is shown
let marked = new Set(); // prefixes that were chosen, to decide on all of them at once
let confidence = ""; // of the next decision
let overruling = null; // the decision that was refused, and is asked for once more
let busy = Promise.resolve(); // keys are worked off one after the other
let samplesAsked = 0;

function say(text, wrong = false) {
  $("message").textContent = text;
  $("message").className = wrong ? "wrong" : "";
}

// --- The queue ---------------------------------------------------------------

const filters = () => Object.fromEntries(new FormData($("filters")));
const isSecond = () => filters().state === "second";
const isFiltered = () => Object.entries({ state: "open", reason: "", language: "", min_share: "0", max_share: "1" })
  .some(([key, value]) => filters()[key] !== value);

async function loadQueue(more = false) {
  const offset = more ? queue.domains.length : 0;
  const limit = more ? PAGE : Math.min(500, Math.max(PAGE, queue.domains.length));
  const found = await get("/api/queue", { ...filters(), offset, limit });
  queue = { ...found, domains: more ? [...queue.domains, ...found.domains] : found.domains };
  showQueue();
  showProgress(found.progress, found.round);
}

function showQueue() {
  $("queue-total").textContent = count(queue.total);
  $("domains").replaceChildren(...queue.domains.map((row) => {
    const button = domainButton(row);
    button.setAttribute("aria-current", String(domain?.domain === row.domain));
    button.addEventListener("click", () => act(() => openDomain(row.domain)));
    return make("li", "", button);
  }));
  $("more").hidden = queue.domains.length >= queue.total;
  const seeds = queue.progress.of_seed;
  const notes = seeds ? [`${counted(seeds, "domain")} of the seed not asked about.`] : [];
  const { next_adds: next, adds } = queue.progress;
  if (adds) notes.push(`The next ten decisions: ${counted(next, "page")} of ${count(adds)} to be gained.`);
  if (isSecond()) notes.push("What others said is not shown: judge for yourself.");
  $("queue-note").hidden = !notes.length;
  $("queue-note").textContent = notes.join(" ");
  const language = $("filters").elements.language;
  if (language.options.length !== queue.languages.length + 1) {
    const chosen = language.value;
    language.replaceChildren(make("option", "", "all", { value: "" }),
      ...queue.languages.map((code) => make("option", "", code, { value: code })));
    language.value = chosen;
  }
}

async function loadPeople() {
  $("people").replaceChildren(...people((await get("/api/agreement")).pairs));
}

// --- A domain and its nodes --------------------------------------------------

async function openDomain(wantedDomain, wanted = null) {
  const same = domain?.domain === wantedDomain;
  const asked = { domain: wantedDomain, second: Number(isSecond()), at: wanted ?? "" };
  domain = await get("/api/domain", asked);
  if (!same) marked = new Set();
  history.replaceState(null, "", `#${encodeURIComponent(wantedDomain)}`);
  document.title = `${name(wantedDomain)} – tagging`;
  $("domain-head").replaceChildren(...domainHead(domain));
  $("paths").hidden = false;
  $("paths-total").textContent = count(domain.nodes.length + domain.left_out);
  const roots = domain.nodes.filter((node) => node.parent === null);
  const most = Math.max(1, ...roots.map((node) => node.pages));
  const buttons = domain.nodes.map((node) => {
    const button = nodeButton(node, most);
    button.addEventListener("click", (event) => act(async () => {
      if (event.target.closest(".box") || event.shiftKey) mark(node.prefix);
      else await choose(node.prefix);
    }));
    return button;
  });
  $("tree").replaceChildren(legend(), ...buttons);
  $("left-out").textContent = domain.left_out
    ? `${counted(domain.left_out, "smaller path")} not shown: / finds them` : "";
  for (const button of $("domains").querySelectorAll("button")) {
    button.setAttribute("aria-current", String(button.dataset.domain === wantedDomain));
  }
  marked = new Set([...marked].filter((one) => nodeOf(one)));
  const first = nodeOf(wanted) ?? nodeOf(domain.next) ?? domain.nodes[0];
  await choose(first?.prefix ?? null);
}

const nodeOf = (wanted) => domain?.nodes.find((node) => node.prefix === wanted) ?? null;
const nodeButtons = () => [...$("tree").querySelectorAll(".node")];

async function choose(wanted) {
  prefix = wanted;
  overruling = null;
  const node = nodeOf(wanted);
  const inTree = $("tree").contains(document.activeElement);
  for (const button of nodeButtons()) {
    const chosen = button.dataset.prefix === wanted;
    button.setAttribute("aria-selected", String(chosen));
    button.tabIndex = chosen ? 0 : -1;
    if (!chosen) continue;
    if (!PHONE.matches) button.scrollIntoView({ block: "nearest" });
    if (inTree) button.focus({ preventScroll: true });
  }
  $("dispute").hidden = !node?.disputed;
  if (node?.disputed) $("dispute").textContent = dispute(node);
  showMarked();
  await showSamples(node);
}

/** The nodes that a decision is on: those that were chosen, else the one that is shown. */
const targets = () => (marked.size ? [...marked] : prefix === null ? [] : [prefix]);

function mark(wanted, on = !marked.has(wanted)) {
  if (on && marked.size >= MOST && !marked.has(wanted)) say(`${MOST} paths at once are the most.`, true);
  else if (on) marked.add(wanted);
  else marked.delete(wanted);
  overruling = null;
  showMarked();
}

function markAll() {
  const open = (domain?.nodes ?? []).filter((node) => node.open).map((node) => node.prefix).slice(0, MOST);
  marked = new Set(open.every((one) => marked.has(one)) ? [] : open);
  overruling = null;
  showMarked();
}

function showMarked() {
  for (const button of nodeButtons()) button.setAttribute("aria-checked", String(marked.has(button.dataset.prefix)));
  $("chosen").hidden = !marked.size;
  $("chosen").firstElementChild.textContent = `${counted(marked.size, "path")} chosen: what you decide is on ${marked.size === 1 ? "it" : "all of them"}.`;
  const nodes = targets().map(nodeOf).filter((node) => node !== null);
  for (const button of $("actions").children) {
    const { word } = button.dataset;
    const deeper = nodes.length > 0 && nodes.every((node) => node.children > 0) && !isSecond();
    const can = { split: deeper, skip: nodes.length > 0 && !isSecond(), undo: true }[word] ?? nodes.length > 0;
    button.disabled = !can;
  }
}

async function showSamples(node) {
  const asked = ++samplesAsked;
  $("samples-head").replaceChildren();
  $("samples").replaceChildren();
  if (node === null) return;
  $("samples-head").replaceChildren(make("h2", "", make("bdi", "", name(node.prefix))));
  const { samples } = await get("/api/samples", { prefix: node.prefix });
  if (asked !== samplesAsked) return;
  const taken = samples.filter((sample) => sample.collected).length;
  $("samples-head").append(make("span", "quiet",
    `${counted(node.pages, "page")}; ${counted(samples.length, "sample")}, ${taken} of them collected`));
  $("samples").replaceChildren(...(samples.length ? samples.map(sampleArticle)
    : [make("p", "empty", "No sample pages of this path.")]));
  const section = $("samples").closest("section");
  section.scrollTop = 0;
  // There the whole page scrolls, and the tree is below.
  if (PHONE.matches && samplesAsked > 1) section.scrollIntoView({ block: "start" });
}

function readAll() {
  const articles = [...$("samples").querySelectorAll("article")];
  const open = !articles.every((article) => article.classList.contains("open"));
  for (const article of articles) unfold(article, open);
}

// --- Decisions ---------------------------------------------------------------

const spoken = (words) => (words.length === 1 ? name(words[0]) : `${counted(words.length, "path")} of ${name(domain.domain)}`);

async function decide(word, seen) {
  if (!seen.length) return;
  if (seen.join("\n") !== targets().join("\n")) {
    say("That key came before this path was shown, so it was not taken.", true);
    return;
  }
  const key = [word, ...seen].join("\n");
  const overrule = overruling === key;
  const note = $("note").value;
  const about = spoken(seen);
  let answer;
  try {
    answer = await post("/api/decision", { prefixes: seen, word, note, confidence, overrule, second: isSecond() });
  } catch (error) {
    if (error.status === 409 && !overrule) overruling = key;
    throw error;
  }
  $("note").value = "";
  marked = new Set();
  setConfidence("");
  const means = { skip: "skipped; nothing is decided", split: "split" }[word] ?? word;
  say(`${about}: ${means}`);
  await loadQueue();
  await loadPeople();
  await goOn(answer);
}

async function undo() {
  const answer = await post("/api/undo", {});
  if (answer.undone === null) {
    say("There is nothing to undo in this round.");
    return;
  }
  const { prefixes, word } = answer.undone;
  say(`Undone: ${word} of ${prefixes.length === 1 ? name(prefixes[0]) : counted(prefixes.length, "path")}`);
  await loadQueue();
  await loadPeople();
  if (answer.domain) await openDomain(answer.domain, answer.undone.prefix);
}

async function goOn(answer) {
  if (answer.next !== null) await openDomain(answer.domain, answer.next);
  else await openFirst();
}

async function openFirst() {
  const first = queue.domains.find((row) => row.next !== null) ?? queue.domains[0];
  if (first) {
    await openDomain(first.domain);
    return;
  }
  domain = null;
  marked = new Set();
  history.replaceState(null, "", "#");
  document.title = "Tagging";
  const open = (wanted) => act(() => openDomain(wanted));
  const { decisions } = await get("/api/decisions");
  $("domain-head").replaceChildren(make("div", "last-view",
    lastView(queue.progress, queue.next_steps, decisions, isFiltered(), open)));
  $("tree").replaceChildren();
  $("paths").hidden = true;
  $("left-out").textContent = "";
  await choose(null);
}

function setConfidence(wanted) {
  confidence = confidence === wanted ? "" : wanted;
  for (const button of $("confidence").children) {
    button.setAttribute("aria-pressed", String(button.dataset.confidence === confidence));
  }
}

// --- Keys and buttons --------------------------------------------------------

function step(list, at, by) {
  const next = Math.min(list.length - 1, Math.max(0, at + by));
  return next === at ? null : list[next];
}

async function stepNode(by, marking = false) {
  const next = step(domain?.nodes ?? [], domain?.nodes.findIndex((n) => n.prefix === prefix), by);
  if (!next) return;
  if (marking) {
    mark(prefix, true);
    mark(next.prefix, true);
  }
  await choose(next.prefix);
}

async function stepDomain(by) {
  const at = queue.domains.findIndex((row) => row.domain === domain?.domain);
  if (at + by >= queue.domains.length && queue.domains.length < queue.total) await loadQueue(true);
  const next = step(queue.domains, at, by);
  if (next) await openDomain(next.domain);
}

/** One thing after the other; errors are shown. */
function act(work) {
  busy = busy.then(work).catch((error) => {
    say(error.message, true);
    if (error.gone) onReturn(() => act(start));
  });
  return busy;
}

/** A decision is on the nodes that were shown when the key was pressed, and no others. */
function perform(word) {
  const seen = targets();
  return act(() => (word === "undo" ? undo() : decide(word, seen)));
}

const openFind = findWith((row) => act(async () => {
  say("");
  await openDomain(row.domain, row.prefix);
}));

function onKey(event) {
  if (event.ctrlKey || event.altKey || event.metaKey || document.querySelector("dialog[open]")) return;
  if (event.target instanceof HTMLInputElement) {
    if (event.key === "Enter" || event.key === "Escape") event.target.blur();
    return;
  }
  if (event.target instanceof HTMLSelectElement) return;
  const key = event.key.toLowerCase();
  const samples = $("samples").closest("section");
  const stored = () => current()?.dataset.id;
  const moves = {
    arrowdown: () => act(() => stepNode(1, event.shiftKey)),
    arrowup: () => act(() => stepNode(-1, event.shiftKey)),
    j: () => act(() => stepNode(1)),
    k: () => act(() => stepNode(-1)),
    x: () => act(() => prefix !== null && mark(prefix)),
    a: () => act(markAll),
    escape: () => act(chooseNone),
    "]": () => act(() => stepDomain(1)),
    "[": () => act(() => stepDomain(-1)),
    " ": () => samples.scrollBy({ top: (event.shiftKey ? -0.8 : 0.8) * samples.clientHeight }),
    o: () => current()?.querySelector("a")?.click(),
    v: () => stored() && showStored(stored()),
    r: readAll,
    e: () => $("note").focus(),
    "/": openFind,
    "?": () => $("help").showModal(),
  };
  if (!(key in KEYS) && !(key in moves) && !(key in CONFIDENCES)) return;
  if (key === " " && event.target.closest("button, a, summary")) return;
  if (event.repeat && (key in KEYS || key in CONFIDENCES)) return;
  event.preventDefault();
  if (key in KEYS) perform(KEYS[key]);
  else if (key in CONFIDENCES) setConfidence(CONFIDENCES[key]);
  else moves[key]();
}

function chooseNone() {
  marked = new Set();
  overruling = null;
  showMarked();
}

async function start() {
  await loadQueue();
  await loadPeople();
  say("");
  try {
    const wanted = domain?.domain ?? decodeURIComponent(location.hash.slice(1));
    if (wanted) return await openDomain(wanted, prefix);
  } catch (error) {
    if (error.gone) throw error; // else it is a domain of another round, or no name at all
  }
  return openFirst();
}

document.addEventListener("keydown", onKey);
$("actions").addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button) perform(button.dataset.word);
});
$("confidence").addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button) setConfidence(button.dataset.confidence);
});
$("filters").addEventListener("change", (event) => {
  event.target.blur();
  act(async () => {
    queue.domains = [];
    domain = null;
    await loadQueue();
    await openFirst();
  });
});
$("filters").addEventListener("submit", (event) => event.preventDefault());
$("more").addEventListener("click", () => act(() => loadQueue(true)));
$("choose-none").addEventListener("click", () => act(chooseNone));
$("open-find").addEventListener("click", openFind);
$("open-help").addEventListener("click", () => $("help").showModal());
for (const button of document.querySelectorAll("dialog .close")) {
  button.addEventListener("click", () => button.closest("dialog").close());
}
for (const dialog of document.querySelectorAll("dialog")) {
  // Beside it is out of it.
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
}
// Somebody else may have decided meanwhile.
document.addEventListener("visibilitychange", () => document.hidden || act(() => loadQueue()));
if (PHONE.matches) {
  $("queue").open = false;
  $("paths").open = false;
}

act(start);
