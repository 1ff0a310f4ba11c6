/* What every module shares: the words of this page, its language, and building elements.
   Elements are only ever built here, from text; nothing is parsed as HTML. */

const template = document.getElementById("words");
const words = template ? JSON.parse(template.content.textContent) : {};

export const language = document.documentElement.lang;
export const home = language === "en" ? "/en/" : "/";

/** Give each element that asks for it its module. */
export function mount(name, Module) {
  for (const element of document.querySelectorAll(`[data-module="${name}"]`)) new Module(element);
}

/** Whether this page has a sentence. */
export function knows(key) {
  return Object.prototype.hasOwnProperty.call(words, key);
}

/** The sentence of a key, its {names} filled from params. */
export function say(key, params = {}) {
  const sentence = words[key] || "";
  return sentence.replace(/\{([a-z_]+)\}/g, (all, name) => (name in params ? params[name] : all));
}

/** A new element. Attributes that are false or null are left out; children are text or nodes. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false && value != null) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children);
  return element;
}

/** Replace what is in an element. */
export function fill(element, ...children) {
  element.textContent = "";
  element.append(...children);
}

/** A link to a page in this language. */
export function link(path, text, attributes = {}) {
  return make("a", { href: home + path, ...attributes }, text);
}

/** Term and description pairs for a <dl>. */
export function facts(list, pairs) {
  fill(list);
  for (const [term, value] of pairs) list.append(make("dt", {}, term), make("dd", {}, value));
}

/** Show one element and bring the reader to it. */
export function showAndFocus(element) {
  element.hidden = false;
  element.focus();
}

/** A number as people of this language write it. Intl would take a cheap phone tens of milliseconds to load. */
export function count(number) {
  const [group, point] = language === "en" ? [",", "."] : [".", ","];
  const [whole, part] = String(number).split(".");
  return whole.replace(/\B(?=(\d{3})+$)/g, group) + (part ? point + part : "");
}

/** Offer text as a file. */
export function download(name, text, type) {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const anchor = make("a", { href: address, download: name });
  document.body.append(anchor);
  anchor.click();
  anchor.remove();
  setTimeout(() => URL.revokeObjectURL(address), 60000);
}
