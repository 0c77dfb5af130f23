/**
 * Plays an HLS playlist in a video element and says how it goes. hls.js is fetched only when there is something to play.
 *
 *   const stream = useStream(video, () => session.stream_url);
 *   stream.state.value      // 'none' | 'loading' | 'playing' | 'stalled' | 'failed' | 'blocked'
 *   stream.retry()
 *
 * hls.js comes first where it works: new Chromium says it can play HLS by itself and then fails on some streams.
 */
import { onScopeDispose, ref, toValue, watch, type MaybeRefOrGetter, type Ref } from 'vue';
import type HlsPlayer from 'hls.js/light';

/** `blocked`: the browser wants a press before it plays. `failed`: tried again by itself after a while. */
export type StreamState = 'none' | 'loading' | 'playing' | 'stalled' | 'failed' | 'blocked';

/** A picture that stands for so long is said to stand. */
const STALL_MS = 3_000;
const RETRY_FIRST_MS = 4_000;
const RETRY_LONGEST_MS = 30_000;

export function useStream(
  video: Readonly<Ref<HTMLVideoElement | null>>,
  url: MaybeRefOrGetter<string>,
): { state: Ref<StreamState>; retry: () => void; play: () => void } {
  const state = ref<StreamState>('none');
  let player: HlsPlayer | null = null;
  let run = 0;
  let failures = 0;
  let mediaRecovered = false;
  let stallTimer: ReturnType<typeof setTimeout> | undefined;
  let retryTimer: ReturnType<typeof setTimeout> | undefined;

  function stop(): void {
    run += 1;
    clearTimeout(stallTimer);
    clearTimeout(retryTimer);
    player?.destroy();
    player = null;
    const element = video.value;
    if (element?.getAttribute('src')) {
      element.removeAttribute('src');
      element.load();
    }
  }

  function fail(): void {
    stop();
    state.value = 'failed';
    retryTimer = setTimeout(() => void start(), Math.min(RETRY_LONGEST_MS, RETRY_FIRST_MS * 2 ** failures));
    failures += 1;
  }

  async function start(): Promise<void> {
    stop();
    const element = video.value;
    const source = toValue(url);
    if (!element || !source) {
      state.value = 'none';
      return;
    }
    const mine = run;
    if (state.value !== 'failed') state.value = 'loading';
    const Hls = await import('hls.js/light').then((module) => module.default).catch(() => null);
    if (mine !== run) return;
    if (Hls?.isSupported()) {
      // A worker of its own would need a script from a blob, which a strict Content-Security-Policy forbids.
      player = new Hls({ enableWorker: false, liveSyncDurationCount: 3, backBufferLength: 30 });
      player.on(Hls.Events.ERROR, (_event, error) => {
        if (!error.fatal) return;
        if (error.type === Hls.ErrorTypes.MEDIA_ERROR && !mediaRecovered) {
          mediaRecovered = true;
          player?.recoverMediaError();
        } else fail();
      });
      player.loadSource(source);
      player.attachMedia(element);
    } else if (element.canPlayType('application/vnd.apple.mpegurl')) {
      element.src = source;
    } else {
      fail();
      return;
    }
    play();
  }

  function play(): void {
    video.value?.play().catch((thrown: unknown) => {
      if (thrown instanceof DOMException && thrown.name === 'NotAllowedError') state.value = 'blocked';
    });
  }

  function onPlaying(): void {
    clearTimeout(stallTimer);
    failures = 0;
    mediaRecovered = false;
    state.value = 'playing';
  }
  function onWaiting(): void {
    clearTimeout(stallTimer);
    stallTimer = setTimeout(() => {
      if (state.value === 'playing') state.value = 'stalled';
    }, STALL_MS);
  }
  /** hls.js reports its own errors. */
  function onNativeError(): void {
    if (!player && video.value?.getAttribute('src')) fail();
  }

  watch(
    video,
    (element, before) => {
      before?.removeEventListener('playing', onPlaying);
      before?.removeEventListener('waiting', onWaiting);
      before?.removeEventListener('error', onNativeError);
      element?.addEventListener('playing', onPlaying);
      element?.addEventListener('waiting', onWaiting);
      element?.addEventListener('error', onNativeError);
    },
    { flush: 'post', immediate: true },
  );
  watch([video, () => toValue(url)], () => void start(), { flush: 'post', immediate: true });
  onScopeDispose(stop);
  return { state, retry: () => void start(), play };
}
