// The state of the page, and what keys and buttons do. Everything is kept by the server.

import { count, dispute, domainButton, domainHead, duration, foldLongTexts, legend, make, nodeButton,
  percent, sampleArticle } from "./parts.js";

const $ = (id) => document.getElementById(id);
const KEYS = { m: "mathematical", n: "not", d: "split", s: "skip", u: "undo" };
const PAGE = 50;

let queue = { domains: [], total: 0 };
let domain = null; // as /api/domain tells it
let prefix = null; // of the chosen node
let overruling = null; // the decision that was refused, and is asked for once more
let busy = Promise.resolve(); // keys are worked off one after the other
let samplesAsked = 0;

async function ask(path, options = {}) {
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new Error("the server does not answer: start make tag again and open its new address. " +
      "What was saved stays saved.");
  }
  const answer = await response.json();
  if (!response.ok) throw Object.assign(new Error(answer.error), { status: response.status });
  return answer;
}

const get = (path, values) => ask(`${path}?${new URLSearchParams(values)}`);
const post = (path, body) => ask(path, {
  method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
});

function say(text, wrong = false) {
  $("message").textContent = text;
  $("message").className = wrong ? "wrong" : "";
}

// --- The queue ---------------------------------------------------------------

const filters = () => Object.fromEntries(new FormData($("filters")));

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
  const language = $("filters").elements.language;
  if (language.options.length !== queue.languages.length + 1) {
    const chosen = language.value;
    language.replaceChildren(make("option", "", "all", { value: "" }),
      ...queue.languages.map((name) => make("option", "", name, { value: name })));
    language.value = chosen;
  }
}

function showProgress(progress, round) {
  const share = progress.pages ? 1 - progress.pages_left / progress.pages : 1;
  $("progress").firstElementChild.style.width = `${100 * share}%`;
  $("progress").setAttribute("aria-valuenow", String(Math.round(100 * share)));
  const disputed = progress.disputed ? `, ${count(progress.disputed)} disputed` : "";
  $("progress-text").textContent = `Round ${round}: ${count(progress.finished)} of ` +
    `${count(progress.domains)} domains, ${percent(share)} of their pages decided${disputed}`;
  $("estimate").textContent = progress.seconds_left === null
    ? `${progress.who}, ${count(progress.decisions)} decisions; time left is told after six`
    : `${progress.who}, ${count(progress.decisions)} decisions; ` +
      `${duration(progress.seconds_to_most)} to nine tenths, ${duration(progress.seconds_left)} to all`;
}

// --- A domain and its nodes --------------------------------------------------

async function openDomain(name, wanted = null) {
  domain = await get("/api/domain", { domain: name });
  history.replaceState(null, "", `#${encodeURIComponent(name)}`);
  document.title = `${name} – tagging`;
  $("domain-head").replaceChildren(...domainHead(domain));
  const roots = domain.nodes.filter((node) => node.parent === null);
  const most = Math.max(1, ...roots.map((node) => node.pages));
  const buttons = domain.nodes.map((node) => {
    const button = nodeButton(node, most, 0);
    button.dataset.prefix = node.prefix;
    button.addEventListener("click", () => act(() => choose(node.prefix)));
    return button;
  });
  $("tree").replaceChildren(legend(), ...buttons);
  $("left-out").textContent = domain.left_out
    ? `${count(domain.left_out)} smaller paths are not shown` : "";
  for (const button of $("domains").querySelectorAll("button")) {
    button.setAttribute("aria-current", String(button.title === name));
  }
  await choose(wanted ?? domain.next ?? domain.nodes[0]?.prefix ?? null);
}

const nodeOf = (name) => domain?.nodes.find((node) => node.prefix === name) ?? null;

async function choose(name) {
  prefix = name;
  overruling = null;
  const node = nodeOf(name);
  for (const button of $("tree").querySelectorAll(".node")) {
    const chosen = button.dataset.prefix === name;
    button.setAttribute("aria-selected", String(chosen));
    if (chosen) button.scrollIntoView({ block: "nearest" });
  }
  $("dispute").hidden = !node?.disputed;
  if (node?.disputed) $("dispute").textContent = dispute(node);
  for (const button of $("actions").children) {
    const needs = { split: node?.children > 0, undo: true }[button.dataset.word] ?? node !== null;
    button.disabled = !needs;
  }
  await showSamples(node);
}

async function showSamples(node) {
  const asked = ++samplesAsked;
  $("samples-head").replaceChildren();
  $("samples").replaceChildren();
  if (node === null) return;
  $("samples-head").replaceChildren(make("h2", "", node.prefix));
  const { samples } = await get("/api/samples", { prefix: node.prefix });
  if (asked !== samplesAsked) return;
  const taken = samples.filter((sample) => sample.collected).length;
  $("samples-head").append(make("span", "quiet",
    `${samples.length} sample pages, ${taken} of them collected`));
  $("samples").replaceChildren(...(samples.length ? samples.map(sampleArticle)
    : [make("p", "empty", "No sample pages of this path.")]));
  $("samples").closest("section").scrollTop = 0;
  foldLongTexts($("samples"));
}

// --- Decisions ---------------------------------------------------------------

async function decide(word, seen) {
  if (seen === null) return;
  if (seen !== prefix) {
    say("That key came before this path was shown, so it was not taken.", true);
    return;
  }
  const overrule = overruling === `${word} ${prefix}`;
  const note = $("note").value;
  let answer;
  try {
    answer = await post("/api/decision", { prefix, word, note, overrule });
  } catch (error) {
    if (error.status === 409 && !overrule) overruling = `${word} ${prefix}`;
    throw error;
  }
  $("note").value = "";
  say(`${answer.saved.prefix}: ${answer.saved.word}`);
  await loadQueue();
  await goOn(answer);
}

async function undo() {
  const answer = await post("/api/undo", {});
  if (answer.undone === null) {
    say("There is nothing to undo in this round.");
    return;
  }
  say(`Undone: ${answer.undone.word} of ${answer.undone.prefix}`);
  await loadQueue();
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
  $("domain-head").replaceChildren(make("p", "empty", "Nothing is left here to decide. Other domains " +
    "may be behind the filters."));
  $("tree").replaceChildren();
  $("left-out").textContent = "";
  await choose(null);
}

function step(list, at, by) {
  const next = Math.min(list.length - 1, Math.max(0, at + by));
  return next === at ? null : list[next];
}

async function stepNode(by) {
  const next = step(domain?.nodes ?? [], domain?.nodes.findIndex((n) => n.prefix === prefix), by);
  if (next) await choose(next.prefix);
}

async function stepDomain(by) {
  const at = queue.domains.findIndex((row) => row.domain === domain?.domain);
  if (at + by >= queue.domains.length && queue.domains.length < queue.total) await loadQueue(true);
  const next = step(queue.domains, at, by);
  if (next) await openDomain(next.domain);
}

/** One thing after the other; errors are shown. */
function act(work) {
  busy = busy.then(work).catch((error) => say(error.message, true));
  return busy;
}

/** A decision is on the node that was shown when the key was pressed, and no other. */
function perform(word) {
  const seen = prefix;
  return act(() => (word === "undo" ? undo() : decide(word, seen)));
}

function onKey(event) {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.target instanceof HTMLInputElement) {
    if (event.key === "Enter" || event.key === "Escape") event.target.blur();
    return;
  }
  if (event.target instanceof HTMLSelectElement) return;
  const key = event.key.toLowerCase();
  const samples = $("samples").closest("section");
  const moves = {
    arrowdown: () => act(() => stepNode(1)),
    arrowup: () => act(() => stepNode(-1)),
    j: () => act(() => stepNode(1)),
    k: () => act(() => stepNode(-1)),
    "]": () => act(() => stepDomain(1)),
    "[": () => act(() => stepDomain(-1)),
    " ": () => samples.scrollBy({ top: (event.shiftKey ? -0.8 : 0.8) * samples.clientHeight }),
    o: () => document.querySelector("#samples a")?.click(),
    e: () => $("note").focus(),
  };
  if (!(key in KEYS) && !(key in moves)) return;
  if (key === " " && event.target.closest("button, a, summary")) return;
  if (event.repeat && key in KEYS) return;
  event.preventDefault();
  if (key in KEYS) perform(KEYS[key]);
  else moves[key]();
}

document.addEventListener("keydown", onKey);
$("actions").addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button) perform(button.dataset.word);
});
$("filters").addEventListener("change", (event) => {
  event.target.blur();
  act(async () => {
    queue.domains = [];
    await loadQueue();
    await openFirst();
  });
});
$("filters").addEventListener("submit", (event) => event.preventDefault());
$("more").addEventListener("click", () => act(() => loadQueue(true)));
if (matchMedia("(max-width: 44rem)").matches) $("queue").open = false;

act(async () => {
  await loadQueue();
  const wanted = decodeURIComponent(location.hash.slice(1));
  try {
    if (wanted) return await openDomain(wanted);
  } catch {
    // A domain of another round.
  }
  return openFirst();
});
