// The script of every signed-in page. Behaviour lives in custom elements, one a file.
import './requests.js';
import './elements/timer.js';
import './elements/multiselect.js';
import './elements/dialog.js';
import './elements/toasts.js';
import './elements/theme.js';
import './elements/menu.js';
import './elements/tabs.js';
import './elements/focus.js';
import './elements/nav.js';
import './elements/filter.js';
import './elements/live.js';
import './elements/keys.js';
import './elements/draft.js';
import './elements/reminder.js';
import './elements/dismiss.js';
import './elements/localtime.js';
import './elements/message.js';

// The telephone is heavy and stands only in the shell of people who have a desk.
if (document.querySelector('pult-softphone')) import('./softphone.js');
