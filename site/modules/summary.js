/* The box that says what is wrong, above a form or a page. */

import { fill, make, say } from "./page.js";

/** Put a list of problems, [{text, id or href}], into a summary box and lead the reader there. */
export function showSummary(box, problems) {
  fill(box.querySelector("h2"), say("js.summary"));
  const list = box.querySelector("ul");
  fill(list);
  for (const { text, id, href } of problems) {
    const target = href || (id && `#${id}`);
    list.append(make("li", {}, target ? make("a", { href: target }, text) : text));
  }
  box.hidden = false;
  box.focus();
  const prefix = say("js.title_prefix");
  if (!document.title.startsWith(prefix)) document.title = prefix + document.title;
}

/** Take a summary away again. */
export function hideSummary(box) {
  box.hidden = true;
  const prefix = say("js.title_prefix");
  if (document.title.startsWith(prefix)) document.title = document.title.slice(prefix.length);
}
