/** The light build of hls.js has the interface of the full one; the package carries its types only there. */
declare module 'hls.js/light' {
  export { default } from 'hls.js';
}
