// What a page can do beyond links and forms. Everything here is a comfort: pages are whole without.

// --- Ranges: played from their first picture to their last. ---

/** Play from `start` seconds and stop at `end` seconds (NaN: play on). */
function playRange(player, start, end) {
  player.stopAt = end;
  const go = () => {
    player.currentTime = start;
    player.play().catch(() => {}); // the browser may want a click first: the picture stands there
  };
  if (player.readyState > 0) go();
  else player.addEventListener("loadedmetadata", go, { once: true });
}

/** `timeupdate` comes four times a second; a cut needs every picture. */
function watchEnd(player) {
  if (player.currentTime >= player.stopAt) {
    player.pause();
    player.currentTime = player.stopAt; // a busy machine may be late: the last picture is the range's
    player.stopAt = NaN;
  } else if (!player.paused && !Number.isNaN(player.stopAt ?? NaN)) {
    requestAnimationFrame(() => watchEnd(player));
  }
}

document.addEventListener("playing", (event) => watchEnd(event.target), true);

/** Whoever moves the playhead out of the range wants to see more than the range. */
document.addEventListener("seeking", (event) => {
  if (event.target.currentTime > event.target.stopAt) event.target.stopAt = NaN;
}, true);

/** A player in the place of a picture; one at a time. */
function playerInPlaceOf(link) {
  document.querySelectorAll(".inplace").forEach((open) => {
    open.previousElementSibling.hidden = false;
    open.remove();
  });
  const player = document.createElement(link.dataset.kind);
  player.className = "poster inplace";
  player.controls = true;
  player.playsInline = true;
  player.src = link.dataset.source;
  player.setAttribute("aria-label", link.getAttribute("aria-label"));
  link.after(player);
  link.hidden = true;
  player.focus();
  return player;
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-play]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  const player = link.dataset.source ? playerInPlaceOf(link) : document.querySelector("#player");
  if (!player) return;
  event.preventDefault();
  if (!link.dataset.source) {
    document.querySelectorAll("[data-play][aria-current]").forEach((item) => item.removeAttribute("aria-current"));
    link.setAttribute("aria-current", "true");
    player.scrollIntoView({ block: "nearest" });
  }
  playRange(player, parseFloat(link.dataset.play), parseFloat(link.dataset.until));
});

// An address such as /assets/ID/?from=1.5&to=4 plays that range.
const wanted = new URLSearchParams(location.search);
const player = document.querySelector("#player");
if (player && wanted.has("from")) {
  playRange(player, parseFloat(wanted.get("from")), parseFloat(wanted.get("to")));
}

// An empty place to cut is the picture in the player.
document.addEventListener("submit", (event) => {
  const at = event.target.matches("[data-playhead]") && event.target.elements.at;
  if (at && player && !at.value.trim()) at.value = `@${player.currentTime.toFixed(6)}`;
});

// A part of the query is marked in the box, to be typed over.
document.addEventListener("click", (event) => {
  const part = event.target.closest("[data-part]")?.dataset.part;
  const box = document.querySelector("#find");
  if (!part || !box) return;
  // Where it was typed otherwise, the box shows the query as it was read.
  if (!box.value.includes(part)) box.value = event.target.closest("[data-query]").dataset.query;
  const at = box.value.indexOf(part);
  box.focus();
  if (at >= 0) box.setSelectionRange(at, at + part.length);
});

// --- Keys. ---

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    document.querySelector("#find")?.focus();
  }
});

// --- Parts that are fetched again and again. ---

const polled = (event) => event.detail.elt.matches?.("[data-poll]");

document.addEventListener("htmx:beforeRequest", (event) => {
  if (polled(event) && document.hidden) event.preventDefault();
});

// What has not changed is not touched: selection, focus and scrolling stay as they are.
document.addEventListener("htmx:beforeSwap", (event) => {
  const target = event.detail.target;
  if (polled(event) && target.lastAnswer === event.detail.serverResponse) event.detail.shouldSwap = false;
  target.lastAnswer = event.detail.serverResponse;
});

function say(text) {
  const notices = document.querySelector("#notices");
  let line = document.querySelector("#trouble");
  if (!text) return line?.remove();
  if (!line) {
    line = document.createElement("p");
    line.id = "trouble";
    line.className = "notice error";
    notices.append(line);
  }
  line.textContent = text;
}

document.addEventListener("htmx:sendError", () => say("The server does not answer; trying again."));
document.addEventListener("htmx:responseError", (event) => {
  say(`The server answered with an error (${event.detail.xhr.status}).`);
});
document.addEventListener("htmx:afterOnLoad", () => say(""));
