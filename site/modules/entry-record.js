import { call, codeSentence, newKey, sentence } from "./api.js";
import { Draft } from "./drafts.js";
import { busy } from "./form.js";
import { facts, fill, make, say } from "./page.js";
import { moment } from "./times.js";

const REASONS = ["not_past_recipient", "not_blacklisted", "not_duplicate", "wrong_exclusion", "wrong_family", "wrong_pool", "other"];
const MOST = 500;

/** The applicant's record on the published list, and their objection to it. */
export function recordBox(entry) {
  const { record, objection, objection_until: until } = entry;
  if (!record) return [];
  const list = make("dl", { class: "facts" });
  facts(list, record.status ? [[say("record.state"), say("record.excluded")]] : [
    [say("record.state"), say("record.takes_part")],
    [say("record.family"), family(record)],
    [say("record.pool"), record.pool_name || say("record.no_pool")],
  ]);
  const parts = [make("h3", {}, say("record.title")), list];
  for (const code of record.reasons) parts.push(make("p", {}, say(`exclusion.${code}`)));
  if (objection) parts.push(answerBox(objection));
  else if (until) parts.push(objectionForm(entry.wave, until));
  return parts;
}

function family({ shared_by: number, room }) {
  return number ? say("record.shared", { number, room }) : say("record.own_place");
}

/** An objection that was made, and what became of it. */
function answerBox({ state, reason, text, objected_at: at, answer, sentence: note }) {
  const parts = [make("p", {}, make("strong", {}, say(`objected.${state}`))), make("p", {}, say("record.objected_at", { time: moment(at) }), " ", say(`objection.${reason}`)), make("blockquote", {}, text)];
  if (answer) parts.push(make("p", {}, say(`answer.${answer}`)), make("p", {}, say("record.note", { note })));
  return make("div", { class: state === "upheld" ? "notice good" : "notice" }, ...parts);
}

function objectionForm(wave, until) {
  const id = (name) => `objection-${name}-${wave}`;
  const choice = make("select", { id: id("reason") }, make("option", { value: "" }, say("js.choose")),
    ...REASONS.map((code) => make("option", { value: code }, say(`objection.${code}`))));
  const text = make("textarea", { id: id("text"), rows: 4, maxlength: MOST, "aria-describedby": id("hint") });
  const button = make("button", { type: "submit", class: "button second" }, say("record.send"));
  const line = make("p", { class: "progress-line", role: "status" });
  const form = make("form", { method: "post", novalidate: true },
    make("p", {}, say("record.objection_text", { time: moment(until) })),
    make("div", { class: "field" }, make("label", { for: choice.id }, say("record.reason")), choice),
    make("div", { class: "field" }, make("label", { for: text.id }, say("record.words")), make("p", { class: "hint", id: id("hint") }, say("record.words_hint")), text),
    button, line);
  const box = make("details", {}, make("summary", {}, say("record.object")), form);
  const key = newKey();
  const draft = new Draft(`objection.${wave}`, { closed: true });
  const typed = draft.read();
  if (typed) [choice.value, text.value, box.open] = [typed.reason, typed.text, true];
  form.addEventListener("input", () => draft.write({ reason: choice.value, text: text.value }));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (button.getAttribute("aria-disabled")) return;
    if (!choice.value || !text.value.trim()) {
      fill(line, say("record.both"));
      (choice.value ? text : choice).focus();
      return;
    }
    busy(button, true);
    fill(line, say("js.sending"));
    try {
      const body = { reason: choice.value, text: text.value };
      const made = await call("POST", `select/entries/${wave}/objection`, { body, key });
      draft.clear();
      const shown = answerBox(made);
      shown.tabIndex = -1;
      box.replaceWith(shown);
      shown.focus();
    } catch (failure) {
      busy(button, false);
      fill(line, failure.code ? sentence(failure) : codeSentence("unexpected"));
      if (!failure.code) throw failure;
    }
  });
  return box;
}
