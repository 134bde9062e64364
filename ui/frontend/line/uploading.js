// Sends the pieces of a sound in their order, however long the server is away; a piece sent twice is one piece.
import {csrf} from '../notices.js';

const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 8000;
const MOST_BYTES = 16 * 1024 * 1024; // about an hour of talk without a server
const KEEPALIVE_BYTES = 60 * 1024; // what a page may still send while it goes away
const AGAIN = [408, 425, 429];
const pause = milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds));

export class Uploading {
  #address;
  #waiting = [];
  #seq = 0;
  #sending;
  #isRefused = false;

  // `address({seq, last})` is where a piece goes.
  constructor(address) {
    this.#address = address;
  }

  add(blob, last = false) {
    if (this.#isRefused || (!blob.size && !last)) return;
    this.#waiting.push({seq: this.#seq++, blob, last});
    this.#forgetSome();
    this.#sending ??= this.#send().finally(() => { this.#sending = undefined; });
  }

  // The page goes away: what is under way may be cut off, so it is sent again as well.
  flush() {
    let left = KEEPALIVE_BYTES;
    for (const piece of this.#waiting) {
      left -= piece.blob.size;
      if (left > 0) this.#put(piece, {keepalive: true});
    }
  }

  async #send() {
    let patience = FIRST_PAUSE;
    while (this.#waiting.length) {
      const [piece] = this.#waiting;
      const status = await this.#put(piece, {signal: AbortSignal.timeout(20_000)});
      if (status < 300) {
        this.#waiting = this.#waiting.filter(each => each !== piece);
        patience = FIRST_PAUSE;
      } else if (status < 500 && !AGAIN.includes(status)) {
        this.#refuse(status);
      } else {
        await pause(patience * (0.5 + Math.random()));
        patience = Math.min(LONGEST_PAUSE, patience * 2);
      }
    }
  }

  async #put({seq, blob, last}, options) {
    const headers = {'Content-Type': 'audio/webm', 'X-CSRF-Token': csrf(), Accept: 'application/json'};
    const response = await fetch(this.#address({seq, last}), {method: 'PUT', headers, body: blob, ...options}).catch(() => null);
    return response?.status ?? 503;
  }

  #refuse(status) {
    console.warn('recording', status);
    this.#isRefused = true;
    this.#waiting = [];
  }

  // The first is under way; the next oldest are lost, and the server will say which.
  #forgetSome() {
    let bytes = this.#waiting.reduce((sum, {blob}) => sum + blob.size, 0);
    while (bytes > MOST_BYTES && this.#waiting.length > 2) bytes -= this.#waiting.splice(1, 1)[0].blob.size;
  }
}
