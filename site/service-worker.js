/* Keeps the start and help pages, and the page that says there is no network, for moments without
   one. What is kept is of one deploy and is changed as a whole: a newer worker waits until no page
   of the older is open. Answers of the API, and pages that show anything personal, are never kept. */

const KEPT = "gelombang-situs-{version}";
const FILES = "{files}";

self.addEventListener("install", (event) => {
  const fresh = FILES.map((path) => new Request(path, { cache: path.endsWith("/") ? "reload" : "default" }));
  event.waitUntil(caches.open(KEPT).then((cache) => cache.addAll(fresh)));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(begin());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (request.mode === "navigate" && pathname.endsWith("/")) event.respondWith(page(event, pathname));
  else if (pathname.startsWith("/aset/") && FILES.includes(pathname)) event.respondWith(keptFirst(request));
});

async function begin() {
  const old = (await caches.keys()).filter((name) => name.startsWith("gelombang-situs-") && name !== KEPT);
  await Promise.all(old.map((name) => caches.delete(name)));
  // The network is asked while the worker starts, which on a slow phone takes a moment.
  if (self.registration.navigationPreload) await self.registration.navigationPreload.enable();
  await self.clients.claim();
}

/** The page from the network; without one what is kept of it, else the page that says so. */
async function page(event, pathname) {
  try {
    return (await event.preloadResponse) || (await fetch(event.request));
  } catch (error) {
    const cache = await caches.open(KEPT);
    const kept = await cache.match(pathname);
    return kept || cache.match(pathname.startsWith("/en/") ? "/en/luring/" : "/luring/");
  }
}

async function keptFirst(request) {
  const cache = await caches.open(KEPT);
  return (await cache.match(request)) || fetch(request);
}
