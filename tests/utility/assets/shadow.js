// The form to sign in, in the shadow tree of a custom element.
customElements.define("river-sign-in", class extends HTMLElement {
  connectedCallback() {
    const root = this.attachShadow({ mode: "open" });
    root.innerHTML = `<link rel="stylesheet" href="/style.css">
      <div class="login"><p class="alert" role="alert" hidden></p>
      <form novalidate><label for="user">Email address</label><input id="user" name="user" type="email" autocomplete="username">
      <label for="password">Password</label><input id="password" name="password" type="password" autocomplete="current-password">
      <button class="button big" type="submit">Sign in</button></form></div>`;
    root.querySelector("form").addEventListener("submit", async (event) => {
      event.preventDefault();
      const { user, password } = event.target.elements;
      const answer = await fetch("/api/login", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ user: user.value, password: password.value }),
      });
      const told = await answer.json().catch(() => ({ error: "Something went wrong. Please try again later." }));
      if (told.next) { location.href = told.next; return; }
      root.querySelector(".alert").textContent = told.error;
      root.querySelector(".alert").hidden = false;
    });
  }
});
document.getElementById("sign-in").append(document.createElement("river-sign-in"));
