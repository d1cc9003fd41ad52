export default function ({ parentElement, data }) {
  const bar = parentElement.querySelector(".bar");
  const began = Date.now();
  const figures = element("div", "figures");
  const clock = element("span", "clock");
  clock.setAttribute("role", "timer");
  const left = element("span", "left");
  figures.append(element("span", "step", `Step ${data.step} of ${data.total}`), clock, left);

  const track = element("div", "track");
  track.setAttribute("role", "progressbar");
  track.setAttribute("aria-label", "Steps done");
  track.setAttribute("aria-valuemin", "0");
  track.setAttribute("aria-valuemax", String(data.total));
  track.setAttribute("aria-valuenow", String(data.done));
  for (let number = 1; number <= data.total; number += 1) {
    track.append(element("i", number <= data.done ? "done" : number === data.step ? "here" : ""));
  }
  bar.replaceChildren(figures, track);
  tick();
  const timer = data.running ? setInterval(tick, 250) : undefined;
  return () => clearInterval(timer);

  function tick() {
    // Only the time since this drawing comes from the browser, so a wrong clock there does no harm.
    const passed = data.running ? Math.max(0, Date.now() - began) : 0;
    const shown = spell(data.elapsed + passed);
    if (clock.textContent !== shown) clock.textContent = shown;
    const rest = data.left === null ? "" : remaining(Math.max(0, data.left - Math.floor(passed / 60000)));
    const words = data.paused ? ["paused", rest].filter(Boolean).join(" · ") : rest;
    if (left.textContent !== words) left.textContent = words;
  }

  function spell(milliseconds) {
    const seconds = Math.floor(milliseconds / 1000);
    return [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
      .map((part) => String(part).padStart(2, "0"))
      .join(":");
  }

  function remaining(minutes) {
    if (minutes < 1) return "past the estimate";
    if (minutes < 60) return `about ${minutes} min left`;
    const rest = minutes % 60;
    return `about ${Math.floor(minutes / 60)} h${rest ? ` ${rest} min` : ""} left`;
  }

  function element(tag, className, text) {
    const made = document.createElement(tag);
    made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  }
}
