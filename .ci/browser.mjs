// A browser over its debugging pipe, without any package: opens pages, listens to what they complain of, and acts as a
// reader does. Owns the protocol. Does not know what a page should be. Invariant: it waits for events, never for time.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const FLAGS = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
  "--disable-background-networking", "--disable-component-update", "--host-resolver-rules=MAP * ~NOTFOUND",
  "--hide-scrollbars", "--remote-debugging-pipe",
];
// The longest that anything takes. Beyond it something hangs, and that is an error. Unit: milliseconds.
const LONGEST = 60_000;

export class Browser {
  static async start(program) {
    const profile = mkdtempSync(join(tmpdir(), "firedrill-browser-"));
    const child = spawn(program, [...FLAGS, `--user-data-dir=${profile}`, "about:blank"], {
      stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"],
    });
    return new Browser(child, profile);
  }

  constructor(child, profile) {
    Object.assign(this, { child, profile, next: 1, waiting: new Map(), tabs: new Map(), rest: "" });
    child.stdio[4].setEncoding("utf8").on("data", (text) => this.received(text));
    child.on("exit", () => this.waiting.forEach(({ reject }) => reject(new Error("the browser has ended"))));
  }

  received(text) {
    const messages = (this.rest + text).split("\0");
    this.rest = messages.pop();
    for (const message of messages.map((message) => JSON.parse(message))) {
      const call = this.waiting.get(message.id);
      if (!message.id) this.tabs.get(message.sessionId)?.heard(message.method, message.params);
      else if (message.error) call.reject(new Error(`${call.method}: ${message.error.message}`));
      else call.resolve(message.result);
      this.waiting.delete(message.id);
    }
  }

  send(method, params = {}, sessionId = undefined) {
    const id = this.next++;
    this.child.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    return within(method, new Promise((resolve, reject) => this.waiting.set(id, { resolve, reject, method })));
  }

  async tab() {
    const { targetId } = await this.send("Target.createTarget", { url: "about:blank" });
    const { sessionId } = await this.send("Target.attachToTarget", { targetId, flatten: true });
    const tab = new Tab(this, sessionId, targetId);
    this.tabs.set(sessionId, tab);
    for (const domain of ["Page", "Runtime", "Log", "Network", "Audits"]) await tab.send(`${domain}.enable`);
    return tab;
  }

  async end() {
    const ended = new Promise((resolve) => this.child.once("exit", resolve));
    await this.send("Browser.close").catch(() => this.child.kill());
    await ended;
    rmSync(this.profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

class Tab {
  constructor(browser, session, target) {
    Object.assign(this, { browser, session, target, listeners: [], complaints: [], url: "" });
  }

  send(method, params) {
    return this.browser.send(method, params, this.session);
  }

  heard(method, params) {
    const said = {
      "Runtime.consoleAPICalled": () => `console: ${params.args.map((arg) => arg.value ?? arg.description).join(" ")}`,
      "Runtime.exceptionThrown": () => `exception: ${params.exceptionDetails.exception?.description ?? params.exceptionDetails.text}`,
      "Log.entryAdded": () => `log: ${params.entry.text}`,
      "Network.loadingFailed": () => `not loaded: ${params.errorText} ${params.blockedReason ?? ""}`,
      "Network.requestWillBeSent": () => params.request.url.split("#")[0] !== this.url && `it loads ${params.request.url}`,
      "Audits.issueAdded": () => params.issue.code === "ContentSecurityPolicyIssue" && `blocked: ${JSON.stringify(params.issue.details)}`,
    }[method]?.();
    if (said) this.complaints.push(said);
    this.listeners = this.listeners.filter((listener) => !listener(method, params));
  }

  event(wanted) {
    const heard = new Promise((resolve) => this.listeners.push((method) => method === wanted && (resolve(), true)));
    return within(wanted, heard);
  }

  // As a window so wide shows it, in these colours, on a screen or on paper.
  async look(width, scheme, media = "screen") {
    await this.send("Emulation.setDeviceMetricsOverride", { width, height: 900, deviceScaleFactor: 1, mobile: false });
    const features = [{ name: "prefers-color-scheme", value: scheme }, { name: "prefers-reduced-motion", value: "reduce" }];
    await this.send("Emulation.setEmulatedMedia", { media, features });
  }

  // By way of nowhere, so that another instant of the same page is a page of its own.
  async open(url) {
    for (const to of ["about:blank", url]) {
      this.url = to.split("#")[0];
      const loaded = this.event("Page.loadEventFired");
      await this.send("Page.navigate", { url: to });
      await loaded;
    }
  }

  // What an expression of the page comes to, once that is settled.
  async ask(expression) {
    const { result, exceptionDetails } = await this.send("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  async frame() {
    await this.ask("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))");
  }

  async mouse(type, x, y, buttons = 0) {
    const button = type === "mouseMoved" ? "none" : "left";
    await this.send("Input.dispatchMouseEvent", { type, x, y, button, buttons, clickCount: 1, pointerType: "mouse" });
    await this.frame();
  }

  async click(x, y) {
    await this.mouse("mousePressed", x, y, 1);
    await this.mouse("mouseReleased", x, y);
  }

  async key(key) {
    const text = key === "Enter" ? "\r" : key.length === 1 ? key : undefined;
    await this.send("Input.dispatchKeyEvent", { type: text ? "keyDown" : "rawKeyDown", key, text, code: key, windowsVirtualKeyCode: KEYS[key] });
    await this.send("Input.dispatchKeyEvent", { type: "keyUp", key, code: key, windowsVirtualKeyCode: KEYS[key] });
    await this.frame();
  }

  async close() {
    await this.browser.send("Target.closeTarget", { targetId: this.target });
  }
}

const KEYS = { ArrowLeft: 37, ArrowRight: 39, Enter: 13, Tab: 9, " ": 32, "+": 187, "-": 189, 0: 48 };

function within(what, promise) {
  let timer;
  const late = new Promise((_, reject) => (timer = setTimeout(() => reject(new Error(`${what} takes too long`)), LONGEST)));
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
