// When the window is scrolled to what has the focus in the picture.
import assert from 'node:assert/strict';
import { beforeEach, mock, test } from 'node:test';

import { followFocus, scrollTo } from '../assets/live-focus.js';

/** A field below what the keyboard leaves of the window, and one that is below the window. */
const LOW = { x: 0, y: 500, width: 100, height: 40 };
const BELOW = { x: 0, y: 900, width: 100, height: 40 };

class PointerEvent extends Event {
  pointerId = 1;
}

let canvas;
let field;
let screen;
let focus;
let picture;
/** Whether the window was scrolled since it was asked last. */
let scrolled;

const at = (number, place) => focus.show({ t: 'focus', number, place });
const press = (kind) => {
  canvas.dispatchEvent(new PointerEvent(kind));
  // As it bubbles.
  if (kind !== 'pointerdown') window.dispatchEvent(new PointerEvent(kind));
};
const resize = (height) => {
  screen.height = height;
  screen.dispatchEvent(new Event('resize'));
};

beforeEach(() => {
  const moved = { top: 0 };
  canvas = new EventTarget();
  field = new EventTarget();
  screen = Object.assign(new EventTarget(), { width: 400, height: 800, offsetTop: 0, scale: 1 });
  globalThis.PointerEvent = PointerEvent;
  globalThis.window = Object.assign(new EventTarget(), {
    visualViewport: screen,
    scrollY: 0,
    scrollBy: ({ top }) => (moved.top += top),
  });
  globalThis.document = { activeElement: field, body: { style: {} }, documentElement: { clientHeight: 800 } };
  picture = true;
  focus = followFocus(canvas, field, ({ y, height }) => (picture ? { top: y, bottom: y + height } : null), () => false);
  scrolled = () => {
    const { top } = moved;
    moved.top = 0;
    return top !== 0;
  };
});

test('above a keyboard on the screen there is room for the next field as well, where both fit', () => {
  const seen = { top: 0, bottom: 400 };
  const field = { top: 350, bottom: 390 };
  assert.equal(scrollTo(field, seen, false), 0);
  assert.equal(scrollTo(field, seen, true), 110);
  assert.equal(scrollTo({ top: 100, bottom: 140 }, seen, true), 0);
  assert.equal(scrollTo({ top: 60, bottom: 100 }, { top: 0, bottom: 120 }, true), 4, 'the field itself comes first');
});

test('another element is scrolled to, once there is a picture', () => {
  picture = false;
  at(1, BELOW);
  assert.ok(!scrolled());
  picture = true;
  focus.drawn();
  assert.ok(scrolled());
  focus.drawn();
  at(1, BELOW);
  assert.ok(!scrolled(), 'once, and not where it only moves');
});

test('nothing moves under a pointer that presses, nor after it', () => {
  picture = false;
  at(1, BELOW);
  picture = true;
  press('pointerdown');
  focus.drawn();
  at(2, BELOW);
  focus.typed();
  assert.ok(!scrolled());
  press('pointerup');
  focus.drawn();
  assert.ok(!scrolled(), 'it has pressed what it sees');
  at(3, BELOW);
  assert.ok(scrolled());
});

test('where the client scrolls by hand nothing else does until they use the picture again', () => {
  for (const [by, target] of [['wheel', {}], ['touchmove', {}], ['pointerdown', document.documentElement]]) {
    const scroll = new Event(by);
    Object.defineProperty(scroll, 'target', { value: target });
    window.dispatchEvent(scroll);
    at(focusNumber(), BELOW);
    focus.drawn();
    resize(400);
    resize(800);
    assert.ok(!scrolled(), by);
    focus.typed();
    assert.ok(scrolled(), by);
  }
  const turned = new Event('wheel');
  Object.defineProperty(turned, 'target', { value: canvas });
  window.dispatchEvent(turned);
  at(focusNumber(), BELOW);
  assert.ok(scrolled(), 'in the picture it is the website that scrolls');
});

test('a keyboard that comes up leads to what it covers, a bar of the browser does not', () => {
  at(1, LOW);
  resize(744);
  at(1, BELOW);
  assert.ok(!scrolled());
  resize(800);
  at(1, LOW);
  mock.method(performance, 'now', () => 10_000);
  resize(600);
  resize(400);
  assert.ok(scrolled(), 'also when it comes step by step');
  performance.now.mock.mockImplementation(() => 20_000);
  resize(344);
  assert.ok(!scrolled(), 'a bar above the keyboard');
  performance.now.mock.restore();
});

let number = 10;
const focusNumber = () => (number += 1);
