import { logIn } from '../auth.ts';
import { jsonBody, type Routes } from '../router.ts';

/** The login form of 10.x posts JSON; two-step verification is off here. */
export const loginRoutes: Routes = {
  'POST /rest/tsv/latest/authenticate': async (call) => {
    const { username, password, targetUrl } = await jsonBody(call);
    const { state, contextPath } = call.instance;
    const cookie = logIn(state, String(username), String(password), contextPath || '/');
    if (cookie === undefined) return { status: 401, body: { captchaRequired: false, message: 'Invalid username or password.' } };
    const next = typeof targetUrl === 'string' && targetUrl !== '' ? targetUrl : `${contextPath}/projects`;
    return { status: 200, body: { next }, headers: { 'Set-Cookie': cookie } };
  },
};
