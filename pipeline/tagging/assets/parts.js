// Makes what the page shows of domains and paths. Whatever comes from pages of a crawl becomes
// text, never markup.

/** An element with classes, children (nodes or strings) and properties. */
export function make(name, className = "", children = [], properties = {}) {
  const element = document.createElement(name);
  if (className) element.className = className;
  element.append(...[children].flat().filter((child) => child !== null));
  return Object.assign(element, properties);
}

const numbers = new Intl.NumberFormat("en");
export const count = (number) => numbers.format(number);
export const counted = (number, one, many = `${one}s`) => `${count(number)} ${number === 1 ? one : many}`;
export const percent = (share) => `${(100 * share).toFixed(share < 0.0995 ? 1 : 0)}%`;

/** A share of what is decided: never all of it while something is left, never nothing. */
export function decidedShare(share) {
  const bounded = share < 1 ? Math.min(0.999, share) : 1;
  return `${(100 * bounded).toFixed(bounded > 0.99 && bounded < 1 ? 1 : 0)}%`;
}

/** Seconds as people say them. */
export function duration(seconds) {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

// Characters that are not seen, or that turn round what stands beside them.
const UNSEEN = /[\u0000-\u001f\u007f-\u00a0\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb]/gu;

/** A name as it is: hosts, paths, addresses and people, in which nothing may hide. */
export const name = (text) => text.replace(UNSEEN,
  (sign) => `⟨U+${sign.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}⟩`);

const word = (tag) => (tag.mathematical ? "mathematical" : "not mathematical");

// What is said of a domain that is not asked about for its share.
const REASONS = { suspected: "suspected", annotation: "annotated" };

export function chip(text, kind = "") {
  return make("span", `chip ${kind}`, text);
}

export function domainButton(domain) {
  const states = ["open", "second"].includes(domain.state) ? [] : [chip(domain.state, domain.state)];
  if (REASONS[domain.reason]) states.unshift(chip(REASONS[domain.reason], "reason"));
  const button = make("button", "", [
    make("bdi", "name", name(domain.domain)),
    make("span", "number", `+${count(domain.gain)}`, { title: "uncollected pages to decide" }),
    make("span", "quiet", `${count(domain.pages)} pages · ${percent(domain.share)} · ${domain.language}`),
    make("span", "", states),
  ], { type: "button", title: name(domain.domain) });
  button.dataset.domain = domain.domain;
  return button;
}

export function domainHead(domain) {
  return [
    make("h1", "", make("bdi", "", name(domain.domain))),
    make("p", "quiet", `${count(domain.pages)} pages, ${count(domain.collected)} collected ` +
      `(${percent(domain.share)}), ${domain.language}`),
    domain.reason === "suspected" ? make("p", "quiet", `Suspected: ${count(domain.suspected)} of them hold many ` +
      "formulas, and too few were collected for the rule.") : null,
    domain.reason === "annotation" ? make("p", "quiet", "An annotation points at it.") : null,
    domain.state === "seed" ? make("p", "quiet", "The seed names it: it is not asked about, and no tag " +
      "changes that.") : null,
  ].filter((part) => part !== null);
}

export function legend() {
  const parts = ["", "path", "pages", "share", "score"].map((text) => make("span", "", text));
  const row = make("div", "legend", parts);
  row.setAttribute("aria-hidden", "true");
  return row;
}

/** A node of the path tree: a box to choose it by, its last segment, bars for its numbers. */
export function nodeButton(node, most) {
  const label = node.parent === null ? node.prefix : node.prefix.slice(node.parent.length);
  const chips = [];
  if (node.disputed) chips.push(chip("disputed", "disputed"));
  if (node.tag) chips.push(chip(tagWords(node.tag), node.tag.mathematical ? "yes" : "no"));
  else if (node.falls_under) chips.push(chip(`${node.falls_under.mathematical ? "yes" : "no"}, from above`));
  if (node.skipped) chips.push(chip("skipped, not decided", "skipped"));
  if (node.split && !node.tag) chips.push(chip("split"));
  const depth = Math.min(4, node.depth);
  const button = make("button", `node depth-${depth}${node.open ? "" : " settled"}`, [
    make("span", "box", "", { title: "choose it, to decide on several at once" }),
    make("span", "path", [make("bdi", "segment", name(label)), ...chips]),
    bar(count(node.pages), fill(node.pages / most, "weak"), fill(node.collected / most)),
    bar(percent(node.share), fill(node.share)),
    bar(node.scores[1].toFixed(2), range(node.scores), median(node.scores[1])),
  ], { type: "button", title: tooltip(node), tabIndex: -1 });
  button.dataset.prefix = node.prefix;
  button.setAttribute("role", "treeitem");
  button.setAttribute("aria-level", String(depth + 1));
  button.setAttribute("aria-checked", "false");
  button.setAttribute("aria-label", `${name(node.prefix)}, ${counted(node.pages, "page")}, ` +
    `${percent(node.share)} collected, median score ${node.scores[1].toFixed(2)}` +
    chips.map((part) => `, ${part.textContent}`).join(""));
  return button;
}

function tagWords(tag) {
  if (tag.seed) return "the seed's";
  return word(tag) + (tag.confidence ? `, ${tag.confidence}` : "");
}

function tooltip(node) {
  const said = node.tag
    ? `\n${tagWords(node.tag)}: ${name(node.tag.who)} ${node.tag.when} ${name(node.tag.note)}`
    : "";
  return `${name(node.prefix)}\n${count(node.pages)} pages, ${count(node.collected)} collected\n` +
    `scores ${node.scores.map((score) => score.toFixed(2)).join(" – ")}${said}`;
}

export function dispute(node) {
  const ours = node.tag ? `${name(node.tag.who)} says ${tagWords(node.tag)}, ` : "";
  return `${ours}${name(node.disputed.who)} says ${tagWords(node.disputed)}` +
    `${node.disputed.note ? ` (${name(node.disputed.note)})` : ""}. Your decision settles it.`;
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

/** How far people agree, a line a pair. */
export function people(pairs) {
  if (!pairs.length) return [];
  const line = (pair) => make("li", "", [
    make("bdi", "", name(pair.one)), " and ", make("bdi", "", name(pair.other)), ": ",
    `${count(pair.agreed)} of ${counted(pair.both, "word")} the same, `,
    pair.kappa === null
      ? "κ not defined: each said one word only"
      : `κ ${pair.kappa.toFixed(2)} (${pair.low.toFixed(2)} to ${pair.high.toFixed(2)})`,
  ]);
  return [
    make("h3", "", "Agreement", { title: "Cohen's kappa with its 95% interval: 1 is full agreement, 0 what " +
      "chance alone would give" }),
    make("ul", "", pairs.map(line)),
  ];
}

/** What the decisions of a round gave, a line for each reason why people were asked. */
function gave(decisions) {
  if (!decisions.length) return [];
  const line = ({ reason, ...row }) => make("li", "", `${REASONS[reason] ?? "collected"}: ` +
    `${counted(row.mathematical, "yes", "yes")} (${counted(row.pages_yes, "uncollected page")}), ` +
    `${counted(row.not, "no", "no")} (${count(row.pages_no)}), ${counted(row.split, "split")}, ` +
    `${counted(row.skip, "skip")}`);
  return [make("h2", "", "What the decisions are on"), make("ul", "gave", decisions.map(line))];
}

/** What to do when nothing is left to decide: the commands, and what the next round would wait for. */
export function lastView(progress, steps, decisions, filtered, open) {
  const parts = [make("h1", "", filtered ? "Nothing more behind these filters" : "Nothing is left to decide")];
  if (filtered) parts.push(make("p", "", "Other domains may be behind the filters."));
  const done = [`${count(progress.finished)} of ${counted(progress.domains, "domain")} decided`];
  if (progress.skipped) {
    done.push(`${counted(progress.skipped, "path")} skipped, of which nothing is decided ` +
      `(${counted(progress.pages_skipped, "uncollected page")})`);
  }
  if (progress.of_seed) done.push(`${counted(progress.of_seed, "domain")} of the seed not asked about`);
  parts.push(make("p", "", `${done.join("; ")}.`));
  parts.push(...gave(decisions));
  if (progress.waits) {
    parts.push(make("h2", "", `Round ${steps.round} would wait for ${counted(progress.waits, "domain")}`));
    parts.push(make("p", "", "Nobody has said a word on any path of these, yes or no:"));
    parts.push(make("ul", "waits", progress.waits_for.map((domain) => {
      const button = make("button", "", make("bdi", "", name(domain)), { type: "button" });
      button.addEventListener("click", () => open(domain));
      return make("li", "", button);
    })));
    const more = progress.waits - progress.waits_for.length;
    if (more > 0) parts.push(make("p", "quiet", `and ${count(more)} more: choose “all” under Show.`));
  }
  parts.push(make("h2", "", "What to do next"));
  if (steps.copied) {
    parts.push(make("p", "", "This workspace is a copy. In the commands, URI stands for the workspace that it " +
      "was copied from, and the file of tags must be the one that run reads."));
  }
  const commands = [[`Look at what the tags add to round ${steps.round}; it changes nothing`, steps.review]];
  if (steps.without) {
    commands.push([`Go on without the ${counted(progress.waits, "domain")} above`, steps.without]);
  } else {
    commands.push([`Run round ${steps.round}`, steps.go_on]);
  }
  for (const [about, command] of commands) {
    const copy = make("button", "", "copy", { type: "button" });
    copy.addEventListener("click", async () => {
      await navigator.clipboard.writeText(command);
      copy.textContent = "copied";
    });
    parts.push(make("p", "", about), make("div", "command", [make("code", "", command), copy]));
  }
  return parts;
}
