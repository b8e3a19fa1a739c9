"use strict";
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const search = document.getElementById("search");
const view = document.getElementById("view");
const svg = view && view.querySelector("svg");

// Light or dark: the system's choice until the reader makes one.
const prefers = matchMedia("(prefers-color-scheme: dark)");
let chosen = null;
const paint = () => { document.documentElement.dataset.theme = chosen || (prefers.matches ? "dark" : "light"); };
prefers.addEventListener("change", paint);
document.getElementById("theme").addEventListener("click", () => {
  chosen = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
  paint();
});
paint();

// Search: every word must be somewhere in a section; in a grid for a whole chapter, in one row.
const articles = all("article").map((element) => {
  const heading = element.querySelector("h3");
  const rows = heading ? [] : all("tbody tr", element).map((row) => ({ row, text: row.textContent.toLowerCase() }));
  return { element, rows, id: heading && heading.id, text: element.textContent.toLowerCase() };
});
const find = () => {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  const matches = (text) => words.every((word) => text.includes(word));
  const found = new Set();
  for (const article of articles) {
    for (const { row, text } of article.rows) row.hidden = !matches(text);
    const visible = article.rows.length ? article.rows.some(({ row }) => !row.hidden) : matches(article.text);
    article.element.hidden = !visible;
    if (visible && article.id) found.add(article.id);
  }
  for (const chapter of all(".chapter")) chapter.hidden = !all("article", chapter).some((article) => !article.hidden);
  for (const entry of all(".entry")) entry.hidden = !found.has(entry.hash.slice(1));
  document.getElementById("nothing").hidden = articles.some(({ element }) => !element.hidden);
  if (svg) mark(words.length ? (box) => found.has(box.getAttribute("href").slice(1)) : null);
};
search.addEventListener("input", find);

// The diagram: what belongs to a table stands out while it is pointed at or has the focus.
const boxes = svg ? all(".box", svg) : [];
const lines = svg ? all(".line", svg) : [];
const mark = (holds) => {
  svg.classList.toggle("choosing", Boolean(holds));
  for (const box of boxes) box.classList.toggle("near", Boolean(holds && holds(box)));
  for (const line of lines) line.classList.remove("near");
};
const around = (box) => {
  const own = box.dataset.box;
  const near = new Set([own]);
  const touching = lines.filter(({ dataset }) => dataset.child === own || dataset.parent === own);
  for (const { dataset } of touching) near.add(dataset.child).add(dataset.parent);
  mark((other) => near.has(other.dataset.box));
  for (const line of touching) line.classList.add("near");
};
for (const box of boxes) {
  for (const event of ["mouseenter", "focus"]) box.addEventListener(event, () => around(box));
  for (const event of ["mouseleave", "blur"]) box.addEventListener(event, find);
}

// Zoom and move.
let scale = 1;
const natural = svg ? { width: Number(svg.dataset.width), height: Number(svg.dataset.height) } : null;
const zoom = (to, at) => {
  const next = Math.min(3, Math.max(0.08, to));
  const point = at || { x: view.clientWidth / 2, y: view.clientHeight / 2 };
  const kept = { x: (view.scrollLeft + point.x) / scale, y: (view.scrollTop + point.y) / scale };
  scale = next;
  svg.setAttribute("width", natural.width * scale);
  svg.setAttribute("height", natural.height * scale);
  view.scrollLeft = kept.x * scale - point.x;
  view.scrollTop = kept.y * scale - point.y;
};
const fit = () => {
  scale = 1;
  zoom(Math.min(1, view.clientWidth / natural.width, view.clientHeight / natural.height));
};
// At first it can be read; roots stand on the left, in the middle.
const start = () => {
  scale = 1;
  zoom(Math.max(0.7, Math.min(1, view.clientWidth / natural.width, view.clientHeight / natural.height)));
  view.scrollLeft = 0;
  view.scrollTop = (natural.height * scale - view.clientHeight) / 3;
};
const zooms = { in: () => zoom(scale * 1.25), out: () => zoom(scale / 1.25), fit };
if (svg) {
  for (const button of all("[data-zoom]")) button.addEventListener("click", zooms[button.dataset.zoom]);
  view.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const frame = view.getBoundingClientRect();
    zoom(scale * Math.exp(-event.deltaY / 400), { x: event.clientX - frame.left, y: event.clientY - frame.top });
  }, { passive: false });
  view.addEventListener("keydown", (event) => {
    const action = { "+": zooms.in, "=": zooms.in, "-": zooms.out, "0": fit }[event.key];
    if (!action || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    action();
  });
  let from = null;
  let moved = false;
  view.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || event.pointerType === "touch") return;
    from = { x: event.clientX + view.scrollLeft, y: event.clientY + view.scrollTop };
    moved = false;
  });
  addEventListener("pointermove", (event) => {
    if (!from) return;
    const to = { x: from.x - event.clientX, y: from.y - event.clientY };
    if (!moved && Math.hypot(to.x - view.scrollLeft, to.y - view.scrollTop) < 4) return;
    moved = true;
    view.classList.add("dragging");
    view.scrollLeft = to.x;
    view.scrollTop = to.y;
  });
  addEventListener("pointerup", () => { from = null; view.classList.remove("dragging"); });
  // A drag that ends on a table is no click on it.
  view.addEventListener("click", (event) => { if (moved) { event.preventDefault(); moved = false; } }, true);
  view.addEventListener("dragstart", (event) => event.preventDefault());
  start();
}

// Keys: / to search, Escape to leave, arrows through the list.
addEventListener("keydown", (event) => {
  const active = document.activeElement;
  if (event.key === "/" && active !== search) {
    event.preventDefault();
    search.focus();
    search.select();
  } else if (event.key === "Escape" && active === search) {
    search.value = "";
    find();
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    const entries = all(".entry").filter((entry) => !entry.hidden);
    const at = entries.indexOf(active);
    if (active !== search && at < 0) return;
    event.preventDefault();
    const next = at + (event.key === "ArrowDown" ? 1 : -1);
    (next < 0 ? search : entries[Math.min(next, entries.length - 1)] || search).focus();
  } else if (event.key === "Enter" && active === search) {
    const first = all(".entry").find((entry) => !entry.hidden);
    if (first) location.hash = first.hash;
  }
});

// The place in the list follows the place in the text.
const follow = () => {
  for (const entry of all(".entry")) {
    if (entry.hash === location.hash) entry.setAttribute("aria-current", "true");
    else entry.removeAttribute("aria-current");
  }
  const heading = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (heading) heading.focus({ preventScroll: true });
};
addEventListener("hashchange", follow);
follow();
