/**
 * Style sheets of parts that load later, brought again when a bad line lost them.
 *
 * The build's loader asks for each style sheet once: one that was lost in a tunnel would leave its part without style for
 * as long as the page lives. Code that was lost is asked for again by whoever needs it.
 */
const RETRY_FIRST_MS = 1_000;
const RETRY_LONGEST_MS = 30_000;

/** Called once, before any part loads. */
export function bringLostStyles(): void {
  window.addEventListener('vite:preloadError', (event) => {
    const href = hrefOf(event.payload.message);
    if (!href) return;
    // The part appears at once and gets its style when it arrives.
    event.preventDefault();
    bring(href, RETRY_FIRST_MS);
  });
}

/** The style sheet a message of the loader speaks of, or null when it speaks of code. */
export function hrefOf(message: string): string | null {
  return /CSS for (\S+\.css)/.exec(message)?.[1] ?? null;
}

function bring(href: string, wait_ms: number): void {
  setTimeout(() => {
    const link = document.createElement('link');
    link.rel = 'stylesheet';
    link.href = href;
    link.onerror = () => {
      link.remove();
      bring(href, Math.min(RETRY_LONGEST_MS, 2 * wait_ms));
    };
    document.head.append(link);
  }, wait_ms);
}
