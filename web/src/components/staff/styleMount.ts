/**
 * Where naive-ui puts its styles. It writes `<style>` elements, which a strict Content-Security-Policy refuses;
 * style sheets made by a script are allowed. This takes the elements it makes and hands their text over as sheets.
 *
 * It has the part of `ParentNode` that naive-ui's style library (css-render) calls, and nothing else.
 */

interface MadeStyle {
  element: HTMLElement;
  sheet: CSSStyleSheet;
}

/** Parts of naive-ui mount these four by themselves into the head, whatever they are told. */
const STUBBORN: Readonly<Record<string, string>> = {
  'vueuc/binder': `.v-binder-follower-container{position:absolute;left:0;right:0;top:0;height:0;pointer-events:none;z-index:auto}
.v-binder-follower-content{position:absolute;z-index:auto}.v-binder-follower-content>*{pointer-events:all}`,
  'vueuc/virtual-list': `.v-vl{max-height:inherit;height:100%;overflow:auto;min-width:1px}
.v-vl:not(.v-vl--show-scrollbar){scrollbar-width:none}
.v-vl:not(.v-vl--show-scrollbar)::-webkit-scrollbar{width:0;height:0;display:none}`,
  'vueuc/overflow': '[v-hidden]{display:none!important}',
  'vueuc/x-scroll': '.v-x-scroll{overflow:auto;scrollbar-width:none}.v-x-scroll::-webkit-scrollbar{width:0;height:0;display:none}',
};

const made = new Map<string, MadeStyle>();

function adopt(element: HTMLElement): void {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(element.textContent ?? '');
  made.set(element.getAttribute('cssr-id') ?? '', { element, sheet });
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}

function mountStubborn(): void {
  for (const [id, text] of Object.entries(STUBBORN)) {
    if (document.head.querySelector(`style[cssr-id="${id}"]`)) continue;
    // Found in the head, an element of this name keeps the library from making its own; outside HTML it is inert.
    const marker = document.createElementNS(null, 'style');
    marker.setAttribute('cssr-id', id);
    document.head.append(marker);
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  }
}

/** For `NConfigProvider`'s `style-mount-target`; absent where sheets cannot be made, then styles go into the head as usual. */
export function styleMountTarget(): ParentNode | undefined {
  if (!('adoptedStyleSheets' in document) || typeof CSSStyleSheet !== 'function' || !('replaceSync' in CSSStyleSheet.prototype)) return undefined;
  mountStubborn();
  const target = {
    querySelector: (selector: string): HTMLElement | null => {
      const id = /^style\[cssr-id="(.*)"\]$/.exec(selector)?.[1];
      return id === undefined ? null : (made.get(id)?.element ?? null);
    },
    appendChild: adopt,
    insertBefore: adopt,
  };
  return target as unknown as ParentNode;
}
