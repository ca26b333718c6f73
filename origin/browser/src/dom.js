// @ts-check
// Reads a document that is not ours without being misled by the names in it. A field called "parentNode" replaces that
// property of its form, and an image called "body" that of the document (DOM clobbering). A getter or method that is
// taken from a prototype is not replaced: the prototypes of an isolated world are ours alone.

const dom = (() => {
  const { getPrototypeOf, getOwnPropertyDescriptor } = Object;
  /** @type {Map<object | null, Map<string, PropertyDescriptor | null>>} */
  const known = new Map();

  /** What the platform defines by this name for objects of this kind. @param {object} object @param {string} name */
  function definition(object, name) {
    const first = getPrototypeOf(object);
    let names = known.get(first);
    if (!names) known.set(first, (names = new Map()));
    let found = names.get(name);
    if (found === undefined) {
      found = null;
      for (let prototype = first; prototype && !found; prototype = getPrototypeOf(prototype)) {
        found = getOwnPropertyDescriptor(prototype, name) ?? null;
      }
      names.set(name, found);
    }
    return found;
  }

  /** The value of a property, undefined where objects of this kind have none. Not for windows, whose chain of prototypes
   * holds the names of elements. @param {any} object @param {string} name @returns {any} */
  function read(object, name) {
    const found = definition(object, name);
    return found?.get ? found.get.call(object) : found?.value;
  }

  /** The answer of a method, undefined where objects of this kind have none.
   * @param {any} object @param {string} name @param {any[]} args @returns {any} */
  function invoke(object, name, ...args) {
    return definition(object, name)?.value?.apply(object, args);
  }

  /** A property as text: that of an SVG element is an object around its text, that of a list item a number.
   * @param {any} object @param {string} name @returns {string} */
  function string(object, name) {
    const value = read(object, name);
    if (typeof value === 'string') return value;
    return typeof value?.baseVal === 'string' ? value.baseVal : '';
  }

  return {
    read,
    invoke,
    string,
    /** @param {any} element @param {string} name @returns {string | null} */
    attribute: (element, name) => invoke(element, 'getAttribute', name) ?? null,
    /** @param {any} element @param {string} name @returns {boolean} */
    hasAttribute: (element, name) => Boolean(invoke(element, 'hasAttribute', name)),
    /** @param {any} element @param {string} selector @returns {boolean} */
    matches: (element, selector) => Boolean(invoke(element, 'matches', selector)),
    /** @param {any} element @param {string} selector @returns {any} */
    closest: (element, selector) => invoke(element, 'closest', selector) ?? null,
    /** @param {any} root @param {string} selector @returns {any} */
    first: (root, selector) => invoke(root, 'querySelector', selector) ?? null,
    /** @param {any} root @param {string} selector @returns {any[]} */
    all: (root, selector) => [...(invoke(root, 'querySelectorAll', selector) ?? [])],
    /** @param {any} root @param {string} id @returns {any} */
    byId: (root, id) => invoke(root, 'getElementById', id) ?? null,
    /** The document or shadow root that the node is in. @param {any} node @returns {any} */
    root: (node) => invoke(node, 'getRootNode'),
    /** The parent element; for the top of a shadow tree its host. @param {any} node @returns {any} */
    parent(node) {
      const parent = read(node, 'parentElement');
      if (parent) return parent;
      const root = invoke(node, 'getRootNode');
      return root instanceof ShadowRoot ? read(root, 'host') : null;
    },
    /** @param {any} node @returns {string} */
    text: (node) => read(node, 'textContent') ?? '',
    /** The text as it is shown, of elements that have one. @param {any} element @returns {string} */
    shownText(element) {
      const shown = read(element, 'innerText');
      return typeof shown === 'string' ? shown : (read(element, 'textContent') ?? '');
    },
    /** What stands in the place of a slot, in the shadow tree of a component. @param {any} slot @returns {any[]} */
    assigned: (slot) => invoke(slot, 'assignedNodes', { flatten: true }) ?? [],
    /** @param {any} element @returns {DOMRect} */
    box: (element) => invoke(element, 'getBoundingClientRect'),
    /** @param {any} element @param {CheckVisibilityOptions} options @returns {boolean} */
    isRendered: (element, options) => Boolean(invoke(element, 'checkVisibility', options)),
    /** @param {any} node @param {any} other @returns {boolean} */
    contains: (node, other) => Boolean(invoke(node, 'contains', other)),
    /** @param {any} node @returns {boolean} */
    isConnected: (node) => Boolean(read(node, 'isConnected')),
    /** The form that a field or button belongs to. @param {any} element @returns {any} */
    form: (element) => read(element, 'form') ?? null,
    /** @returns {any} */
    body: () => read(document, 'body'),
    /** @returns {string} */
    title: () => string(document, 'title'),
    /** Windows and elements alike. @param {EventTarget} target @param {string} type @param {any} listener @param {AddEventListenerOptions} options */
    listen: (target, type, listener, options) => EventTarget.prototype.addEventListener.call(target, type, listener, options),
  };
})();
