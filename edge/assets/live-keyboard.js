// @ts-check
/**
 * Keyboard, input methods and paste. They go to a text area that stays empty: keys are sent as they are;
 * text that comes without keys (input methods, paste, dictation) is sent as text.
 */
import { modifiers, splitText } from './live-wire.js';

/** @typedef {import('./live-wire.js').TypedMessage} TypedMessage */
/** @typedef {Pick<KeyboardEvent, 'key' | 'code' | 'altKey' | 'ctrlKey' | 'metaKey' | 'shiftKey' | 'repeat' | 'isComposing' | 'keyCode'> & { getModifierState(key: string): boolean }} Press */

/** What a held Control or Command may do to the remote page; the rest is the client's browser's. */
const EDITING = new Set([
  'a', 'z', 'y', 'Enter', 'Backspace', 'Delete', 'Home', 'End', 'ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown',
]);

/** Where a Mac's Command and an arrow lead. */
const ENDS = new Map([['ArrowLeft', 'Home'], ['ArrowRight', 'End'], ['ArrowUp', 'Home'], ['ArrowDown', 'End']]);

/**
 * Decides what happens to a key: it is sent, left to the browser, or moves the focus out of the picture.
 *
 * Escape, then Tab, leaves the picture, so that nobody is caught in it.
 *
 * @param {boolean} isMac
 */
export function keyRules(isMac) {
  let leaving = false;

  /**
   * @param {Press} event
   * @param {boolean} down
   * @returns {TypedMessage | null} the message to send; null when the key is left to the browser
   */
  return (event, down) => {
    const { key } = event;
    // An input method is at work: its text comes by itself. Safari ends a composition before the key
    // that ends it, and only the old key code tells.
    if (event.isComposing || event.keyCode === 229 || ['Dead', 'Process', 'Unidentified'].includes(key)) return null;
    const leaves = leaving && (key === 'Tab' || key === 'Shift');
    if (down) leaving = key === 'Escape' || (leaving && key === 'Shift');
    if (leaves) return null;
    if (/^F\d+$/.test(key) || key === 'ContextMenu') return null;
    // Paste, as Control and V.
    if (key === 'Insert' && event.shiftKey) return null;
    let mods = modifiers(event);
    const prints = Array.from(key).length === 1;
    // These held keys are how the character is made, not a shortcut.
    if (prints && event.getModifierState('AltGraph')) mods &= ~3;
    if (prints && isMac && !event.ctrlKey && !event.metaKey) mods &= ~1;
    const command = mods & 6;
    if (command && !EDITING.has(prints ? key.toLowerCase() : key)) {
      // A held modifier itself is told; with any other key the browser decides (copy, paste, tabs).
      if (!['Control', 'Meta', 'Shift', 'Alt'].includes(key)) return null;
    }
    if (mods & 1 && !prints && key.startsWith('Arrow') && !isMac) return null;
    // On a Mac, Command with an arrow goes to the end of the line or of the text; the remote browser has keys for it.
    const end = isMac && event.metaKey && ENDS.get(key);
    if (end) return { t: 'keyPress', down, key: end, code: end, mods: (mods & ~4) | (/Up|Down/.test(key) ? 2 : 0), repeat: event.repeat };
    return { t: 'keyPress', down, key, code: event.code, mods, repeat: event.repeat };
  };
}

/**
 * @param {HTMLTextAreaElement} field
 * @param {(typed: TypedMessage) => void} type
 * @returns {{ focus: () => void }}
 */
export function followKeyboard(field, type) {
  const rule = keyRules(/Mac|iP(hone|ad|od)/.test(navigator.platform));
  /** @type {Map<string, import('./live-wire.js').KeyPress>} */
  const held = new Map();

  /** @param {string} text */
  const typeText = (text) => {
    for (const piece of splitText(text)) type({ t: 'text', text: piece });
  };
  const empty = () => {
    field.value = '';
  };

  const release = () => {
    for (const down of held.values()) type({ ...down, down: false, mods: 0, repeat: false });
    held.clear();
  };

  field.addEventListener('keydown', (event) => {
    const typed = rule(event, true);
    if (typed?.t !== 'keyPress') return;
    event.preventDefault();
    held.set(event.code || event.key, typed);
    type(typed);
  });

  field.addEventListener('keyup', (event) => {
    // Also when it no longer is ours: what went down must come up.
    const down = held.get(event.code || event.key);
    if (!down) return;
    held.delete(event.code || event.key);
    event.preventDefault();
    type({ ...down, down: false, mods: modifiers(event), repeat: false });
    // A Mac does not tell when keys come up that were pressed with Command.
    if (event.key === 'Meta') release();
  });

  field.addEventListener('blur', release);

  field.addEventListener('beforeinput', (event) => {
    /** @type {Record<string, string>} */
    const keys = { deleteContentBackward: 'Backspace', deleteContentForward: 'Delete', insertLineBreak: 'Enter' };
    const key = keys[event.inputType];
    if (!key || event.isComposing) return;
    event.preventDefault();
    for (const down of [true, false]) type({ t: 'keyPress', down, key, code: key, mods: 0, repeat: false });
  });

  field.addEventListener('input', (event) => {
    if (event instanceof InputEvent && event.isComposing) return;
    typeText(field.value);
    empty();
  });

  let composing = false;
  field.addEventListener('compositionstart', () => {
    composing = true;
  });
  field.addEventListener('compositionend', (event) => {
    composing = false;
    typeText(event.data);
    empty();
  });

  field.addEventListener('paste', (event) => {
    event.preventDefault();
    typeText(event.clipboardData?.getData('text/plain') ?? '');
  });

  return {
    focus() {
      // What is being composed belongs to where it was begun.
      if (composing) field.blur();
      field.focus({ preventScroll: true });
    },
  };
}
