// Uploads one file after the other, each with its progress; the list is shown anew at the end.
const form = document.querySelector("[data-upload]");

if (form) {
  const input = form.querySelector("[data-upload-input]");
  const list = form.querySelector("[data-uploads]");
  input.multiple = true;

  const row = (file) => {
    const item = document.createElement("li");
    const name = document.createElement("b");
    const state = document.createElement("span");
    const bar = document.createElement("progress");
    name.textContent = file.name;
    state.textContent = "Waiting";
    bar.max = 1;
    bar.value = 0;
    bar.setAttribute("aria-label", `Upload of ${file.name}`);
    item.append(name, state, bar);
    list.append(item);
    return { state, bar };
  };

  const send = (file, { state, bar }) =>
    new Promise((resolve) => {
      const request = new XMLHttpRequest();
      const body = new FormData();
      body.append("file", file);
      request.open("POST", form.action);
      request.setRequestHeader("accept", "application/json");
      request.responseType = "json";
      request.upload.addEventListener("progress", (event) => {
        if (!event.lengthComputable) return;
        bar.value = event.loaded / event.total;
        state.textContent = `${Math.round(bar.value * 100)} %`;
      });
      request.addEventListener("loadend", () => {
        const isStored = request.status === 200;
        bar.value = 1;
        state.textContent = isStored ? "Uploaded" : request.response?.message || "The connection was lost";
        state.classList.toggle("is-wrong", !isStored);
        resolve(isStored);
      });
      request.send(body);
    });

  const upload = async (files) => {
    const waiting = [...files].map((file) => [file, row(file)]);
    let stored = true;
    for (const [file, parts] of waiting) stored = (await send(file, parts)) && stored;
    if (stored && waiting.length) window.location.reload();
  };

  input.addEventListener("change", () => upload(input.files));
  for (const kind of ["dragenter", "dragover"]) {
    form.addEventListener(kind, (event) => {
      event.preventDefault();
      form.classList.add("is-over");
    });
  }
  for (const kind of ["dragleave", "drop"]) {
    form.addEventListener(kind, (event) => {
      event.preventDefault();
      form.classList.remove("is-over");
    });
  }
  form.addEventListener("drop", (event) => upload(event.dataTransfer.files));
}
