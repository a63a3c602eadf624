// How well the texts of a page stand out from what they stand on, measured in the browser that draws them.
import type { Page } from 'playwright-core';

/** The texts whose contrast with the ground they stand on is below `least`, by the formula of WCAG 2.2. */
export async function faintTexts(page: Page, least: number): Promise<string[]> {
  return page.evaluate((limit) => {
    /* eslint-disable unicorn/consistent-function-scoping -- this runs in the page, where no outer scope is */
    const channels = (color: string): number[] => (color.match(/[\d.]+/g) ?? []).map(Number);
    const luminance = ([r = 0, g = 0, b = 0]: number[]): number => {
      const [x = 0, y = 0, z = 0] = [r, g, b].map((c) =>
        c / 255 <= 0.03928 ? c / 3294.6 : ((c / 255 + 0.055) / 1.055) ** 2.4,
      );
      return 0.2126 * x + 0.7152 * y + 0.0722 * z;
    };
    const groundOf = (node: Element | null): number[] => {
      if (node === null) return [255, 255, 255];
      const color = channels(getComputedStyle(node).backgroundColor);
      return color.length === 4 && color[3] === 0 ? groundOf(node.parentElement) : color;
    };
    return [...document.querySelectorAll('body *')]
      .filter((node) => [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent?.trim() !== ''))
      .filter((node) => {
        const [a, b] = [luminance(channels(getComputedStyle(node).color)), luminance(groundOf(node))];
        return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) < limit;
      })
      .map((node) => node.textContent ?? '');
  }, least);
}
