// What the DOM is to the loader: its pages have no elements of SVG that it looks for, so each is an HTMLElement.

interface ParentNode {
  querySelector<E extends HTMLElement = HTMLElement>(selectors: string): E | null;
  querySelectorAll<E extends HTMLElement = HTMLElement>(selectors: string): NodeListOf<E>;
}

interface Element {
  closest<E extends HTMLElement = HTMLElement>(selectors: string): E | null;
}

interface Performance {
  getEntriesByType(type: "navigation"): PerformanceNavigationTiming[];
}

interface PerformanceNavigationTiming {
  /** Of Chromium alone: https://developer.mozilla.org/en-US/docs/Web/API/PerformanceResourceTiming/deliveryType */
  readonly deliveryType?: string;
}
