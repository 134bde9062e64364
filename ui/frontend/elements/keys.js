import {defaultKeybindingsHandlerIgnore, tinykeys} from 'tinykeys';

// Physical codes only: on the Russian layout «/» arrives as «.».
const CALL_KEYS = {
  'Alt+Digit1': ['incoming'],
  'Alt+Digit2': ['outgoing'],
  'Alt+Digit0': ['break'],
  'Alt+KeyB': ['break-after'],
  F2: ['accept', 'hangup'],
  'Alt+KeyM': ['mute'],
  'Alt+KeyH': ['hold'],
  'Alt+KeyT': ['transfer'],
};

// Keys press the elements marked data-key="…" of the page; the keys of a call work while typing too.
customElements.define('pult-keys', class extends HTMLElement {
  #stops = [];

  connectedCallback() {
    const calls = Object.entries(CALL_KEYS).map(([code, names]) => [code, event => press(event, names)]);
    const typing = {'Control+Enter': event => this.#submit(event)};
    const ignore = event => event.repeat || event.isComposing;
    this.#stops = [
      tinykeys(window, {...Object.fromEntries(calls), ...typing}, {ignore}),
      tinykeys(window, {Slash: event => this.#search(event), 'Shift+Slash': event => this.#sheet(event)}, {
        ignore: defaultKeybindingsHandlerIgnore,
      }),
    ];
  }

  disconnectedCallback() {
    for (const stop of this.#stops) stop();
  }

  #search(event) {
    const field = document.querySelector('main [data-key=search]');
    if (!field || field.closest('[inert]')) return;
    event.preventDefault();
    field.focus();
    field.select();
  }

  #submit(event) {
    const form = document.activeElement?.closest('form') ?? document.querySelector('pult-dialog form');
    if (!form) return;
    event.preventDefault();
    form.requestSubmit();
  }

  #sheet(event) {
    event.preventDefault();
    const sheet = this.querySelector('template').content.cloneNode(true);
    document.querySelector('pult-dialog').open(sheet.firstElementChild);
  }
});

function press(event, names) {
  const marked = names.flatMap(name => [...document.querySelectorAll(`[data-key=${name}]`)]);
  const element = marked.find(each => !each.disabled && !each.closest('[inert], [hidden]'));
  if (!element) return;
  event.preventDefault();
  element.click();
}
