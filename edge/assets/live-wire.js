// @ts-check
/**
 * The live view's messages, as `shared/src/live.rs` has them. `shared/vectors/live.json` holds one
 * example of each.
 *
 * @typedef {{ scale: number, seq: number, page: number, width: number, height: number }} FrameHeader
 * @typedef {{ phase: string, live: boolean, manual: boolean, entry: object | null, handedOver: boolean, notSent: boolean, askSignedIn: boolean, siteMessage: string | null, errorCode: string | null }} SignIn
 * @typedef {{ t: 'hello', publicKey: string, flowRef: string }} Hello
 * @typedef {{ t: 'state', step: string, signIn: SignIn | null }} State
 * @typedef {{ t: 'remote', host: string, secure: boolean, title: string, loading: boolean, canGoBack: boolean }} Remote
 * @typedef {{ t: 'cursor', cursor: string }} Cursor
 * @typedef {{ x: number, y: number, width: number, height: number }} Place
 * @typedef {{ t: 'focus', number: number, place: Place | null }} Focus
 * @typedef {{ t: 'ended', reason: string }} Ended
 * @typedef {Hello | State | Remote | Cursor | Focus | Ended} ServerMessage
 *
 * @typedef {{ t: 'ack', seq: number }} Ack
 * @typedef {{ t: 'pointer', kind: 'move' | 'down' | 'up', x: number, y: number, button: number, buttons: number, clicks: number, mods: number }} Pointer
 * @typedef {{ t: 'wheel', x: number, y: number, dx: number, dy: number, mods: number }} Wheel
 * @typedef {{ t: 'key', publicKey: string }} Key
 * @typedef {{ t: 'sealed', n: number, data: string }} Sealed
 * @typedef {{ t: 'go', to: 'back' | 'reload' }} Go
 * @typedef {{ t: 'resize', width: number, height: number }} Resize
 * @typedef {{ t: 'visible', visible: boolean }} Visible
 * @typedef {Ack | Pointer | Wheel | Key | Sealed | Go | Resize | Visible} ViewerMessage
 *
 * @typedef {{ t: 'keyPress', down: boolean, key: string, code: string, mods: number, repeat: boolean }} KeyPress
 * @typedef {{ t: 'text', text: string }} Text
 * @typedef {KeyPress | Text} TypedMessage
 */

/** The WebSocket's subprotocol: a viewer and a server that disagree never speak. */
export const PROTOCOL = 'magic-links-live.1';

/** Bytes before a frame's JPEG. */
export const HEADER_BYTES = 16;

/** Longest text of one message, in characters. */
export const MAX_TEXT = 4096;

/**
 * What stands before a frame's JPEG, big-endian:
 * `kind u8 = 1 | reserved u8 | scale u16 | seq u32 | page u32 | width u16 | height u16`.
 *
 * @param {ArrayBuffer} message
 * @returns {FrameHeader | null} null when it is no frame
 */
export function readHeader(message) {
  if (message.byteLength <= HEADER_BYTES) return null;
  const view = new DataView(message);
  if (view.getUint8(0) !== 1) return null;
  return {
    scale: view.getUint16(2),
    seq: view.getUint32(4),
    page: view.getUint32(8),
    width: view.getUint16(12),
    height: view.getUint16(14),
  };
}

/**
 * @param {string} text
 * @returns {ServerMessage | null} null when it is none of ours
 */
export function readMessage(text) {
  const message = JSON.parse(text);
  const known = ['hello', 'state', 'remote', 'cursor', 'focus', 'ended'];
  return known.includes(message?.t) ? message : null;
}

/**
 * Bits of `mods`: Alt 1, Control 2, Meta 4, Shift 8.
 *
 * @param {{ altKey: boolean, ctrlKey: boolean, metaKey: boolean, shiftKey: boolean }} event
 */
export function modifiers(event) {
  return (
    (event.altKey ? 1 : 0) | (event.ctrlKey ? 2 : 0) | (event.metaKey ? 4 : 0) | (event.shiftKey ? 8 : 0)
  );
}

/**
 * Cuts text into messages, never inside a character.
 *
 * @param {string} text
 * @returns {string[]}
 */
export function splitText(text) {
  const characters = Array.from(text.replace(/\r\n?/g, '\n'));
  const out = [];
  for (let at = 0; at < characters.length; at += MAX_TEXT) {
    out.push(characters.slice(at, at + MAX_TEXT).join(''));
  }
  return out;
}
