// The browser simulator. Everything goes the real way: what is sent here enters as a webhook, what comes back was sent
// by the sender. The page asks for the state, and draws it when it has changed.

import { Chat, clock, make } from "./chat.js";

const $ = (id) => document.getElementById(id);
const base = document.body.dataset.base;
let who = new URLSearchParams(location.search).get("c") || document.body.dataset.who;
let state = null, etag = "", busyUntil = 0, timer = 0, asked = 0;
const shown = new Set();  // messages that this phone has reported as read

const chat = new Chat($("chat"), {
  press: (choice, bubble) => say({ kind: "tap", tap: { id: choice.id, title: choice.title, source: bubble?.template ? "template" : "button" } }),
  open: (bubble) => openSheet(bubble),
  fill: (bubble) => fillForm(bubble),
});

// WhatsApp draws the form; here its answers are written as they come back
function fillForm(bubble) {
  const text = prompt("What the form sends back, as JSON", "{}");
  if (text === null) return;
  act(() => call("say", { kind: "form", form: { ...JSON.parse(text), flow_token: bubble.form } }));
}

// -- the network ---------------------------------------------------------------------------------------------

async function call(path, body) {
  const answer = await fetch(`${base}/${who}/${path}`, {
    method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body ?? {}),
  });
  const data = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(data.detail || data.title || `HTTP ${answer.status}`);
  return data;
}

// One after the other: what is pressed while a restart is under way is for the new contact.
let last = Promise.resolve();
const act = (work) => (last = last.then(() => perform(work)));

async function perform(work) {
  busyUntil = Date.now() + 15000;
  notice("");
  try { await work(); } catch (error) { notice(error.message); }
  look();
}

const say = (message) => act(() => call("say", { ...message, language: $("language").value }));

async function look() {
  clearTimeout(timer);
  const turn = ++asked;
  try {
    const answer = await fetch(`${base}/${who}/state`, { headers: etag ? { "if-none-match": etag } : {}, cache: "no-store" });
    if (turn !== asked) return;
    if (answer.status === 200) {
      etag = answer.headers.get("etag") ?? "";
      state = await answer.json();
      draw();
    } else if (answer.status !== 304) throw new Error(`HTTP ${answer.status}`);
    if ($("notice").dataset.lost) notice("");
  } catch (error) {
    if (turn !== asked) return;
    notice("Flowbot does not answer; trying again.", true);
  }
  const quiet = Date.now() > busyUntil;
  timer = setTimeout(look, document.hidden ? 5000 : quiet ? 1500 : 250);
}

function notice(text, lost = false) {
  $("notice").textContent = text;
  if (lost) $("notice").dataset.lost = "1"; else delete $("notice").dataset.lost;
}

function become(other) {
  who = other;
  etag = "";
  shown.clear();
  chat.clear();
  history.replaceState(null, "", `?c=${encodeURIComponent(who)}`);
  $("save").href = `${base}/${who}/test.yaml`;
}

// -- drawing ---------------------------------------------------------------------------------------------------

function draw() {
  const bubbles = state.bubbles, box = $("chat"), atEnd = chat.atEnd;
  box.querySelectorAll(":scope > .starts, :scope > .typing").forEach((node) => node.remove());
  chat.draw(bubbles, state.timezone);
  if (!bubbles.length) box.append(starts(state.starts));
  else if (!state.settled) box.append(make("div", "note typing", "writing …"));
  if (atEnd) chat.toEnd();
  $("sub").textContent = ["simulator", state.language].filter(Boolean).join(" · ");
  list($("where"), state.where, "Nothing has begun: write one of the words that start the flow.");
  list($("answers"), state.answers, "None yet.");
  desk(state.desk);
  trace(state.trace);
  mistakes(state.mistakes);
  $("save").hidden = !bubbles.length;
  $("back").disabled = !bubbles.some((one) => one.side === "in");
  $("next-timer").disabled = !state.next_timer;
  document.body.dataset.settled = state.settled;
  markRead(bubbles);
}

function mistakes(lines) {
  $("mistakes").hidden = !lines.length;
  $("mistakes").lastElementChild.replaceChildren(...lines.map((one) => make("li", "", one)));
}

function list(box, rows, empty) {
  box.replaceChildren();
  if (!rows.length) { box.append(make("dt", "", "—"), make("dd", "empty", empty)); return; }
  for (const row of rows) {
    const value = make("dd", "", row.value ?? "");
    if (row.badge) value.append(make("span", row.end ? "badge end" : "badge", row.badge));
    box.append(make("dt", "", row.name), value);
  }
}

// Whoever sits at the page is the person who has taken over, too.
function desk(open) {
  $("desk").hidden = !open;
  if (!open) return;
  $("desk-choices").replaceChildren(...open.choices.map((choice) => button(choice, () => operate({ action: "choose", choice }))));
}

const operate = (done) => act(() => call("operator", done));

function trace(rows) {
  const box = $("trace");
  const lines = rows.map((row) => {
    const when = make("time", "", clock(row.at, state.timezone) + new Date(row.at).toISOString().slice(16, 19));
    return make("li", "", when, make("b", "", row.step || row.what), make("span", "", row.step ? `${row.what} ${row.detail}`.trim() : row.detail));
  });
  const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 40;
  box.replaceChildren(...(lines.length ? lines : [make("li", "empty", "")]));
  if (atEnd) box.scrollTop = box.scrollHeight;
}

function starts(ways) {
  const box = make("div", "starts");
  const words = [...ways.messages, ...ways.keywords];
  if (words.length) {
    box.append(make("p", "", "Write what starts the flow, or press it:"));
    for (const word of words.slice(0, 6)) box.append(button(word, () => say({ kind: "text", text: word })));
  }
  if (ways.api) {
    box.append(make("p", "", words.length ? "Or start it as a client's system would:" : "A client's system starts this flow:"));
    const fields = ways.inputs.map((input) => field(input));
    box.append(...fields.map((one) => one.label), button("Start by API", () => act(() => call("start", {
      language: $("language").value,
      inputs: Object.fromEntries(fields.filter((one) => one.box.value).map((one) => [one.name, one.box.value])),
    }))));
  }
  if (ways.invite) {
    box.append(make("p", "", `Or invite the contact with the template ${ways.invite}:`));
    box.append(button("Send the invitation", () => act(() => call("start", { language: $("language").value, inputs: {}, invite: true }))));
  }
  if (!words.length && !ways.api && !ways.invite) box.append(make("p", "", "This flow names nothing that starts it: other flows may jump to it."));
  return box;
}

function field(input) {
  const box = make("input");
  box.value = input.default ?? "";
  box.required = input.required;
  return { name: input.name, box, label: make("label", "", input.name + (input.required ? " *" : ""), box) };
}

function button(text, work) {
  const made = make("button", "", text);
  made.type = "button";
  made.addEventListener("click", work);
  return made;
}

// The phone reports what it shows, as WhatsApp does.
function markRead(bubbles) {
  if (document.hidden) return;
  const fresh = bubbles.filter((one) => one.side === "out" && one.state === "delivered" && !shown.has(one.id)).map((one) => one.id);
  if (!fresh.length) return;
  fresh.forEach((id) => shown.add(id));
  call("read", { ids: fresh }).catch(() => fresh.forEach((id) => shown.delete(id)));
}

// -- the list of choices, attachments ----------------------------------------------------------------------------

function openSheet(bubble) {
  $("sheet-title").textContent = bubble.button || "Options";
  $("rows").replaceChildren(...bubble.choices.map((choice, place) => {
    const pick = make("input");
    Object.assign(pick, { type: "radio", name: "choice", value: String(place), required: true, checked: place === 0 });
    const words = make("span", "", choice.title);
    if (choice.description) words.append(make("small", "", choice.description));
    return make("label", "row", words, pick);
  }));
  $("sheet").onclose = () => {
    const picked = $("rows").querySelector("input:checked");
    if ($("sheet").returnValue !== "send" || !picked) return;
    const choice = bubble.choices[Number(picked.value)];
    say({ kind: "tap", tap: { id: choice.id, title: choice.title, source: "list" } });
  };
  $("sheet").returnValue = "";
  $("sheet").showModal();
}

async function sendFile(file) {
  const answer = await fetch(`${base}/${who}/media?name=${encodeURIComponent(file.name)}`, {
    method: "POST", headers: { "content-type": "application/octet-stream" }, body: file,
  });
  const media = await answer.json();
  if (!answer.ok) throw new Error(media.detail || `HTTP ${answer.status}`);
  await call("say", { kind: media.kind, media, language: $("language").value });
}

function menu(open) {
  $("menu").hidden = !open;
  $("attach").setAttribute("aria-expanded", String(open));
  if (open) $("menu").querySelector("button").focus();
}

$("attach").addEventListener("click", () => menu($("menu").hidden));
$("attach-file").addEventListener("click", () => { menu(false); $("file").click(); });
$("file").addEventListener("change", () => {
  const [file] = $("file").files;
  $("file").value = "";
  if (file) act(() => sendFile(file));
});
$("attach-sample").addEventListener("click", () => {
  menu(false);
  act(async () => {
    const answer = await fetch(document.body.dataset.sample || new URL("./sample.jpg", import.meta.url));
    await sendFile(new File([await answer.blob()], "sample.jpg"));
  });
});
$("attach-place").addEventListener("click", () => { menu(false); $("place").returnValue = ""; $("place").showModal(); });
$("place").addEventListener("close", () => {
  if ($("place").returnValue !== "send") return;
  say({ kind: "location", place: { latitude: Number($("latitude").value), longitude: Number($("longitude").value) } });
});
document.addEventListener("keydown", (event) => { if (event.key === "Escape" && !$("menu").hidden) { menu(false); $("attach").focus(); } });
document.addEventListener("click", (event) => { if (!event.target.closest("#menu, #attach")) menu(false); });

// -- time and turns ------------------------------------------------------------------------------------------------

$("compose").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = $("text").value;
  if (!text.trim()) return;
  $("text").value = "";
  say({ kind: "text", text });
});
$("desk-say").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = $("desk-text").value;
  if (!text.trim()) return;
  $("desk-text").value = "";
  operate({ action: "say", text });
});
$("desk-close").addEventListener("click", () => operate({ action: "close" }));
$("later").addEventListener("click", () => act(() => call("clock", { by: 30 * 60000 })));
$("next-timer").addEventListener("click", () => act(() => call("clock", { to: "next" })));
$("back").addEventListener("click", () => act(async () => {
  $("back").disabled = true;
  become((await call("back", {})).who);
}));
$("restart").addEventListener("click", () => act(async () => {
  become((await call("restart")).who);
  $("text").focus();
}));
$("flows").addEventListener("change", () => location.assign($("flows").value));
$("language").addEventListener("change", () => act(async () => become((await call("restart")).who)));
document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });

become(who);
look();
