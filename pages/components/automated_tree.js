const SIGNS = {
  clarifying: "?", waiting: "!", completed: "✓", failed: "✕", turn: "⋯",
};

export default function ({ parentElement, data, setTriggerValue }) {
  const tree = parentElement.querySelector(".tree");
  const focused = tree.contains(tree.getRootNode().activeElement);
  const before = tree.getRootNode().activeElement?.dataset.key;
  const began = Date.now();
  const ticking = [];
  const lines = data.rows.map(draw);
  tree.replaceChildren(...lines);
  const start = lines.find((line) => line.dataset.key === before)
    ?? lines.find((line) => line.getAttribute("aria-selected") === "true") ?? lines[0];
  if (start) start.tabIndex = 0;
  if (focused && start) start.focus({ preventScroll: true });
  tree.onkeydown = steer;
  const timer = ticking.length ? setInterval(tick, 1000) : undefined;
  return () => clearInterval(timer);

  function draw(row) {
    const line = element("div", `line ${row.state} ${row.tone}`);
    line.setAttribute("role", "treeitem");
    line.setAttribute("aria-level", String(row.level));
    line.setAttribute("aria-selected", String(row.turn === null && row.path === data.selected));
    line.dataset.key = row.turn === null ? row.path : `${row.path}#${row.turn}`;
    line.style.setProperty("--level", String(row.level - 1));
    line.tabIndex = -1;
    if (row.turn === null) {
      line.setAttribute("aria-posinset", String(row.place));
      line.setAttribute("aria-setsize", String(row.of));
    }
    const fold = element("span", row.open === null ? "fold" : row.open ? "fold down" : "fold right");
    fold.setAttribute("aria-hidden", "true");
    if (row.open !== null) {
      line.setAttribute("aria-expanded", String(row.open));
      fold.onclick = (event) => {
        event.stopPropagation();
        tell({ what: "fold", path: row.path, open: !row.open });
      };
    }
    const sign = element("span", "sign", SIGNS[row.state] ?? "");
    sign.setAttribute("aria-hidden", "true");
    const detail = element("span", "detail", row.detail);
    if (row.elapsed !== null) {
      const clock = element("span", "clock", spell(row.elapsed));
      ticking.push([clock, row.elapsed]);
      detail.append(row.detail ? " · " : "", clock);
    }
    const title = element("span", "title", row.title);
    title.title = row.title;
    line.append(fold, sign, title, detail);
    if (row.word && !row.detail.includes(row.word)) line.append(element("span", "heard", `, ${row.word}`));
    line.onclick = () => open(row);
    return line;
  }

  function open(row) {
    if (row.turn === null) tell({ what: "select", path: row.path });
    else tell({ what: "turn", path: row.path, first: row.turn });
  }

  function tell(did) {
    setTriggerValue("done", { ...did, at: Date.now() });
  }

  function steer(event) {
    const at = lines.indexOf(tree.getRootNode().activeElement);
    if (at < 0 || event.altKey || event.ctrlKey || event.metaKey) return;
    const row = data.rows[at];
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: lines.length - 1 }[event.key];
    if (to !== undefined) go(Math.max(0, Math.min(to, lines.length - 1)));
    else if (event.key === "ArrowRight" && row.open === false) tell({ what: "fold", path: row.path, open: true });
    else if (event.key === "ArrowRight" && row.open) go(Math.min(at + 1, lines.length - 1));
    else if (event.key === "ArrowLeft" && row.open) tell({ what: "fold", path: row.path, open: false });
    else if (event.key === "ArrowLeft") go(above(at));
    else if (event.key === "Enter" || event.key === " ") open(row);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  function above(at) {
    for (let place = at - 1; place >= 0; place -= 1) if (data.rows[place].level < data.rows[at].level) return place;
    return at;
  }

  function go(place) {
    for (const line of lines) line.tabIndex = -1;
    lines[place].tabIndex = 0;
    lines[place].focus();
  }

  function tick() {
    // Only the time since this drawing comes from the browser, so a wrong clock there does no harm.
    const passed = Math.max(0, Date.now() - began);
    for (const [clock, elapsed] of ticking) clock.textContent = spell(elapsed + passed);
  }

  function spell(milliseconds) {
    const seconds = Math.floor(milliseconds / 1000);
    if (seconds < 60) return `${seconds} s`;
    const minutes = Math.floor(seconds / 60);
    if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
    if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
    return `${Math.floor(minutes / 1440)} days`;
  }

  function element(tag, className, text) {
    const made = document.createElement(tag);
    made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  }
}
