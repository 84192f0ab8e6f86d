import { react, takeBack } from '../../comments.ts';
import type { Place } from '../../comments.ts';
import { invalid } from '../../errors.ts';
import { type Call, noContent, ok } from '../../router.ts';
import { userJson } from '../json.ts';
import { doingIn, viewerOf } from './access.ts';
import { commentJson, emoticonJson } from './comment-json.ts';
import { requireComment } from './discussion.ts';

function emoticonOf({ params }: Call): string {
  const name = params['emoticon'] ?? '';
  if (/^[a-z0-9_+-]+$/.test(name)) return name;
  throw invalid('emoticon', `Unknown emoticon: ${name}`);
}

/** Always one's own reaction. */
export function putReaction(call: Call, place: Place) {
  const { user } = doingIn(call, place.repo);
  const [comment, emoticon] = [requireComment(call, place), emoticonOf(call)];
  react(comment, user, emoticon);
  return ok({
    comment: commentJson(viewerOf(call, place.repo), comment),
    emoticon: emoticonJson(call.instance, emoticon),
    user: userJson(call.instance, user),
  });
}

export function deleteReaction(call: Call, place: Place) {
  const { user } = doingIn(call, place.repo);
  takeBack(requireComment(call, place), user, emoticonOf(call));
  return noContent();
}
