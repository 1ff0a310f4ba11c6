import { digits, inFours } from "./digits.js";
import { fill, mount, say } from "./page.js";

/** Reads a long number back in groups of four, with its length, while it is typed. */
export class DigitGroups {
  constructor(line) {
    const input = document.getElementById(line.dataset.input);
    const show = () => {
      const typed = digits(input.value);
      const length = say("js.digits", { number: typed.length });
      fill(line, typed ? `${inFours(typed)} (${length})` : "");
    };
    input.addEventListener("input", show);
    input.addEventListener("change", show);
    show();
  }
}

mount("digit-groups", DigitGroups);
