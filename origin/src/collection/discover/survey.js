// What a document shows that could lead to bills. Runs in the isolated world; leaves the elements in
// `globalThis.surveyed`, so that one of them can be clicked by its number.
/** @param {{ controls: number, context: number, text: number }} limits */
function survey(limits) {
  const clickable = 'a, area, button, input[type=submit], input[type=button], input[type=image], summary, [role=button], [role=link], [role=tab], [role=menuitem], [role=menuitemradio], [onclick], [tabindex="0"]';
  // Elements of every kind, asked for what only some of them have: `any` by nature.
  /** @type {any[]} */
  const surveyed = [];
  Object.assign(globalThis, { surveyed });
  /** @type {(text: string | null | undefined, most: number) => string} */
  const clean = (text, most) => (text ?? '').replace(/\s+/g, ' ').trim().slice(0, most).toWellFormed();
  /** @type {(element: any) => boolean} */
  const shown = (element) => {
    if (!element.checkVisibility?.({ opacityProperty: false, visibilityProperty: true })) return false;
    const box = element.getBoundingClientRect();
    return box.width > 0 && box.height > 0;
  };
  /** @type {(root: Document | ShadowRoot, selector: string, into?: any[]) => any[]} */
  const all = (root, selector, into = []) => {
    for (const element of root.querySelectorAll('*')) {
      if (into.length >= limits.controls * 4) return into;
      if (element.matches(selector)) into.push(element);
      if (element.shadowRoot) all(element.shadowRoot, selector, into);
    }
    return into;
  };
  /** @type {(element: any) => any} */
  const up = (element) => element.parentElement ?? (element.getRootNode() instanceof ShadowRoot ? element.getRootNode().host : null);
  /** @type {(element: any) => string} */
  const words = (element) => element.innerText ?? element.textContent ?? '';
  /** @type {(element: any) => { text: string, label: string }} */
  const name = (element) => {
    const labelled = (element.getAttribute('aria-labelledby') ?? '').split(/\s+/).filter(Boolean).map((/** @type {string} */ id) => words(element.getRootNode().getElementById?.(id) ?? element).trim()).join(' ');
    const own = clean(words(element) || element.value, 160);
    const image = clean([...element.querySelectorAll('img[alt], svg title')].map((e) => e.alt ?? e.textContent).join(' '), 80);
    const label = clean(element.getAttribute('aria-label') || labelled || element.title || image, 160);
    return { text: own, label };
  };
  const told = /\d{1,4}[.\/-]\d{1,2}[.\/-]\d{2,4}|\d[.,]\d{2}(?!\d)|\b(19|20)\d{2}\b|[$€£]/;
  /** @type {(element: any) => any} */
  const row = (element) => {
    const near = element.closest('tr, [role=row], li, article, dl');
    if (near && near !== element) {
      const text = clean(words(near), limits.context + 1);
      if (text.length <= limits.context && told.test(text)) return near;
    }
    let best = null;
    for (let at = up(element), level = 0; at && level < 5; at = up(at), level += 1) {
      const text = clean(words(at), limits.context + 1);
      if (text.length > limits.context || at === document.body) break;
      if (at.querySelectorAll(clickable).length > 6) break;
      best = at;
      if (told.test(text)) break;
    }
    return best;
  };
  const controls = [];
  for (const element of all(document, clickable)) {
    if (controls.length >= limits.controls) break;
    if (!shown(element) || element.closest('[inert]')) continue;
    // A link inside a clickable row speaks for itself; so does the row.
    const near = row(element);
    const form = element.form ?? null;
    const submits = form && (element.type === 'submit' || element.type === 'image');
    const href = element.href instanceof Object ? element.href.baseVal : element.href;
    controls.push({
      n: surveyed.length,
      tag: element.localName,
      role: element.getAttribute('role') ?? '',
      ...name(element),
      href: href || null,
      raw: element.getAttribute('href'),
      download: element.hasAttribute('download'),
      rel: element.rel ?? '',
      context: near ? clean(words(near), limits.context) : '',
      disabled: Boolean(element.disabled) || element.getAttribute('aria-disabled') === 'true' || /(^|\s)disabled(\s|$)/.test(element.className?.baseVal ?? element.className ?? ''),
      current: ['page', 'true'].includes(element.getAttribute('aria-current')) || element.getAttribute('aria-selected') === 'true',
      newTab: Boolean(element.target) && element.target !== '_self',
      pager: Boolean(element.closest('nav, [role=navigation], .pagination, .pager, .pages, [class*=pagin i], [class*=pager i]')),
      submits: Boolean(submits),
      fields: submits ? form.querySelectorAll('input:not([type=hidden]):not([type=submit]):not([type=image]):not([type=button]), textarea').length : 0,
      expands: element.getAttribute('aria-expanded') === 'false' || (element.localName === 'summary' && !element.parentElement?.open),
    });
    surveyed.push(element);
  }
  const selects = [];
  for (const element of all(document, 'select')) {
    if (selects.length >= 12 || !shown(element) || element.disabled || element.multiple) continue;
    const label = clean([...(element.labels ?? [])].map(words).join(' ') || element.getAttribute('aria-label') || element.title, 120);
    const submit = [...(element.form?.querySelectorAll('button, input[type=submit], input[type=image]') ?? [])].find((button) => button.type !== 'button' && button.type !== 'reset' && shown(button));
    let button = null;
    if (submit) { button = surveyed.length; surveyed.push(submit); }
    selects.push({
      n: surveyed.length,
      label,
      name: element.name || element.id || String(selects.length),
      options: [...element.options].slice(0, 60).map((option) => ({ value: option.value, text: clean(option.text, 120), disabled: option.disabled })),
      chosen: element.selectedIndex,
      submit: button,
      submitText: submit ? clean(words(submit) || submit.value, 80) : '',
    });
    surveyed.push(element);
  }
  const embeds = all(document, 'iframe, embed, object')
    .map((element) => element.src || element.data || '')
    .filter((url) => url && !url.startsWith('about:'))
    .slice(0, 20);
  const password = all(document, 'input[type=password]').some(shown);
  const heads = [...document.querySelectorAll('h1, h2, [role=heading]')].filter(shown).slice(0, 5).map((head) => clean(words(head), 120)).join(' | ');
  return {
    url: location.href,
    title: clean(document.title, 160),
    heads: clean(heads, 400),
    text: clean(document.body ? words(document.body) : '', limits.text),
    password,
    controls,
    selects,
    embeds,
  };
}
