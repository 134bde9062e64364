// One attempt at voice: one RTCPeerConnection from its offer to its close. `send` carries a signal to the other side.
const SDP_KINDS = ['offer', 'answer'];

export class Peer extends EventTarget {
  audio = new Audio();
  #connection;
  #send;
  #early = [];
  #sending = Promise.resolve();

  constructor({stream, iceServers, send, attempt = crypto.randomUUID()}) {
    super();
    this.attempt = attempt;
    this.startedAt = Date.now();
    this.#send = send;
    this.audio.autoplay = true;
    this.#connection = new RTCPeerConnection({iceServers, bundlePolicy: 'max-bundle'});
    for (const track of stream.getAudioTracks()) this.#connection.addTrack(track, stream);
    this.#connection.ontrack = ({streams: [remote]}) => { this.audio.srcObject = remote; };
    this.#connection.onicecandidate = ({candidate}) => isOfUse(candidate) && this.#say('candidate', candidate.toJSON());
    this.#connection.onconnectionstatechange = () => this.dispatchEvent(new Event(this.state));
  }

  get state() {
    return this.#connection.connectionState;
  }

  get isAnswered() {
    return Boolean(this.#connection.remoteDescription);
  }

  async describe() {
    await this.#connection.setLocalDescription();
    const {type, sdp} = this.#connection.localDescription;
    return this.#say(type, {sdp});
  }

  async receive({kind, body}) {
    if (!SDP_KINDS.includes(kind)) return this.#add(body);
    await this.#connection.setRemoteDescription({type: kind, sdp: body.sdp});
    for (const candidate of this.#early.splice(0)) await this.#add(candidate);
    if (kind === 'offer') await this.describe();
  }

  replaceTrack(track) {
    return Promise.all(this.#connection.getSenders().map(sender => sender.replaceTrack(track)));
  }

  async stats() {
    const report = [...(await this.#connection.getStats()).values()];
    const find = type => report.find(each => each.type === type && (each.kind ?? 'audio') === 'audio') ?? {};
    const [inbound, outbound, source] = [find('inbound-rtp'), find('outbound-rtp'), find('media-source')];
    return {
      state: this.state,
      muted: this.audio.muted,
      received: inbound.packetsReceived ?? 0,
      lost: inbound.packetsLost ?? 0,
      energy: inbound.totalAudioEnergy ?? 0,
      sent: outbound.packetsSent ?? 0,
      spoken: source.totalAudioEnergy ?? 0,
    };
  }

  close() {
    this.#connection.close();
    this.audio.srcObject = null;
  }

  // A candidate that overtakes its description waits for it.
  async #add(candidate) {
    if (!this.isAnswered) return this.#early.push(candidate);
    await this.#connection.addIceCandidate(candidate).catch(() => {});
  }

  // One after the other: candidates may not overtake the description they belong to.
  #say(kind, body) {
    const signal = {kind, attempt: this.attempt, body};
    const sent = this.#sending.then(() => this.state === 'closed' || this.#send(signal));
    this.#sending = sent.catch(() => {});
    return sent;
  }
}

// Two browsers can only call over TCP, neither listens: such candidates would only cost requests.
function isOfUse(candidate) {
  return Boolean(candidate?.candidate) && candidate.protocol !== 'tcp';
}
