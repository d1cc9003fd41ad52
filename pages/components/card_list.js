// What the reader did and Python has not answered yet counts; older drawings do not take it back.
const kept = new WeakMap();
let deaf = () => {}; // Streamlit may draw anew before it clears away what it drew: two would hear one key

export default function ({ parentElement, data, setTriggerValue }) {
  const list = parentElement.querySelector(".list");
  const mine = kept.get(list) ?? { turn: 0, open: null, picked: new Set() };
  kept.set(list, mine);
  if (data.turn >= mine.turn) {
    mine.turn = data.turn;
    mine.open = data.selected;
    mine.picked = new Set(data.picked);
  }
  const ids = data.cards.map((card) => card.id);
  const alone = new Set(data.cards.filter((card) => card.alone).map((card) => card.id));
  const rows = new Map(data.cards.map((card) => [card.id, draw(card)]));
  list.setAttribute("aria-label", data.label);
  list.replaceChildren(...rows.values());
  mark();
  if (data.arrive && !mine.arrived) bringToReader();
  mine.arrived = true;
  if (mine.hadFocus && document.activeElement === document.body) list.focus({ preventScroll: true });

  function draw(card) {
    const row = element("div", `card ${card.tone}`);
    row.id = `card-${card.id}`;
    row.setAttribute("role", "option");
    const box = element("span", "box");
    box.title = "Select for deciding together (X)";
    box.onclick = (event) => {
      event.stopPropagation();
      pick(card.id);
    };
    const head = element("div", "head");
    head.append(element("span", "title", card.title), ...(card.figure ? [element("span", "figure", card.figure)] : []));
    const facts = element("div", "facts");
    facts.append(element("span", "word", card.word), ...card.facts.map((fact) => element("span", "", fact)));
    if (card.alone) box.style.visibility = "hidden";
    row.append(box, head, element("div", "quiet", card.quiet), facts);
    for (const [kind, words] of [["waits", card.waits], ["locked", card.locked], ["failed", card.failed]]) {
      if (words) row.append(element("div", `note ${kind}`, words));
    }
    row.onclick = () => open(card.id);
    return row;
  }

  function element(tag, className, text) {
    const made = document.createElement(tag);
    made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  }

  function mark() {
    for (const [id, row] of rows) {
      row.setAttribute("aria-selected", String(id === mine.open));
      row.setAttribute("aria-checked", String(mine.picked.has(id)));
    }
    list.classList.toggle("picking", mine.picked.size > 0);
    if (rows.has(mine.open)) list.setAttribute("aria-activedescendant", `card-${mine.open}`);
    else list.removeAttribute("aria-activedescendant");
  }

  function tell() {
    mine.turn += 1;
    mark();
    setTriggerValue("done", { turn: mine.turn, open: mine.open, picked: ids.filter((id) => mine.picked.has(id)) });
  }

  function open(id) {
    if (id !== mine.open) {
      mine.open = id;
      document.querySelector(".st-key-open-card")?.scrollTo(0, 0);
      tell();
    }
    // On a phone the open card is below the list: bring it to the reader.
    if (window.matchMedia("(max-width: 640px)").matches) {
      setTimeout(() => document.querySelector(".st-key-open-card")?.scrollIntoView({ block: "start" }), 250);
    }
  }

  // Whoever follows a link to one card came for that card. It is drawn after this list, so it is waited for, and
  // left alone once the reader scrolls.
  function bringToReader() {
    if (!window.matchMedia("(max-width: 640px)").matches) return;
    let looks = 0;
    const looking = setInterval(() => {
      const card = document.querySelector(".st-key-open-card");
      const drawn = card?.querySelector("h2, h3");
      if (drawn) card.scrollIntoView({ block: "start" });
      if (drawn || ++looks > 50) stopLooking();
    }, 100);
    const touched = ["wheel", "touchmove", "keydown"];
    const stopLooking = () => {
      clearInterval(looking);
      touched.forEach((kind) => document.removeEventListener(kind, stopLooking, true));
    };
    touched.forEach((kind) => document.addEventListener(kind, stopLooking, true));
  }

  function pick(id) {
    if (!rows.has(id) || alone.has(id)) return;
    mine.picked.delete(id) || mine.picked.add(id);
    tell();
  }

  function move(step) {
    const at = ids.indexOf(mine.open);
    const next = ids[at < 0 ? 0 : Math.min(ids.length - 1, Math.max(0, at + step))];
    if (next === undefined) return;
    open(next);
    rows.get(next).scrollIntoView({ block: "nearest" });
  }

  function onKey(event) {
    const path = event.composedPath();
    const typing = path.some((node) => node.matches?.("input, textarea, select, [contenteditable=true], [role=combobox]"));
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.querySelector("[role=dialog]")) {
      // What is behind a dialog is not decided by a key that slipped.
      if (/^[a-z?/]$/i.test(event.key)) event.stopImmediatePropagation();
      return;
    }
    const inList = path.includes(list);
    if (event.key === "j" || (inList && event.key === "ArrowDown")) move(1);
    else if (event.key === "k" || (inList && event.key === "ArrowUp")) move(-1);
    else if (event.key === "x" || (inList && event.key === " ")) pick(mine.open);
    else if (event.key === "r") press(".st-key-reject button"); // Streamlit keeps R from its own shortcuts
    else if (event.key === "?") press(".st-key-keys button");
    else if (event.key === "/") document.querySelector(".st-key-q input")?.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  function press(selector) {
    const button = document.querySelector(selector);
    if (button && !button.disabled) button.click();
  }

  // A button that had the focus may be gone after a decision; then the list takes it, not the top of the page.
  function onFocus(event) {
    mine.hadFocus = Boolean(event.target.closest?.(".st-key-open-card, .st-key-decisions"));
  }

  // On a phone the buttons come to the thumb once the open card is what is being read, never before.
  function comeToHand() {
    const card = document.querySelector(".st-key-open-card")?.getBoundingClientRect();
    const half = window.innerHeight / 2;
    document.documentElement.classList.toggle("card-at-hand", Boolean(card) && card.top < half && card.bottom > half);
  }

  deaf();
  comeToHand();
  document.addEventListener("scroll", comeToHand, { capture: true, passive: true });
  document.addEventListener("keydown", onKey, true);
  document.addEventListener("focusin", onFocus, true);
  const stop = (deaf = () => {
    document.removeEventListener("keydown", onKey, true);
    document.removeEventListener("focusin", onFocus, true);
    document.removeEventListener("scroll", comeToHand, true);
  });
  return stop;
}
