/** Messages that come and go; an error stays until it is closed. */

import { by, make } from "./parts.js";
import { say } from "./words.js";

const SHOWN_MS = 9000;

/** Show a message, with the command that does the same where there is one. */
export function toast(text, { command = "", error = false } = {}) {
  const close = make("button", { type: "button", class: "plain", "aria-label": say("close"), onclick: () => part.remove() }, "×");
  const part = make("div", { class: error ? "toast error" : "toast", role: error ? "alert" : null }, make("p", {}, text), close);
  if (command) {
    const copy = make("button", { type: "button", onclick: () => navigator.clipboard?.writeText(command) }, say("copy"));
    part.append(make("div", { class: "command" }, make("span", {}, say("sameCommand")), make("code", { tabindex: "0" }, command), copy));
  }
  by("toasts").append(part);
  while (by("toasts").children.length > 4) by("toasts").firstElementChild.remove();
  if (!error) hideLater(part);
  return part;
}

function hideLater(part) {
  setTimeout(() => (part.matches(":hover, :focus-within") ? hideLater(part) : part.remove()), SHOWN_MS);
}
