// @ts-check
/// <reference path="../../../browser/src/dom.js" />
// What a document shows that could lead to bills. Runs in the isolated world, after dom.js; leaves the elements in
// `globalThis.surveyed`, so that one of them can be clicked by its number.
//
// An element that cannot be read is counted and left out: one oddity must not hide the rest of the page.
/** @typedef {{ controls: number, context: number, text: number, elements: number, address: number, addresses: number, millis: number }} SurveyLimits */
/** @param {SurveyLimits} limits */
function survey(limits) {
  const clickable = 'a, area, button, input[type=submit], input[type=button], input[type=image], summary, [role=button], [role=link], [role=tab], [role=menuitem], [role=menuitemradio], [onclick], [tabindex="0"]';
  const until = performance.now() + limits.millis;
  let skipped = 0;
  /** @type {any[]} */
  const surveyed = [];
  Object.defineProperty(globalThis, 'surveyed', { value: surveyed, configurable: true, writable: true });

  /** The answer for one element, or `otherwise` when it cannot be had. @template T @param {() => T} answer @param {T} otherwise @returns {T} */
  const attempt = (answer, otherwise) => {
    try {
      return answer();
    } catch {
      skipped += 1;
      return otherwise;
    }
  };
  /** Calls for each element as long as there is time, until `take` says that it is enough.
   * @param {any[]} elements @param {(element: any) => boolean | void} take */
  const each = (elements, take) => {
    for (const [index, element] of elements.entries()) {
      if (performance.now() > until) {
        skipped += elements.length - index;
        return;
      }
      if (attempt(() => take(element), false)) return;
    }
  };
  /** One line of at most so many characters, without halves of characters. @type {(text: string | null | undefined, most: number) => string} */
  const clean = (text, most) => (text ?? '').slice(0, most * 8).replace(/\s+/g, ' ').trim().slice(0, most).toWellFormed();

  /** All elements in the order of the document, shadow trees included. */
  const collect = () => {
    /** @type {any[]} */
    const found = [];
    /** @param {any} root @param {number} depth */
    const add = (root, depth) => {
      for (const element of dom.all(root, '*')) {
        if (found.length >= limits.elements || performance.now() > until) {
          skipped += 1;
          return;
        }
        found.push(element);
        const inner = dom.read(element, 'shadowRoot');
        if (!inner) continue;
        if (depth < 1000) add(inner, depth + 1);
        else skipped += 1;
      }
    };
    add(document, 0);
    return found;
  };
  const everything = collect();
  /** @param {string} selector @returns {any[]} */
  const matching = (selector) => everything.filter((element) => attempt(() => dom.matches(element, selector), false));

  /** @param {any} element */
  const isShown = (element) => {
    if (!dom.isRendered(element, { opacityProperty: false, visibilityProperty: true })) return false;
    const box = dom.box(element);
    return box.width > 0 && box.height > 0;
  };
  /** Layout is asked once for each element. @type {Map<any, string>} */
  const texts = new Map();
  /** @param {any} element @returns {string} */
  const words = (element) => {
    let text = texts.get(element);
    if (text === undefined) texts.set(element, (text = dom.shownText(element).slice(0, 8 * limits.context)));
    return text;
  };
  /** @param {any} element */
  const labelledBy = (element) => {
    const ids = (dom.attribute(element, 'aria-labelledby') ?? '').split(/\s+/, 8).filter(Boolean);
    const named = ids.map((id) => dom.byId(dom.root(element), id)).filter(Boolean);
    return named.map((other) => words(other).trim()).join(' ');
  };
  /** @param {any} element @returns {string} */
  const valueOf = (element) => (dom.matches(element, 'input, button') ? dom.string(element, 'value') : '');
  /** @param {any} element */
  const pictures = (element) => dom.all(element, 'img[alt], svg title').slice(0, 8).map((image) => dom.attribute(image, 'alt') ?? dom.text(image)).join(' ');
  /** @param {any} element */
  const name = (element) => ({
    text: clean(words(element) || valueOf(element), 160),
    label: clean(dom.attribute(element, 'aria-label') || labelledBy(element) || dom.attribute(element, 'title') || pictures(element), 160),
  });
  const told = /\d{1,4}[.\/-]\d{1,2}[.\/-]\d{2,4}|\d[.,]\d{2}(?!\d)|\b(19|20)\d{2}\b|[$€£]/;
  /** The row or card that an element stands in. @param {any} element @returns {any} */
  const row = (element) => {
    const near = dom.closest(element, 'tr, [role=row], li, article, dl');
    if (near && near !== element) {
      const text = clean(words(near), limits.context + 1);
      if (text.length <= limits.context && told.test(text)) return near;
    }
    let best = null;
    for (let at = dom.parent(element), level = 0; at && level < 5; at = dom.parent(at), level += 1) {
      const text = clean(words(at), limits.context + 1);
      if (text.length > limits.context || at === dom.body()) break;
      if (dom.all(at, clickable).length > 6) break;
      best = at;
      if (told.test(text)) break;
    }
    return best;
  };
  let addresses = limits.addresses;
  /** An address that is too long to be told is left out: its link can still be clicked. @param {string} address */
  const bounded = (address) => {
    const long = address.length > limits.address;
    if (long && (!address.startsWith('data:') || address.length > addresses)) return null;
    if (long) addresses -= address.length;
    return address.toWellFormed();
  };
  /** Where a link leads, absolute. @param {any} element @returns {string | null} */
  const hrefOf = (element) => {
    const href = dom.string(element, 'href');
    if (!href || typeof dom.read(element, 'href') === 'string') return href ? bounded(href) : null;
    // That of an SVG link is as written.
    return URL.canParse(href, dom.string(document, 'baseURI')) ? bounded(new URL(href, dom.string(document, 'baseURI')).href) : null;
  };

  /** Identifiers, classes and pictures by which an icon without text may be known. @param {any} element */
  const hintOf = (element) => clean([element, ...dom.all(element, '*').slice(0, 6)].flatMap((/** @type {any} */ part) => ['id', 'class', 'name', 'src', 'href', 'data-icon'].map((name) => dom.attribute(part, name))).filter(Boolean).join(' '), 300);

  /** @param {any} element */
  const describe = (element) => {
    const near = row(element);
    const form = dom.form(element);
    const submits = Boolean(form) && ['submit', 'image'].includes(dom.string(element, 'type'));
    const target = dom.attribute(element, 'target');
    const raw = dom.attribute(element, 'href');
    const parent = dom.read(element, 'parentElement');
    return {
      n: surveyed.length,
      tag: clean(dom.string(element, 'localName'), 40),
      role: clean(dom.attribute(element, 'role'), 40),
      ...name(element),
      href: hrefOf(element),
      raw: raw === null ? null : raw.slice(0, limits.address).toWellFormed(),
      download: dom.hasAttribute(element, 'download'),
      rel: clean(dom.attribute(element, 'rel'), 80),
      context: near ? clean(words(near), limits.context) : '',
      disabled: dom.matches(element, ':disabled, [aria-disabled=true], .disabled'),
      current: ['page', 'true'].includes(dom.attribute(element, 'aria-current') ?? '') || dom.attribute(element, 'aria-selected') === 'true',
      newTab: Boolean(target) && target !== '_self',
      pager: Boolean(dom.closest(element, 'nav, [role=navigation], .pagination, .pager, .pages, [class*=pagin i], [class*=pager i]')),
      submits,
      fields: submits ? dom.all(form, 'input:not([type=hidden]):not([type=submit]):not([type=image]):not([type=button]), textarea').length : 0,
      toggle: ['switch', 'checkbox', 'radio', 'menuitemcheckbox', 'menuitemradio', 'option', 'slider'].includes(dom.attribute(element, 'role') ?? '') || dom.hasAttribute(element, 'aria-pressed') || dom.hasAttribute(element, 'aria-checked'),
      hint: hintOf(element),
      expands: dom.attribute(element, 'aria-expanded') === 'false' || (dom.matches(element, 'summary') && !(parent && dom.hasAttribute(parent, 'open'))),
    };
  };
  /** @type {ReturnType<typeof describe>[]} */
  const controls = [];
  each(matching(clickable), (element) => {
    if (!isShown(element) || dom.closest(element, '[inert]')) return;
    if (controls.length >= limits.controls) {
      skipped += 1;
      return;
    }
    controls.push(describe(element));
    surveyed.push(element);
  });

  /** @param {any} select */
  const describeSelect = (select) => {
    const form = dom.form(select);
    const buttons = form ? dom.all(form, 'button, input[type=submit], input[type=image]') : [];
    const submit = buttons.find((button) => !['button', 'reset'].includes(dom.string(button, 'type')) && isShown(button));
    const labels = [...(dom.read(select, 'labels') ?? [])].map(words).join(' ');
    const options = [...(dom.read(select, 'options') ?? [])].slice(0, 60).map((option) => ({
      value: dom.string(option, 'value').slice(0, 400).toWellFormed(),
      text: clean(dom.string(option, 'text'), 120),
      disabled: Boolean(dom.read(option, 'disabled')),
    }));
    return {
      n: surveyed.length + (submit ? 1 : 0),
      label: clean(labels || dom.attribute(select, 'aria-label') || dom.attribute(select, 'title'), 120),
      name: clean(dom.attribute(select, 'name') || dom.attribute(select, 'id'), 120) || String(selects.length),
      options,
      chosen: dom.read(select, 'selectedIndex'),
      submit: submit ? surveyed.length : null,
      submitText: submit ? clean(words(submit) || valueOf(submit), 80) : '',
      elements: submit ? [submit, select] : [select],
    };
  };
  /** @type {any[]} */
  const selects = [];
  each(matching('select'), (select) => {
    if (selects.length >= 12) return true;
    if (!isShown(select) || dom.matches(select, ':disabled') || dom.read(select, 'multiple')) return false;
    const { elements, ...described } = describeSelect(select);
    selects.push(described);
    surveyed.push(...elements);
    return false;
  });

  /** @type {string[]} */
  const embeds = [];
  each(matching('iframe, embed, object'), (element) => {
    const url = bounded(dom.string(element, 'src') || dom.string(element, 'data'));
    if (url && !url.startsWith('about:')) embeds.push(url);
    return embeds.length >= 20;
  });
  let password = false;
  each(matching('input[type=password]'), (element) => (password ||= isShown(element)));
  /** @type {string[]} */
  const heads = [];
  each(matching('h1, h2, [role=heading]'), (head) => {
    if (isShown(head)) heads.push(clean(words(head), 120));
    return heads.length >= 5;
  });
  const body = attempt(() => dom.body(), null);
  return {
    url: location.href.slice(0, limits.address).toWellFormed(),
    title: attempt(() => clean(dom.title(), 160), ''),
    heads: clean(heads.join(' | '), 400),
    text: attempt(() => (body ? clean(dom.shownText(body), limits.text) : ''), ''),
    password,
    controls,
    selects,
    embeds,
    skipped,
  };
}
