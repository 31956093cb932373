/* When an act that was just written is in the read models, shows the page anew: status, clocks and
 * forms follow from it. Not while somebody is typing into another form: then a link offers it. */
"use strict";
(function () {
  let typed = false;
  document.addEventListener("input", function () { typed = true; });
  document.body.addEventListener("htmx:afterSettle", function () {
    const done = document.getElementById("done");
    if (done && done.dataset.judged === "yes" && !typed) location.reload();
  });
})();
