// Keeps a copy of the whole edition after the first visit, so that it opens without a network.
"use strict";

// NAME and FILES come before this.
self.addEventListener("install", (event) => event.waitUntil(copy()));
self.addEventListener("activate", (event) => event.waitUntil(forgetOthers()));
self.addEventListener("fetch", (event) => {
  const { origin, pathname } = new URL(event.request.url);
  if (event.request.method === "GET" && origin === location.origin)
    event.respondWith(fromCopy(event.request, pathname));
});

async function copy() {
  const cache = await caches.open(NAME);
  await cache.addAll(FILES);
  await self.skipWaiting();
}

// An earlier edition of this folder; other folders of the host keep theirs.
async function forgetOthers() {
  const mine = NAME.slice(0, NAME.lastIndexOf("-"));
  const old = (await caches.keys()).filter((name) => name.startsWith(`${mine}-`) && name !== NAME);
  await Promise.all(old.map((name) => caches.delete(name)));
  await self.clients.claim();
}

async function fromCopy(request, pathname) {
  const cache = await caches.open(NAME);
  const path = pathname.endsWith("/") ? `${pathname}index.html` : pathname;
  return (await cache.match(path)) ?? fetch(request);
}
