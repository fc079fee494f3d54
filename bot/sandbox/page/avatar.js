// A face: two letters on the person's colour.

import { el } from "./dom.js";
import { initials } from "./names.js";

/** The square with a person's initials; `colour` is one of the names in base.css ("teal", "amber" ...). */
export function avatar(name, colour) {
  const hue = /^[a-z]+$/.test(colour ?? "") ? ` hue-${colour}` : "";
  return el("span", { class: `avatar${hue}`, "aria-hidden": "true" }, initials(name));
}
