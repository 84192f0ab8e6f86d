/**
 * The ids of the attachments that a pull request's texts point to. There is no list of them: the page writes `attachment:7/12` (repo and
 * attachment) into the text, and shows it as an address that ends in `/attachments/12`.
 */
export function attachmentIds(value: unknown): Set<string> {
  const found = new Set<string>();
  const pending: unknown[] = [value];
  while (pending.length > 0) {
    const one = pending.pop();
    if (typeof one === 'string')
      for (const [, id = ''] of one.matchAll(/(?:\battachment:\d+\/|\/attachments\/)([\w.%-]{1,100})/g)) found.add(id);
    else if (typeof one === 'object' && one !== null)
      for (const [name, part] of Object.entries(one)) if (typeof part === 'object' || texts.has(name)) pending.push(part);
  }
  return found;
}

const texts = new Set(['text', 'description']);
