import {everySecond, setServerNow} from '../clock.js';
import {toLogin, toast} from '../notices.js';

// Joins the shared stream and turns its notices into events on <body>: `pult:call` and `pult:call-42`,
// both with {id}. After a break every part of the page is asked to refetch itself by `pult:resync`.
customElements.define('pult-live', class extends HTMLElement {
  #worker;
  #state = 'new';
  #since = 0;
  #stop;
  #join = () => this.#send({type: 'start', url: this.dataset.url, names: this.dataset.names.split(' ')});
  #leave = () => this.#send({type: 'bye'});

  connectedCallback() {
    const {content} = document.querySelector('meta[name=live-worker]');
    this.#worker = new SharedWorker(content, {type: 'module', name: 'pult-live'});
    this.#worker.port.onmessage = ({data}) => this.#receive(data);
    addEventListener('pagehide', this.#leave);
    addEventListener('pageshow', event => event.persisted && this.#join());
    this.#join();
  }

  disconnectedCallback() {
    removeEventListener('pagehide', this.#leave);
    this.#leave();
    this.#stop?.();
  }

  #send(message) {
    this.#worker.port.postMessage(message);
  }

  #receive(message) {
    if (message.type === 'state') this.#become(message);
    if (message.type === 'clock') setServerNow(message.now);
    if (message.type === 'resync') dispatch('pult:resync');
    if (message.type === 'tick') dispatch('pult:tick');
    if (message.type === 'login') toLogin();
    if (message.type === 'notice') this.#notice(message);
  }

  #notice({name, id}) {
    if (name === 'session') return location.reload();
    dispatch(`pult:${name}`, {id});
    if (id) dispatch(`pult:${name}-${id}`, {id});
  }

  #become({state, since}) {
    const returned = state === 'up' && this.#state === 'down';
    this.#state = state;
    this.#since = since;
    this.setAttribute('state', state);
    this.#show();
    if (!returned) return;
    dispatch('pult:resync');
    toast(this.dataset.back);
  }

  #show() {
    const banner = this.querySelector('[data-banner]');
    const lost = this.#state === 'down';
    banner.hidden = !lost;
    this.#stop?.();
    if (!lost) return;
    this.#count();
    this.#stop = everySecond(() => this.#count());
  }

  #count() {
    this.querySelector('[data-seconds]').textContent = Math.round((Date.now() - this.#since) / 1000);
  }
});

function dispatch(name, detail = {}) {
  document.body.dispatchEvent(new CustomEvent(name, {bubbles: true, detail}));
}
