/* Photos that were chosen and not yet decided: kept on this phone, over reloads and dead spots, until
   the verdict, a log-out, another applicant's log-in, or one day. */

const DATABASE = "gelombang";
const STORE = "photos";
const LIFE = 24 * 3600000;

/** Keep {kind, applicant, blob, doubts, key, stage, photo, at}; `stage` is chosen, sending or sent, `at` when it
    was chosen. Without storage it is only not kept. */
export async function keepPhoto(photo) {
  await work("readwrite", (store) => store.put({ ...photo }));
}

/** The kept photo of a kind, if it is this applicant's and not too old; else null. */
export async function keptPhoto(kind, applicant) {
  const photo = await work("readonly", (store) => store.get(kind));
  if (!photo) return null;
  if (photo.applicant === applicant && Date.now() - photo.at < LIFE) return photo;
  await forgetPhoto(kind);
  return null;
}

/** The kinds of which a photo is kept, whosever it is. */
export async function keptKinds() {
  return (await work("readonly", (store) => store.getAllKeys())) || [];
}

/** Remove the kept photo of a kind. */
export async function forgetPhoto(kind) {
  await work("readwrite", (store) => store.delete(kind));
}

/** Note that a camera or gallery opens over this page, which phones with little memory then close. */
export async function noteLeaving(kind, applicant) {
  await work("readwrite", (store) => store.put({ kind: leaving(kind), applicant, at: Date.now() }));
}

/** The page is still there, or has said what happened. */
export async function forgetLeaving(kind) {
  await forgetPhoto(leaving(kind));
}

/** Whether the page was closed while the camera or gallery was open over it. */
export async function wasClosed(kind, applicant) {
  return Boolean(await keptPhoto(leaving(kind), applicant));
}

/** Remove all kept photos. */
export async function forgetPhotos() {
  await work("readwrite", (store) => store.clear());
}

/** Remove kept photos that are not this applicant's. */
export async function forgetPhotosOfOthers(applicant) {
  for (const kind of ["ktp", "selfie"]) {
    await keptPhoto(kind, applicant);
    await keptPhoto(leaving(kind), applicant);
  }
}

function leaving(kind) {
  return `leaving.${kind}`;
}

async function work(mode, act) {
  let database;
  try {
    database = await opened();
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(STORE, mode);
      const request = act(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error);
    });
  } catch (error) {
    return null;
  } finally {
    if (database) database.close();
  }
}

function opened() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "kind" });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new Error("blocked"));
  });
}
