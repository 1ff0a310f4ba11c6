import { download, facts, make, say } from "./page.js";
import { receiptImage } from "./receipt-image.js";
import { moment } from "./times.js";

/** The receipt: what it says, and buttons that save it as a picture or a file, or print it. */
export function receiptBox(receipt) {
  const text = `${JSON.stringify(receipt, null, 2)}\n`;
  const list = make("dl", { class: "facts" });
  facts(list, [[say("js.receipt_wave"), String(receipt.wave)], [say("js.receipt_joined"), moment(receipt.joined_at)], [say("js.receipt_entry"), make("span", { class: "long" }, receipt.entry)]]);
  const box = make("div", { class: "receipt" }, make("h3", {}, say("js.receipt")), list);
  const press = (words, action) => {
    const button = make("button", { type: "button", class: "small" }, words);
    button.addEventListener("click", action);
    return button;
  };
  const image = async () => download(`receipt-${receipt.wave}.png`, await receiptImage(receipt), "image/png");
  const buttons = make("p", { class: "row" }, press(say("js.receipt_image"), image),
    press(say("js.receipt_save"), () => download(`receipt-${receipt.wave}.json`, text, "application/json")),
    press(say("js.receipt_print"), () => printAlone(box)));
  const shown = make("details", {}, make("summary", {}, say("js.receipt_show")), make("pre", { class: "long", tabindex: "0" }, text));
  box.append(make("p", { class: "small-text" }, say("js.receipt_text")), buttons, shown);
  return [box];
}

/** Print one receipt, with all of its signed text, and nothing else of the page. */
function printAlone(box) {
  const shown = box.querySelector("details");
  const was = shown.open;
  shown.open = true;
  box.classList.add("printed");
  document.body.classList.add("print-one");
  window.print();
  document.body.classList.remove("print-one");
  box.classList.remove("printed");
  shown.open = was;
}
