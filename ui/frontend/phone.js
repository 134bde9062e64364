// The citizen's page of the web line: no session, no live stream, only what the call needs.
import './elements/timer.js';
import './elements/theme.js';
import './line/check.js';
import './line/citizen.js';
