/** A handler that only a person can set off: what a script of the page dispatches is not trusted by the browser, nor by us. */
export function trusted(act: () => void): (event: Event) => void {
  return (event) => {
    if (event.isTrusted) act();
  };
}
