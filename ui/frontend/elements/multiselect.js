import TomSelect from 'tom-select/dist/esm/tom-select.js';
import removeButton from 'tom-select/dist/esm/plugins/remove_button/plugin.js';

TomSelect.define('remove_button', removeButton);
const COPIED = ['aria-invalid', 'aria-describedby', 'aria-required'];

// Several values of one list, confirmed by «Готово». Words come in data-done, data-empty and data-remove.
// The select carries no id in the template (htmx would settle the widget's classes away): data-id gives it here.
customElements.define('pult-multiselect', class extends HTMLElement {
  #widget;

  connectedCallback() {
    const select = this.querySelector('select');
    if (!select || select.tomselect) return;
    select.id = this.dataset.id;
    this.#widget = new TomSelect(select, {
      plugins: {remove_button: {title: this.dataset.remove}},
      hideSelected: false,
      openOnFocus: false, // an open list would cover the words of a refusal
      hidePlaceholder: true,
      maxOptions: 500,
      refreshThrottle: 0, // Enter right after the last letter chooses what the letters mean
      clearAfterSelect: true,
      render: {no_results: () => this.#empty()},
    });
    this.#dress(select);
    this.#changeClicks();
    this.#leaveSubmit();
  }

  disconnectedCallback() {
    this.#widget?.destroy();
    this.#widget = undefined;
  }

  focus() {
    this.#widget?.focus();
  }

  #dress(select) {
    const {control_input: input, dropdown} = this.#widget;
    for (const name of COPIED.filter(name => select.hasAttribute(name))) {
      input.setAttribute(name, select.getAttribute(name));
      select.removeAttribute(name);
    }
    select.setAttribute('aria-hidden', 'true'); // the widget's own field speaks for it
    const footer = document.createElement('div');
    footer.className = 'pult-done';
    footer.append(this.#doneButton());
    dropdown.append(footer);
  }

  #doneButton() {
    const button = document.createElement('button');
    Object.assign(button, {type: 'button', className: 'btn btn-primary btn-sm', textContent: this.dataset.done});
    button.addEventListener('click', () => {
      this.#widget.setTextboxValue('');
      this.#widget.close();
      this.#widget.focus();
    });
    return button;
  }

  // A click opens or closes the list; a click on a chosen value takes it back.
  #changeClicks() {
    const widget = this.#widget;
    const choose = widget.onOptionSelect.bind(widget);
    widget.onClick = () => {
      if (widget.isOpen) return widget.close();
      widget.focus();
      widget.refreshOptions(true);
    };
    widget.onOptionSelect = (event, option) => {
      const {value} = option.dataset;
      if (option.classList.contains('selected')) widget.removeItem(value);
      else choose(event, option);
      widget.refreshOptions(true);
      widget.setActiveOption(widget.getOption(value));
    };
  }

  // Ctrl+Enter sends the form and chooses nothing on its way.
  #leaveSubmit() {
    const widget = this.#widget;
    const press = widget.onKeyDown.bind(widget);
    widget.onKeyDown = event => { if (!event.ctrlKey || event.key !== 'Enter') press(event); };
  }

  #empty() {
    const line = document.createElement('div');
    line.className = 'no-results';
    line.textContent = this.dataset.empty;
    return line;
  }
});
