/* Addresses of this site's own scripts, for workers: the content policy lets nothing else run. */

const allow = (address) => {
  if (new URL(address, location.href).origin !== location.origin) throw new TypeError("a script from elsewhere");
  return address;
};
const policy = window.trustedTypes ? window.trustedTypes.createPolicy("gelombang", { createScriptURL: allow }) : { createScriptURL: allow };

/** An address that a worker may be started from. */
export function ownScript(address) {
  return policy.createScriptURL(String(address));
}

/** Let a service worker keep pages for moments without a network, once this page is all there. */
export function keepWith(address) {
  if (!navigator.serviceWorker) return;
  const keep = () => navigator.serviceWorker.register(ownScript(address)).catch(() => {});
  if (document.readyState === "complete") keep();
  else window.addEventListener("load", keep);
}
