// What pages do in the browser, on every make. Listeners stand at the document, so that pages that are drawn later have them, too.
{
  // In a frame the form stands alone.
  document.documentElement.classList.toggle("framed", window !== parent);

  const dialog = () => document.querySelector("dialog.login");
  if (dialog()?.dataset.open === "true") dialog().showModal();

  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    if (target?.closest("a[href='/login']") && dialog()) {
      event.preventDefault();
      dialog().showModal();
    }
    const opens = target?.closest("[data-window]");
    if (opens) open(opens.dataset.window, "sign-in", "width=520,height=680");
  });

  // A form on another host, in a frame or window, tells where to go on.
  addEventListener("message", (event) => {
    const from = document.querySelector("[data-from]")?.dataset.from;
    const isFrom = from && event.origin === new URL(from, location.href).origin;
    const to = isFrom && event.data?.signedIn ? new URL(event.data.signedIn) : null;
    if (to?.origin === location.origin) location.href = to.href;
  });

  // A box for each digit: on to the next one, and a pasted code into all of them.
  document.addEventListener("input", (event) => {
    if (!event.target.closest(".digits")) return;
    if (event.target.value) event.target.nextElementSibling?.focus();
  });
  document.addEventListener("paste", (event) => {
    const boxes = event.target.closest?.(".digits")?.querySelectorAll("input");
    if (!boxes) return;
    event.preventDefault();
    const digits = event.clipboardData.getData("text").replace(/\D/g, "");
    boxes.forEach((box, at) => { box.value = digits[at] ?? ""; });
  });

  // Waits for the answer on the phone.
  const poll = async () => {
    const path = document.querySelector("[data-poll]")?.dataset.poll;
    if (path && !globalThis.show) {
      const answer = await fetch(path).catch(() => null);
      if (answer?.redirected) location.href = answer.url;
    } else if (path) {
      await globalThis.show(path);
    }
    setTimeout(poll, 2000);
  };
  setTimeout(poll, 2000);
}
