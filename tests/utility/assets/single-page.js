// One page for all: asks for what the others are made of with a token, and draws it.
{
  const app = document.getElementById("app");
  const token = () => localStorage.getItem("token") ?? "none";

  const ask = (path, options = {}) => fetch(path, {
    ...options,
    headers: { ...options.headers, authorization: `Bearer ${token()}` },
  });

  const signIn = async (error) => {
    await draw("/help");
    app.querySelector("main").innerHTML = `<section class="wrap"><div class="card login"><h1>Sign in to your account</h1>
      <p class="alert" role="alert" hidden></p>
      <form id="sign-in" novalidate><label for="user">Email address</label><input id="user" name="user" type="email" autocomplete="username">
      <label for="password">Password</label><input id="password" name="password" type="password" autocomplete="current-password">
      <button class="button big" type="submit">Sign in</button></form></div></section>`;
    document.title = "Sign in | Riverbend Power & Water";
    if (error) tell(error);
  };

  const tell = (words) => {
    const alert = app.querySelector(".alert");
    alert.textContent = words;
    alert.hidden = false;
  };

  // Draws a page, and answers the path that it came from in the end; a file is saved instead.
  const draw = async (path, options) => {
    const answer = await ask(path, options);
    if (!answer.headers.get("content-type")?.startsWith("text/html")) {
      const name = answer.headers.get("content-disposition")?.match(/filename="(.+)"/)?.[1] ?? "file";
      const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(await answer.blob()), download: name });
      link.click();
      return location.pathname + location.search;
    }
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    document.title = page.title;
    const { pathname, search } = new URL(answer.url);
    if (pathname === "/login") return pathname;
    app.replaceChildren(...page.body.childNodes);
    // What has an address of its own on the website needs the token, too.
    for (const image of app.querySelectorAll("img[src^='/account/']")) {
      image.src = URL.createObjectURL(await (await ask(image.getAttribute("src"))).blob());
    }
    return pathname + search;
  };

  const unavailable = () => {
    app.innerHTML = `<main class="wrap"><h1>We will be right back</h1>
      <p class="alert" role="alert">Riverbend online services are temporarily unavailable.</p></main>`;
  };

  globalThis.show = (path, options) => goTo(path, options).catch(unavailable);

  const goTo = async (path, options) => {
    const shown = new URL(path, location.href).pathname === "/login" ? "/login" : await draw(path, options);
    if (shown === "/login") await signIn();
    if (shown !== location.pathname + location.search) history.pushState(null, "", shown);
  };

  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
    if (!link || link.origin !== location.origin || link.download) return;
    event.preventDefault();
    if (link.pathname === "/sign-out") {
      ask("/sign-out").then(() => { localStorage.removeItem("token"); globalThis.show("/"); });
    } else {
      globalThis.show(link.pathname + link.search);
    }
  });

  document.addEventListener("submit", async (event) => {
    event.preventDefault();
    const form = event.target;
    const values = new FormData(form, event.submitter);
    if (form.id !== "sign-in") {
      const body = new URLSearchParams(values);
      if (form.method === "get") await globalThis.show(`${form.getAttribute("action")}?${body}`);
      else await globalThis.show(form.getAttribute("action"), { method: "POST", body });
      return;
    }
    const answer = await fetch("/api/login", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ user: values.get("user"), password: values.get("password") }),
    });
    const told = await answer.json().catch(() => ({ error: "Something went wrong. Please try again later." }));
    if (told.token) localStorage.setItem("token", told.token);
    if (told.next?.startsWith("http")) location.href = told.next;
    else if (told.next) await globalThis.show(told.next);
    else tell(told.error);
  });

  addEventListener("popstate", () => globalThis.show(location.pathname + location.search));
  globalThis.show(location.pathname + location.search);
}
