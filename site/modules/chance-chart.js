import { chances } from "./chances.js";
import { count, make, say } from "./page.js";

const SVG = "http://www.w3.org/2000/svg";
const SIZES = [1, 2, 3, 4, 5, 6];
const ROW = 34;
const LEFT = 26;
const WIDTH = 300;

/** Bars and a table of the chances by family size; `share`: which part of all numbers got a place. */
export function chanceChart(share, room) {
  const rows = SIZES.map((size) => ({ size, ...chances(size, share, room) }));
  const height = rows.length * ROW;
  const picture = draw("svg", { viewBox: `0 0 ${WIDTH} ${height}`, class: "chart", role: "img", "aria-label": say("chance.picture") });
  rows.forEach(({ size, one, each }, index) => {
    const y = index * ROW;
    picture.append(draw("text", { x: 4, y: y + 20 }, String(size)));
    picture.append(draw("rect", { x: LEFT, y: y + 4, height: 11, width: Math.max(1, one * (WIDTH - LEFT)), class: "bar one" }));
    picture.append(draw("rect", { x: LEFT, y: y + 17, height: 11, width: Math.max(1, each * (WIDTH - LEFT)), class: "bar each" }));
  });
  const head = make("tr", {}, ...["size", "one", "each"].map((name) => make("th", { scope: "col" }, say(`chance.${name}`))));
  const cells = rows.map(({ size, one, each }) => make("tr", {}, make("th", { scope: "row" }, String(size)), make("td", {}, percent(one)), make("td", {}, percent(each))));
  const table = make("table", { class: "figures" }, make("thead", {}, head), make("tbody", {}, ...cells));
  return [make("p", {}, say("chance.share", { share: percent(share), room })), picture, table];
}

function percent(part) {
  return `${count(Math.round(part * 1000) / 10)}%`;
}

function draw(tag, attributes, text = "") {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.textContent = text;
  return element;
}
