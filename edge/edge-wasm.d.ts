// What wasm-bindgen makes of the edge, as far as worker.js uses it.
declare module "edge-wasm" {
  /** Answers a request. */
  export function fetch(request: Request, env: unknown, context: unknown): Promise<Response>;
  /** Takes a mail. */
  export function email(message: unknown, env: unknown, context: unknown): Promise<unknown>;
  /** The state that the `worker` crate's panic hook changes. */
  export function __worker_init_state(): { criticalError: boolean };
  /** Makes a new WebAssembly instance. */
  export function __wbg_reset_state(): void;
}
