import htmx from 'htmx.org';
import {isSoundLocked, unlockSound} from '../line/tones.js';
import {askBeforeLeaving, callAttention, calmDown} from './attention.js';
import {Phone} from './phone.js';
import {Presence} from './presence.js';

const STEADY = 300; // a button that has just appeared under the pointer is not meant yet
const NEWS = ['pult:leg', 'pult:call', 'pult:desk', 'pult:resync'];
const ACTS = {accept: 'accept', decline: 'decline', hangup: 'hangUp', mute: 'mute'};
const channel = new BroadcastChannel('pult-softphone');
let phone;
let presence;

// The panel of the telephone: the server draws it, the telephone itself lives in `phone` and is never swapped.
customElements.define('pult-softphone', class extends HTMLElement {
  #refreshing;
  #again = false;
  #shownAt = 0;
  #stage = '';
  #pops = false;
  #news = event => this.#hear(event);

  connectedCallback() {
    phone ??= createPhone();
    presence ??= new Presence(this.dataset.presence);
    phone.addEventListener('change', this.#paintSoon);
    phone.addEventListener('over', this.#refreshSoon);
    presence.addEventListener('change', this.#held);
    presence.addEventListener('desk', this.#refreshSoon);
    presence.addEventListener('leg', this.#ring);
    for (const name of NEWS) document.addEventListener(name, this.#news);
    this.addEventListener('click', event => this.#clicked(event));
    channel.onmessage = ({data}) => (data === 'refresh' ? this.#refresh() : this.#obey(data));
    this.#refresh();
  }

  disconnectedCallback() {
    phone.removeEventListener('change', this.#paintSoon);
    phone.removeEventListener('over', this.#refreshSoon);
    presence.removeEventListener('change', this.#held);
    presence.removeEventListener('desk', this.#refreshSoon);
    presence.removeEventListener('leg', this.#ring);
    for (const name of NEWS) document.removeEventListener(name, this.#news);
  }

  stats() {
    return phone.voice?.stats() ?? null;
  }

  #paintSoon = () => this.#paint();
  #refreshSoon = () => this.#refresh();
  #held = () => (presence.isRefused && phone.leg ? phone.release() : this.#paint());
  #ring = ({detail}) => phone.watch(detail);

  #panel() {
    return this.querySelector('[data-panel]');
  }

  #hear({type, detail}) {
    if (type === 'pult:leg' && phone.leg && phone.leg.id === detail?.id) phone.leg.look();
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
      await htmx.ajax('GET', this.dataset.url, {source: this, target: this, swap: 'innerMorph'});
      this.#follow();
    }
  }

  // What the server drew leads to the leg, also after a reload in the middle of a talk.
  #follow() {
    const {stage, leg, ice} = this.#panel()?.dataset ?? {};
    if (stage !== this.#stage) this.#shownAt = Date.now();
    this.#stage = stage;
    if (ice) phone.iceServers = JSON.parse(ice);
    if (leg && presence.leads && presence.isHeld) phone.watch(leg);
    if (stage === 'ringing') callAttention(this.#panel().dataset);
    else calmDown();
    if (this.#pops && stage === 'talking') this.#popCard();
    this.#paint();
  }

  async #clicked({target}) {
    const act = target.closest('[data-act]')?.dataset.act;
    if (act === 'take') return presence.renew(true, true);
    if (!act || (this.#stage === 'ringing' && Date.now() - this.#shownAt < STEADY)) return;
    this.#pops = act === 'accept';
    if (presence.leads) await this.#obey(act);
    else channel.postMessage(act);
  }

  async #obey(act) {
    if (!presence.leads || !ACTS[act]) return;
    const isDone = await phone[ACTS[act]]();
    if (act === 'accept' && isDone && this.#pops) this.#popCard();
    channel.postMessage('refresh');
    this.#refresh();
  }

  #popCard() {
    this.#pops = false;
    this.querySelector('a[data-card]')?.click();
  }

  #paint() {
    const {voice} = phone;
    const trouble = phone.trouble || presence.trouble;
    this.toggleAttribute('leader', presence.leads);
    this.dataset.state = condition(trouble);
    this.dataset.voice = phone.isEnding ? 'ending' : voice && !voice.isHeard ? 'lost' : 'clear';
    for (const each of this.querySelectorAll('[data-when]')) each.hidden = !each.dataset.when.split(' ').includes(this.dataset.state);
    for (const each of this.querySelectorAll('[data-voice]')) each.hidden = each.dataset.voice !== this.dataset.voice;
    this.querySelector('[data-key=mute]')?.setAttribute('aria-pressed', String(Boolean(voice?.isMuted)));
  }
});

function condition(trouble) {
  if (!presence.leads) return 'follower';
  if (trouble) return trouble;
  if (!presence.isHeld) return presence.isRefused ? 'elsewhere' : 'joining';
  return isSoundLocked() ? 'silent' : 'ready';
}

function createPhone() {
  const created = new Phone();
  unlockSound();
  askBeforeLeaving(() => created.isTalking);
  setInterval(() => created.leg?.look(), 4000);
  document.addEventListener('pult:tick', () => created.leg?.look());
  return created;
}
