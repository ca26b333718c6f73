// @ts-check
// A page without what anybody typed or owns, for a picture of it and an outline of its controls. It is put behind the
// helpers of `dom.js`, into one function.

const pageOutline = (() => {
  /** What is typed is never shown, whatever the page does meanwhile. */
  const FIELDS_HIDDEN = `
    input:not([type=submit], [type=button], [type=reset]), textarea, select, [contenteditable]:not([contenteditable=false]),
    [contenteditable]:not([contenteditable=false]) * {
      color: transparent !important; -webkit-text-fill-color: transparent !important; text-shadow: none !important;
      background-image: none !important; caret-color: transparent !important; -webkit-text-security: disc !important;
    }
    select { width: 12em !important; }`;

  /** Pictures in an account may show what is its owner's. */
  const PICTURES_HIDDEN = `
    img, picture, video, canvas, svg, object, embed { visibility: hidden !important; }
    * { background-image: none !important; }`;

  /** What the outline shows. */
  const OUTLINED =
    "form, fieldset, legend, label, input, textarea, select, button, a, h1, h2, h3, h4, iframe, dialog, main, nav, header, footer, [role], [contenteditable]";

  /** What of an element the outline shows. */
  const ATTRIBUTES = ["id", "name", "type", "role", "for", "autocomplete", "inputmode", "placeholder", "aria-label", "method", "hidden", "disabled", "readonly"];

  /** Without digits, mail addresses and the user name: these tell whose account it is.
   * @param {string} text @param {string} name */
  function masked(text, name) {
    let rest = text;
    if (name.length > 2) rest = rest.toLowerCase().includes(name) ? rest.toLowerCase().replaceAll(name, "•") : rest;
    return rest.replace(/[^\s@]*@[^\s@]*/g, "•").replace(/\p{N}/gu, "0");
  }

  /** @param {any} element */
  function openRoot(element) {
    const open = dom.read(element, "shadowRoot");
    return open instanceof ShadowRoot ? [open] : [];
  }

  /** The document or shadow root with the open ones below it. @param {any} root @returns {any[]} */
  function withOpenRoots(root) {
    return [root, ...dom.all(root, "*").flatMap((element) => openRoot(element).flatMap(withOpenRoots))];
  }

  /** Hides and masks; how many texts had to be changed.
   * @param {any} top @param {string} name @param {boolean} isAccount @param {boolean} isFirst */
  function mask(top, name, isAccount, isFirst) {
    let changed = 0;
    for (const root of withOpenRoots(top)) {
      if (isFirst) {
        const sheet = new CSSStyleSheet();
        sheet.replaceSync(isAccount ? FIELDS_HIDDEN + PICTURES_HIDDEN : FIELDS_HIDDEN);
        dom.read(root, "adoptedStyleSheets").push(sheet);
      }
      const walker = Document.prototype.createTreeWalker.call(document, root, NodeFilter.SHOW_TEXT);
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const parent = dom.read(node, "parentElement");
        if (!(node instanceof Text) || (parent && dom.matches(parent, "script, style, noscript"))) continue;
        const shown = isAccount ? node.data.replace(/[^\s•]/gu, "•") : masked(node.data, name);
        if (shown === node.data) continue;
        node.data = shown;
        changed += 1;
      }
    }
    return changed;
  }

  /** What is typed into an element is its text, and containers hold the text of what is in them. @param {any} element @param {string} tag */
  function mayHoldValues(element, tag) {
    const typed = "textarea, select, [contenteditable]:not([contenteditable=false])";
    if (dom.closest(element, typed) || dom.first(element, typed)) return true;
    return !/^(label|legend|button|a|h[1-4])$/.test(tag) && Boolean(dom.first(element, "*"));
  }

  /** One line an element, without values; of an account without words as well.
   * @param {any} top @param {string} name @param {boolean} isAccount @param {number} most */
  function outline(top, name, isAccount, most) {
    const lines = [];
    let length = 0;
    for (const root of withOpenRoots(top)) {
      for (const element of dom.all(root, OUTLINED)) {
        const tag = dom.string(element, "localName");
        let line = `<${tag}`;
        for (const attribute of ATTRIBUTES) {
          const value = dom.attribute(element, attribute);
          const isWords = attribute === "placeholder" || attribute === "aria-label";
          if (value !== null && !(isAccount && isWords)) line += ` ${attribute}=${JSON.stringify(masked(value, name).slice(0, 80))}`;
        }
        line += ">";
        if (!isAccount && !mayHoldValues(element, tag)) line += ` ${masked(dom.text(element).replace(/\s+/g, " ").trim(), name).slice(0, 80)}`;
        length += line.length + 1;
        if (length > most) return [...lines, "…"].join("\n");
        lines.push(line);
      }
    }
    return lines.join("\n");
  }

  return { mask, outline };
})();
