// Draws the chat: bubbles, buttons, notes. Knows nothing of the network; what a press means is given to it.

import { marked } from "./marks.js";

const TICKS = { queued: "◷", sending: "◷", sent: "✓", delivered: "✓✓", read: "✓✓", failed: "!", unknown: "?", suppressed: "⊘", expired: "⊘" };
const STATES = { queued: "waiting to be sent", sending: "being sent", unknown: "no answer from the provider", suppressed: "held back: opted out", expired: "too late to send" };

export function make(tag, name, ...children) {
  const node = document.createElement(tag);
  if (name) node.className = name;
  node.append(...children);
  return node;
}

export function clock(at, zone) {
  const options = { hour: "2-digit", minute: "2-digit", hour12: false };
  try { return new Date(at).toLocaleTimeString("en-GB", { ...options, timeZone: zone }); }
  catch { return new Date(at).toLocaleTimeString("en-GB", options); }
}

export class Chat {
  // press(choice, bubble), open(bubble), fill(bubble): what a button does, that of a list, and that of a form
  constructor(box, { press, open, fill }) {
    this.box = box;
    this.press = press;
    this.open = open;
    this.fill = fill;
    this.drawn = new Map();
    // a picture that has come makes the chat longer: whoever was at its end stays there
    box.addEventListener("load", () => { if (this.atEnd) this.toEnd(); }, true);
    box.addEventListener("scroll", () => { this.atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 80; });
    this.atEnd = true;
  }

  toEnd() {
    this.box.scrollTop = this.box.scrollHeight;
  }

  clear() {
    this.drawn.clear();
    this.box.replaceChildren();
  }

  draw(bubbles, zone) {
    const atEnd = this.atEnd;
    let grew = false;
    const lastAsk = bubbles.findLast((one) => one.choices?.length)?.id;
    for (const one of bubbles) {
      const print = JSON.stringify([one, one.id === lastAsk]);
      const known = this.drawn.get(one.id);
      if (known?.print === print) continue;
      const nodes = one.side === "note" ? [make("div", "note", one.text)] : this.bubble(one, zone, one.id === lastAsk);
      if (known) {
        const focused = known.nodes.some((node) => node.contains(document.activeElement));
        known.nodes[0].before(...nodes);
        known.nodes.forEach((node) => node.remove());
        if (focused) this.box.focus();
      } else {
        this.box.append(...nodes);
        grew = true;
      }
      this.drawn.set(one.id, { print, nodes });
    }
    if (grew && atEnd) this.toEnd();
  }

  bubble(one, zone, live) {
    const box = make("div", one.side === "in" ? "bubble mine" : "bubble");
    box.dataset.id = one.id;
    if (one.key) box.title = one.key;
    if (one.template) {
      box.title = one.template;
      box.append(make("div", "footer", `template ${one.template}`));
    }
    if (one.heading) box.append(make("strong", "text", one.heading));
    if (one.media) box.append(media(one.media));
    if (one.place) box.append(place(one.place));
    box.append(make("span", "text", marked(one.text ?? "")));
    if (one.footer) box.append(make("div", "footer", one.footer));
    box.append(meta(one, zone));
    const nodes = [box];
    if (one.choices?.length) nodes.push(this.choices(one, live));
    if (one.form) nodes.push(this.form(one));
    if (one.links?.length) nodes.push(links(one.links));
    return nodes;
  }

  form(one) {
    const box = make("div", "choices");
    const button = make("button", "", one.button);
    button.type = "button";
    button.addEventListener("click", () => this.fill(one));
    box.append(button);
    return box;
  }

  choices(one, live) {
    const box = make("div", live ? "choices" : "choices old");
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", "Answers");
    if (one.kind === "list") {
      const button = make("button", "", "☰ " + (one.button || "Options"));
      button.type = "button";
      button.addEventListener("click", () => this.open(one));
      box.append(button);
    } else {
      for (const choice of one.choices) {
        const button = make("button", "", choice.title);
        button.type = "button";
        button.dataset.choice = choice.id;
        button.addEventListener("click", () => this.press(choice, one));
        box.append(button);
      }
    }
    return box;
  }
}

function meta(one, zone) {
  const box = make("span", "meta", clock(one.at, zone));
  if (one.side === "out") {
    const tick = make("span", `tick ${one.state}`, " " + (TICKS[one.state] ?? ""));
    tick.title = one.error || STATES[one.state] || one.state;
    tick.setAttribute("aria-label", tick.title);
    tick.setAttribute("role", "img");
    box.append(tick);
  } else {
    const tick = make("span", "tick read", " ✓✓");
    tick.setAttribute("aria-hidden", "true");
    box.append(tick);
  }
  return box;
}

// a template's buttons that lead out of the chat: shown, not followed
function links(all) {
  const box = make("div", "choices old");
  for (const one of all) {
    const button = make("button", "", one.text);
    button.type = "button";
    button.title = one.target;
    button.disabled = true;
    box.append(button);
  }
  return box;
}

function media(one) {
  const name = one.filename || one.kind;
  if (!one.url) return make("div", "footer", name);
  const tags = { image: "img", sticker: "img", video: "video", audio: "audio" };
  const node = make(tags[one.kind] ?? "a");
  if (tags[one.kind]) {
    node.src = one.url;
    if (node.tagName === "IMG") node.alt = name; else node.controls = true;
  } else {
    node.href = one.url;
    node.textContent = name;
    node.setAttribute("download", "");
  }
  return node;
}

function place(one) {
  const box = make("span", "place", one.name || `${Number(one.latitude).toFixed(4)}, ${Number(one.longitude).toFixed(4)}`);
  if (one.address) box.append(make("div", "footer", one.address));
  return box;
}
