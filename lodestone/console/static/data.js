// Shows only the tables whose name holds what was typed; Enter opens the first.
const field = document.querySelector("[data-find]");
const rooms = [...document.querySelectorAll("[data-room]")];

const narrow = () => {
  const wanted = field.value.trim().toLowerCase();
  let shown = 0;
  for (const room of rooms) {
    let inside = 0;
    for (const table of room.querySelectorAll("[data-table]")) {
      table.hidden = !table.dataset.table.includes(wanted);
      inside += table.hidden ? 0 : 1;
    }
    room.hidden = inside === 0;
    shown += inside;
  }
  document.querySelector("[data-none]").hidden = shown > 0;
};

field.addEventListener("input", narrow);
field.addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  document.querySelector("[data-table]:not([hidden]) a")?.click();
});
