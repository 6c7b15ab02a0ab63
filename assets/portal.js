// Everything works without this file. With it: a reference can be copied by a button, a form is sent once
// however often its button is pressed, times are in the reader's own zone, and the state of a mail stays fresh.
(function () {
  "use strict";

  // The clock and the calendar are the reader's, the hours counted to twelve or to twenty-four as the browser does
  // it, and the words those of the page: a mail says the same time in UTC.
  function localTimes(root) {
    const lang = document.documentElement.lang;
    const hourCycle = new Intl.DateTimeFormat([], { hour: "numeric" }).resolvedOptions().hourCycle;
    for (const time of root.querySelectorAll("time[data-own]")) {
      const at = new Date(time.dateTime);
      if (isNaN(at)) continue;
      const parts = {
        clock: at.toLocaleTimeString(lang, { hour: "numeric", minute: "2-digit", hourCycle }),
        day: at.toLocaleDateString(lang, { day: "numeric" }),
        month: at.toLocaleDateString(lang, { month: "long" }),
        year: at.toLocaleDateString(lang, { year: "numeric" }),
      };
      time.textContent = time.dataset.own.replace(/{(\w+)}/g, (whole, name) => parts[name] || whole);
    }
  }

  function copyButtons() {
    if (!navigator.clipboard) return;
    for (const button of document.querySelectorAll("button[data-copy]")) {
      // A screen reader hears of it from a part that speaks and was there before; the button stays a button.
      const says = document.createElement("span");
      says.className = "off";
      says.setAttribute("role", "status");
      button.after(says);
      button.hidden = false;
      button.addEventListener("click", async function () {
        await navigator.clipboard.writeText(button.dataset.copy);
        button.textContent = says.textContent = button.dataset.copied;
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

  // The page as it would be if it were reloaded, part by part, so that a screen reader hears what is new (the
  // parts that speak are role="status") and nobody loses what they have typed or where they stand. A mail that
  // failed has another page, which is gone to unless a code is being typed.
  function take(fresh) {
    const now = fresh.querySelector("[data-delivery]");
    const shown = document.querySelector("[data-delivery]");
    if (!now || !shown || now.dataset.delivery === shown.dataset.delivery) return;
    const code = document.getElementById("code");
    if (now.dataset.delivery === "failed" && !(code && code.value)) {
      location.replace(shown.closest("[data-page]").dataset.page);
      return;
    }
    localTimes(now);
    shown.dataset.delivery = now.dataset.delivery;
    shown.className = now.className;
    for (const part of document.querySelectorAll("[data-part]")) {
      const next = fresh.querySelector('[data-part="' + part.dataset.part + '"]');
      if (next && next.innerHTML !== part.innerHTML) part.replaceChildren(...next.childNodes);
    }
  }

  // watchDelivery asks while the mail is on its way and somebody looks at the page.
  function watchDelivery() {
    const box = document.querySelector("[data-poll]");
    if (!box || !window.fetch) return;
    const until = Date.now() + 10 * 60 * 1000;
    let pause = 1000;
    let timer = 0;
    function again() {
      clearTimeout(timer);
      const shown = box.querySelector("[data-delivery]");
      if (document.hidden || !shown || settled.includes(shown.dataset.delivery) || Date.now() > until) return;
      timer = setTimeout(look, pause);
      pause = Math.min(pause * 1.3, 15000);
    }
    async function look() {
      try {
        const answer = await fetch(box.dataset.poll, { headers: { Accept: "text/html" }, redirect: "error" });
        if (answer.status === 204) return; // this browser waits for no mail any more
        if (answer.ok) take(new DOMParser().parseFromString(await answer.text(), "text/html"));
      } catch {
        // The network may be back at the next attempt.
      }
      again();
    }
    document.addEventListener("visibilitychange", function () {
      pause = 1000;
      again();
    });
    again();
  }

  localTimes(document);
  copyButtons();
  sendOnce();
  watchDelivery();
})();
