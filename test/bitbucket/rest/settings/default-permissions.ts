import { invalid } from '../../errors.ts';
import { admin } from '../../permissions.ts';
import { type Call, noContent, ok, type Routes } from '../../router.ts';
import { requireProject, requireUser } from '../access.ts';
import { at, kept } from './place.ts';

const name = 'default-permissions';
const permissions = ['PROJECT_READ', 'PROJECT_WRITE', 'PROJECT_ADMIN', 'REPO_CREATE'];

function asked(call: Call) {
  requireUser(call);
  const project = requireProject(call, admin);
  const permission = call.params['permission'] ?? '';
  if (!permissions.includes(permission)) throw invalid('permission', `Unknown permission: ${permission}`);
  return { project, permission };
}

const path = at('/api/latest', 'project', '/permissions/{permission}/all');

/** What everybody may do in a project. */
export const defaultPermissionRoutes: Routes = {
  [`GET ${path}`]: (call) => {
    const { project, permission } = asked(call);
    return ok({ permitted: kept(project, name).some((granted) => granted['permission'] === permission) });
  },
  [`POST ${path}`]: (call) => {
    const { project, permission } = asked(call);
    const allow = call.query.get('allow');
    if (allow !== 'true' && allow !== 'false') throw invalid('allow', 'The query parameter allow must be true or false.');
    const others = kept(project, name).filter((granted) => granted['permission'] !== permission);
    project.settings.set(name, [...others, ...(allow === 'true' ? [{ permission }] : [])]);
    return noContent();
  },
};
