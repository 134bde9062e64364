// The voice of one leg over all its attempts: a reload or a broken network makes a new offer, and the newest one counts.
import {Peer} from './peer.js';

const UNANSWERED = 6000;
const SILENT = 2000;

export class Voice extends EventTarget {
  peer = null;
  #leg;
  #stream;
  #iceServers;
  #insists;
  #watch;
  #received = 0;
  #heardAt = 0;
  #patience = UNANSWERED;
  isHeard = true;

  // When both sides offer at once, the one that insists keeps its offer: the citizen's page.
  constructor({leg, stream, iceServers, insists}) {
    super();
    this.#leg = leg;
    this.#stream = stream;
    this.#iceServers = iceServers;
    this.#insists = insists;
    this.#watch = setInterval(() => this.#look(), 1000);
  }

  get isMuted() {
    return this.#stream.getAudioTracks().every(track => !track.enabled);
  }

  mute(muted) {
    for (const track of this.#stream.getAudioTracks()) track.enabled = !muted;
  }

  // `first` carries the very first offer, which answers the call.
  async offer(first) {
    let isFirst = Boolean(first);
    const send = signal => {
      const carry = isFirst ? first : next => this.#leg.signal(next);
      isFirst = false;
      return carry(signal);
    };
    this.#replace(new Peer({stream: this.#stream, iceServers: this.#iceServers, send}));
    this.isOurs = true;
    return this.peer.describe();
  }

  async receive(signal) {
    if (signal.kind === 'offer' && signal.attempt !== this.peer?.attempt) {
      if (this.#insists && this.#isPending()) return;
      const send = next => this.#leg.signal(next);
      this.#replace(new Peer({stream: this.#stream, iceServers: this.#iceServers, send, attempt: signal.attempt}));
      this.isOurs = false;
    }
    if (signal.attempt === this.peer?.attempt) await this.peer.receive(signal);
  }

  stats() {
    return this.peer?.stats() ?? Promise.resolve({state: 'new', received: 0, lost: 0, energy: 0, sent: 0, spoken: 0});
  }

  close() {
    clearInterval(this.#watch);
    this.peer?.close();
    this.peer = null;
    for (const track of this.#stream.getTracks()) track.stop();
  }

  #replace(peer) {
    this.peer?.close();
    this.peer = peer;
    this.#received = 0;
    this.#heardAt = Date.now();
    peer.addEventListener('connected', () => this.dispatchEvent(new Event('connected')));
    peer.addEventListener('failed', () => this.peer === peer && !this.#insists && this.offer());
  }

  // A slow line must not be asked faster than it can answer.
  #offerAgain() {
    this.#patience *= 2;
    return this.offer();
  }

  #isPending() {
    return Boolean(this.peer) && this.isOurs && !this.peer.isAnswered;
  }

  async #look() {
    if (!this.peer) return;
    if (this.#isPending() && Date.now() - this.peer.startedAt > this.#patience) return this.#offerAgain();
    const {received} = await this.stats();
    if (received > this.#received) this.#heardAt = Date.now();
    this.#received = received;
    const isHeard = Date.now() - this.#heardAt < SILENT;
    if (isHeard === this.isHeard) return;
    this.isHeard = isHeard;
    this.dispatchEvent(new Event(isHeard ? 'found' : 'lost'));
  }
}
