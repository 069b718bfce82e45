// Calculators and assessments answer without a reload; chats talk. Without this, forms still work.
const form = document.querySelector("[data-tool]");
if (form) {
  let latest = 0;
  const work = async () => {
    const mine = ++latest;
    const address = `${location.pathname}?${new URLSearchParams(new FormData(form))}`;
    const answer = await fetch(address);
    if (!answer.ok || mine !== latest) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("#tool-answer");
    const old = document.querySelector("#tool-answer");
    if (fresh) old.innerHTML = fresh.innerHTML;
    for (const wrong of form.querySelectorAll(".wrong")) wrong.remove();
    for (const wrong of page.querySelectorAll("[data-tool] .wrong")) {
      const field = form.elements.namedItem(wrong.id.replace("wrong-", ""));
      const place = field instanceof RadioNodeList ? field[0] : field;
      place?.closest("fieldset, div")?.append(wrong);
    }
    return page.querySelector(".verdict");
  };
  let pause;
  form.addEventListener("input", (event) => {
    for (const output of form.querySelectorAll("output[data-of]")) {
      if (output.dataset.of === event.target.id) output.value = event.target.value;
    }
    clearTimeout(pause);
    if (form.dataset.tool !== "whole" && form.checkValidity()) pause = setTimeout(work, 250);
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    await work();
    const shown = document.querySelector("#tool-answer .verdict") ?? form.querySelector(".wrong");
    shown?.scrollIntoView({ block: "center", behavior: "smooth" });
  });
}

const chat = document.querySelector("[data-chat]");
if (chat) {
  const said = document.querySelector("[data-said]");
  const wrong = chat.querySelector("[data-wrong]");
  const place = `lodestone-chat:${location.pathname}`;
  const remembered = sessionStorage.getItem(place);
  const session = remembered || chat.dataset.chat;
  sessionStorage.setItem(place, session);
  const show = (role, text) => {
    const line = document.createElement("p");
    line.dataset.role = role;
    line.textContent = text;
    said.append(line);
    said.scrollTop = said.scrollHeight;
    return line;
  };
  if (remembered) {
    fetch(`/api/public/chat?${new URLSearchParams({ sessionToken: session })}`)
      .then((answer) => (answer.ok ? answer.json() : { messages: [] }))
      .then(({ messages }) => messages.forEach(({ role, content }) => show(role, content)));
  }
  for (const idea of document.querySelectorAll("[data-idea]")) {
    idea.addEventListener("click", () => {
      chat.elements.message.value = idea.textContent;
      chat.elements.message.focus();
    });
  }
  const listen = async (answer, line) => {
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      rest += value;
      const events = rest.split("\n\n");
      rest = events.pop();
      for (const event of events) {
        const { type, text } = JSON.parse(event.slice("data: ".length));
        if (type === "delta") line.textContent += text;
        if (type === "error") line.textContent = text;
        said.scrollTop = said.scrollHeight;
      }
    }
  };
  chat.addEventListener("submit", async (event) => {
    event.preventDefault();
    const message = chat.elements.message.value.trim();
    if (!message) return;
    const button = chat.querySelector("button");
    button.disabled = true;
    wrong.hidden = true;
    show("user", message);
    chat.elements.message.value = "";
    const answer = await fetch("/api/public/chat", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ sessionToken: session, message }),
    });
    if (answer.ok) {
      await listen(answer, show("assistant", ""));
    } else {
      const told = await answer.json();
      wrong.textContent = told.message;
      wrong.hidden = false;
    }
    button.disabled = false;
    chat.elements.message.focus();
  });
  chat.elements.message.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      chat.requestSubmit();
    }
  });
}
