// Keys of the console: what each does stands in the page (data-key, data-does), so nothing asks the server
// but a button that would ask it anyway.
(() => {
  "use strict";
  const AFTER_G = 1500;
  let g = 0;

  const typing = (at) =>
    at instanceof Element && at.closest("input, textarea, select, [contenteditable=''], [contenteditable=true]");
  const shown = (at) => at.getClientRects().length > 0;
  const all = (selector) => [...document.querySelectorAll(selector)].filter(shown);

  const moves = { next: 1, previous: -1 };

  function move(selector, step) {
    const found = all(selector);
    const here = found.findIndex((each) => each.contains(document.activeElement));
    const to = found[here < 0 ? (step > 0 ? 0 : found.length - 1) : here + step];
    if (!to) return;
    const inner = to.matches("a, button, input, [tabindex]") ? to : to.querySelector("a, button, [tabindex]");
    (inner || to).focus();
    to.scrollIntoView({ block: "nearest" });
  }

  function act(button) {
    const does = button.dataset.does;
    if (!does) return button.click();
    const [verb, ...rest] = does.split(" ");
    const selector = rest.join(" ");
    if (verb in moves) return move(selector, moves[verb]);
    const [found] = all(selector);
    if (!found) return;
    if (verb === "click") found.click();
    else (found.matches("input, textarea, a, button, [tabindex]") ? found : found.querySelector("input, textarea, a, button"))?.focus();
  }

  // Where a thread is opened from a list, its page leads on to the others of that list.
  document.addEventListener("click", (event) => {
    const links = 'a[href^="/console/thread/"]';
    if (location.pathname.startsWith("/console/thread/") || !event.target.closest?.(links)) return;
    const list = [...document.querySelectorAll(links)].map((each) => decodeURI(each.getAttribute("href")));
    sessionStorage.setItem("hf-threads", JSON.stringify([...new Set(list)]));
  }, true);

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (typing(event.target)) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    if (document.querySelector(".q-dialog, .q-menu")) return;
    const key = CSS.escape(event.key);
    const link = Date.now() - g < AFTER_G && document.querySelector(`[data-go="${key}"]`);
    g = event.key === "g" ? Date.now() : 0;
    const found = link || document.querySelector(`[data-key="${key}"]`);
    if (!found) return;
    event.preventDefault();
    if (link) link.click();
    else act(found);
  });
})();
