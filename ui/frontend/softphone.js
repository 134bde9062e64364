// Loaded by the shell of people who have a desk.
import './line/check.js';
import './softphone/dial.js';
import './softphone/element.js';
