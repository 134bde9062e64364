// Loaded by the shell of people who have a desk.
import './softphone/element.js';
