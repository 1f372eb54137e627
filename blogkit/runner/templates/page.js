"use strict";

// Without this script the page shows every claim and hides the form.
const form = document.getElementById("filters");
const rows = [...document.querySelectorAll(".claims tbody tr")];

function filter() {
  const { words, notebook, kind, verdict } = form.elements;
  const wanted = words.value.toLowerCase().split(/\s+/);
  let shown = 0;
  for (const row of rows) {
    const text = `${row.dataset.notebook} ${row.textContent}`.toLowerCase();
    row.hidden = !(
      wanted.every((word) => text.includes(word)) &&
      (!notebook.value || notebook.value === row.dataset.notebook) &&
      (!kind.value || kind.value === row.dataset.kind) &&
      (!verdict.value || verdict.value === row.dataset.verdict)
    );
    shown += !row.hidden;
  }
  document.getElementById("shown").textContent = `${shown} of ${rows.length} claims shown`;
}

form.addEventListener("input", filter);
form.addEventListener("reset", () => setTimeout(filter)); // the fields are empty only afterwards
form.addEventListener("submit", (event) => event.preventDefault());
form.hidden = false;
filter();

// A link to a notebook opens it, and so does printing.
function openTarget() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const folded = target?.closest("details") ?? target?.querySelector("details.notebook");
  if (folded && !folded.open) {
    folded.open = true;
    target.scrollIntoView();
  }
}

addEventListener("hashchange", openTarget);
addEventListener("beforeprint", () => {
  for (const folded of document.querySelectorAll("details")) folded.open = true;
});
openTarget();
