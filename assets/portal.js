// Everything works without this file. With it: a reference can be copied by a button, a form is sent once
// however often its button is pressed, times are in the reader's own zone, and the state of a mail stays fresh.
(function () {
  "use strict";

  function localTimes(root) {
    for (const time of root.querySelectorAll("time[datetime]")) {
      const at = new Date(time.dateTime);
      if (!isNaN(at)) {
        time.textContent = at.toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
      }
    }
  }

  function copyButtons() {
    if (!navigator.clipboard) return;
    for (const button of document.querySelectorAll("button[data-copy]")) {
      button.hidden = false;
      button.addEventListener("click", async function () {
        await navigator.clipboard.writeText(button.dataset.copy);
        button.textContent = button.dataset.copied;
        button.setAttribute("role", "status");
      });
    }
  }

  function sendOnce() {
    document.addEventListener("submit", function (event) {
      const form = event.target;
      if (form.dataset.sent) {
        event.preventDefault();
        return;
      }
      form.dataset.sent = "yes";
      setTimeout(function () { delete form.dataset.sent; }, 10000);
    });
    // A page that comes back from the browser's cache may be sent again.
    window.addEventListener("pageshow", function () {
      for (const form of document.forms) delete form.dataset.sent;
    });
  }

  const settled = ["delivered", "failed"];

  function watchDelivery() {
    const box = document.querySelector("[data-poll]");
    if (!box || !window.fetch) return;
    const until = Date.now() + 10 * 60 * 1000;
    let pause = 2000;
    function again() {
      const shown = box.querySelector("[data-delivery]");
      if (!shown || settled.includes(shown.dataset.delivery) || Date.now() > until) return;
      setTimeout(look, pause);
      pause = Math.min(pause * 1.3, 15000);
    }
    async function look() {
      if (document.hidden) return again();
      try {
        const answer = await fetch(box.dataset.poll, { headers: { Accept: "text/html" }, redirect: "error" });
        if (!answer.ok) return;
        const part = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-delivery]");
        const shown = box.querySelector("[data-delivery]");
        if (!part || !shown) return;
        if (part.dataset.delivery !== shown.dataset.delivery) {
          localTimes(part);
          shown.replaceWith(part);
        }
      } catch {
        return;
      }
      again();
    }
    again();
  }

  localTimes(document);
  copyButtons();
  sendOnce();
  watchDelivery();
})();
