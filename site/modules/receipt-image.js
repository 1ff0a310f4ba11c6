/* The receipt as a picture, for a phone's gallery. */

import { say } from "./page.js";
import { moment } from "./times.js";

const WIDTH = 720;
const EDGE = 48;
const PER_LINE = 44;

/** A PNG that holds all the receipt's words and signed text. */
export function receiptImage(receipt) {
  const canvas = document.createElement("canvas");
  const lines = linesOf(receipt);
  canvas.width = WIDTH;
  canvas.height = 210 + lines.reduce((sum, [, size]) => sum + size * 1.45, 0);
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#ffffff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.fillStyle = "#0a3550";
  pen.fillRect(0, 0, canvas.width, 110);
  drawMark(pen);
  let y = 160;
  for (const [text, size, style] of lines) {
    pen.font = `${style || "400"} ${size}px ${style === "code" ? "monospace" : "system-ui, sans-serif"}`.replace("code ", "");
    pen.fillStyle = "#10202b";
    pen.fillText(text, EDGE, y);
    y += size * 1.45;
  }
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}

/** The wave and the name, from the page's own header. */
function drawMark(pen) {
  pen.save();
  pen.translate(EDGE, 22);
  pen.scale(2, 2);
  pen.lineWidth = 2.8;
  pen.lineCap = "round";
  pen.fillStyle = "#ffc857";
  pen.beginPath();
  pen.arc(14, 12, 6, 0, 7);
  pen.fill();
  pen.strokeStyle = "#ffffff";
  const [wave, below, name] = document.querySelectorAll(".brand path");
  for (const path of [wave, below]) pen.stroke(new Path2D(path.getAttribute("d")));
  pen.translate(36, 3);
  pen.stroke(new Path2D(name.getAttribute("d")));
  pen.restore();
}

/** [text, size, style] of each line. */
function linesOf(receipt) {
  const wrapped = (text, most) => text.match(new RegExp(`.{1,${most}}`, "g"));
  const lines = [[say("js.receipt"), 40, "700"], [`${say("js.receipt_wave")} ${receipt.wave}`, 34, "700"]];
  for (const part of moment(receipt.joined_at).split(" (")) lines.push([part.replace(")", ""), 26]);
  lines.push(["", 12]);
  for (const [name, value] of Object.entries(receipt)) {
    if (!["version", "wave", "joined_at"].includes(name)) lines.push([name, 20, "700"], ...wrapped(String(value), PER_LINE).map((line) => [line, 24, "code"]), ["", 8]);
  }
  lines.push(...sentences(say("js.receipt_text")));
  return lines;
}

function sentences(text) {
  const lines = [];
  for (const word of text.split(" ")) {
    const last = lines[lines.length - 1];
    if (last && last[0].length + word.length < PER_LINE) last[0] += ` ${word}`;
    else lines.push([word, 24]);
  }
  return lines;
}
