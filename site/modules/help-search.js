import { fill, mount, say } from "./page.js";

/** Search in the help: leaves the topics whose words begin with all that was typed. */
export class HelpSearch {
  constructor(element) {
    this.status = element.querySelector("[role=status]");
    this.contents = document.getElementById("contents");
    this.topics = Array.from(document.querySelectorAll(".topic"), (topic) => ({ topic, words: words(topic.textContent) }));
    const field = element.querySelector("input");
    field.addEventListener("input", () => this.search(field.value));
  }

  search(typed) {
    const wanted = words(typed);
    let number = 0;
    for (const { topic, words: has } of this.topics) {
      topic.hidden = !wanted.every((part) => has.some((word) => word.startsWith(part)));
      if (!topic.hidden) number += 1;
    }
    this.contents.hidden = wanted.length > 0;
    if (!wanted.length) fill(this.status);
    else fill(this.status, number ? say("js.help_found", { number }) : say("js.help_none"));
  }
}

function words(text) {
  return text.toLowerCase().split(/[^a-z0-9]+/).filter(Boolean);
}

mount("help-search", HelpSearch);
