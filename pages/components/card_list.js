export default function ({ parentElement, data, setTriggerValue }) {
  const list = parentElement.querySelector(".list");
  list.setAttribute("aria-label", data.label);
  list.replaceChildren(...data.cards.map(draw));
  const ids = data.cards.map((card) => card.id);
  const chosen = ids.indexOf(data.selected);
  if (chosen >= 0) list.setAttribute("aria-activedescendant", `card-${ids[chosen]}`);
  else list.removeAttribute("aria-activedescendant");

  function draw(card) {
    const row = element("div", `card ${card.tone}`);
    row.id = `card-${card.id}`;
    row.setAttribute("role", "option");
    row.setAttribute("aria-selected", String(card.id === data.selected));
    const facts = element("div", "facts");
    facts.append(element("span", "word", card.word), ...card.facts.map((fact) => element("span", "", fact)));
    row.append(element("div", "title", card.title), element("div", "quiet", card.quiet), facts);
    row.onclick = () => open(card.id);
    return row;
  }

  function element(tag, className, text) {
    const made = document.createElement(tag);
    made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  }

  function open(id) {
    if (id !== data.selected) setTriggerValue("opened", id);
    // On a phone the open card is below the list: bring it to the reader.
    if (window.matchMedia("(max-width: 640px)").matches) {
      setTimeout(() => document.querySelector(".st-key-open-card")?.scrollIntoView({ block: "start" }), 250);
    }
  }

  function move(step) {
    const next = ids[Math.min(ids.length - 1, Math.max(0, chosen + step))];
    if (next !== undefined) open(next);
  }

  function onKey(event) {
    const typing = event.composedPath().some((node) => node.matches?.("input, textarea, select, [contenteditable=true]"));
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    const inList = event.composedPath().includes(list);
    if (event.key === "j" || (inList && event.key === "ArrowDown")) move(1);
    else if (event.key === "k" || (inList && event.key === "ArrowUp")) move(-1);
    else if (event.key === "r") press(".st-key-reject button");  // Streamlit keeps R from its own shortcuts
    else if (event.key === "/") document.querySelector(".st-key-q input")?.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  function press(selector) {
    const button = document.querySelector(selector);
    if (button && !button.disabled) button.click();
  }

  document.addEventListener("keydown", onKey, true);
  return () => document.removeEventListener("keydown", onKey, true);
}
