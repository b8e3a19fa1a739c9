{
  const close = 1.5;
  const rect = (element) => element.getBoundingClientRect();
  const frames = boxes.map((box) => ({ name: box.dataset.name, at: box.dataset.box, frame: rect(box.querySelector(".body")) }));
  const wide_texts = [];
  for (const box of boxes) {
    const frame = rect(box.querySelector(".body"));
    const texts = all("text", box).map((text) => ({ text: text.textContent, frame: rect(text), y: text.getAttribute("y") }));
    for (const { text, frame: own } of texts) {
      if (text && (own.left < frame.left || own.right > frame.right + close)) wide_texts.push(`${box.dataset.name}: ${text}`);
    }
    // A column's name and its type stand in one row.
    for (const one of texts) {
      for (const two of texts) {
        const apart = one === two || one.y !== two.y || !one.text || !two.text;
        if (!apart && one.frame.left < two.frame.left && one.frame.right > two.frame.left + close) {
          wide_texts.push(`${box.dataset.name}: ${one.text} on ${two.text}`);
        }
      }
    }
  }
  const overlaps = [];
  frames.forEach((one, index) => {
    for (const two of frames.slice(0, index)) {
      const apart = one.frame.right <= two.frame.left || two.frame.right <= one.frame.left
        || one.frame.bottom <= two.frame.top || two.frame.bottom <= one.frame.top;
      if (!apart) overlaps.push(`${one.name} on ${two.name}`);
    }
  });
  const crossed_boxes = [];
  const matrix = svg.getScreenCTM();
  for (const line of lines) {
    const path = line.querySelector("path");
    const length = path.getTotalLength();
    for (let step = 0; step <= 60; step += 1) {
      const point = path.getPointAtLength((length * step) / 60).matrixTransform(matrix);
      const hit = frames.find(({ at, frame }) => at !== line.dataset.child && at !== line.dataset.parent
        && point.x > frame.left + close && point.x < frame.right - close && point.y > frame.top + close && point.y < frame.bottom - close);
      if (hit) { crossed_boxes.push(`${line.querySelector("title").textContent} through ${hit.name}`); break; }
    }
  }
  const keys = [];
  const press = (key, target = document.activeElement) => target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  const wanted = (what, holds) => { if (!holds) keys.push(what); };
  press("/", document.body);
  wanted("/ goes to the search field", document.activeElement === search);
  search.value = "audit trail";
  search.dispatchEvent(new Event("input"));
  const found = all(".entry").filter((entry) => !entry.hidden).map((entry) => entry.textContent);
  if (found.length) {
    press("ArrowDown");
    wanted("down goes to what was found", document.activeElement.textContent === found[0]);
    press("ArrowUp");
    wanted("up goes back", document.activeElement === search);
  }
  press("/", document.body);
  press("Escape", search);
  wanted("Escape shows everything again", all(".entry").every((entry) => !entry.hidden) && search.value === "");
  const before = scale;
  press("+", view);
  wanted("plus makes the diagram larger", scale > before);
  press("0", view);
  wanted("0 shows all of it", rect(svg).width <= view.clientWidth + close && rect(svg).height <= view.clientHeight + close);
  const joined = boxes.find((box) => lines.some(({ dataset }) => dataset.child === box.dataset.box));
  joined.focus();
  wanted("a table takes the focus", document.activeElement === joined);
  wanted("and shows what it belongs to", svg.classList.contains("choosing") && lines.some((line) => line.classList.contains("near")));
  joined.blur();
  wanted("until it loses it", !svg.classList.contains("choosing"));
  const theme = document.documentElement.dataset.theme;
  document.getElementById("theme").click();
  wanted("the theme can be chosen", document.documentElement.dataset.theme !== theme);
  const { width, height } = natural;
  document.body.dataset.verdict = JSON.stringify({
    failures, wide_texts, overlaps, crossed_boxes, keys, found, boxes: boxes.length, ratio: width / height,
  });
}
