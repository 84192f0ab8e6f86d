import { invalid } from '../../errors.ts';
import type { Instance } from '../../instance.ts';
import { userJson } from '../json.ts';
import { word } from '../word.ts';
import { type Fields, isFields, listOf } from './place.ts';

/** Users given as objects: the server knows them by their number, whatever else is written there. */
export function numberedUsers(instance: Instance, body: Fields, field: string): object[] {
  return listOf(body, field).map((entry) => {
    const id = isFields(entry) ? entry['id'] : undefined;
    const user = instance.state.users.find((candidate) => candidate.id === id && candidate.type === 'NORMAL');
    if (user === undefined) throw invalid(field, `There is no user with the id ${word(id)}.`);
    return userJson(instance, user);
  });
}

/** Users given by name. */
export function namedUsers(instance: Instance, body: Fields, field: string): object[] {
  return listOf(body, field).map((name) => {
    const user = typeof name === 'string' ? instance.state.findUser(name) : undefined;
    if (user === undefined) throw invalid(field, `There is no user ${word(name)}.`);
    return userJson(instance, user);
  });
}

/** Groups given by name. */
export function namedGroups({ state }: Instance, body: Fields, field: string): string[] {
  return listOf(body, field).map((name) => {
    const group = state.groups.find((candidate) => candidate.name === name);
    if (group === undefined) throw invalid(field, `There is no group ${word(name)}.`);
    return group.name;
  });
}
