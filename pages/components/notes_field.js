const WAIT = 700;
const fields = new WeakMap();

export default function ({ parentElement, data, setTriggerValue }) {
  const area = parentElement.querySelector("textarea");
  const state = parentElement.querySelector("[role=status]");
  const memory = fields.get(area) ?? { server: null, number: null, turn: 0, sent: null, timer: undefined };
  fields.set(area, memory);

  // Text from the server replaces what is here only when it is news: never what a person is typing, or what was refused.
  const news = memory.number !== data.number || (memory.server !== data.text && memory.sent !== data.text);
  const busy = memory.number === data.number && memory.timer !== undefined;
  if (news && !busy) area.value = data.text;
  memory.server = data.text;
  memory.number = data.number;
  area.maxLength = data.most;
  area.disabled = data.disabled;
  area.placeholder = data.disabled ? "" : "What you found, decided or want to remember";
  if (data.saved && data.saved.turn === memory.turn && memory.timer === undefined) {
    say(data.saved.done ? "Saved" : "Not saved yet; what you typed is still here");
  } else if (memory.timer === undefined && memory.turn === 0) say("");

  area.oninput = () => {
    clearTimeout(memory.timer);
    memory.timer = setTimeout(save, WAIT);
    say("Saving…");
    grow();
  };
  area.onblur = () => memory.timer !== undefined && save();
  grow();

  function save() {
    clearTimeout(memory.timer);
    memory.timer = undefined;
    memory.turn += 1;
    memory.sent = area.value;
    setTriggerValue("typed", { number: memory.number, text: area.value, turn: memory.turn });
  }

  function grow() {
    area.style.height = "auto";
    area.style.height = `${Math.min(420, Math.max(84, area.scrollHeight + 2))}px`;
  }

  function say(words) {
    if (state.textContent !== words) state.textContent = words;
  }
}
