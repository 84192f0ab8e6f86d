import { parseArgs } from 'node:util';
import { Control } from './control.ts';
import { sampleWorld } from './sample-world.ts';
import { Simulator } from './simulator.ts';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '7990' },
    'control-port': { type: 'string', default: '7991' },
    context: { type: 'string', default: '' },
    version: { type: 'string', default: '10.4.3' },
    limit: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  console.log('npm run sim -- [--port 7990] [--control-port 7991] [--context /bitbucket] [--version 10.4.3] [--limit]');
  process.exit(0);
}

const simulator = await Simulator.start({
  port: Number(values.port),
  contextPath: values.context,
  version: values.version,
  rateLimit: { enabled: values.limit },
});
const control = await Control.start(simulator, Number(values['control-port']));
const world = await sampleWorld(simulator);

const users = [world.admin, world.alice, world.bob].map((user) => `  ${user.name.padEnd(8)} password ${user.password}`);
const tokens = world.tokens.map(
  (token) => `  ${`${token.scope.kind} ${token.scope.target.name}`.padEnd(24)} ${token.name.padEnd(10)} ${token.secret}`,
);
const repos = world.repos.map((repo) => `  ${simulator.url}/scm/${repo.project.key.toLowerCase()}/${repo.slug}.git`);

console.log(`Bitbucket ${values.version} (simulated)  ${simulator.url}
Its tokens page                ${simulator.url}/plugins/servlet/access-tokens/manage
Faults, limits and page styles ${control.url}

Users
${users.join('\n')}
Tokens
${tokens.join('\n')}
Repositories
${repos.join('\n')}

Ctrl+C stops it and removes what it made.`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    void Promise.all([control[Symbol.asyncDispose](), simulator[Symbol.asyncDispose]()]);
  });
}
