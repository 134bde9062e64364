// One telephone page in one call, as the server knows it: asks for its state and signals, and says what this page does.
import {csrf} from '../notices.js';

const PAUSE = 700;
const PATIENCE = 60_000;
const pause = milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds));

export class Leg {
  seq = 0;
  view = null;
  #looking = null;
  #again = false;
  #reported = Promise.resolve();

  constructor(id, {looked, signalled}) {
    this.id = id;
    this.url = `/api/v1/line/legs/${id}`;
    this.looked = looked;
    this.signalled = signalled;
  }

  // Notices come in swarms: while one look is under way, one more is enough for all of them.
  look() {
    this.#again = true;
    this.#looking ??= this.#lookOn().finally(() => { this.#looking = null; });
    return this.#looking;
  }

  answer(signal) {
    return request('POST', `${this.url}/answer`, signal);
  }

  signal(signal) {
    return request('POST', `${this.url}/signals`, signal);
  }

  decline() {
    return request('POST', `${this.url}/decline`);
  }

  hangUp() {
    return request('DELETE', this.url);
  }

  // Nothing is heard of the operator any more; he is heard again. In this order, however slow the line is.
  lost() {
    return this.#report('POST');
  }

  found() {
    return this.#report('DELETE');
  }

  // The page goes away: nobody waits for the answer.
  leave() {
    return once('POST', `${this.url}/lost`);
  }

  #report(method) {
    this.#reported = this.#reported.then(() => request(method, `${this.url}/lost`));
  }

  async #lookOn() {
    while (this.#again) {
      this.#again = false;
      const response = await fetch(`${this.url}?after=${this.seq}`).catch(() => null);
      if (response?.status === 404 && this.view) return this.looked({...this.view, state: 'ended'});
      if (response?.ok) await this.#take(await response.json());
    }
  }

  async #take(view) {
    const isFirst = this.view === null;
    this.view = view;
    await this.looked(view, isFirst);
    for (const signal of view.signals) {
      if (signal.seq <= this.seq) continue;
      this.seq = signal.seq;
      await Promise.resolve(this.signalled(signal, isFirst)).catch(error => console.warn('line', error.name));
    }
  }
}

// Every act may be repeated, so a lost answer or a restarting server only costs time.
export async function request(method, url, body, headers = {}) {
  const giveUpAt = Date.now() + PATIENCE;
  const key = crypto.randomUUID();
  for (;;) {
    const response = await once(method, url, body, {'Idempotency-Key': key, ...headers});
    if (response && response.status < 500) return response;
    if (Date.now() > giveUpAt) return response ?? Response.error();
    await pause(PAUSE);
  }
}

async function once(method, url, body, headers) {
  const all = {'Content-Type': 'application/json', 'X-CSRF-Token': csrf(), Accept: 'application/json', ...headers};
  const options = {method, headers: all, body: body && JSON.stringify(body), keepalive: true};
  return fetch(url, {...options, signal: AbortSignal.timeout(8000)}).catch(() => null);
}
