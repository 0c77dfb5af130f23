/**
 * Dragging the rows of a list by a grip, with a finger as well as with a mouse.
 *
 *   const { dragging, grab } = useRowDrag({ rows: () => elements, move: (from, to) => … });
 *   <RowMover @grab="(event) => grab(index, event)" />
 */
import { onScopeDispose, ref, type Ref } from 'vue';

export interface RowDragOptions {
  /** Elements of the rows, in order, as they are now. */
  rows: () => HTMLElement[];
  move: (from: number, to: number) => void;
}

/** Which place a row dragged to `y` takes: that of the row whose middle it has passed. */
export function placeAt(middles: readonly number[], from: number, y: number): number {
  let to = from;
  while (to < middles.length - 1 && y > middles[to + 1]!) to += 1;
  while (to > 0 && y < middles[to - 1]!) to -= 1;
  return to;
}

export function useRowDrag({ rows, move }: RowDragOptions): { dragging: Ref<number | undefined>; grab: (index: number, event: PointerEvent) => void } {
  const dragging = ref<number>();
  let release: (() => void) | undefined;

  function grab(index: number, event: PointerEvent): void {
    if (event.button !== 0) return;
    dragging.value = index;
    const follow = (at: PointerEvent): void => {
      if (dragging.value === undefined) return;
      const middles = rows().map((row) => {
        const box = row.getBoundingClientRect();
        return box.top + box.height / 2;
      });
      const to = placeAt(middles, dragging.value, at.clientY);
      if (to === dragging.value) return;
      move(dragging.value, to);
      dragging.value = to;
    };
    const stop = (): void => release?.();
    release = () => {
      dragging.value = undefined;
      window.removeEventListener('pointermove', follow);
      window.removeEventListener('pointerup', stop);
      window.removeEventListener('pointercancel', stop);
    };
    window.addEventListener('pointermove', follow);
    window.addEventListener('pointerup', stop);
    window.addEventListener('pointercancel', stop);
  }

  onScopeDispose(() => release?.());
  return { dragging, grab };
}
