import htmx from 'htmx.org';
import {callAttention, calmDown} from './attention.js';
import {theDesk} from './desk.js';
import {KeptFocus} from './focus.js';
import {paint, sayFailure} from './panel.js';
import {isAsked, isTyping} from './typing.js';

const STEADY = 300; // a button that has just appeared under the pointer is not meant yet
const NEWS = ['pult:leg', 'pult:call', 'pult:desk', 'pult:resync'];
const channel = new BroadcastChannel('pult-softphone');

// The panel of the telephone: the server draws it; the telephone itself is never swapped.
customElements.define('pult-softphone', class extends HTMLElement {
  #desk;
  #focus;
  #gone;
  #refreshing;
  #again = false;
  #shownAt = 0;
  #stage = '';
  #pops = false;

  connectedCallback() {
    this.#desk = theDesk(this.dataset.presence);
    this.#gone = new AbortController();
    const {phone, presence} = this.#desk;
    const until = {signal: this.#gone.signal};
    this.#focus = new KeptFocus(this, until);
    const refresh = () => this.#refresh();
    for (const each of [phone, presence]) each.addEventListener('change', () => paint(this, this.#desk), until);
    for (const name of ['over', 'moved']) phone.addEventListener(name, refresh, until);
    presence.addEventListener('desk', refresh, until);
    for (const name of NEWS) document.addEventListener(name, event => this.#hear(event), until);
    this.addEventListener('click', event => this.#clicked(event), until);
    channel.addEventListener('message', ({data}) => (data === 'refresh' ? refresh() : this.#act(data)), until);
    refresh();
  }

  disconnectedCallback() {
    this.#gone.abort();
  }

  // For tests and for support: what arrives and what leaves; null without a talk.
  stats() {
    return this.#desk.phone.voice?.stats() ?? null;
  }

  #panel() {
    return this.querySelector('[data-panel]')?.dataset ?? {};
  }

  #hear({type, detail}) {
    const {leg} = this.#desk.phone;
    if (type === 'pult:leg' && leg && leg.id === detail?.id) leg.look();
    else this.#refresh();
  }

  // One refresh at a time, and one more when something was said meanwhile.
  #refresh() {
    this.#again = true;
    this.#refreshing ??= this.#refreshOn().finally(() => { this.#refreshing = undefined; });
  }

  async #refreshOn() {
    while (this.#again) {
      this.#again = false;
      const event = new Event('pult:refresh'); // says that nobody asked: an outage is no news of ours
      await htmx.ajax('GET', this.dataset.url, {source: this, target: this, swap: 'innerMorph', event}).catch(() => {});
      this.#drawn();
    }
  }

  #drawn() {
    const {stage} = this.#panel();
    if (stage !== this.#stage && this.#stage !== 'dialling') this.#shownAt = Date.now();
    if (this.#stage === 'dialling' && !document.hidden) this.#pops = true; // whom we called has answered
    const isNews = stage === 'ringing' && stage !== this.#stage;
    this.#stage = stage;
    this.#desk.follow(this.#panel());
    if (stage === 'ringing') callAttention(this.#panel());
    else calmDown();
    if (this.#pops && stage === 'talking') this.#popCard();
    else if (isNews && !document.hidden && !isTyping() && !isAsked()) this.#popCard();
    paint(this, this.#desk);
    this.#focus.restore();
    sayFailure(this);
  }

  #clicked({target}) {
    const act = target.closest('[data-act]')?.dataset.act;
    if (act === 'take') return this.#desk.presence.renew(true, true);
    if (!act || Date.now() - this.#shownAt < STEADY) return;
    this.#pops = act === 'accept';
    if (this.#desk.isHere) this.#act(act);
    else channel.postMessage(act); // the tab with the telephone does it
  }

  async #act(name) {
    if (!this.#desk.isHere) return;
    const isDone = await this.#desk.act(name, this.#panel());
    if (isDone && this.#pops) this.#popCard();
    channel.postMessage('refresh');
    this.#refresh();
  }

  // Never over what is being typed: whoever answers in the middle of a word gets the card in a tab of its own.
  #popCard() {
    this.#pops = false;
    const card = this.querySelector('a[data-card]');
    if (!card) return;
    if (card.pathname === location.pathname) document.body.dispatchEvent(new CustomEvent(`pult:call-${this.#panel().call}`));
    else if (isTyping()) window.open(card.href, '_blank');
    else card.click();
  }
});
