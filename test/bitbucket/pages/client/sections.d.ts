import type { PageState } from '../token-page.ts';
import type { Look } from './rows.js';

export function formSection(look: Look): string;
export function listSection(rows: string, look: Look, page: PageState): string;
export function addSection(look: Look, page: PageState): string;
export function accountSection(look: Look, page: PageState): string;
