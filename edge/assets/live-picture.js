// @ts-check
/** The picture: draws the newest frame, then acknowledges it; and maps points of the window to the remote page. */
import { HEADER_BYTES, readHeader } from './live-wire.js';

/**
 * @param {HTMLCanvasElement} canvas
 * @param {(seq: number) => void} drawn called when this frame and all before it are drawn
 */
export function createPicture(canvas, drawn) {
  const context = canvas.getContext('2d', { alpha: false, desynchronized: true });
  const size = { width: 0, height: 0 };
  /** @type {ArrayBuffer | null} */
  let waiting = null;
  let busy = false;

  async function draw() {
    if (busy) return;
    busy = true;
    while (waiting) {
      const message = waiting;
      waiting = null;
      const header = readHeader(message);
      if (!header) continue;
      try {
        const jpeg = new Blob([new Uint8Array(message, HEADER_BYTES)], { type: 'image/jpeg' });
        const bitmap = await createImageBitmap(jpeg);
        if (canvas.width !== bitmap.width || canvas.height !== bitmap.height) {
          canvas.width = bitmap.width;
          canvas.height = bitmap.height;
        }
        context?.drawImage(bitmap, 0, 0);
        bitmap.close();
        size.width = header.width;
        size.height = header.height;
      } catch {
        // A broken picture is followed by a good one, once this one is acknowledged.
      }
      drawn(header.seq);
    }
    busy = false;
  }

  return {
    /**
     * Shows this frame next, instead of one that still waits.
     * @param {ArrayBuffer} message
     */
    show(message) {
      waiting = message;
      void draw();
    },
    /**
     * The point of the remote page, in its CSS pixels, under this point of the window.
     * @param {number} clientX
     * @param {number} clientY
     */
    remotePoint(clientX, clientY) {
      return remotePoint(canvas.getBoundingClientRect(), size, clientX, clientY);
    },
    /**
     * Where a box of the remote page is in the window, from top to bottom; null before there is a picture.
     * @param {import('./live-wire.js').Place} place
     */
    shownAt(place) {
      if (!size.width || !size.height) return null;
      const box = canvas.getBoundingClientRect();
      const { scale } = fitted(box, size);
      const inside = (/** @type {number} */ y) => box.top + Math.min(Math.max(y, 0), size.height) * scale;
      return { top: inside(place.y), bottom: inside(place.y + place.height) };
    },
  };
}

/**
 * The picture fills its box as `object-fit: contain; object-position: top` does.
 *
 * @param {{ left: number, top: number, width: number, height: number }} box
 * @param {{ width: number, height: number }} page
 * @param {number} clientX
 * @param {number} clientY
 */
export function remotePoint(box, page, clientX, clientY) {
  if (!page.width || !page.height || !box.width || !box.height) return { x: 0, y: 0 };
  const { scale, left } = fitted(box, page);
  const inside = (/** @type {number} */ value, /** @type {number} */ most) =>
    Math.min(Math.max(Math.round(value * 10) / 10, 0), most - 1);
  return {
    x: inside((clientX - left) / scale, page.width),
    y: inside((clientY - box.top) / scale, page.height),
  };
}

/**
 * How large the page is shown in the box, and where it begins.
 *
 * @param {{ left: number, width: number, height: number }} box
 * @param {{ width: number, height: number }} page
 */
function fitted(box, page) {
  const scale = Math.min(box.width / page.width, box.height / page.height);
  return { scale, left: box.left + (box.width - page.width * scale) / 2 };
}
