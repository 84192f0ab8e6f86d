import { ok, type Routes } from '../router.ts';

const padded = (part: string | undefined): string => (part ?? '0').padStart(3, '0');

/** 10.4.3 is build 10004003. */
function buildNumber(version: string): string {
  const [major = '0', minor, patch] = version.split('.');
  return `${major}${padded(minor)}${padded(patch)}`;
}

export const systemRoutes: Routes = {
  'GET /rest/api/latest/application-properties': ({ instance: { version } }) =>
    ok({ version, buildNumber: buildNumber(version), buildDate: '1760000000000', displayName: 'Bitbucket' }),
  'GET /status': () => ok({ state: 'RUNNING' }),
  // Who am I: always 200, text, and empty for the anonymous.
  'GET /plugins/servlet/applinks/whoami': ({ identity }) => ({
    status: 200,
    body: identity.kind === 'anonymous' ? '' : identity.user.name,
    headers: { 'Content-Type': 'text/plain;charset=UTF-8' },
  }),
};
