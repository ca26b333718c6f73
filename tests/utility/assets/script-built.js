// Fields without a form, and a button that is none.
{
  const place = document.getElementById("sign-in");
  const add = (name, parent = place, values = {}) => {
    const element = Object.assign(document.createElement(name), values);
    parent.append(element);
    return element;
  };
  const field = (label, values) => {
    const around = add("label");
    add("span", around, { textContent: label });
    return add("input", around, values);
  };
  setTimeout(() => {
    const alert = add("div", place, { className: "alert", hidden: true });
    alert.setAttribute("role", "alert");
    const user = field("Email address", { type: "text", id: `f${Date.now()}` });
    const password = field("Password", { type: "password", id: `g${Date.now()}` });
    const button = add("div", place, { className: "button big", textContent: "Sign in", tabIndex: 0 });
    button.setAttribute("role", "button");
    const send = async () => {
      const answer = await fetch("/api/login", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ user: user.value, password: password.value }),
      });
      const told = await answer.json().catch(() => ({ error: "Something went wrong. Please try again later." }));
      if (told.next) { location.href = told.next; return; }
      alert.textContent = told.error;
      alert.hidden = false;
    };
    button.addEventListener("click", send);
    password.addEventListener("keydown", (event) => { if (event.key === "Enter") send(); });
  }, 600);
}
