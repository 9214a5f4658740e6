/** What the page asks of its server. Every address begins with the token. */

import { root } from "./words.js";

/** The server refused; `status` is 409 where somebody else was faster. */
export class Refused extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

export const address = (path, values = {}) => `${root}${path}?${new URLSearchParams(values)}`;

async function ask(path, values, options) {
  let answer;
  try {
    answer = await fetch(address(path, values), options);
  } catch {
    throw new Refused("", 0);
  }
  const found = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refused(found.error?.message ?? `${answer.status}`, answer.status);
  return found;
}

export const read = (path, values) => ask(path, values);

export const send = (path, values, body) =>
  ask(path, values, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });

/** Send a recording as it is. */
export const upload = (path, values, bytes) => ask(path, values, { method: "POST", headers: { "content-type": "audio/wav" }, body: bytes });

/** Have every message of the server passed to `hear`; `changed` hears whether it is there. */
export function listen(hear, changed) {
  const stream = new EventSource(address("/api/changes"));
  stream.onopen = () => changed(true);
  stream.onerror = () => changed(false);
  stream.onmessage = (event) => hear(JSON.parse(event.data));
}
