// What a page can do beyond links and forms. Everything here is a comfort: pages are whole without it.

/** Play a range of a player: from `start` seconds, stopping at `end` seconds. */
export function playRange(player, start, end) {
  player.currentTime = start;
  player.dataset.stopAt = end || "";
  player.play().catch(() => {});
}

document.addEventListener("timeupdate", (event) => {
  const stop = parseFloat(event.target.dataset.stopAt);
  if (!Number.isNaN(stop) && event.target.currentTime >= stop) {
    event.target.pause();
    event.target.dataset.stopAt = "";
  }
}, true);

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-play]");
  if (!link) return;
  const player = document.querySelector(link.dataset.player || "#player");
  if (!player) return;
  event.preventDefault();
  playRange(player, parseFloat(link.dataset.play), parseFloat(link.dataset.until));
  player.scrollIntoView({ block: "nearest" });
});

// An address such as /assets/ID/?from=1.5&to=4 plays that range.
const wanted = new URLSearchParams(location.search);
const player = document.querySelector("#player");
if (player && wanted.has("from")) {
  const start = () => playRange(player, parseFloat(wanted.get("from")), parseFloat(wanted.get("to")));
  if (player.readyState > 0) start(); else player.addEventListener("loadedmetadata", start, { once: true });
}

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key === "/" && !typing) {
    event.preventDefault();
    document.querySelector("#find")?.focus();
  }
});
