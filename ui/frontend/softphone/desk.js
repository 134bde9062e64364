// One telephone and one presence a page, however often the panel around them is drawn.
import {unlockSound} from '../line/tones.js';
import {askBeforeLeaving} from './attention.js';
import {Phone} from './phone.js';
import {Presence} from './presence.js';

const EVERY = 4000;
const ACTS = {accept: 'accept', decline: 'decline', hangup: 'hangUp', mute: 'mute'};
let desk;

export function theDesk(url) {
  desk ??= new Desk(url);
  return desk;
}

class Desk {
  phone = new Phone();

  constructor(url) {
    this.presence = new Presence(url);
    unlockSound();
    askBeforeLeaving(() => this.phone.isTalking);
    this.presence.addEventListener('leg', ({detail}) => this.phone.watch(detail));
    this.presence.addEventListener('microphone', () => { this.phone.trouble = ''; });
    this.presence.addEventListener('change', () => this.presence.isRefused && this.phone.leg && this.phone.release());
    const look = () => this.phone.leg?.look();
    setInterval(look, EVERY);
    document.addEventListener('pult:tick', look);
  }

  // Whether this page may do what its buttons say.
  get isHere() {
    return this.presence.leads;
  }

  act(name, {stage, call}) {
    if (!ACTS[name] || !this.isHere) return undefined;
    return name === 'hangup' && stage === 'dialling' ? this.phone.cancel(call) : this.phone[ACTS[name]]();
  }

  // The server's picture leads to the leg, also after a reload in the middle of the talk.
  follow({stage, call, leg, ice}) {
    const {unwanted} = this.phone;
    if (unwanted && (unwanted !== call || stage === 'post_processing')) this.phone.forgetUnwanted();
    else if (unwanted && stage === 'dialling' && this.isHere) this.phone.cancel(call);
    if (ice) this.phone.iceServers = JSON.parse(ice);
    if (leg && this.isHere && this.presence.isHeld) this.phone.watch(leg);
  }
}
