const seen = new WeakSet();

// Counts down by itself; only the time since this drawing comes from the browser, so a wrong clock there does no harm.
export default function ({ parentElement, data }) {
  const timer = parentElement.querySelector("[role=timer]");
  const began = Date.now();
  tick();
  // On a phone another card is drawn above what the reader looks at: bring its beginning to them, once.
  if (!seen.has(timer)) {
    seen.add(timer);
    if (timer.getBoundingClientRect().top < 0) timer.scrollIntoView({ block: "center" });
  }
  const every = setInterval(tick, 1000);
  return () => clearInterval(every);

  function tick() {
    const left = Math.max(0, Math.round((data.left - (Date.now() - began)) / 1000));
    const words = left ? `${data.before} ${spell(left)}` : data.over;
    if (timer.textContent !== words) timer.textContent = words;
    timer.classList.toggle("soon", left < 3600);
  }

  function spell(seconds) {
    const [days, hours, minutes] = [Math.floor(seconds / 86400), Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60];
    if (days) return hours ? `${days} d ${hours} h` : `${days} d`;
    if (hours) return minutes ? `${hours} h ${minutes} min` : `${hours} h`;
    return `${minutes}:${String(seconds % 60).padStart(2, "0")}`;
  }
}
