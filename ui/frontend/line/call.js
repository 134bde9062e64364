// A citizen's call: from the dial to the last word. The page only shows what it says: `stage` and `change`.
import {Leg, request} from './leg.js';
import {openMicrophone} from './microphone.js';
import {Tones} from './tones.js';
import {Voice} from './voice.js';

const KEPT = 'pult-call';
const TONES = {connecting: 'ringback', ringing: 'ringback', waiting: 'music'};
const FIRST_TONE = 2500;
const LOOK = 2000;

export class Call extends EventTarget {
  stage = 'idle';
  endedBy = '';
  answeredAt = '';
  voice = null;
  #tones = new Tones();
  #leg;
  #stream;
  #iceServers;
  #events;
  #timer;

  // Throws the refusal of the server: {status, problem}.
  async dial(number, dialled, key) {
    this.#stream = await openMicrophone();
    this.#startedAt = Date.now();
    this.#become('connecting');
    const response = await request('POST', '/api/v1/line/calls', {number, dialled}, {'Idempotency-Key': key});
    if (!response.ok) {
      this.#close();
      this.#become('idle');
      throw Object.assign(new Error('refused'), {problem: await response.json().catch(() => ({}))});
    }
    const {leg_id: id, ice_servers: iceServers} = await response.json();
    if (this.stage === 'ended') return new Leg(id, {}).hangUp();
    this.#follow(id, iceServers);
  }

  // After a reload the leg's cookie is still there, and its call is too for 15 s.
  async rejoin() {
    const {id, iceServers} = JSON.parse(sessionStorage.getItem(KEPT) ?? '{}');
    if (!id) return;
    const view = await fetch(`/api/v1/line/legs/${id}`).then(each => each.ok && each.json(), () => null);
    if (!view || view.state === 'ended') return sessionStorage.removeItem(KEPT);
    this.#stream = await openMicrophone();
    this.#follow(id, iceServers);
  }

  async hangUp() {
    const leg = this.#leg;
    this.endedBy = 'citizen';
    this.#close();
    this.#become('ended');
    await leg?.hangUp();
  }

  mute() {
    for (const track of this.#stream.getAudioTracks()) track.enabled = !track.enabled;
    this.#tell();
  }

  get isMuted() {
    return this.#stream?.getAudioTracks().some(track => !track.enabled) ?? false;
  }

  #startedAt = 0;

  #follow(id, iceServers) {
    sessionStorage.setItem(KEPT, JSON.stringify({id, iceServers}));
    this.#iceServers = iceServers;
    const leg = new Leg(id, {looked: (view, isFirst) => this.#looked(view, isFirst), signalled: (...all) => this.#signalled(...all)});
    this.#leg = leg;
    this.#events = new EventSource(`${leg.url}/events`);
    for (const name of ['pult:leg', 'pult:resync', 'ping']) this.#events.addEventListener(name, () => leg.look());
    // The stream beats each 4 s; without it the page asks by itself.
    this.#timer = setInterval(() => this.#events.readyState === EventSource.OPEN || leg.look(), LOOK);
    leg.look();
  }

  async #looked(view, isFirst) {
    if (this.stage === 'ended') return;
    this.answeredAt = view.at;
    if (view.state === 'ended') {
      this.endedBy = view.ended_by;
      this.#close();
    }
    if (view.state === 'talking' && !this.voice) this.#talk(isFirst);
    this.#become(view.state === 'waiting' && Date.now() - this.#startedAt < FIRST_TONE ? 'connecting' : view.state);
  }

  // The operator's offer comes to a page that waited; a page that came back to a talk offers itself.
  #talk(isFirst) {
    this.voice = new Voice({leg: this.#leg, stream: this.#stream, iceServers: this.#iceServers, insists: true});
    for (const name of ['lost', 'found', 'connected']) this.voice.addEventListener(name, () => this.#tell());
    if (isFirst) this.voice.offer();
  }

  #signalled(signal, isFirst) {
    if (!isFirst) return this.voice?.receive(signal);
  }

  #close() {
    clearInterval(this.#timer);
    this.#events?.close();
    this.#tones.stop();
    this.voice?.close();
    this.voice = null;
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    sessionStorage.removeItem(KEPT);
  }

  #become(stage) {
    if (TONES[stage]) this.#tones.play(TONES[stage]);
    else this.#tones.stop();
    this.stage = stage;
    this.#tell();
  }

  #tell() {
    this.dispatchEvent(new Event('change'));
  }
}
