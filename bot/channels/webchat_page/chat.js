// The buyer's side of the web chat: it shows the conversation, and keeps what he wrote until the shop has it.
// Whatever anybody said is put on the page with textContent, never as HTML. The key never stands in an address.

const LONGEST = 2000, MOST_PHOTOS = 6, LARGEST_SIDE = 2000;
const LATE = 15_000, BEAT = 25_000, LONGEST_PAUSE = 10_000, SOCKETS_AGAIN = 120_000, SLOWEST_POLL = 40_000;
const WAIT = { too_many: 60, busy: 5 };
const NO_LINK = "\\s<>\"'`，。；！？、（）《》「」【】“”";
const LINK = RegExp(`(https?://[^${NO_LINK}]*[^${NO_LINK}.,;:!?)\\]])`, "i");
const AGAIN = ["sending", "waiting", "failed", "too_many", "busy"];

const { base, color } = document.body.dataset;
const words = JSON.parse(document.body.dataset.words);
const lang = document.documentElement.lang;
const asked = new URLSearchParams(location.search);
const host = asked.get("embed") && parent !== window ? asked.get("from") ?? "" : "";
const at = (id) => document.getElementById(id);
const [log, box, form, photos, large] = ["log", "text", "composer", "photos", "large"].map(at);

const word = (name, facts = {}) => words[name].replace(/\{(\w+)\}/g, (_, fact) => facts[fact]);

function make(tag, className = "", text = "", more = {}) {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  for (const [name, value] of Object.entries(more)) made.setAttribute(name, value);
  return made;
}

function button(className, text = "", tapped = null, more = {}) {
  const made = make("button", className, text, { type: "button", ...more });
  made.onclick = tapped;
  return made;
}

// --- What this browser remembers, if it may ---

const PREFIX = `huifang:${base}:`;
const memory = {};
let disk = null;
try {
  disk = window.localStorage;
  disk.setItem(PREFIX, "");
  disk.removeItem(PREFIX);
} catch {
  disk = null;
}

const recall = (name) => memory[PREFIX + name] ?? disk?.getItem(PREFIX + name) ?? null;

function remember(name, value) {
  memory[PREFIX + name] = value;
  try {
    disk.setItem(PREFIX + name, value);
    delete memory[PREFIX + name];
  } catch {} // there is no room, or no disk
}

function forget(name) {
  delete memory[PREFIX + name];
  disk?.removeItem(PREFIX + name);
}

function random(size) {
  const bytes = String.fromCharCode(...crypto.getRandomValues(new Uint8Array(size)));
  return btoa(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

if (!recall("key")) remember("key", random(32));
const key = recall("key");
const token = asked.get("t") ?? "";
const authorized = { Authorization: `Bearer ${key}` };

// --- The conversation ---

const talk = new Map(); // id → what was said, with its element and, for one's own, its state
const hours = new Intl.DateTimeFormat(lang, { timeStyle: "short" });
const days = new Intl.DateTimeFormat(lang, { weekday: "long", month: "long", day: "numeric" });
const own = (said) => said.from === "buyer";
const underWay = (said) => own(said) && said.state !== "delivered";

function add(message, state = "delivered") {
  const known = talk.get(message.id);
  if (known) {
    if (state !== "delivered") return;
    if (own(known)) kept(message);
    return edited(message); // while this page was away
  }
  const said = { choices: [], photos: [], ...message, state, element: make("div", `message ${own(message) ? "own" : "shop"}`) };
  talk.set(said.id, said);
  draw(said);
  place(said);
}

// By the shop's clock, as after a reload; what is under way comes last.
function place(said) {
  const time = (each) => underWay(each) ? "~" : each.at;
  const all = [...talk.values()].sort((one, other) => (time(one) > time(other)) - (time(one) < time(other)));
  const { element } = said, next = all[all.indexOf(said) + 1]?.element ?? null;
  talk.clear();
  for (const each of all) talk.set(each.id, each);
  if (!element.isConnected || element.nextSibling !== next) log.insertBefore(element, next);
}

function draw(said) {
  const moment = new Date(said.at), when = hours.format(moment);
  const text = make("p", "text", "", { dir: "auto" }), shown = make("div", "shown"), below = make("p", "below");
  text.append(...(own(said) ? [said.text] : withLinks(said.text)));
  text.hidden = !said.text;
  shown.append(...said.photos.map(pictured));
  below.append(make("time", "", when, { datetime: said.at, "aria-hidden": true }), make("span", "state"));
  said.element.dataset.day = moment.toDateString();
  said.element.replaceChildren(
    make("h2", "day", dayOf(moment)),
    make("p", "unseen", word("said", { who: own(said) ? words.you : at("title").textContent, when })),
    text, shown, below, make("div", "offer", "", { role: "group", "aria-label": words.choices }),
  );
  mark(said, said.state);
}

function dayOf(when) {
  const ago = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(when).setHours(0, 0, 0, 0)) / 864e5);
  return [words.today, words.yesterday][ago] ?? days.format(when);
}

function withLinks(text) {
  const link = (part) => make("a", "", part, { href: part, rel: "noopener nofollow", target: "_blank" });
  return text.split(LINK).map((part, index) => index % 2 ? link(part) : part);
}

function mark(said, state) {
  said.state = state;
  if (!own(said)) return;
  const again = !["sending", "waiting", "delivered"].includes(state);
  const text = word(state, { seconds: said.wait });
  const shown = again ? button("state", text, () => tryAgain(said)) : make("span", "state", text);
  said.element.dataset.state = state;
  said.element.querySelector(".state").replaceWith(shown);
}

function tryAgain(said) {
  if (AGAIN.includes(said.state)) return deliver(said);
  if (box.value.trim()) return box.focus(); // what is being written comes first
  write(said.text);
  remember(`out:${said.id}`, "withdrawn"); // so that other tabs take it back too
  withdraw(said.id);
  box.focus();
}

function withdraw(id) {
  forget(`out:${id}`);
  talk.get(id)?.element.remove();
  talk.delete(id);
  refresh();
}

function edited({ id, text, choices }) {
  const said = talk.get(id), changed = { text: text ?? said?.text, choices: choices ?? said?.choices };
  if (!said || JSON.stringify(changed) === JSON.stringify({ text: said.text, choices: said.choices })) return;
  Object.assign(said, changed);
  draw(said);
}

// After changes: days, what can be answered, what is unread, and the end if one was there.
function refresh(follow = ending) {
  let day = "";
  for (const each of log.querySelectorAll(".message")) {
    each.querySelector(".day").hidden = each.dataset.day === day;
    day = each.dataset.day;
  }
  offer();
  at("greeting").hidden = talk.size > 0;
  if (follow) toEnd();
  at("pill").hidden = ending;
  seen();
}

function offer() {
  const said = [...talk.values()], offers = said.filter((each) => each.choices.length), newest = offers.pop();
  for (const old of offers) old.choices = [];
  const open = !said.some((each) => newest && each.answers === newest.id);
  for (const each of log.querySelectorAll(".offer")) {
    if (!open || each.parentNode !== newest?.element) each.replaceChildren();
  }
  const element = newest?.element.querySelector(".offer");
  if (!newest || !open || element.firstChild) return;
  element.append(...newest.choices.map(({ id, label }) => button("", label, () => {
    say(label, { choice: id, answers: newest.id });
    log.focus({ preventScroll: true });
  })));
}

// --- Where one reads, and what is unread ---

let opened = !asked.get("quiet"), ending = true;
const looking = () => opened && !document.hidden;

function toEnd() {
  ending = true;
  log.scrollTop = log.scrollHeight;
}

function seen() {
  const theirs = [...talk.values()].filter((each) => !own(each)).map(({ id }) => id);
  const newest = theirs.at(-1);
  if (newest && looking() && ending && recall("seen") !== newest) {
    remember("seen", newest);
    transmit({ type: "seen", id: newest });
  }
  const unread = theirs.length - 1 - theirs.lastIndexOf(recall("seen")), title = at("title").textContent;
  document.title = unread && !looking() ? `(${unread}) ${title}` : title;
  tellHost("unread", unread);
  if ([...talk.values()].some(own)) tellHost("talked");
}

log.onscroll = () => {
  ending = log.scrollHeight - log.scrollTop - log.clientHeight < 60;
  if (!ending) return;
  at("pill").hidden = true;
  seen();
};
at("pill").onclick = () => {
  refresh(true);
  log.focus();
};
new ResizeObserver(() => ending && toEnd()).observe(log);
document.addEventListener("visibilitychange", () => document.hidden || (beat(), seen()));

// --- Photos of the conversation ---

const pictures = new Map(); // photo's id → address of its bytes here
const near = new IntersectionObserver((entries) => entries.forEach(({ isIntersecting, target }) => {
  if (!isIntersecting) return;
  near.unobserve(target);
  target.load();
}));

async function picture(id) {
  if (!pictures.has(id)) {
    const answer = await fetch(`${base}/photo/${encodeURIComponent(id)}`, { headers: authorized });
    if (!answer.ok) throw Error(answer.status);
    pictures.set(id, URL.createObjectURL(await answer.blob()));
  }
  return pictures.get(id);
}

function pictured({ id, name, mime }) {
  if (mime && !mime.startsWith("image/")) return button("file", name || words.file, () => save(id, name));
  const image = make("img", "", "", { alt: "" }), shown = button("photo");
  const failed = () => present(words.photo_missing, shown.load, words.photo_missing);
  function present(inside, tapped, called) {
    shown.replaceChildren(inside);
    shown.onclick = tapped;
    shown.setAttribute("aria-label", called);
  }
  shown.load = async () => {
    try {
      image.src = await picture(id);
      present(image, () => enlarge(image), word("enlarge", { name: name || words.photo }));
    } catch {
      failed();
    }
  };
  image.onerror = failed;
  near.observe(shown);
  return shown;
}

function save(id, name) {
  picture(id).then((href) => make("a", "", "", { href, download: name }).click(), () => tell(words.photo_missing));
}

function enlarge({ src }) {
  large.querySelector("img").src = src;
  large.showModal();
}
large.onclick = (event) => event.target === large && large.close();

// --- Saying ---

function say(text, more = {}) {
  const said = { id: random(16), from: "buyer", at: new Date().toISOString(), text, photos: [], ...more };
  remember(`out:${said.id}`, JSON.stringify(said));
  add(said, "waiting");
  deliver(talk.get(said.id));
  refresh(true);
}

function deliver(said) {
  mark(said, online ? "sending" : "waiting");
  if (!online) return connect();
  const { id, text, choice = "", answers = "" } = said;
  transmit({ type: "say", id, text, choice, answers, photos: said.photos.map((photo) => photo.id) });
  clearTimeout(said.late);
  said.late = setTimeout(() => {
    if (said.state !== "sending" || !talk.has(id)) return;
    mark(said, "failed");
    drop();
  }, LATE);
}

function deliverAll() {
  for (const said of talk.values()) if (underWay(said) && AGAIN.includes(said.state)) deliver(said);
}

function kept({ id, at: time }) {
  forget(`out:${id}`);
  const said = talk.get(id);
  if (!said || !underWay(said) && (time ?? said.at) === said.at) return;
  Object.assign(said, { state: "delivered", at: time ?? said.at });
  draw(said);
  place(said);
}

function refused({ id, why, wait }) {
  const said = talk.get(id), seconds = wait ?? WAIT[why];
  if (!said) return tell(words[why === "too_many" && !wait ? "turned_away" : "shop_busy"]);
  said.wait = seconds;
  mark(said, why in words ? why : "failed");
  if (seconds) setTimeout(() => talk.has(id) && said.state === why && deliver(said), seconds * 1000);
}

function takeUp() {
  const names = Object.keys({ ...disk, ...memory }).filter((name) => name.startsWith(`${PREFIX}out:`));
  const texts = names.map((name) => recall(name.slice(PREFIX.length)));
  const left = texts.filter((text) => text.startsWith("{")).map((text) => JSON.parse(text));
  left.sort((one, other) => one.at.localeCompare(other.at)).forEach((said) => add(said, "waiting"));
}

// --- The connection ---

let socket = null, polling = null, online = false, greeted = false, cursor = "";
let unheard = 0, line = Promise.resolve(), pauses = 0, heard = 0, next = 0, calm = 0;
const newToken = () => (opened && recall("used") !== token ? token : "");
const hello = () => ({ type: "hello", key, token: newToken(), lang, after: cursor });

function connect() {
  clearTimeout(next);
  if (socket || polling || !opened) return;
  if (unheard < 2) socket = open();
  else poll();
}

// A socket that says hello is the connection from then on, whatever was before.
function open() {
  const mine = new WebSocket(new URL(`${base}/live`, location.href.replace(/^http/, "ws")));
  const slow = setTimeout(() => mine.close(), LATE);
  let welcome = false;
  mine.onopen = () => mine.send(JSON.stringify(hello()));
  mine.onmessage = ({ data }) => {
    const frame = JSON.parse(data);
    if (frame.type === "hello") {
      clearTimeout(slow);
      [welcome, socket, polling, unheard] = [true, mine, null, 0];
    }
    heard = Date.now();
    hear(frame);
  };
  mine.onclose = () => {
    clearTimeout(slow);
    if (mine !== socket) return;
    socket = null;
    if (!welcome) unheard += 1;
    lost(unheard === 2);
  };
  return mine;
}

// Where sockets do not open. If a poll fails too, the server is away: sockets first again.
async function poll() {
  const mine = polling = {};
  let sockets = Date.now() + SOCKETS_AGAIN;
  try {
    for (let first = [hello()]; polling === mine; first = []) {
      const began = Date.now(), frames = await post(first);
      if (!frames.length && Date.now() - began < 1000) await new Promise((done) => setTimeout(done, 1000));
      if (polling !== mine || Date.now() < sockets) continue;
      sockets = Date.now() + SOCKETS_AGAIN;
      open();
    }
  } catch {
    if (polling !== mine) return;
    [polling, unheard] = [null, 0];
    lost();
  }
}

async function post(frames) {
  const answer = await fetch(`${base}/poll`, {
    method: "POST",
    headers: { ...authorized, "Content-Type": "application/json" },
    body: JSON.stringify({ after: cursor, frames }),
    signal: AbortSignal.timeout(SLOWEST_POLL),
  });
  if (!answer.ok) throw Error(answer.status);
  const said = (await answer.json()).frames;
  said.forEach(hear);
  return said;
}

function transmit(frame) {
  if (polling) line = line.then(() => post([frame])).catch(() => {}); // in order
  else if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame));
}

function hear(frame) {
  cursor = frame.cursor ?? cursor;
  const hearing = { hello: greet, message: add, edited, kept, refused };
  hearing[frame.type]?.(frame);
  if (frame.type !== "pong") refresh();
}

function greet({ title, messages }) {
  if (title) at("title").textContent = title;
  messages.forEach((message) => add(message));
  greeted = true;
  pauses = 0;
  if (!socket && !polling) return; // only looked whether there is news
  if (token) useUp();
  setOnline(true);
  deliverAll();
  setTimeout(() => log.setAttribute("aria-live", "polite")); // what was said before is not read out
}

function useUp() {
  remember("used", token);
  asked.delete("t");
  history.replaceState(null, "", `${location.pathname}?${asked}`.replace(/\?$/, ""));
}

function lost(atOnce = false) {
  setOnline(false);
  const longest = Math.min(LONGEST_PAUSE, 1000 * 2 ** pauses++);
  next = setTimeout(connect, atOnce ? 0 : longest * (0.5 + Math.random() / 2));
}

function drop() {
  socket?.close();
  socket?.onclose(); // at once, however long a dead line takes to close
}

function beat() {
  if (socket && online) Date.now() - heard > 2 * BEAT ? drop() : transmit({ type: "ping" });
  connect();
}

function setOnline(is) {
  online = is;
  clearTimeout(calm);
  calm = setTimeout(showState, is ? 0 : 1000, is ? "online" : greeted ? "away" : "connecting");
  for (const said of talk.values()) if (!is && said.state === "sending") mark(said, "waiting");
}

function showState(name) {
  at("state").textContent = words[name];
  at("state").dataset.is = name;
}

setInterval(() => socket && beat(), BEAT);
addEventListener("offline", drop);
addEventListener("online", connect);

// --- Photos to be sent ---

let chosen = [], sending = false;

function attach(files) {
  for (const file of files) {
    if (!/^image\//.test(file.type) && !/\.hei[cf]$/i.test(file.name)) complain({ name: file.name, why: "bad_photo" });
    else if (chosen.length >= MOST_PHOTOS) tell(word("too_many_photos", { limit: MOST_PHOTOS }));
    else chosen.push(previewed({ name: file.name || words.photo, ready: shrunk(file) }));
  }
}

// Upright, and without what else a camera writes into a file, such as the place.
async function shrunk(file) {
  if (file.type === "image/gif") return file;
  const image = new Image(), canvas = document.createElement("canvas");
  image.src = URL.createObjectURL(file);
  try {
    await image.decode();
    const scale = Math.min(1, LARGEST_SIDE / Math.max(image.width, image.height));
    const [width, height] = [canvas.width, canvas.height] = [image.width * scale, image.height * scale].map(Math.round);
    const paper = canvas.getContext("2d");
    paper.fillStyle = "#fff";
    paper.fillRect(0, 0, width, height);
    paper.drawImage(image, 0, 0, width, height);
    return await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85)) ?? file;
  } catch {
    return file; // a format that this browser cannot read, and the server may
  } finally {
    URL.revokeObjectURL(image.src);
  }
}

function previewed(photo) {
  const { name } = photo, image = make("img", "", "", { alt: name });
  const bar = make("progress", "", "", { max: 100, value: 0, "aria-label": word("uploading", { name }) });
  const again = button("again", "↻", () => upload(photo), { "aria-label": word("photo_again", { name }) });
  const remove = button("remove", "×", () => detach(photo), { "aria-label": word("remove_photo", { name }) });
  again.hidden = true;
  Object.assign(photo, { bar, again, image, element: make("li") });
  photo.element.append(image, bar, again, remove);
  photos.append(photo.element);
  photos.hidden = false;
  photo.ready.then((bytes) => {
    image.src = URL.createObjectURL(photo.bytes = bytes);
    upload(photo);
  });
  return photo;
}

function upload(photo) {
  const xhr = photo.xhr = new XMLHttpRequest();
  photo.again.hidden = true;
  photo.bar.hidden = false;
  xhr.open("POST", `${base}/photo`);
  xhr.setRequestHeader("Authorization", authorized.Authorization);
  xhr.setRequestHeader("Content-Type", photo.bytes.type || "image/heic");
  xhr.responseType = "json";
  xhr.upload.onprogress = ({ loaded, total }) => { photo.bar.value = 100 * loaded / total; };
  xhr.onloadend = () => uploaded(photo, xhr.status, xhr.response);
  xhr.send(photo.bytes);
}

function uploaded(photo, status, answer) {
  if (!chosen.includes(photo)) return;
  photo.bar.hidden = true;
  if (answer?.photo) {
    photo.id = answer.photo;
    pictures.set(photo.id, photo.image.src);
  } else {
    complain(Object.assign(photo, { why: status === 413 ? "too_large" : "failed", ...answer }));
    if ([413, 415].includes(status)) detach(photo); // for good
    else photo.again.hidden = false;
  }
  if (sending) submit();
}

function complain({ name, why, wait = WAIT.too_many }) {
  const line = word(words[`photo_${why}`] ? `photo_${why}` : "photo_failed", { name, seconds: wait });
  tell([...new Set([...at("notice").textContent.split("\n"), line])].join("\n").trim());
}

function detach(photo) {
  chosen = chosen.filter((each) => each !== photo);
  photo.xhr?.abort();
  if (photo.element.contains(document.activeElement)) at("add").focus();
  photo.element.remove();
  photos.hidden = !chosen.length;
  if (sending) submit();
}

at("add").onclick = () => at("files").click();
at("files").onchange = ({ target }) => {
  attach(target.files);
  box.focus();
  setTimeout(() => { target.value = ""; });
};
addEventListener("paste", ({ clipboardData }) => clipboardData.getData("text") || attach(clipboardData.files));
for (const kind of ["dragover", "drop"]) {
  addEventListener(kind, (event) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    attach(event.dataTransfer.files);
  });
}

// --- Writing ---

function write(text) {
  box.value = text;
  written();
}

function written() {
  remember("draft", box.value);
  sending = false;
  box.style.height = "auto";
  box.style.height = `${box.scrollHeight}px`;
  const count = [...box.value.trim()].length;
  at("count").hidden = count < 0.9 * LONGEST;
  at("count").textContent = word("count", { count: count.toLocaleString(lang), limit: LONGEST.toLocaleString(lang) });
}

function tell(text) {
  at("notice").textContent = text;
  at("notice").hidden = !text;
}

function submit() {
  const text = box.value.trim(), count = [...text].length;
  if (count > LONGEST) return tell(word("over_long", { count, limit: LONGEST }));
  const sent = chosen.filter(({ id }) => id), failed = chosen.filter(({ again }) => !again.hidden);
  sending = sent.length + failed.length < chosen.length;
  if (sending) return;
  failed.forEach(complain);
  if (!text && !sent.length) return;
  say(text, { photos: sent.map(({ id, name }) => ({ id, name, mime: "image/jpeg" })) });
  sent.forEach(detach);
  write("");
}

form.onsubmit = (event) => {
  event.preventDefault();
  tell("");
  submit();
  box.focus();
};
box.oninput = () => {
  tell("");
  written();
};
box.onkeydown = (event) => {
  const composing = event.isComposing || event.keyCode === 229; // Enter chooses a Chinese word then
  if (event.key !== "Enter" || event.shiftKey || composing) return;
  event.preventDefault();
  form.requestSubmit();
};
at("stop").onclick = () => say(words.stop_says);
at("person").onclick = () => say(words.person_says);

// --- Other tabs, and the page around this one ---

addEventListener("storage", ({ key: changed, newValue }) => {
  const name = changed?.startsWith(PREFIX) ? changed.slice(PREFIX.length) : "", id = name.replace(/^out:/, "");
  if (name === "draft" && document.activeElement !== box) write(newValue ?? "");
  if (name === "seen") seen();
  if (id === name) return;
  if (newValue === "withdrawn") withdraw(id);
  else if (newValue) add(JSON.parse(newValue), "waiting");
  else if (talk.has(id)) kept({ id });
  refresh();
});

function tellHost(what, count = 0) {
  if (host) parent.postMessage({ huifang: what, count }, host);
}

addEventListener("message", ({ source, origin, data }) => {
  if (!host || source !== parent || origin !== host || !data) return;
  opened = data.huifang === "opened";
  if (!opened) return;
  connect();
  seen();
  if (matchMedia("(hover: hover)").matches) box.focus(); // elsewhere a keyboard would cover the talk
});
function leave() {
  opened = !host;
  tellHost("close");
}
addEventListener("keydown", ({ key: pressed, isComposing }) => {
  if (pressed === "Escape" && !isComposing && !large.open) leave();
});

// --- The page ---

function dress() {
  document.documentElement.dir = words.dir;
  for (const each of document.querySelectorAll("[data-word]")) each.textContent = words[each.dataset.word];
  for (const each of document.querySelectorAll("[data-label]")) {
    each.setAttribute("aria-label", words[each.dataset.label]);
    if (each.localName === "button") each.title = words[each.dataset.label];
  }
  box.placeholder = words.hint;
  at("stop").title = words.stop_means;
  at("person").title = words.person_means;
  at("forgetful").hidden = disk !== null;
  at("close").hidden = !host;
  at("close").onclick = leave;
  const icon = URL.createObjectURL(new Blob([at("mark").outerHTML], { type: "image/svg+xml" }));
  document.head.append(make("link", "", "", { rel: "icon", href: icon }));
}

function paint(shade) {
  if (!/^#[0-9a-f]{6}$/i.test(shade)) return;
  const [red, green, blue] = shade.match(/\w\w/g).map((part) => (parseInt(part, 16) / 255) ** 2.2);
  const { style } = document.body;
  style.setProperty("--accent", shade);
  style.setProperty("--on-accent", 0.21 * red + 0.72 * green + 0.07 * blue > 0.18 ? "#000" : "#fff");
}

dress();
paint(asked.get("color") || color);
write(recall("draft") ?? "");
takeUp();
refresh(true);
setOnline(false);
if (opened) connect();
else post([hello()]).catch(() => {});
