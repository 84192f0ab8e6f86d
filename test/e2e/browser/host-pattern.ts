/** The match pattern an extension asks for to work on `origin`: without the port, with one Firefox would match nothing. */
export function hostPattern(origin: string): string {
  const { protocol, hostname } = new URL(origin);
  return `${protocol}//${hostname}/*`;
}
