// The local chat's page, made livelier: without this script every link and button still works, by whole pages.
"use strict";

const page = document.body;
const me = page.dataset.as;
const room = page.dataset.room;
const list = document.getElementById("messages");
const scroller = document.querySelector(".scroll");

// --- who has seen what, kept in this browser by person

const SEEN = `seen:${me}`;
const seen = JSON.parse(localStorage.getItem(SEEN) || "{}");

function see(where, id) {
  if (id > (seen[where] || 0)) {
    seen[where] = id;
    localStorage.setItem(SEEN, JSON.stringify(seen));
  }
}

function markNews() {
  let others = false;
  for (const link of document.querySelectorAll(".room")) {
    const { room: where, newest } = link.dataset;
    if (where === room) see(where, Number(newest));
    const fresh = Number(newest) > (seen[where] || 0);
    link.querySelector(".new").hidden = !fresh;
    others ||= fresh;
  }
  const tab = document.querySelector('.tabs [data-tab="rooms"] .new');
  if (tab) tab.hidden = !others;
}

// --- tabs, where the page is narrow

const tabs = document.querySelector(".tabs");

function show(tab) {
  page.dataset.tab = tab;
  for (const button of tabs.querySelectorAll("button")) {
    if (button.dataset.tab === tab) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  }
  if (tab === "talk") toEnd();
}

tabs.hidden = false;
page.classList.add("scripted");
tabs.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button) show(button.dataset.tab);
});

// --- messages

function toEnd() {
  const last = list?.lastElementChild;
  if (!last) return;
  if (last.offsetHeight > scroller.clientHeight) last.scrollIntoView({ block: "start" });
  else scroller.scrollTop = scroller.scrollHeight;
}

function built(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html; // made by this server, everything in it escaped
  return holder.content.firstElementChild;
}

function keep(sent) {
  for (const link of document.querySelectorAll(".room")) {
    if (link.dataset.room === sent.room && sent.id > Number(link.dataset.newest)) link.dataset.newest = sent.id;
  }
  if (sent.room !== room || !list) return null;
  const stands = document.getElementById(`m${sent.id}`);
  if (stands && stands.dataset.version === sent.version) return null;
  const message = built(sent.html);
  message.dataset.version = sent.version;
  if (stands) {
    stands.replaceWith(message);
  } else {
    message.classList.add("arrived");
    const after = [...list.children].find((other) => Number(other.dataset.id) > sent.id);
    list.insertBefore(message, after || null);
    document.querySelector(".empty")?.remove();
  }
  dress(message);
  return { message, isNew: !stands };
}

function announce(text) {
  document.getElementById("announce").textContent = text;
}

function focusOn(id) {
  const message = document.getElementById(`m${id}`);
  if (!message) return;
  const target = message.querySelector('[aria-invalid="true"]') || message.querySelector("h3, h4") || message.querySelector(".card");
  if (!target) return;
  if (!target.matches("input, textarea")) target.tabIndex = -1;
  target.focus({ preventScroll: true });
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const high = message.offsetHeight > scroller.clientHeight;
  const shown = target.closest(".field") || message;
  const block = shown !== message ? "center" : high ? "start" : "nearest";
  shown.scrollIntoView({ block, behavior: still ? "auto" : "smooth" });
}

// --- fields: how much room is left, and finding a colleague

function count(field) {
  const about = document.getElementById(field.getAttribute("aria-describedby"));
  const limit = about?.querySelector(".limit");
  if (!limit || field.name.endsWith("__others")) return;
  const most = Number(limit.dataset.limit);
  const used = [...field.value].length;
  const number = (value) => value.toLocaleString(field.closest("[lang]").lang);
  limit.dataset.words ||= limit.textContent;
  limit.hidden = used < most / 2;
  limit.classList.toggle("over", used > most);
  if (used > most) limit.textContent = limit.dataset.over.replace("{over}", number(used - most));
  else limit.textContent = used ? limit.dataset.count.replace("{count}", number(used)) : limit.dataset.words;
}

// Browsers write dates in their own way: beside the field the day stands in words.
function inWords(field) {
  const day = field.valueAsDate;
  const words = { weekday: "long", day: "numeric", month: "long", year: "numeric", timeZone: "UTC" };
  field.nextElementSibling.textContent = day ? new Intl.DateTimeFormat(field.closest("[lang]").lang, words).format(day) : "";
}

function finder(find, entries, status) {
  const input = find.querySelector("input");
  const found = find.querySelector(".found");
  const plain = (text) => text.toLowerCase().replaceAll("ø", "o").replaceAll("æ", "ae").normalize("NFKD").replace(/\p{M}/gu, "");
  const texts = new Map(entries.map((entry) => [entry, plain(entry.textContent)]));
  const look = () => {
    const words = plain(input.value).split(/\s+/).filter(Boolean);
    let any = false;
    for (const [entry, text] of texts) {
      entry.hidden = !words.every((word) => text.includes(word));
      any ||= !entry.hidden;
    }
    for (const group of document.querySelectorAll(".group")) group.hidden = !group.querySelector(".person:not([hidden])");
    found.textContent = any ? status() : input.dataset.none || page.dataset.nobody;
  };
  find.hidden = false;
  input.addEventListener("input", look);
  // Enter would send the whole card.
  input.addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault());
  return look;
}

function dress(message) {
  for (const field of message.querySelectorAll("textarea, input[type=text]")) {
    // The browser cuts a long paste without a word; here it is counted, and refused in words if need be.
    field.removeAttribute("maxlength");
    count(field);
  }
  for (const field of message.querySelectorAll("input[type=date]")) {
    const words = document.createElement("output");
    words.className = "in-words";
    words.htmlFor = field.id;
    field.after(words);
    inWords(field);
  }
  for (const group of message.querySelectorAll("fieldset.people")) {
    const find = group.querySelector(".find");
    if (!find) continue;
    const picked = () => {
      const many = group.querySelectorAll(":checked").length;
      return many ? find.querySelector("input").dataset.picked.replace("{count}", many) : "";
    };
    const look = finder(find, [...group.querySelectorAll(".option")], picked);
    group.addEventListener("change", look);
    look();
  }
}

document.addEventListener("input", (event) => {
  if (event.target.matches(".field textarea, .field input[type=text]")) count(event.target);
  if (event.target.matches(".field input[type=date]")) inWords(event.target);
});

// --- turns

const ids = new WeakMap();

// The same press with the same words is the same event, also when it is tried again; changed words are a new one.
function eventOf(form, body) {
  const last = ids.get(form);
  if (last && last.body === body) return last.id;
  const id = crypto.randomUUID ? crypto.randomUUID() : `${Date.now()}-${Math.random()}`.replace(".", "-");
  ids.set(form, { body, id });
  return id;
}

// What went wrong is said beside the button that was pressed; what was typed stays.
function trouble(form, submitter, text) {
  const line = document.createElement("p");
  line.className = "trouble";
  line.setAttribute("role", "alert");
  if (form.id === "composer") form.before(line);
  else (submitter?.closest(".row, .buttons") || form.lastElementChild).after(line);
  line.textContent = text;
  line.scrollIntoView({ block: "nearest" });
}

async function send(form, submitter) {
  const data = new FormData(form, submitter);
  const body = new URLSearchParams(data).toString();
  const url = new URL(form.action);
  url.searchParams.set("event", eventOf(form, body));
  document.querySelectorAll("p.trouble").forEach((line) => line.remove());
  form.classList.add("sending");
  form.setAttribute("aria-busy", "true");
  try {
    const headers = { Accept: "application/json", "Content-Type": "application/x-www-form-urlencoded", "Accept-Language": document.documentElement.lang };
    const response = await fetch(url, { method: "POST", body, headers });
    const answer = await response.json();
    if (!response.ok) throw new Error(answer.error);
    ids.delete(form);
    return answer;
  } catch (error) {
    const known = error instanceof Error && !(error instanceof TypeError) && !(error instanceof SyntaxError);
    trouble(form, submitter, known && error.message ? error.message : page.dataset.trouble);
    return null;
  } finally {
    form.classList.remove("sending");
    form.removeAttribute("aria-busy");
  }
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.matches(".day form")) {
    form.setAttribute("aria-busy", "true");
    return;
  }
  if (!form.matches("form.card, #composer")) return;
  event.preventDefault();
  if (form.getAttribute("aria-busy")) return;
  const answer = await send(form, event.submitter);
  if (!answer) return;
  if (form.id === "composer") form.reset();
  if (answer.go) {
    location.href = answer.go;
    return;
  }
  answer.messages.forEach(keep);
  if (form.id === "composer") {
    toEnd();
    announce(answer.messages.at(-1).announce);
  } else {
    focusOn(answer.focus);
  }
});

const say = document.getElementById("say");
say?.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    say.form.requestSubmit();
  }
});

// --- the calendar: arrows move between days; other months and other windows' travels without a new page

async function refresh(address, parts) {
  const response = await fetch(address);
  if (!response.ok) return;
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
  for (const part of parts) {
    const [old, young] = [document.querySelector(part), fresh.querySelector(part)];
    if (old && young) old.replaceWith(young);
  }
  for (const young of fresh.querySelectorAll(".message")) {
    keep({ id: Number(young.dataset.id), room: young.dataset.room, version: young.dataset.version, html: young.outerHTML });
  }
  rove();
  markNews();
}

function rove() {
  const days = [...document.querySelectorAll(".calendar button")];
  const start = days.find((day) => day.hasAttribute("aria-current")) || days[0];
  days.forEach((day) => (day.tabIndex = day === start ? 0 : -1));
}

document.addEventListener("keydown", (event) => {
  if (!event.target.matches?.(".calendar button")) return;
  const days = [...document.querySelectorAll(".calendar button")];
  const at = days.indexOf(event.target);
  const to = { ArrowLeft: at - 1, ArrowRight: at + 1, ArrowUp: at - 7, ArrowDown: at + 7, Home: 0, End: days.length - 1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  const next = days[Math.min(Math.max(to, 0), days.length - 1)];
  days.forEach((day) => (day.tabIndex = day === next ? 0 : -1));
  next.focus();
});

document.addEventListener("click", async (event) => {
  const link = event.target.closest?.("a[data-month]");
  if (!link) return;
  event.preventDefault();
  const first = link.matches(":first-child");
  await refresh(link.href, ["#day"]);
  document.querySelectorAll("a[data-month]")[first ? 0 : 1]?.focus();
});

// --- news from other windows, and from the courier

let line = null;
let newest = Number(page.dataset.newest);

function here() {
  const address = new URL("/", location.href);
  address.searchParams.set("as", me);
  if (new URL(location.href).searchParams.has("room")) address.searchParams.set("room", room);
  return address;
}

function listen() {
  if (!me || line) return;
  line = new EventSource(`/events?${new URLSearchParams({ as: me, since: newest })}`);
  const offline = document.getElementById("offline");
  line.onopen = () => (offline.textContent = "");
  line.onerror = () => (offline.textContent = page.dataset.offline);
  line.addEventListener("message", (event) => {
    if (!event.data) return;
    const sent = JSON.parse(event.data);
    newest = Math.max(newest, sent.id);
    const nearEnd = scroller && scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 120;
    // The answer to a press on its way brings what was typed, as it was typed: it goes first.
    const awaited = document.getElementById(`m${sent.id}`)?.querySelector("form.sending");
    const kept = awaited ? null : keep(sent);
    if (kept?.isNew && nearEnd && !kept.message.contains(document.activeElement)) kept.message.scrollIntoView({ block: "nearest" });
    if (kept?.isNew && sent.announce) announce(sent.announce);
    markNews();
  });
  line.addEventListener("versions", (event) => {
    const versions = JSON.parse(event.data);
    const stale = Object.entries(versions).some(([id, version]) => {
      const stands = document.getElementById(`m${id}`);
      return stands && stands.dataset.version !== version;
    });
    if (stale) refresh(here(), []);
  });
  line.addEventListener("day", (event) => {
    if (JSON.parse(event.data).day !== document.getElementById("day").dataset.day) refresh(here(), ["#day", "#rooms", ".me"]);
  });
}

// A browser allows six lines to one server: a window nobody looks at gives its own back.
document.addEventListener("visibilitychange", () => {
  if (document.hidden) {
    line?.close();
    line = null;
  } else {
    listen();
  }
});

// --- begin

const everyone = document.querySelector(".everyone");
if (everyone) finder(everyone.querySelector(".find"), [...everyone.querySelectorAll(".person")], () => "");
document.querySelectorAll(".message").forEach(dress);
show(location.hash === "#who" ? "who" : "talk");
rove();
markNews();
toEnd();
if (/^#m\d+$/.test(location.hash)) focusOn(location.hash.slice(2));
listen();
