// What the pages must be in a real browser, and what the script of the page of one run must do.
//
//   node .ci/page.mjs CHROMIUM AXE.JS RUN.html [PAGE.html ...]
//
// Every page is opened at two widths, in light and in dark and as on paper: no message on the console, nothing asked of
// anybody, nothing wider than the window, and axe finds nothing. The first page is that of a run: its script is driven as a
// reader would, and what each thing changes is looked at.
import { readFileSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { Browser } from "./browser.mjs";

const [chromium, axe, ...pages] = process.argv.slice(2);
const axeSource = readFileSync(axe, "utf8");
const wrong = [];
const must = (holds, what) => holds || wrong.push(what);

const OVERFLOW = `(() => {
  const width = document.documentElement.clientWidth;
  const wide = [...document.querySelectorAll("body *")].filter((node) => node.getBoundingClientRect().right > width + 1
    && !node.closest(".scroll, pre, .skip, svg") && node.getClientRects().length > 0);
  const over = document.documentElement.scrollWidth > width ? [document.documentElement.scrollWidth + " wide"] : [];
  return [...over, ...wide.slice(0, 3).map((node) => node.localName + "." + node.className)];
})()`;
const FOUND = `axe.run(document, { preload: false, resultTypes: ["violations"], elementRef: false })
  .then(({ violations }) => violations.map((v) => v.id + ": " + v.help + ": " + v.nodes.slice(0, 3).map((n) => n.html.slice(0, 160)).join(" | ")))`;

async function looks(tab, page) {
  const url = pathToFileURL(resolve(page)).href;
  const name = `${basename(dirname(resolve(page)))}/${basename(page)}`;
  for (const [width, scheme, media] of [[1280, "light", "screen"], [390, "dark", "screen"], [390, "light", "screen"], [1280, "dark", "screen"], [1280, "light", "print"]]) {
    const began = Date.now();
    tab.complaints = [];
    await tab.look(width, scheme, media);
    await tab.open(url);
    // Once as it is opened, and once with everything unfolded.
    if (scheme === "dark") await tab.ask(`document.querySelectorAll("details").forEach((details) => (details.open = true))`);
    await tab.frame();
    const over = await tab.ask(OVERFLOW);
    must(over.length === 0, `${name} at ${width}, ${scheme}, ${media}: wider than the window: ${over}`);
    await tab.ask(`${axeSource}; 0`);
    const found = await tab.ask(FOUND);
    found.forEach((violation) => must(false, `${name} at ${width}, ${scheme}, ${media}: axe: ${violation}`));
    tab.complaints.forEach((complaint) => must(false, `${name} at ${width}, ${scheme}, ${media}: ${complaint}`));
    console.log(`${name} ${width} ${scheme} ${media}: ${found.length + over.length + tab.complaints.length ? "not fine" : "fine"} in ${((Date.now() - began) / 1000).toFixed(1)}s`);
  }
}

// ---- The script -------------------------------------------------------------------------------------------------------

const text = (selector) => `document.querySelector(${JSON.stringify(selector)})?.textContent`;
const STATE = `({
  now: ${text(".dock output")}, looked: ${text(".looked")}, hash: location.hash,
  states: [...document.querySelectorAll(".tracks td:nth-child(2)")].map((cell) => cell.textContent),
  gaps: document.querySelectorAll(".tracks .missed, .tracks .false").length,
  readouts: [...document.querySelectorAll(".shown .readout")].map((node) => node.textContent),
  hairs: [...document.querySelectorAll(".shown svg .hair")].filter((line) => line.getClientRects().length > 0).length,
  charts: [...document.querySelectorAll(".shown svg[data-plot]")].filter((svg) => svg.getClientRects().length > 0).length,
  marked: document.querySelectorAll("tr.marked").length, markedShapes: document.querySelectorAll("svg .mark.marked").length,
  lines: document.querySelectorAll(".shown svg .chosen").length,
  rows: document.querySelectorAll("tr[data-at]:not(.filtered)").length,
  marks: [...document.querySelectorAll(".shown svg .mark")].filter((mark) => mark.getClientRects().length > 0).length,
  current: document.querySelectorAll('tr[aria-current="true"]').length,
})`;
// Where a point of the first chart of the service is, so far along its plot.
const POINT = (part) => `(() => {
  const svg = [...document.querySelectorAll(".shown .charts svg[data-plot]")].find((svg) => svg.getClientRects().length > 0);
  svg.scrollIntoView({ block: "center" });
  const [left, right, top, bottom] = svg.dataset.plot.split(" ").map(Number);
  const box = svg.getBoundingClientRect();
  const scale = box.width / svg.viewBox.baseVal.width;
  return [box.left + (left + ${part} * (right - left)) * scale, box.top + (top + bottom) / 2 * scale];
})()`;
const MIDDLE = (selector) => `(() => {
  const node = [...document.querySelectorAll(${JSON.stringify(selector)})].find((node) => node.getClientRects().length > 0);
  node.scrollIntoView({ block: "center" });
  const box = node.getBoundingClientRect();
  return [box.left + box.width / 2, box.top + box.height / 2];
})()`;

const seconds = (clock) => clock.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
const ends = (state) => state.looked.split(" to ").map(seconds);

async function script(tab, page, width) {
  const url = pathToFileURL(resolve(page)).href;
  const here = `the script at ${width}`;
  const check = (holds, what) => must(holds, `${here}: ${what}`);
  const state = () => tab.ask(STATE);
  const press = async (name) => {
    const clicked = await tab.ask(`(() => { const node = [...document.querySelectorAll("button")].find((node) => node.textContent === ${JSON.stringify(name)}); node?.click(); return !!node; })()`);
    check(clicked, `there is no button ${name}`);
    await tab.frame();
  };
  const write = async (selector, value) => {
    await tab.ask(`(() => { const node = document.querySelector(${JSON.stringify(selector)}); node.value = ${JSON.stringify(value)}; node.dispatchEvent(new Event("input", { bubbles: true })); node.dispatchEvent(new Event("change", { bubbles: true })); })()`);
    await tab.frame();
  };
  tab.complaints = [];
  await tab.look(width, "light");
  await tab.open(url);
  const first = await state();
  check(first.charts > 5 && first.hairs === first.charts, `${first.hairs} cross-hairs in ${first.charts} charts`);
  check(first.gaps > 0, "no gap is told at the instant of the fault");

  await tab.mouse("mouseMoved", ...(await tab.ask(POINT(0.25))));
  const quarter = await state();
  await tab.mouse("mouseMoved", ...(await tab.ask(POINT(0.75))));
  const later = await state();
  check(seconds(later.now.split(" ")[0]) > seconds(quarter.now.split(" ")[0]), "the cross-hair does not follow the pointer");
  check(later.readouts.every((said, i) => said !== quarter.readouts[i]), "a chart does not say its values where the pointer is");
  check(later.hash === first.hash, "pointing alone changes the link");
  await tab.click(...(await tab.ask(POINT(0.5))));
  const clicked = await state();
  check(/^#t=\d/.test(clicked.hash), `a click leaves the link ${clicked.hash}`);

  const [x, y] = await tab.ask(POINT(0.4));
  const [to] = await tab.ask(POINT(0.6));
  await tab.mouse("mousePressed", x, y, 1);
  await tab.mouse("mouseMoved", (x + to) / 2, y, 1);
  await tab.mouse("mouseMoved", to, y, 1);
  await tab.mouse("mouseReleased", to, y);
  const closer = await state();
  const [whole, part] = [first, closer].map(ends).map(([from, until]) => until - from);
  check(Math.abs(part / whole - 0.2) < 0.03, `a fifth of ${whole}s that is drawn over comes to ${part}s`);
  const moved = await tab.ask(`document.querySelectorAll(".shown svg [transform]").length`);
  check(moved > 10, "the charts do not show the stretch");
  await press("Closer");
  const closest = ends(await state());
  check(closest[1] - closest[0] < part * 0.6, "Closer is not closer");
  await press("Reset");
  check((await state()).looked === first.looked, "Reset does not lead back");
  check((await tab.ask(`document.querySelectorAll(".shown svg .line[transform], .shown svg .ticks").length`)) === 0, "something is left of a stretch");

  await tab.ask(`document.querySelector("#at").focus()`);
  const before = await state();
  await tab.key("ArrowRight");
  const stepped = await state();
  const step = seconds(stepped.now.split(" ")[0]) - seconds(before.now.split(" ")[0]);
  check(Math.abs(step - 1) < 0.11, `an arrow key moves by ${step}s`);
  check(stepped.hash !== before.hash, "an arrow key leaves the link as it was");
  await tab.key("+");
  const [from, until] = ends(await state());
  check(until - from < whole * 0.6, "+ does not look closer");
  await tab.key("0");
  check((await state()).looked === first.looked, "0 does not lead back");

  await press("Whole run");
  const end = ends(await state())[1];
  await write("#at", String(end * 0.1));
  const early = await state();
  await write("#at", String(end * 0.24));
  const late = await state();
  check(early.states.length >= 6 && late.states.length === early.states.length, `${early.states.length} states`);
  check(late.states.filter((said, i) => said !== early.states[i]).length >= 4, "the slider changes too little");

  await tab.click(...(await tab.ask(MIDDLE(".shown svg .mark"))));
  const mark = await state();
  check(mark.marked > 0 && mark.markedShapes > 0 && mark.lines > 5, `a click on an event marks ${mark.marked} rows, ${mark.markedShapes} shapes, ${mark.lines} charts`);
  check(mark.current === mark.marked, "a marked row does not say that it is the current one");
  await tab.ask(MIDDLE("tr[data-at] button.go"));
  await tab.ask(`[...document.querySelectorAll("tr[data-at] button.go")].find((node) => node.textContent.startsWith("5:10")).focus()`);
  await tab.key("Enter");
  const byKey = await state();
  check(byKey.marked > 0 && byKey.hash !== mark.hash, "Enter on the time of an event does not mark it");

  const box = (actor) => tab.ask(`document.querySelector('.filters input[value="${actor}"]').click()`);
  await box("control");
  const filtered = await state();
  check(filtered.rows < byKey.rows && filtered.rows > 0 && filtered.marks < byKey.marks, "without control there are as many events");
  await box("control");
  check((await state()).rows === byKey.rows, "with control again there are fewer events");
  await write("#search", "promoted");
  const searched = await state();
  check(searched.rows > 0 && searched.rows < byKey.rows / 3, `a search leaves ${searched.rows} of ${byKey.rows} rows`);
  await write("#search", "");

  await tab.open(`${url}#t=12m30s`);
  const linked = await state();
  check(linked.now.startsWith("12:30.0") && linked.hash === "#t=12m30s", `#t=12m30s shows ${linked.now}`);
  await tab.ask(`location.hash = "#t=5m"; new Promise((done) => addEventListener("hashchange", () => done(0), { once: true }))`);
  await tab.frame();
  check((await state()).now.startsWith("5:00.0"), "a changed link leads nowhere");
  tab.complaints.forEach((complaint) => check(false, complaint));
  console.log(`${here}: ${wrong.some((what) => what.startsWith(here)) ? "not fine" : "fine"}`);
}

const browser = await Browser.start(chromium);
try {
  const tab = await browser.tab();
  for (const width of [1280, 390]) await script(tab, pages[0], width);
  for (const page of pages) await looks(tab, page);
} finally {
  await browser.end();
}
if (wrong.length > 0) {
  console.error(wrong.map((what) => `  ${what}`).join("\n"));
  process.exit(1);
}
