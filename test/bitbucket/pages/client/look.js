const entities = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Text made safe for an element's content or a quoted attribute. */
export const escapeHtml = (text) => String(text).replaceAll(/[&<>"']/g, (character) => entities[character]);

/** Class names of one variant: telling in the old chrome, hashed (FNV-1a) in the others, so that none can be relied on. */
export const classNames = (variant, chrome) => (part) => {
  if (chrome === 'classic') return `access-token-${part}`;
  let hash = 0x811c9dc5;
  for (const character of variant + part) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193) >>> 0;
  return `css-${hash.toString(36)}`;
};
