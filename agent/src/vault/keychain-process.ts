// A process of its own for the keychain: on Linux making an entry connects to D-Bus *synchronously*, and a session bus that does
// not answer would stop the whole agent for ever (measured with @napi-rs/keyring 2.1.2). This process can be killed instead.
import { AsyncEntry, findCredentialsAsync } from '@napi-rs/keyring';
import type { KeychainAnswer, KeychainCall, KeychainResult } from './keychain.ts';

async function answer({ service, account, call, secret }: KeychainCall): Promise<KeychainResult> {
  if (call === 'list') return (await findCredentialsAsync(service)).map((found) => found.account);
  // Never the kernel keyring: it is lost at the next boot.
  const entry = new AsyncEntry(service, account, { linux: { store: 'secret-service' } });
  if (call === 'get') return entry.getPassword();
  if (call === 'set') await entry.setPassword(secret);
  else await entry.deleteCredential();
  return null;
}

process.on('message', (call: KeychainCall) => {
  const send = (more: Omit<KeychainAnswer, 'number'>): void => void process.send?.({ number: call.number, ...more });
  answer(call).then(
    (result) => send({ result }),
    (error: unknown) => send({ error: error instanceof Error ? error.message : 'unknown error' }),
  );
});
process.on('disconnect', () => process.exit());
process.send?.({ number: 0, result: null } satisfies KeychainAnswer);
