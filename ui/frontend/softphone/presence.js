// Which page holds the desk's telephone. Between tabs the Web Lock decides, between browsers the server's lease.
import {csrf} from '../notices.js';
import {microphoneTrouble} from '../line/microphone.js';

const EVERY = 4000;
const STORED = 'pult-phone';

export class Presence extends EventTarget {
  leads = false;
  isHeld = false;
  isRefused = false;
  trouble = '';
  #url;
  #lastAt = 0;
  #version;

  constructor(url) {
    super();
    this.#url = url;
    this.#lead();
    setInterval(() => this.renew(), EVERY);
    // A hidden page's own timers sleep; the shared worker's do not.
    document.addEventListener('pult:tick', () => this.renew());
    document.addEventListener('pult:resync', () => this.renew());
    navigator.permissions?.query({name: 'microphone'}).then(status => { status.onchange = () => this.#changed(); }, () => {});
    navigator.mediaDevices?.addEventListener('devicechange', () => this.#changed());
  }

  // `force` does not wait for its turn; `takeOver` takes the telephone from another browser.
  async renew(force = false, takeOver = false) {
    if (!this.leads || (!force && Date.now() - this.#lastAt < EVERY - 500)) return;
    this.#lastAt = Date.now();
    this.trouble = await microphoneTrouble();
    const answer = await this.#ask({phone_id: phoneId(), take_over: takeOver, ready: ['', 'ask'].includes(this.trouble)});
    if (answer) this.#take(answer);
  }

  #changed() {
    this.#tell('microphone');
    this.renew(true);
  }

  async #lead() {
    await navigator.locks.request('pult-softphone', () => {
      this.leads = true;
      this.renew(true);
      this.#tell('change');
      return new Promise(() => {});
    });
  }

  async #ask(body) {
    const headers = {'Content-Type': 'application/json', 'X-CSRF-Token': csrf(), Accept: 'application/json'};
    const options = {method: 'POST', headers, body: JSON.stringify(body), signal: AbortSignal.timeout(EVERY)};
    const response = await fetch(this.#url, options).catch(() => null);
    return response?.ok ? response.json().catch(() => null) : null;
  }

  #take({held, leg_id: legId, desk_version: version}) {
    const isNews = held !== this.isHeld || version !== this.#version;
    this.isHeld = held;
    this.isRefused = !held;
    if (held && legId) this.#tell('leg', legId);
    this.#version = version;
    if (isNews) this.#tell('desk'); // the panel may show a call that this page has to take up
    this.#tell('change');
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, {detail}));
  }
}

function phoneId() {
  const known = localStorage.getItem(STORED) ?? crypto.randomUUID();
  localStorage.setItem(STORED, known);
  return known;
}
