// What is wrong with a form, at its fields and above its button; the sentences stand hidden in the template.
export class Complaints {
  #form;

  constructor(form) {
    this.#form = form;
  }

  about(name, sentence) {
    const words = this.#form.querySelector(`[data-error=${name}]`);
    if (!words) return this.say('refused', sentence);
    if (sentence) words.querySelector('span').textContent = sentence;
    words.hidden = false;
    this.#form.elements[name].setAttribute('aria-invalid', 'true');
    this.#form.elements[name].focus();
  }

  say(name, sentence) {
    for (const each of this.#troubles()) each.hidden = each.dataset.trouble !== name;
    if (sentence) this.#troubles().find(each => each.dataset.trouble === name).querySelector('span').textContent = sentence;
  }

  clear() {
    this.say('');
    for (const words of this.#form.querySelectorAll('[data-error]')) words.hidden = true;
    for (const field of this.#form.elements) field.removeAttribute('aria-invalid');
  }

  #troubles() {
    return [...this.#form.querySelectorAll('.pult-citizen-troubles [data-trouble]')];
  }
}
