/**
 * What a page costs while it runs: long tasks, frames, heap and elements, read from the page itself and from the browser.
 *
 *   const meter = await Meter.attach(seat, { slowdown: 4 });    // before the page is opened
 *   const figures = await meter.during(() => pause(30_000));
 */
import type { CDPSession } from 'playwright-core';
import type { Seat } from '../harness/browser.ts';

export interface Figures {
  seconds: number;
  /** Tasks of the main thread over 50 ms, as the browser reports them; those over 100 ms; the longest. */
  longTasks: number;
  over100: number;
  longest_ms: number;
  fps: number;
  /** 95 of 100 frames came sooner after the one before; the longest. */
  frameP95_ms: number;
  frameMax_ms: number;
  /**
   * Parts of the time the main thread worked at all, ran scripts, found styles, laid out. The meter's own frames are in the
   * first: it asks for sixty a second where the page alone would draw nothing.
   */
  busy: number;
  scripts: number;
  style: number;
  layout: number;
}

/** After a garbage collection. */
export interface Weight {
  heap_MiB: number;
  /** Nodes of all documents that are still referred to, detached ones included. */
  nodes: number;
  /** Elements in the page. */
  elements: number;
  listeners: number;
}

/** Put into the page before its own scripts. */
function probe(): void {
  const at = { longTasks: [] as { start_ms: number; ms: number }[], frames: [] as number[], counting: false };
  Object.assign(window, { probe: at });
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) at.longTasks.push({ start_ms: startTime, ms: duration });
  }).observe({ type: 'longtask', buffered: true });
  let last_ms = 0;
  const frame = (now_ms: number): void => {
    if (at.counting && last_ms > 0) at.frames.push(now_ms - last_ms);
    last_ms = now_ms;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}
type Probe = { probe: { longTasks: { start_ms: number; ms: number }[]; frames: number[]; counting: boolean } };

const round = (value: number, digits = 1): number => Number(value.toFixed(digits));

export class Meter {
  readonly #seat: Seat;
  readonly #line: CDPSession;
  readonly #slowdown: number;

  private constructor(seat: Seat, line: CDPSession, slowdown: number) {
    this.#seat = seat;
    this.#line = line;
    this.#slowdown = slowdown;
  }

  static async attach(seat: Seat, { slowdown = 1 }: { slowdown?: number } = {}): Promise<Meter> {
    const line = await seat.context.newCDPSession(seat.page);
    await line.send('Performance.enable');
    await line.send('HeapProfiler.enable');
    await seat.page.addInitScript(probe);
    const meter = new Meter(seat, line, slowdown);
    await meter.slow(slowdown);
    return meter;
  }

  async slow(rate: number): Promise<void> {
    await this.#line.send('Emulation.setCPUThrottlingRate', { rate });
  }

  async #metrics(): Promise<Readonly<Record<string, number>>> {
    const { metrics } = await this.#line.send('Performance.getMetrics');
    return Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
  }

  async during(act: () => Promise<unknown>): Promise<Figures> {
    const { page } = this.#seat;
    const from_ms = await page.evaluate(() => {
      const { probe } = window as unknown as Probe;
      probe.frames = [];
      probe.counting = true;
      return performance.now();
    });
    const before = await this.#metrics();
    await act();
    const after = await this.#metrics();
    const { to_ms, longTasks, frames } = await page.evaluate((from) => {
      const { probe } = window as unknown as Probe;
      probe.counting = false;
      return { to_ms: performance.now(), frames: probe.frames, longTasks: probe.longTasks.filter(({ start_ms }) => start_ms >= from).map(({ ms }) => ms) };
    }, from_ms);
    frames.sort((a, b) => a - b);
    const spent = (name: string): number => (after[name] ?? 0) - (before[name] ?? 0);
    const seconds = (to_ms - from_ms) / 1_000;
    const measured = spent('Timestamp');
    return {
      seconds: round(seconds),
      longTasks: longTasks.length,
      over100: longTasks.filter((ms) => ms > 100).length,
      longest_ms: Math.max(0, ...longTasks),
      fps: round(frames.length / seconds),
      frameP95_ms: round(frames[Math.floor(frames.length * 0.95)] ?? 0),
      frameMax_ms: round(frames.at(-1) ?? 0),
      busy: round(spent('TaskDuration') / measured, 2),
      scripts: round(spent('ScriptDuration') / measured, 2),
      style: round(spent('RecalcStyleDuration') / measured, 2),
      layout: round(spent('LayoutDuration') / measured, 2),
    };
  }

  async weigh(): Promise<Weight> {
    // Twice: what the first frees may have held more. Unslowed, or it alone takes seconds.
    await this.slow(1);
    for (let n = 0; n < 2; n += 1) await this.#line.send('HeapProfiler.collectGarbage');
    const { JSHeapUsedSize = 0, Nodes = 0, JSEventListeners = 0 } = await this.#metrics();
    const elements = await this.#seat.page.evaluate(() => document.querySelectorAll('*').length);
    await this.slow(this.#slowdown);
    return { heap_MiB: round(JSHeapUsedSize / 1_048_576, 2), nodes: Nodes, elements, listeners: JSEventListeners };
  }
}
