// The citizen's page of the web line: no session, no live stream, only what the call needs.
import './elements/timer.js';
import './elements/theme.js';
import './line/check.js';
import './line/waiting.js';
import './line/choosing.js';
import './line/called.js';
import './line/ring.js';
import './line/citizen.js';
