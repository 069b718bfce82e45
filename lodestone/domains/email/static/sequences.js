// Welcome mails: another mail is added from the blank one, and previews go into the frame.
(() => {
  const form = document.getElementById("sequence");
  if (!form) return;
  const add = document.getElementById("sequence-add");
  const blank = document.getElementById("sequence-blank");
  const remember = (root) => {
    for (const input of root.querySelectorAll("[data-inserts]")) {
      input.addEventListener("focus", () => { form.lastInserted = input; });
    }
  };
  const show = (button) => {
    const copy = document.createElement("form");
    copy.method = "post";
    copy.action = button.getAttribute("formaction");
    copy.target = button.getAttribute("formtarget");
    copy.hidden = true;
    const number = button.name.slice(5);
    for (const name of [`subject_${number}`, `body_${number}`]) {
      const field = document.createElement("textarea");
      field.name = name;
      field.value = form.elements.namedItem(name).value;
      copy.append(field);
    }
    const shown = document.createElement("input");
    shown.name = button.name;
    copy.append(shown);
    document.body.append(copy);
    copy.submit();
    copy.remove();
  };
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-show]");
    if (!button) return;
    event.preventDefault();
    show(button);
  });
  add.addEventListener("click", () => {
    const mails = [...form.querySelectorAll("[data-mail]")];
    const number = Math.max(-1, ...mails.map((mail) => Number(mail.dataset.mail))) + 1;
    const days = mails.map((mail) => Number(mail.querySelector("[name^=day_]").value) || 0);
    const box = document.createElement("div");
    box.innerHTML = blank.innerHTML.replaceAll("__n__", String(number));
    const made = box.firstElementChild;
    made.querySelector("[name^=day_]").value = Math.max(-1, ...days) + 1;
    mails.at(-1).after(made);
    remember(made);
    made.querySelector("[name^=subject_]").focus();
  });
  const first = form.querySelector("[data-show]");
  if (first) show(first);
})();
