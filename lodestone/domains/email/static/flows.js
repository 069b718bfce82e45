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
    const reader = document.getElementById("flow-reader");
    let shown = null;
    // What is typed goes to the frame in a form of its own: a plain submit would pass the page's guard
    // of unsaved changes, and fields of a running flow are disabled.
    const show = () => {
      const copy = document.createElement("form");
      copy.method = "post";
      copy.action = shown.getAttribute("formaction");
      copy.target = shown.getAttribute("formtarget");
      copy.hidden = true;
      const put = (name, value) => {
        const field = document.createElement("textarea");
        field.name = name;
        field.value = value;
        copy.append(field);
      };
      for (const each of shown.form.querySelectorAll("input[name], textarea[name], select[name]")) {
        put(each.name, each.value);
      }
      put("subscriber_id", reader.value);
      document.body.append(copy);
      copy.submit();
      copy.remove();
    };
    for (const button of document.querySelectorAll("[data-preview]")) {
      button.addEventListener("click", (event) => {
        event.preventDefault();
        shown = button;
        show();
        dialog.showModal();
      });
    }
    reader.addEventListener("change", show);
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
