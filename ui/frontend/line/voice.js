// The voice of one leg as the server's words move it: with whom, who offers, who is silent. A reload or a broken network
// makes a new offer, and the newest one counts.
import {Hearing} from './hearing.js';
import {Peer} from './peer.js';

const UNANSWERED = 6000;
const LOOK = 250;
const SILENT = ['held', 'parked'];
const LISTENED = ['talking', 'parked'];

export class Voice extends EventTarget {
  peer = null;
  isMuted = false;
  #leg;
  #stream;
  #iceServers;
  #watch;
  #hearing = new Hearing();
  #wasHeard = true;
  #patience = UNANSWERED;
  #state = '';
  #peerLeg;
  #isOurs = false;
  // When both sides offer at once, the one that insists keeps its offer: whom the server did not ask for one.
  #insists = false;
  // A page that was loaded again has to offer, whoever should.
  #cameBack = false;

  constructor({leg, stream, iceServers}) {
    super();
    this.#leg = leg;
    this.#stream = stream;
    this.#iceServers = iceServers;
    this.#peerLeg = leg.view?.peer_leg;
    this.#watch = setInterval(() => this.#look(), LOOK);
  }

  get isHeard() {
    return this.#hearing.isHeard;
  }

  mute(muted) {
    this.isMuted = muted;
    this.#silence();
  }

  // After each look at the leg, before its signals. Hold keeps the connection, another peer means another one.
  follow(view, isFirst) {
    this.#cameBack ||= isFirst;
    if (view.peer_leg !== this.#peerLeg) this.#change(view.peer_leg);
    this.#insists = !view.offers;
    if (view.state !== this.#state) this.#become(view.state);
    const isExpected = (this.#cameBack || view.offers) && (isFirst || !this.#hasOffer(view));
    if (view.state === 'talking' && !this.peer && isExpected) this.offer();
  }

  // `first` carries the very first offer, which answers the call.
  async offer(first) {
    let isFirst = Boolean(first);
    const send = signal => {
      const carry = isFirst ? first : next => this.#leg.signal(next);
      isFirst = false;
      return carry(signal);
    };
    this.#replace(new Peer({stream: this.#stream, iceServers: this.#iceServers, send}), true);
    return this.peer.describe();
  }

  async receive(signal) {
    if (signal.kind === 'offer' && signal.attempt !== this.peer?.attempt) {
      if (this.#insists && this.#isPending()) return;
      const send = next => this.#leg.signal(next);
      this.#replace(new Peer({stream: this.#stream, iceServers: this.#iceServers, send, attempt: signal.attempt}), false);
    }
    if (signal.attempt === this.peer?.attempt) await this.peer.receive(signal);
  }

  stats() {
    return this.peer?.stats() ?? Promise.resolve({state: 'new', received: 0, lost: 0, energy: 0, sent: 0, spoken: 0});
  }

  close() {
    clearInterval(this.#watch);
    this.#drop();
    for (const track of this.#stream.getTracks()) track.stop();
  }

  #hasOffer({signals}) {
    return signals.some(({kind, seq}) => kind === 'offer' && seq > this.#leg.seq);
  }

  #change(peerLeg) {
    if (this.#peerLeg) this.#cameBack = false;
    this.#peerLeg = peerLeg;
    if (!this.peer) return;
    this.#drop();
    this.dispatchEvent(new Event('changed'));
  }

  #become(state) {
    this.#state = state;
    if (state === 'parked') this.#hearing.doubt();
    else this.#hearing.expect();
    this.#silence();
    this.#tellHeard();
  }

  #silence() {
    const isSilent = SILENT.includes(this.#state);
    for (const track of this.#stream.getAudioTracks()) track.enabled = !isSilent && !this.isMuted;
    if (this.peer) this.peer.audio.muted = isSilent;
  }

  #replace(peer, isOurs) {
    this.#drop();
    this.peer = peer;
    this.#isOurs = isOurs;
    this.#cameBack = false;
    this.#hearing.begin();
    this.#silence();
    peer.addEventListener('connected', () => this.dispatchEvent(new Event('connected')));
    peer.addEventListener('failed', () => this.peer === peer && this.#fail());
  }

  #drop() {
    this.peer?.close();
    this.peer = null;
  }

  // While it is held nobody takes an offer: the connection is made when the talk goes on.
  #fail() {
    if (this.#state !== 'talking') this.#drop();
    else if (!this.#insists) this.offer();
  }

  #isPending() {
    return Boolean(this.peer) && this.#isOurs && !this.peer.isAnswered;
  }

  async #look() {
    if (!this.peer) return;
    if (this.#state === 'talking' && this.#isPending() && Date.now() - this.peer.startedAt > this.#patience) {
      this.#patience *= 2; // a slow line must not be asked faster than it can answer
      return this.offer();
    }
    if (!LISTENED.includes(this.#state)) return;
    this.#hearing.take((await this.stats()).received);
    this.#tellHeard();
  }

  #tellHeard() {
    if (this.isHeard === this.#wasHeard) return;
    this.#wasHeard = this.isHeard;
    this.dispatchEvent(new Event(this.isHeard ? 'found' : 'lost'));
  }
}
