import type { PairedAgent } from '@gitprotect/shared/channel-client';

const store = 'pairing';
const only = 'agent';

function open(): Promise<IDBDatabase> {
  const { promise, resolve, reject } = Promise.withResolvers<IDBDatabase>();
  const request = indexedDB.open('gitprotect', 1);
  request.addEventListener('upgradeneeded', () => request.result.createObjectStore(store));
  request.addEventListener('success', () => resolve(request.result));
  request.addEventListener('error', () => reject(request.error ?? new Error('IndexedDB did not open')));
  return promise;
}

async function inStore<T>(mode: IDBTransactionMode, act: (objects: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const database = await open();
  try {
    const transaction = database.transaction(store, mode);
    const request = act(transaction.objectStore(store));
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    transaction.addEventListener('complete', () => resolve(request.result));
    transaction.addEventListener('abort', () => reject(transaction.error ?? new Error('IndexedDB gave up')));
    return await promise;
  } finally {
    database.close();
  }
}

/** IndexedDB and not `storage.local`: it alone can hold a non-extractable key, and no content script sees it. */
export const keyStore = {
  async read(): Promise<PairedAgent | null> {
    const found: PairedAgent | undefined = await inStore('readonly', (objects) => objects.get(only));
    return found ?? null;
  },
  async write(agent: PairedAgent): Promise<void> {
    await inStore('readwrite', (objects) => objects.put(agent, only));
  },
  async clear(): Promise<void> {
    await inStore('readwrite', (objects) => objects.delete(only));
  },
};
export type KeyStore = typeof keyStore;
