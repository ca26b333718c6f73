// The Worker's entry module: hands requests to the WebAssembly instance, and makes a new instance after a panic.
import * as edge from "edge-wasm";

// A backtrace begins with a dozen frames of the panic itself.
/** @type {any} */ (Error).stackTraceLimit = 100;

// The `worker` crate sets `criticalError` in its panic hook; the instance is of no use from then on.
const state = edge.__worker_init_state();

/** A trap that the panic hook did not see, such as a stack overflow. @param {unknown} error */
function noteTrap(error) {
  if (error instanceof WebAssembly.RuntimeError) {
    console.error("Critical", error);
    state.criticalError = true;
  }
}

addEventListener("error", (event) => noteTrap(event.error));

/** Makes a new instance when the last one is of no use. */
function renew() {
  if (state.criticalError) {
    console.log('{"event":"edge.restarted"}');
    edge.__wbg_reset_state();
    state.criticalError = false;
  }
}

/** Hands an event to the instance. @template T @param {() => T} take @returns {T} */
function hand(take) {
  renew();
  try {
    return take();
  } catch (error) {
    noteTrap(error);
    throw error;
  }
}

export default {
  /** @param {Request} request @param {unknown} env @param {unknown} context @returns {Promise<Response>} */
  fetch(request, env, context) {
    return hand(() => edge.fetch(request, env, context));
  },

  /** @param {unknown} message @param {unknown} env @param {unknown} context @returns {Promise<unknown>} */
  email(message, env, context) {
    return hand(() => edge.email(message, env, context));
  },
};
