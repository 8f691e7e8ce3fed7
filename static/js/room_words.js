/** The words of a room and the small pieces it is built of: every text comes from the page, in the reader's language. */
import { yuan } from "./money.js";

/** Return word(name, values) over the page's words; where prices rise, a word of the same name with `_up` goes first. */
export function wordsOf(template, { up = false } = {}) {
  const words = new Map([...template.content.querySelectorAll("[data-word]")].map((one) => [one.dataset.word, one.textContent]));
  return (name, values = {}) => {
    const text = (up && words.get(`${name}_up`)) || words.get(name);
    return text.replace(/\{(\w+)\}/g, (_, key) => values[key] ?? "");
  };
}

/** Return a copy of the mark that the page keeps for a status, or null. */
export function phaseMark(template, status) {
  return template.content.querySelector(`[data-phase="${status}"]`)?.firstElementChild.cloneNode(true) ?? null;
}

export function labelOf(label, word) {
  return /^\d+号$/.test(label) ? word("label", { number: label.slice(0, -1) }) : label;
}

/** Say a firm: its name once that is public, else its label, marked when it is a robot. */
export function nameOf(label, state, word) {
  if (state.names[label]) return state.names[label];
  return state.robots.includes(label) ? word("robot", { label: labelOf(label, word) }) : labelOf(label, word);
}

export function make(name, { text = "", ...attributes } = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...(text ? [text] : []), ...children);
  return element;
}

export function money(fen) {
  return make("span", { class: "money" }, make("span", { class: "money-sign", text: "¥" }), yuan(fen));
}

export function tag(kind, text) {
  return make("span", { class: `tag tag-${kind}`, text });
}

/** Write a text only where it changes, so that nothing is read out twice. */
export function set(element, text) {
  if (element && element.textContent !== text) element.textContent = text;
}

/** Play the short movement of what is new again. */
export function flash(element) {
  element.classList.remove("is-new");
  void element.offsetWidth;
  element.classList.add("is-new");
}

/** Keep a choice of this reader's on this device; a browser that keeps nothing keeps the default. */
export function kept(name, value) {
  try {
    if (value !== undefined) localStorage.setItem(`room-${name}`, value);
    return localStorage.getItem(`room-${name}`);
  } catch {
    return null;
  }
}
