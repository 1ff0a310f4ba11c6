/* Keeps the page that checks a proof, so that it works without a network once it was open.
   It serves that page's own files, and the small public files of waves that were looked at. */

const KEPT = "gelombang-periksa-{version}";
const FILES = "{files}";
const WAVES = "gelombang-undian";
const SMALL = /^\/undian\/(pins\.json|[1-9]\d*\/(params\.json|roster\.head|beacon\.json|result\.head|void\.note))$/;

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(KEPT).then((cache) => cache.addAll(FILES)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(dropOld().then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const { pathname, origin } = new URL(event.request.url);
  if (event.request.method !== "GET" || origin !== location.origin) return;
  if (pathname.startsWith("/aset/")) event.respondWith(keptFirst(event.request));
  else if (FILES.includes(pathname)) event.respondWith(newestFirst(event.request, KEPT));
  else if (SMALL.test(pathname)) event.respondWith(newestFirst(event.request, WAVES));
});

async function dropOld() {
  const prefix = "gelombang-periksa-";
  const old = (await caches.keys()).filter((name) => name.startsWith(prefix) && name !== KEPT);
  await Promise.all(old.map((name) => caches.delete(name)));
}

async function keptFirst(request) {
  return (await caches.match(request)) || fetch(request);
}

/** The server's answer, kept; what was kept when the server cannot be reached. */
async function newestFirst(request, name) {
  try {
    const answer = await fetch(request);
    if (answer.ok) await (await caches.open(name)).put(request, answer.clone());
    return answer;
  } catch (error) {
    const kept = await caches.match(request);
    if (kept) return kept;
    throw error;
  }
}
