/** The key an SSH server shows, for a person to compare before it is pinned: `SHA256:…`. Nothing is said to it, and nobody logs in. */
export async function hostKey(address: { host: string; port: number; user: string }, signal: AbortSignal): Promise<string> {
  const { hostKeyOf } = await import('../storage/sftp-session.ts');
  return hostKeyOf({ ...address, folder: '/' }, signal);
}
