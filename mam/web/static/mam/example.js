// A file dropped onto the search box, or a picture pasted into it, is searched by. The form behind
// "By example" does the same without this.

const box = document.querySelector("#find");
const form = document.querySelector("#bring");
const place = box?.closest("form");

/** Send a file by the form, as if it had been chosen there. */
function bring(file) {
  const chosen = new DataTransfer();
  chosen.items.add(file);
  form.elements.file.files = chosen.files;
  form.requestSubmit();
}

const holdsFiles = (event) => event.dataTransfer?.types.includes("Files");

if (box && form) {
  for (const kind of ["dragenter", "dragover"]) {
    place.addEventListener(kind, (event) => {
      if (!holdsFiles(event)) return;
      event.preventDefault();
      place.classList.add("over");
    });
  }
  place.addEventListener("dragleave", (event) => {
    if (!place.contains(event.relatedTarget)) place.classList.remove("over");
  });
  place.addEventListener("drop", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    place.classList.remove("over");
    if (event.dataTransfer.files.length) bring(event.dataTransfer.files[0]);
  });

  box.addEventListener("paste", (event) => {
    const file = event.clipboardData?.files[0];
    if (!file) return; // words: the box takes them
    event.preventDefault();
    bring(file);
  });

  form.addEventListener("submit", (event) => {
    form.elements.q.value = box.value;
    const file = form.elements.file.files[0];
    const line = document.createElement("p");
    line.className = "notice reading";
    document.querySelector("#notices").replaceChildren(line);
    // A browser that is answered while it still sends shows its own error, and not the answer.
    if (file.size > Number(form.dataset.limit)) {
      event.preventDefault();
      line.textContent = `${file.name} is larger than ${form.dataset.told}: take a part of it.`;
      return;
    }
    line.textContent = `Reading ${file.name} …`;
    form.querySelector("button").disabled = true;
  });

  // Back from what was found: the form may be sent again.
  window.addEventListener("pageshow", () => {
    form.querySelector("button").disabled = false;
    document.querySelector("#notices .reading")?.remove();
  });

  form.querySelector(".scripted").hidden = false;
}
