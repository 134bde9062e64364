// A citizen's call: from the dial to the last word. The page only shows what it says: `stage` and `change`.
import {dial, findKept, forget, keep} from './dialling.js';
import {Leg} from './leg.js';
import {openMicrophone} from './microphone.js';
import {Tones} from './tones.js';
import {Voice} from './voice.js';

const TONES = {connecting: 'ringback', ringing: 'ringback', waiting: 'music'};
const FIRST_TONE = 2500;
const LOOK = 2000;
const SILENCE = 8000;

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
    this.#stream = await openMicrophone();
    this.#follow(kept);
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

  #follow({id, iceServers}) {
    keep({id, iceServers});
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
