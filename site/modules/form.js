/* A form: its values, its errors beside the fields and in a summary, one submission at a time. */

import { codeSentence, sentence } from "./api.js";
import { fill, say } from "./page.js";
import { hideSummary, showSummary } from "./summary.js";

/** The id of a field's (first) control: its name with dots and underscores as dashes. */
export function idOf(name) {
  return name.replace(/[._]/g, "-");
}

/** A button that works for someone: disabled for use, not for focus. */
export function busy(button, is) {
  if (is) button.setAttribute("aria-disabled", "true");
  else button.removeAttribute("aria-disabled");
}

export class Form {
  /** `draft` keeps what is typed, but never passwords, codes, nor fields named in `secret`. */
  constructor(form, { draft = null, secret = [] } = {}) {
    this.form = form;
    this.draft = draft;
    this.secret = secret;
    this.summary = form.querySelector(".summary");
    this.button = form.querySelector("button[type=submit]");
    this.line = form.querySelector(".progress-line");
    this.busy = false;
    this.summary.addEventListener("click", (event) => this.follow(event));
    form.addEventListener("submit", (event) => this.submit(event));
    if (draft) form.addEventListener("input", () => this.keep());
    if (draft) form.addEventListener("change", () => this.keep());
  }

  /** What the fields hold; override to give them the server's names and types. */
  values() {
    const values = {};
    for (const field of this.form.elements) {
      if (!field.name || field.closest("[hidden]")) continue;
      if (field.type === "checkbox") values[field.name] = field.checked;
      else if (field.type === "radio") {
        if (field.checked) values[field.name] = field.value;
        else if (!(field.name in values)) values[field.name] = "";
      } else values[field.name] = field.type === "password" ? field.value : field.value.trim();
    }
    return values;
  }

  /** Problems that need no server: {field: code or [code, params]}. Override. */
  check() {
    return {};
  }

  /** Send the values. Override. */
  async send() {}

  /** Fields that are empty, as problems. */
  missing(values, names) {
    const problems = {};
    for (const name of names) if (!values[name]) problems[name] = "missing";
    return problems;
  }

  keep() {
    const values = this.values();
    for (const { name, autocomplete } of this.form.elements) {
      if (/password|one-time-code/.test(autocomplete) || this.secret.includes(name)) delete values[name];
    }
    this.draft.write(values);
  }

  /** Put kept values back. Gives whether there were any. */
  restore(values) {
    if (!values) return false;
    for (const field of this.form.elements) {
      if (!(field.name in values)) continue;
      const value = values[field.name];
      if (field.type === "checkbox") field.checked = Boolean(value);
      else if (field.type === "radio") field.checked = field.value === String(value);
      else {
        field.value = value;
        if (field.tagName === "SELECT") field.dataset.wanted = value;
      }
    }
    return true;
  }

  async submit(event) {
    event.preventDefault();
    if (this.busy) return;
    this.clearErrors();
    const values = this.values();
    const problems = this.check(values);
    if (Object.keys(problems).length) {
      this.showErrors(problems);
      return;
    }
    this.setBusy(true);
    try {
      await this.send(values);
    } catch (failure) {
      this.fail(failure);
    } finally {
      this.setBusy(false);
    }
  }

  /** Show why it did not work. */
  fail(failure) {
    const fields = failure.code === "invalid" ? failure.params.fields : null;
    if (fields) this.showErrors(fields);
    else if (failure.field) this.showErrors({ [failure.field]: [failure.code, failure.params] });
    else if (failure.code) showSummary(this.summary, [{ text: sentence(failure) }]);
    else {
      showSummary(this.summary, [{ text: codeSentence("unexpected") }]);
      throw failure;
    }
  }

  /** Where a field that is not on this page can be corrected: an address, or null. Override. */
  elsewhere() {
    return null;
  }

  showErrors(problems) {
    const shown = [];
    for (const [name, problem] of Object.entries(problems)) {
      const [code, params] = Array.isArray(problem) ? problem : [problem, {}];
      const text = codeSentence(code, params, name.split(".").pop());
      const id = idOf(name);
      const field = this.form.querySelector(`[data-field="${name}"]`);
      if (field) this.mark(field, id, text);
      shown.push(field ? { text, id } : { text, href: this.elsewhere(name) });
    }
    const place = (id) => Array.from(this.form.elements).findIndex((field) => field.id === id);
    shown.sort((a, b) => place(a.id) - place(b.id));
    showSummary(this.summary, shown);
  }

  mark(field, id, text) {
    const message = document.getElementById(`${id}-error`);
    fill(message, text);
    message.hidden = false;
    field.classList.add("wrong");
    for (const control of field.querySelectorAll("input, select")) {
      control.setAttribute("aria-invalid", "true");
    }
  }

  clearErrors() {
    hideSummary(this.summary);
    for (const field of this.form.querySelectorAll(".wrong")) field.classList.remove("wrong");
    for (const message of this.form.querySelectorAll(".error")) message.hidden = true;
    for (const control of this.form.querySelectorAll("[aria-invalid]")) {
      control.removeAttribute("aria-invalid");
    }
  }

  follow(event) {
    const anchor = event.target.closest('a[href^="#"]');
    const field = anchor && document.getElementById(anchor.getAttribute("href").slice(1));
    if (!field) return;
    event.preventDefault();
    field.focus();
    field.closest(".field").scrollIntoView({ block: "start" });
  }

  setBusy(is) {
    this.busy = is;
    busy(this.button, is);
    if (this.line) fill(this.line, is ? say("js.sending") : "");
  }
}
