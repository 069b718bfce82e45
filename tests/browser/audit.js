// What a page gets wrong for people: contrast, names, labels, ids, landmarks, width. Returns sentences.
() => {
  const problems = [];
  const parse = (text) => { const m = text.match(/[\d.]+/g).map(Number); return text.startsWith("color(srgb") ? [m[0]*255, m[1]*255, m[2]*255, m[3] ?? 1] : [m[0], m[1], m[2], m[3] ?? 1]; };
  const over = (top, under) => [0,1,2].map((i) => top[i]*top[3] + under[i]*(1-top[3])).concat(1);
  const backgroundOf = (el) => { const stack = []; for (let e = el; e; e = e.parentElement) { const s = getComputedStyle(e); if (s.backgroundImage !== "none") return null; stack.push(parse(s.backgroundColor)); } return stack.reverse().reduce((under, top) => over(top, under), [255,255,255,1]); };
  const lum = (c) => { const [r,g,b] = c.slice(0,3).map((v) => { v/=255; return v<=0.03928 ? v/12.92 : ((v+0.055)/1.055)**2.4; }); return 0.2126*r+0.7152*g+0.0722*b; };
  const ratio = (a,b) => { const [x,y] = [lum(a),lum(b)].sort((p,q)=>q-p); return (x+0.05)/(y+0.05); };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const seen = new Set();
  while (walker.nextNode()) {
    const el = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || seen.has(el) || el.closest("svg, script, style, .visually-hidden, .ls-skip, [aria-hidden=true], :disabled")) continue;
    seen.add(el);
    const box = el.getBoundingClientRect();
    if (!el.checkVisibility({checkOpacity:true, checkVisibilityCSS:true}) || box.width === 0) continue;
    const bg = backgroundOf(el); if (!bg) continue;
    const style = getComputedStyle(el);
    const size = parseFloat(style.fontSize); const large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
    const r = ratio(over(parse(style.color), bg), bg);
    if (r < (large ? 3 : 4.5)) problems.push(`contrast ${r.toFixed(2)}: ${el.tagName}.${el.className} "${el.textContent.trim().slice(0,40)}"`);
  }
  for (const el of document.querySelectorAll("input:not([type=hidden]), select, textarea")) {
    const named = el.labels?.length || el.getAttribute("aria-label") || el.getAttribute("aria-labelledby");
    if (!named) problems.push(`no label: ${el.outerHTML.slice(0,90)}`);
  }
  for (const el of document.querySelectorAll("a[href], button, summary")) {
    const name = el.textContent.trim() || el.getAttribute("aria-label") || el.querySelector("[aria-label]")?.getAttribute("aria-label");
    if (!name) problems.push(`no name: ${el.outerHTML.slice(0,90)}`);
  }
  const ids = [...document.querySelectorAll("[id]")].map((el) => el.id);
  for (const id of new Set(ids.filter((id, i) => ids.indexOf(id) !== i))) problems.push(`id twice: ${id}`);
  if (document.querySelectorAll("h1").length !== 1) problems.push(`${document.querySelectorAll("h1").length} h1`);
  if (!document.querySelector("main")) problems.push("no main");
  if (!document.documentElement.lang) problems.push("no lang");
  const wide = document.documentElement.scrollWidth - innerWidth;
  if (wide > 0) problems.push(`${wide}px too wide`);
  return problems;
}
