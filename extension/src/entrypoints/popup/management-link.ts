/** The address of a place in the management page, for links that open it in a tab. */
export function managementLink(route: string): string {
  return `management.html#/${route}`;
}
