// The line that says how far the tagging of a round is.

import { count, counted, decidedShare, duration, name } from "./parts.js";

const $ = (id) => document.getElementById(id);

/** How much of the round is decided, and how long the rest may take this person. */
export function showProgress(progress, round) {
  const share = progress.pages ? 1 - progress.pages_left / progress.pages : Number(!progress.waits);
  $("progress").firstElementChild.style.width = `${100 * share}%`;
  $("progress").setAttribute("aria-valuenow", String(Math.floor(100 * share)));
  const parts = [`Round ${round}: ${count(progress.finished)} of ${counted(progress.domains, "domain")}, ` +
    `${decidedShare(share)} of their pages decided`];
  if (progress.skipped) parts.push(`${count(progress.skipped)} skipped, not decided`);
  if (progress.disputed) parts.push(`${count(progress.disputed)} disputed`);
  $("progress-text").textContent = parts.join("; ");
  const own = `${name(progress.who)}, ${counted(progress.decisions, "decision")}`;
  $("estimate").textContent = progress.seconds_left === null
    ? `${own}; time left is told after six`
    : `${own}; ${duration(progress.seconds_to_most)} to nine tenths, ${duration(progress.seconds_left)} to all`;
}
