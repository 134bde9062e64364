// One stream for all tabs of the browser: a SharedWorker with one EventSource, a watchdog for a silent server
// and full-jitter retries. A tab gets {type: 'state'}, {type: 'notice'} and {type: 'login'}; it never sees HTML.
const SILENCE = 10_000;
const LONGEST_PAUSE = 8_000;
const ports = new Set();
let stream;
let settings;
let state = 'new';
let since = 0;
let heardAt = 0;
let attempts = 0;
let retry;

self.onconnect = ({ports: [port]}) => {
  port.onmessage = ({data}) => (data.type === 'start' ? join(port, data) : leave(port));
};
setInterval(watch, 500);
setInterval(() => tell({type: 'tick'}), 4000); // a hidden page's own timers sleep, this one does not

function join(port, {url, names}) {
  ports.add(port);
  settings ??= {url, names};
  if (!stream) connect();
  port.postMessage({type: 'state', state, since});
}

function leave(port) {
  ports.delete(port);
  if (ports.size) return;
  clearTimeout(retry);
  stream?.close();
  stream = undefined;
  state = 'new';
}

function tell(message) {
  for (const port of ports) port.postMessage(message);
}

function become(next) {
  if (next === state) return;
  state = next;
  since = Date.now();
  tell({type: 'state', state, since});
}

function connect() {
  clearTimeout(retry);
  stream?.close();
  heardAt = Date.now();
  stream = new EventSource(settings.url);
  stream.onerror = lost;
  stream.onmessage = heard;
  stream.addEventListener('ping', event => pinged(event));
  stream.addEventListener('pult:resync', () => {
    heard();
    tell({type: 'resync'});
  });
  for (const name of settings.names) stream.addEventListener(`pult:${name}`, event => noticed(name, event));
}

// A stream that opens and says nothing may be a server that hangs: only a word from it counts as up.
function heard() {
  heardAt = Date.now();
  attempts = 0;
  become('up');
}

function pinged(event) {
  heard();
  const now = read(event).now;
  if (now) tell({type: 'clock', now});
}

function noticed(name, event) {
  heard();
  tell({type: 'notice', name, id: read(event).id});
}

function read(event) {
  try {
    return JSON.parse(event.data) ?? {};
  } catch {
    return {};
  }
}

function watch() {
  if (stream && Date.now() - heardAt > SILENCE) lost();
}

// A closed EventSource does not say why, so the address is asked once: 401 means the session is over.
async function lost() {
  stream?.close();
  heardAt = Infinity;
  become('down');
  if ((await status()) === 401) return tell({type: 'login'});
  clearTimeout(retry);
  retry = setTimeout(connect, Math.random() * Math.min(LONGEST_PAUSE, 400 * 2 ** attempts++));
}

async function status() {
  const control = new AbortController();
  const timer = setTimeout(() => control.abort(), 3000);
  try {
    return (await fetch(settings.url, {signal: control.signal, headers: {Accept: 'text/event-stream'}})).status;
  } catch {
    return 0;
  } finally {
    clearTimeout(timer);
    control.abort();
  }
}
