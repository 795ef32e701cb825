// Finds a host or path by a part of its name, and goes there.

import { get } from "./asking.js";
import { chip, count, make, name } from "./parts.js";

const $ = (id) => document.getElementById(id);

let found = [];
let at = 0;
let asked = 0;

/** `go` is called with what was found: prefix and domain. */
export function findWith(go) {
  const take = (row) => {
    $("find").close();
    go(row);
  };
  $("find-text").addEventListener("input", () => look(take));
  $("find-text").addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      mark(at + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Enter" && found[at]) {
      event.preventDefault();
      take(found[at]);
    }
  });
  return () => {
    $("find").showModal();
    $("find-text").select();
    look(take);
  };
}

async function look(take) {
  const mine = ++asked;
  const text = $("find-text").value.trim();
  let rows;
  try {
    rows = text ? (await get("/api/find", { text })).found : [];
  } catch (error) {
    $("find-note").textContent = error.message;
    return;
  }
  // Answers may overtake each other.
  if (mine !== asked) return;
  found = rows;
  $("found").replaceChildren(...rows.map((row, number) => {
    const option = make("li", "", [
      make("bdi", "name", name(row.prefix)),
      make("span", "quiet", `${count(row.pages)} pages`),
      chip(row.state, row.state),
    ], { id: `found-${number}`, title: name(row.prefix) });
    option.setAttribute("role", "option");
    option.addEventListener("click", () => take(row));
    return option;
  }));
  $("find-note").textContent = !text ? "A part of a name, or an address of the live web." : rows.length
    ? "↑ ↓ and Enter" : "No host or path of this round has that in its name.";
  mark(0);
}

function mark(number) {
  at = Math.max(0, Math.min(found.length - 1, number));
  [...$("found").children].forEach((option, index) => option.setAttribute("aria-selected", String(index === at)));
  const option = $("found").children[at];
  if (option) {
    option.scrollIntoView({ block: "nearest" });
    $("find-text").setAttribute("aria-activedescendant", option.id);
  } else {
    $("find-text").removeAttribute("aria-activedescendant");
  }
}
