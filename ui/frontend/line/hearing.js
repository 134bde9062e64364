// Whether the other side is heard: packets come, and have not stopped for a second.
const SILENT = 1000;
const FIRST = 8000; // a connection needs longer to say its first word
const ASLEEP = 3000; // a page that did not look for so long has slept, and knows nothing

export class Hearing {
  isHeard = true;
  #received = 0;
  #hasBegun = false;
  #heardAt = Date.now();
  #lookedAt = Date.now();
  #doubtsUntil = 0;

  // A new connection; who was not heard stays so until a packet comes.
  begin() {
    if (this.isHeard) this.expect();
    this.#received = 0;
  }

  // The talk goes on, maybe by a connection that is still to be made: what came on hold does not count.
  expect() {
    this.isHeard = true;
    this.#received = Infinity;
    this.#hasBegun = false;
    this.#heardAt = Date.now();
    this.#doubtsUntil = 0;
  }

  // The other side is said to be gone: what is still on its way does not count.
  doubt() {
    this.isHeard = false;
    this.#hasBegun = true;
    this.#heardAt = 0;
    this.#doubtsUntil = Date.now() + SILENT;
  }

  take(received) {
    const now = Date.now();
    if (now - this.#lookedAt > ASLEEP && this.isHeard) this.#heardAt = now;
    this.#lookedAt = now;
    if (received > this.#received && now > this.#doubtsUntil) {
      this.#heardAt = now;
      this.#hasBegun = true;
    }
    this.#received = received;
    this.isHeard = now - this.#heardAt < (this.#hasBegun ? SILENT : FIRST);
  }
}
