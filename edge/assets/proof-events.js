// @ts-check
/** What the first collection does, as the server tells it: server-sent events, each a proof. */

/** @typedef {{ utilityTypes: string[], ending: string }} Account */
/** @typedef {{ count: number, shown: Account[] }} Accounts */
/**
 * @typedef {{ state: string, reason?: string, accounts?: Accounts, bills?: number, expected?: number,
 *   byCode?: boolean, page?: string }} Proof
 * as `Proof` in shared/src/wire.rs
 */

/** The page listens no longer than this. The server ends it about then, too. */
const LIFE_MS = 10 * 60_000;

/**
 * Listens until the proof is over. A line that is lost is opened again by the browser itself.
 * @param {string} path of the flow's page
 * @param {{ show: (proof: Proof) => void, leaveAlone: () => void }} page is left alone when nothing more will be told
 */
export function followProof(path, page) {
  const source = new EventSource(`${path}/progress`);
  const end = () => {
    clearTimeout(timer);
    source.close();
  };
  const giveUp = () => {
    end();
    page.leaveAlone();
  };
  const timer = setTimeout(giveUp, LIFE_MS);
  /** @param {MessageEvent} event */
  const show = (event) => {
    const proof = readProof(event.data);
    if (proof) page.show(proof);
  };
  source.addEventListener('message', show);
  source.addEventListener('over', (event) => {
    show(event);
    end();
  });
  source.addEventListener('error', () => {
    if (source.readyState === EventSource.CLOSED) giveUp();
  });
}

/**
 * @param {unknown} data
 * @returns {Proof | null}
 */
function readProof(data) {
  try {
    const proof = JSON.parse(String(data));
    return typeof proof?.state === 'string' ? proof : null;
  } catch {
    return null;
  }
}
