// The chat's button on a shop's page, by one script tag:
//   <script src="https://chat.shop.example/chat/widget.js" data-lang="en" data-color="#0f766e" async></script>
// data-token ties the chat to an order, data-side="left" moves the button. It leaves no name, style or key on the shop's
// page, and loads nothing before it is opened; once somebody talked here, only what counts news.

(() => {
  // The table [<language>.widget] of words.toml.
  const WORDS = {
    "zh-CN": { open: "联系客服", close: "关闭聊天", unread: "{count} 条新消息" },
    en: { open: "Chat with us", close: "Close chat", unread: "{count} new" },
    es: { open: "Escríbanos", close: "Cerrar la conversación", unread: "{count} sin leer" },
  };
  const STYLE = `
    :host { all: initial; }
    * { box-sizing: border-box; }
    button {
      position: fixed; inset: auto 20px 20px auto; z-index: 2147483000;
      display: flex; gap: 8px; align-items: center; min-height: 52px; padding: 0 20px; border: 0; border-radius: 26px;
      font: 600 16px/1.2 system-ui, sans-serif; color: var(--on-accent); background: var(--accent);
      box-shadow: 0 4px 16px rgb(0 0 0 / 25%); cursor: pointer;
    }
    button:focus-visible { outline: 3px solid #fff; box-shadow: 0 0 0 6px #000; }
    span:empty { display: none; }
    span + span { padding: 3px 9px; border-radius: 12px; font-size: 13px; color: #fff; background: #b3261e; }
    div {
      position: fixed; inset: auto 20px 84px auto; z-index: 2147483001; overflow: hidden;
      width: 400px; height: min(640px, calc(100vh - 104px)); border-radius: 16px; box-shadow: 0 8px 40px rgb(0 0 0 / 30%);
      background: Canvas; visibility: hidden;
    }
    .left { right: auto; left: 20px; }
    .open { visibility: visible; }
    iframe { display: block; width: 100%; height: 100%; border: 0; }
    @media (max-width: 480px), (max-height: 480px) {
      div, .left { inset: 0; width: 100%; height: 100%; border-radius: 0; }
    }`;

  const script = document.currentScript, { token = "", lang = "", color = "", side } = script.dataset;
  const base = new URL(script.src).pathname.replace(/\/[^/]*$/, ""), { origin } = new URL(script.src);
  const language = lang || document.documentElement.lang || navigator.language;
  const spoken = Object.keys(WORDS).find((each) => each.slice(0, 2) === language.slice(0, 2)) ?? "en", words = WORDS[spoken];
  const MARK = `huifang:${origin}${base}`;
  let frame;

  function start() {
    if (document.querySelector("[data-huifang-chat]")) return; // the tag stands on the page twice
    const host = element("section", { "data-huifang-chat": "", "aria-label": words.open, lang: spoken });
    const shadow = host.attachShadow({ mode: "open" }), sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    shadow.adoptedStyleSheets = [sheet];
    paint(host);
    const place = side === "left" ? "left" : "";
    const button = element("button", { type: "button", class: place, "aria-expanded": false, "aria-controls": "chat" });
    const panel = element("div", { id: "chat", class: place });
    const label = element("span"), badge = element("span", { role: "status" });
    label.textContent = words.open;
    button.append(label, badge);
    shadow.append(button, panel);
    document.body.append(host);

    const isOpen = () => panel.classList.contains("open");
    const tell = (what) => frame.contentWindow.postMessage({ huifang: what }, origin);

    function load(quiet) {
      const asks = new URLSearchParams({ embed: 1, from: location.origin, lang: spoken, color, t: token, quiet });
      frame = element("iframe", { title: words.open, src: `${origin}${base}?${asks}` });
      frame.onload = () => isOpen() && tell("opened");
      panel.append(frame);
    }

    function show(open) {
      panel.classList.toggle("open", open);
      button.setAttribute("aria-expanded", open);
      label.textContent = open ? words.close : words.open;
      if (frame) tell(open ? "opened" : "closed");
      else load("");
      (open ? frame : button).focus();
    }

    button.onclick = () => show(!isOpen());
    document.addEventListener("keydown", (event) => event.key === "Escape" && isOpen() && show(false));
    addEventListener("message", ({ source, origin: from, data }) => {
      if (source !== frame?.contentWindow || from !== origin || !data) return;
      if (data.huifang === "close" && isOpen()) show(false);
      if (data.huifang === "talked") remembered("1");
      if (data.huifang === "unread") {
        badge.textContent = data.count > 0 && !isOpen() ? words.unread.replace("{count}", Number(data.count)) : "";
      }
    });
    if (remembered()) (window.requestIdleCallback ?? setTimeout)(() => frame || load("1"));
  }

  function element(tag, more = {}) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(more)) made.setAttribute(name, value);
    return made;
  }

  // Whether somebody talked here before, which a browser may not let the page remember.
  function remembered(value) {
    try {
      if (value) localStorage.setItem(MARK, value);
      return localStorage.getItem(MARK);
    } catch {
      return null;
    }
  }

  function paint(host) {
    const shade = /^#[0-9a-f]{6}$/i.test(color) ? color : "#0f766e";
    const [red, green, blue] = shade.match(/\w\w/g).map((part) => (parseInt(part, 16) / 255) ** 2.2);
    host.style.setProperty("--accent", shade);
    host.style.setProperty("--on-accent", 0.21 * red + 0.72 * green + 0.07 * blue > 0.18 ? "#000" : "#fff");
  }

  if (document.body) start();
  else addEventListener("DOMContentLoaded", start);
})();
