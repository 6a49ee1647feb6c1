// The search page by the keyboard: j and k go from hit to hit, Enter plays, c collects; in the box the
// arrows bring back what was asked before. The page is whole without it.

// --- What was asked before, the newest last; kept by this browser alone. ---

const KEPT = 50;
const box = document.querySelector("#find");
const asked = () => {
  try {
    return JSON.parse(localStorage.getItem("asked")) ?? [];
  } catch {
    return []; // the browser keeps nothing, or somebody wrote something else there
  }
};

const now = new URLSearchParams(location.search).get("q")?.trim();
if (now) {
  try {
    const kept = [...asked().filter((words) => words !== now), now].slice(-KEPT);
    localStorage.setItem("asked", JSON.stringify(kept));
  } catch {
    // It will not be remembered.
  }
}

let back = 0; // how far back the box shows; 0 is what is typed
let typed = "";
box?.addEventListener("keydown", (event) => {
  const step = { ArrowUp: 1, ArrowDown: -1 }[event.key];
  if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
  const list = asked();
  if (!back) typed = box.value;
  const older = list[list.length - 1] === box.value.trim() && !back ? back + 2 * step : back + step;
  back = Math.max(0, Math.min(list.length, older));
  box.value = back ? list[list.length - back] : typed;
  event.preventDefault();
});
box?.addEventListener("input", () => { back = 0; });

// --- A pointer over a picture goes through its range: by the sprite sheet, one picture for all. ---

document.addEventListener("pointermove", (event) => {
  const play = event.target.closest(".hit[data-sprite] .play");
  if (!play || event.pointerType === "touch") return;
  const hit = play.closest(".hit").dataset;
  const place = play.getBoundingClientRect();
  const along = Math.max(0, Math.min(0.999, (event.clientX - place.left) / place.width));
  const frame = Math.floor(+hit.start + along * (hit.end - hit.start));
  const tile = Math.min(hit.count - 1, Math.floor(frame / hit.every));
  let shown = play.querySelector(".scrub > span");
  if (!shown) {
    const [wide, high] = hit.aspect.split("/");
    shown = document.createElement("span");
    shown.style.aspectRatio = hit.aspect;
    shown.style[wide * place.height > high * place.width ? "width" : "height"] = "100%";
    shown.style.backgroundImage = `url("${hit.sprite}")`;
    shown.style.backgroundSize = `${100 * hit.columns}% ${100 * hit.rows}%`;
    const over = document.createElement("span"); // hides what stood there, whatever its shape
    over.className = "scrub";
    over.append(shown);
    play.append(over);
  }
  const share = (number, all) => (all > 1 ? (100 * number) / (all - 1) : 0);
  const x = share(tile % hit.columns, +hit.columns);
  const y = share(Math.floor(tile / hit.columns), +hit.rows);
  shown.style.backgroundPosition = `${x}% ${y}%`;
});

document.addEventListener("pointerout", (event) => {
  const play = event.target.closest?.(".hit .play");
  if (play && !play.contains(event.relatedTarget)) play.querySelector(".scrub")?.remove();
});

// --- From hit to hit. ---

const hits = () => [...document.querySelectorAll(".hit")];
const current = () => document.activeElement?.closest(".hit");

function go(step) {
  const list = hits();
  const at = list.indexOf(current());
  const next = list[at < 0 ? 0 : Math.max(0, Math.min(list.length - 1, at + step))];
  const target = next?.querySelector(".inplace, .play:not([hidden])");
  target?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

/** What the server's page says is wrong. */
async function reasonOf(answer) {
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  return page.querySelector("[role=alert]")?.textContent.trim() ?? `error ${answer.status}`;
}

/** Put one hit, with its in and out as they stand, into the collection that is chosen below. */
async function collect(hit) {
  const form = document.querySelector("#chosen");
  const wanted = new FormData(form);
  wanted.delete("range");
  wanted.append("range", hit.querySelector("[name=range]").value);
  const select = form.querySelector("#to-collection");
  const name = form.querySelector("[name=new]");
  if (!select.value && !name.value.trim()) return name.focus();
  const answer = await fetch(form.action, { method: "POST", body: wanted });
  const mark = hit.querySelector(".collected") ?? document.createElement("span");
  mark.className = "collected soft";
  mark.setAttribute("role", "status");
  mark.textContent = answer.ok ? "collected" : `not collected: ${await reasonOf(answer)}`;
  hit.querySelector(".inout").append(mark);
  const made = answer.ok && answer.url.match(/collections\/([0-9a-f-]{36})\//)?.[1];
  if (made && select.value !== made) {
    select.append(new Option(name.value.trim(), made, true, true)); // the next goes there too
    name.value = "";
  }
}

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  const hit = current();
  if (event.key === "j") go(1);
  else if (event.key === "k") go(-1);
  else if (event.key === "c" && hit) collect(hit);
  else return;
  event.preventDefault();
});
