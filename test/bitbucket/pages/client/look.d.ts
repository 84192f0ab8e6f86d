export function escapeHtml(text: string | number): string;
export function classNames(variant: string, chrome: string): (part: string) => string;
