// The answers of a page, read from its attributes. An expression: an object of functions.
({
  /** Everything below, in open shadow roots too, in document order. */
  all(selector) {
    const found = [];
    const look = (root) => {
      for (const element of root.querySelectorAll("*")) {
        if (element.matches(selector)) found.push(element);
        if (element.shadowRoot) look(element.shadowRoot);
      }
    };
    look(document);
    return found;
  },
  isShown(element) {
    const box = element.getBoundingClientRect();
    return box.width > 2 && box.height > 2 && element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  },
  fields() {
    const typed = "input:not([type=hidden], [type=checkbox], [type=radio], [type=submit], [type=button]), textarea";
    return this.all("[data-manual-scoring]").filter((field) => field.matches(typed) && this.isShown(field));
  },
  submits() {
    return this.all("[data-manual-submit]").filter((button) => this.isShown(button));
  },
  /** The answers of a field; several where each is right (`username OR emailAddress`). */
  said: (field) => (field.dataset.manualScoring ?? "").split(" OR ").map((answer) => answer.trim()).filter(Boolean),
  /** What belongs together: a form, or what is in no form. */
  scope: (element) => element.form ?? element.closest("form") ?? document,
  scopes() {
    return [...new Set([...this.fields(), ...this.submits()].map((element) => this.scope(element)))];
  },
  /** For each scope what its fields are, and how many buttons send it. */
  answers() {
    const scopes = this.scopes().map(() => ({ fields: [], submits: 0 }));
    const of = (element) => scopes[this.scopes().indexOf(this.scope(element))];
    for (const field of this.fields()) of(field).fields.push(this.said(field));
    for (const button of this.submits()) of(button).submits += 1;
    return scopes;
  },
  /** What an element is: its scope, its answer, and whether it sends. */
  describe(element) {
    return {
      scope: this.scopes().indexOf(this.scope(element)),
      answers: this.said(element),
      sends: this.submits().some((button) => button === element || button.contains(element) || element.contains(button)),
    };
  },
  /** The first field of a scope with one of these answers. */
  field(scope, answers) {
    return this.fields().find((field) => this.scopes()[scope] === this.scope(field) && this.said(field).some((answer) => answers.includes(answer))) ?? null;
  },
  /** The password of a scope without an answer for it: a person fills that as well. */
  password(scope) {
    const passwords = this.all("input[type=password]").filter((field) => this.isShown(field) && this.scope(field) === this.scopes()[scope]);
    return passwords.length === 1 ? passwords[0] : null;
  },
  /** Whether clicks reach elements: a saved page may lack the styles that keep its parts from lying over each other. */
  areReached(...elements) {
    const isReached = (element) => {
      element.scrollIntoView({ block: "nearest", behavior: "instant" });
      const box = element.getBoundingClientRect();
      const top = element.getRootNode().elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
      const parts = [element, ...(element.labels ?? [])];
      return top !== null && parts.some((part) => part.contains(top) || top.contains(part));
    };
    return elements.every((element) => element === null || isReached(element));
  },
  /** The first button that sends a scope. The scripts of the page would have enabled it once something is typed; the
   * saved page has none. */
  submit(scope) {
    const button = this.submits().find((button) => this.scopes()[scope] === this.scope(button)) ?? null;
    if (button) button.disabled = false;
    return button;
  },
})
