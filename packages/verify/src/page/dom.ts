// Elements of the page, made of text alone: nothing that is checked can become markup.

import { printable } from '../verdict.ts';

export type Child = Node | string | null;

/** An element with attributes and children; a null is left out. */
export function el<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Readonly<Record<string, string>>,
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** A template with its {names} filled in: a number or word apart from the direction of what stands around it. */
export function fill(template: string, values: Readonly<Record<string, string | Node>>): Node {
  const filled = document.createDocumentFragment();
  template.split(/\{(\w+)\}/).forEach((part, i) => {
    const value = i % 2 === 0 ? part : (values[part] ?? `{${part}}`);
    filled.append(i % 2 === 0 ? part : el('bdi', {}, value));
  });
  return filled;
}

/** A hash, path or code: left to right, whatever stands around it. Control and direction marks in it become visible. */
export function literal(text: string): HTMLElement {
  return el('bdi', { class: 'literal', dir: 'ltr' }, printable(text));
}
