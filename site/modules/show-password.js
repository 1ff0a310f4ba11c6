import { fill, mount, say } from "./page.js";

/** Lets the reader see what they typed. */
export class ShowPassword {
  constructor(button) {
    const field = document.getElementById(button.getAttribute("aria-controls"));
    button.addEventListener("click", () => {
      const shown = field.type === "password";
      field.type = shown ? "text" : "password";
      fill(button, shown ? say("js.hide_password") : say("js.show_password"));
    });
  }
}

mount("show-password", ShowPassword);
