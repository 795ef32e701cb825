// How the page asks its server, also when that was stopped and started again.

const PAUSE = 1500; // milliseconds between two tries

let waiting = null;

/** The server's answer; an Error with its status where it refuses, without one where it is gone. */
async function ask(path, options = {}) {
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw Object.assign(new Error("The server does not answer. Start make tag again: this page then " +
      "goes on by itself. What was saved stays saved."), { gone: true });
  }
  let answer;
  try {
    answer = await response.json();
  } catch {
    answer = { error: `the server answered ${response.status}` };
  }
  if (!response.ok) throw Object.assign(new Error(answer.error), { status: response.status });
  return answer;
}

export const get = (path, values = {}) => ask(`${path}?${new URLSearchParams(values)}`);
export const post = (path, body) => ask(path, {
  method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
});

/** Calls `back` once the server answers again; asked for twice it waits once. */
export function onReturn(back) {
  if (waiting !== null) return;
  const look = async () => {
    try {
      await get("/api/queue", { limit: 0 });
    } catch (error) {
      waiting = error.gone ? setTimeout(look, PAUSE) : null;
      return;
    }
    waiting = null;
    back();
  };
  waiting = setTimeout(look, PAUSE);
}
