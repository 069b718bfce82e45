"use strict";
// The editor saves itself and shows the mail; a broadcast on its way shows how far it has come.
(() => {
  const form = document.querySelector("[data-broadcast]");
  if (form) {
    const saved = document.querySelector("[data-saved]");
    const frame = document.querySelector("[data-preview-frame]");
    const segment = form.querySelector("[name=segment_id]");
    const own = form.querySelector("[data-own-filter]");
    let timer = null;
    const save = async () => {
      saved.textContent = "Saving";
      const answer = await fetch(form.dataset.autosave, { method: "POST", headers: { accept: "application/json" }, body: new URLSearchParams(new FormData(form)) });
      if (!answer.ok) {
        saved.textContent = "Not saved: look at the marked fields";
        return;
      }
      const found = await answer.json();
      saved.textContent = "Saved";
      frame.src = form.dataset.preview;
      showCount(found.count);
    };
    const showCount = (count) => {
      const text = count.toLocaleString();
      document.querySelectorAll("input[name=count]").forEach((one) => { one.value = count; });
      document.querySelectorAll("[data-send-count]").forEach((one) => { one.textContent = text; });
      const button = document.querySelector("[data-send]");
      button.lastChild.textContent = ` Send to ${text} people`;
      button.disabled = !count;
      button.form.dataset.confirm = `It goes to ${text} people and can't be called back once it has left.`;
      button.form.dataset.confirmYes = `Send to ${text}`;
    };
    form.addEventListener("input", () => {
      clearTimeout(timer);
      saved.textContent = "";
      timer = setTimeout(() => save().catch(() => { saved.textContent = "Not saved: no connection"; }), 900);
    });
    segment.addEventListener("change", () => { own.hidden = Boolean(segment.value); });
    document.querySelectorAll("[data-zone-field]").forEach((one) => { one.value = Intl.DateTimeFormat().resolvedOptions().timeZone; });
  }
  const progress = document.querySelector("[data-broadcast-progress]");
  if (progress) {
    const look = async () => {
      const answer = await fetch(progress.dataset.broadcastProgress, { headers: { accept: "application/json" } });
      if (!answer.ok) return;
      const found = await answer.json();
      if (found.status !== "sending") {
        location.reload();
        return;
      }
      const bar = progress.querySelector("progress");
      if (bar) bar.value = found.done;
      setTimeout(look, 2000);
    };
    setTimeout(look, 2000);
  }
})();
