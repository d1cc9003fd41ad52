export default function ({ parentElement, data, setTriggerValue }) {
  const table = parentElement.querySelector("table");
  table.querySelector("caption").textContent = data.label;
  const heads = data.columns.map((column) => {
    const head = element("th", style(column), column.label);
    head.scope = "col";
    return head;
  });
  const line = element("tr", "");
  line.append(...heads);
  table.querySelector("thead").replaceChildren(line);
  table.querySelector("tbody").replaceChildren(...data.rows.map(draw));

  function draw(row) {
    const line = element("tr", "");
    if (row.id === data.selected) line.setAttribute("aria-current", "true");
    line.append(...row.cells.map((cell, index) => {
      const column = data.columns[index];
      const drawn = element("td", `${style(column)} ${cell.tone ? `dot ${cell.tone}` : ""}`.trim());
      drawn.dataset.label = column.label;
      if (!cell.text) drawn.dataset.empty = "";
      if (cell.title) drawn.title = cell.title;
      if (index === 0) {
        const link = element("a", "", cell.text);
        link.href = row.href;
        drawn.append(link);
      } else {
        drawn.textContent = cell.text;
      }
      return drawn;
    }));
    line.onclick = (event) => {
      // A link opened in another tab is the browser's business.
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.button === 1) return;
      event.preventDefault();
      if (data.follow) window.location.assign(row.href);
      else setTriggerValue("opened", row.id);
    };
    return line;
  }

  function style(column) {
    return [column.number ? "number" : "", column.wide ? "wide" : ""].join(" ").trim();
  }

  function element(tag, className, text) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  }
}
