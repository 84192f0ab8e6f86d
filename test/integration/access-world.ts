import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Buckets } from '@gitprotect/agent/credentials/buckets';
import { credentialPool, type Pool } from '@gitprotect/agent/credentials/pool';
import { poolSource } from '@gitprotect/agent/credentials/pool-source';
import { credentialStore, type CredentialStore } from '@gitprotect/agent/credentials/store';
import { type Database, openDatabase } from '@gitprotect/agent/db/database';
import { silentLog } from '@gitprotect/agent/lib/log';
import { projectStore, type ProjectStore } from '@gitprotect/agent/servers/project-store';
import { serverStore, type ServerStore } from '@gitprotect/agent/servers/server-store';
import { openVault, type Vault } from '@gitprotect/agent/vault/vault';
import { Simulator, type SimulatorOptions } from '../bitbucket/simulator.ts';
import { movingClock, type MovingClock } from '../moving-clock.ts';

/** A simulated Bitbucket and the agent's parts that reach it: stores, vault and pool, all real. */
export interface AccessWorld extends AsyncDisposable {
  readonly clock: MovingClock;
  readonly bitbucket: Simulator;
  readonly db: Database;
  readonly vault: Vault;
  readonly servers: ServerStore;
  readonly credentials: CredentialStore;
  readonly projects: ProjectStore;
  readonly pool: Pool;
}

export async function startAccessWorld(options: SimulatorOptions = {}): Promise<AccessWorld> {
  const clock = movingClock();
  const home = mkdtempSync(join(tmpdir(), 'gitprotect-access-'));
  const bitbucket = await Simulator.start({ clock, contextPath: '/bitbucket', ...options });
  const db = openDatabase(':memory:');
  const vault = await openVault({ home, config: { vault: 'key-file', passphrase: null }, clock, log: silentLog });
  const servers = serverStore({ db, clock });
  const buckets = new Buckets();
  const clientOf = (id: string) => servers.clientOf(id);
  const credentials = credentialStore({ db, vault, clock, buckets, clientOf });
  const projects = projectStore({ db, clock, credentials, clientOf });
  const pool = credentialPool({ source: poolSource({ db, vault, clock, clientOf }), buckets, clock, chance: () => 0.5 });
  return {
    clock,
    bitbucket,
    db,
    vault,
    servers,
    credentials,
    projects,
    pool,
    [Symbol.asyncDispose]: async () => {
      await servers[Symbol.asyncDispose]();
      await vault[Symbol.asyncDispose]();
      await db[Symbol.asyncDispose]();
      await bitbucket[Symbol.asyncDispose]();
      rmSync(home, { recursive: true, force: true });
    },
  };
}
