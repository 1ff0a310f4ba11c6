import { digits, inFours } from "./digits.js";
import { fill, make, mount, say } from "./page.js";

/** Reads a long number back in groups of four, with its length, while it is typed. */
export class DigitGroups {
  constructor(line) {
    const input = document.getElementById(line.dataset.input);
    const show = () => {
      const typed = digits(input.value);
      const length = make("small", {}, say("js.digits", { number: typed.length }));
      if (typed) fill(line, `${inFours(typed)} `, length);
      else fill(line);
    };
    input.addEventListener("input", show);
    input.addEventListener("change", show);
    show();
  }
}

mount("digit-groups", DigitGroups);
