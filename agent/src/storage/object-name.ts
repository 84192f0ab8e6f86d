import { AppError } from '@gitprotect/shared/errors';

/** One part: ASCII, no leading or trailing dot, so it can be neither `..` nor hidden nor changed by any file system. */
const partPattern = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,78}[A-Za-z0-9_-])?$/;

/** Names that Windows gives to devices, whatever follows the dot. */
const devicePattern = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;

const longestName = 400;

/** Whether `name` can be an object's name in every storage: parts of at most 80 characters, divided by `/`. */
export function isObjectName(name: string): boolean {
  return name.length <= longestName && name.split('/').every((part) => partPattern.test(part) && !devicePattern.test(part));
}

/** @throws AppError `internal` for a name that is no object's: names are made by `layout.ts`, so a bad one is a defect of ours */
export function checkName(name: string): void {
  if (!isObjectName(name)) throw new AppError('internal', `${JSON.stringify(name)} cannot be the name of an object in storage`);
}
