import { download, make, say } from "./page.js";

/** The receipt as text, with a button that saves it. */
export function receiptBox(receipt) {
  const text = `${JSON.stringify(receipt, null, 2)}\n`;
  const button = make("button", { type: "button", class: "small" }, say("js.receipt_save"));
  button.addEventListener("click", () => download(`receipt-${receipt.wave}.json`, text, "application/json"));
  const shown = make("details", {}, make("summary", {}, say("js.receipt_show")), make("pre", { class: "long", tabindex: "0" }, text));
  return [make("h3", {}, say("js.receipt")), make("p", {}, say("js.receipt_text")), make("p", {}, button), shown];
}
