// A citizen's call, from the dial or the ring to the last word. The page only shows what it says: `stage` and `change`.
import {dial, findKept, forget, keep} from './dialling.js';
import {Leg} from './leg.js';
import {openMicrophone} from './microphone.js';
import {Tones} from './tones.js';
import {Voice} from './voice.js';

const TONES = {connecting: 'ringback', ringing: 'ringback', waiting: 'music', held: 'music', parked: 'music', called: 'ring'};
const VOICED = ['talking', 'held', 'parked'];
const FIRST_TONE = 2500;
const LOOK = 2000;
const SILENCE = 8000;

export class Call extends EventTarget {
  stage = 'idle';
  endedBy = '';
  answeredAt = '';
  voice = null;
  isCalled = false;
  #isAnswering = false;
  #tones = new Tones();
  #leg;
  #stream;
  #iceServers;
  #events;
  #timer;
  #startedAt = 0;

  // Throws what openMicrophone and dial throw; nothing has begun then.
  async dial(number, dialled, key) {
    this.#stream = await openMicrophone();
    this.#startedAt = Date.now();
    this.#become('connecting');
    try {
      const begun = await dial(number, dialled, key);
      if (this.stage === 'ended') return new Leg(begun.id, {}).hangUp();
      this.#follow(begun);
    } catch (error) {
      if (this.stage === 'ended') return;
      this.#close();
      this.#become('idle');
      throw error;
    }
  }

  async rejoin() {
    const kept = await findKept();
    if (!kept) return;
    this.isCalled = Boolean(kept.isCalled);
    if (!kept.isRinging) this.#stream = await openMicrophone();
    this.#follow(kept);
  }

  // The centre calls this page: it rings until it is answered or declined.
  take(begun) {
    keep({...begun, isCalled: true});
    return this.rejoin();
  }

  // Throws what openMicrophone throws; it goes on ringing then.
  async answer() {
    if (this.#isAnswering) return;
    this.#isAnswering = true;
    try {
      this.#stream = await openMicrophone();
    } catch (error) {
      this.#isAnswering = false;
      throw error;
    }
    if (this.stage !== 'called') return this.#close(); // it ended while the browser asked for the microphone
    this.#become('answering');
    this.#speak();
    await this.voice.offer(signal => this.#leg.answer(signal));
    this.#leg.look();
  }

  async decline() {
    const leg = this.#leg;
    this.#close();
    this.#become('declined');
    await leg.decline();
  }

  // `by` chooses the last words of the page.
  async hangUp(by = 'citizen') {
    const leg = this.#leg;
    this.endedBy = this.isCalled ? 'called' : by;
    this.#close();
    this.#become('ended');
    await leg?.hangUp();
  }

  mute() {
    this.voice?.mute(!this.voice.isMuted);
    this.#tell();
  }

  get leg() {
    return this.#leg;
  }

  get stream() {
    return this.#stream;
  }

  get isMuted() {
    return this.voice?.isMuted ?? false;
  }

  // For tests and for support: what arrives, what leaves, and how loud the page's own music is.
  async stats() {
    const counted = await this.voice?.stats();
    return counted ? {...counted, music: this.#tones.loudness} : null;
  }

  #follow({id, iceServers}) {
    keep({id, iceServers, isCalled: this.isCalled});
    this.#iceServers = iceServers;
    const leg = new Leg(id, {looked: (view, isFirst) => this.#looked(view, isFirst), signalled: (...all) => this.#signalled(...all)});
    this.#leg = leg;
    this.#events = new EventSource(`${leg.url}/events`);
    let heardAt = Date.now();
    const look = () => {
      heardAt = Date.now();
      leg.look();
    };
    for (const name of ['pult:leg', 'pult:resync', 'ping']) this.#events.addEventListener(name, look);
    // The stream beats each 4 s; without a beat (an open stream may be half dead) the page asks by itself.
    const isSilent = () => this.#events.readyState !== EventSource.OPEN || Date.now() - heardAt > SILENCE;
    this.#timer = setInterval(() => isSilent() && leg.look(), LOOK);
    leg.look();
  }

  async #looked(view, isFirst) {
    if (['ended', 'missed', 'declined'].includes(this.stage)) return;
    this.answeredAt = view.at;
    if (view.state === 'ended') {
      this.endedBy = this.isCalled ? 'called' : view.ended_by;
      this.#close();
      if (['called', 'answering'].includes(this.stage)) return this.#become('missed');
    }
    if (view.state === 'called' && this.#isAnswering) return;
    if (VOICED.includes(view.state) && !this.#stream) return this.#leave(); // the same page in another tab has answered
    if (VOICED.includes(view.state) && !this.voice) this.#speak();
    this.voice?.follow(view, isFirst);
    this.#become(this.#stageOf(view));
  }

  #leave() {
    this.#close();
    this.#become('declined');
  }

  // Who hears nothing has music before the server knows why.
  #stageOf({state}) {
    if (state === 'waiting' && Date.now() - this.#startedAt < FIRST_TONE) return 'connecting';
    return state === 'talking' && !this.voice.isHeard ? 'parked' : state;
  }

  #speak() {
    this.voice = new Voice({leg: this.#leg, stream: this.#stream, iceServers: this.#iceServers});
    this.voice.addEventListener('connected', () => this.#tell());
    this.voice.addEventListener('lost', () => this.#hear(this.#leg.lost()));
    this.voice.addEventListener('found', () => this.#hear(this.#leg.found()));
  }

  #hear() {
    if (VOICED.includes(this.#leg.view.state)) this.#become(this.#stageOf(this.#leg.view));
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
    forget();
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
