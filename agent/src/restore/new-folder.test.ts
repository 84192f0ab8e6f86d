import { mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { newFolder } from './new-folder.ts';

const place = (): string => mkdtempSync(join(tmpdir(), 'gitprotect-folder-'));
const fill = async (dir: string): Promise<string> => {
  writeFileSync(join(dir, 'file'), 'x');
  return 'filled';
};

const fails = async (dir: string): Promise<never> => {
  await fill(dir);
  throw new Error('cut');
};

describe('a new folder', () => {
  test('appears with what was put in, and its parents with it', async () => {
    const folder = join(place(), 'deep', 'new');
    expect(await newFolder(folder, fill)).toBe('filled');
    expect(readFileSync(join(folder, 'file'), 'utf8')).toBe('x');
    expect(readdirSync(join(folder, '..'))).toEqual(['new']);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  });

  test('may be there when it is empty, and keeps its mode', async () => {
    const folder = join(place(), 'empty');
    mkdirSync(folder, { mode: 0o750 });
    await newFolder(folder, fill);
    expect(readdirSync(folder)).toEqual(['file']);
    expect(statSync(folder).mode & 0o777).toBe(0o750);
  });

  test('is refused where something is, which stays as it was', async () => {
    const parent = place();
    writeFileSync(join(parent, 'theirs'), 'theirs');
    const refused = { code: 'folder-not-empty' };
    await expect(newFolder(parent, fill)).rejects.toMatchObject(refused);
    await expect(newFolder(join(parent, 'theirs'), fill)).rejects.toMatchObject(refused);
    expect(readdirSync(parent)).toEqual(['theirs']);
  });

  test('does not run over what somebody puts there meanwhile', async () => {
    const parent = place();
    const folder = join(parent, 'new');
    const meanwhile = async (dir: string): Promise<void> => {
      await fill(dir);
      mkdirSync(folder);
      writeFileSync(join(folder, 'theirs'), 'theirs');
    };
    await expect(newFolder(folder, meanwhile)).rejects.toMatchObject({ code: 'folder-not-empty' });
    expect(readdirSync(parent)).toEqual(['new']);
    expect(readdirSync(folder)).toEqual(['theirs']);
  });

  test('leaves nothing when filling it fails', async () => {
    const parent = place();
    await expect(newFolder(join(parent, 'new'), fails)).rejects.toThrow('cut');
    expect(readdirSync(parent)).toEqual([]);
  });
});
