/** Small pieces of the page. Texts become text nodes, never markup. */

/** An element: `make("p", {class: "x", onclick: f}, "text", child)`. */
export function make(tag, values = {}, ...children) {
  const part = document.createElement(tag);
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) part.addEventListener(name.slice(2), value);
    else if (name in part && name !== "list" && typeof value !== "string") part[name] = value;
    else part.setAttribute(name === "class" ? "class" : name, value === true ? "" : value);
  }
  part.append(...children.filter((child) => child !== null && child !== undefined));
  return part;
}

export const by = (id) => document.getElementById(id);

/** Something that the browser keeps between visits, where it may. */
export const kept = {
  get(name, otherwise) {
    try {
      return localStorage.getItem(name) ?? otherwise;
    } catch {
      return otherwise;
    }
  },
  set(name, value) {
    try {
      localStorage.setItem(name, value);
    } catch {
      /* a browser that keeps nothing */
    }
  },
};
