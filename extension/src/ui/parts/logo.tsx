/** The product's sign; its name stands beside it. */
export function Logo() {
  return <img class="logo" src="/icon/icon.svg" alt="" width={20} height={20} />;
}
