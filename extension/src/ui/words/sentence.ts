/** First letter large: messages are written to follow a colon as well. Names of refs and paths, which may begin them, stay as they are. */
export function sentence(text: string): string {
  const start = /^\S*[/._]\S/.test(text) ? text : text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?…]$/.test(start) ? start : `${start}.`;
}
