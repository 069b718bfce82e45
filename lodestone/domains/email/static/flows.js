// Mails of flows and sequences: fields at the cursor, a preview of what is not saved yet, and only
// the fields that the chosen trigger needs.
(() => {
  for (const button of document.querySelectorAll("[data-insert]")) {
    const form = button.closest("form");
    if (!form) continue;
    button.addEventListener("click", () => {
      const last = form.lastInserted || form.querySelector("textarea[data-inserts]");
      if (!last) return;
      last.setRangeText(button.dataset.insert, last.selectionStart, last.selectionEnd, "end");
      last.dispatchEvent(new Event("input", { bubbles: true }));
      last.focus();
    });
  }
  for (const input of document.querySelectorAll("[data-inserts]")) {
    input.addEventListener("focus", () => { input.form.lastInserted = input; });
  }
  const dialog = document.getElementById("flow-dialog");
  if (dialog) {
    for (const button of document.querySelectorAll("[data-preview]")) {
      button.addEventListener("click", (event) => {
        // A plain submit would pass the page's guard of unsaved changes and disable the button.
        event.preventDefault();
        const form = button.form;
        const copy = document.createElement("form");
        copy.method = "post";
        copy.action = button.getAttribute("formaction");
        copy.target = button.getAttribute("formtarget");
        copy.hidden = true;
        // A mail of a running flow can be read and not written: its fields are disabled.
        const inputs = form.querySelectorAll("input[name], textarea[name], select[name]");
        for (const each of inputs) {
          const field = document.createElement("textarea");
          field.name = each.name;
          field.value = each.value;
          copy.append(field);
        }
        document.body.append(copy);
        copy.submit();
        copy.remove();
        dialog.showModal();
      });
    }
    dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
    dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  }
  const choose = (form) => {
    const chosen = form.querySelector("[name=trigger_type]:checked");
    for (const part of form.querySelectorAll("[data-shown-for]")) {
      part.hidden = !chosen || part.dataset.shownFor !== chosen.value;
    }
  };
  for (const form of document.querySelectorAll("form")) {
    if (!form.querySelector("[data-shown-for]")) continue;
    form.addEventListener("change", () => choose(form));
    choose(form);
  }
})();
