import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from './free-port.ts';

const run = promisify(execFile);
/** Debian's packages with the programs that are started, and where those lie. */
export const radosgwPrograms = {
  'ceph-mon': '/usr/bin/ceph-mon',
  'ceph-osd': '/usr/bin/ceph-osd',
  'ceph-common': '/usr/bin/ceph',
  radosgw: '/usr/bin/radosgw',
};

/** A real S3 server on loopback, with one user. */
export interface Radosgw extends AsyncDisposable {
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/**
 * Starts Ceph with one monitor, one store in memory and its S3 gateway, about ten seconds. All processes are children in the foreground, so they end
 * with this one.
 */
export async function startRadosgw(): Promise<Radosgw> {
  const folder = mkdtempSync(join(tmpdir(), 'gitprotect-ceph-'));
  const [monitor, gateway] = [await freePort(), await freePort()];
  const user = { accessKeyId: 'ACCESSKEY', secretAccessKey: 'CANARY-s3-secret' };
  const conf = join(folder, 'ceph.conf');
  const keyring = join(folder, 'keyring');
  const fsid = crypto.randomUUID();
  for (const name of ['mon', 'osd', 'run']) mkdirSync(join(folder, name));
  writeFileSync(conf, configuration({ folder, fsid, monitor, gateway }));
  const children: ChildProcess[] = [];
  const daemon = (program: string, ...args: string[]): void => {
    children.push(spawn(program, ['-c', conf, '-f', ...args], { stdio: 'ignore' }));
  };
  const ceph = (...args: string[]) => run('ceph', ['-c', conf, ...args], { timeout: 20_000 });
  const stop = async (): Promise<void> => {
    for (const child of children) if (child.exitCode === null && child.kill('SIGKILL')) await once(child, 'exit');
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const all = ['--cap', 'mon', 'allow *', '--cap', 'osd', 'allow *', '--cap', 'mgr', 'allow *'];
    await run('ceph-authtool', ['--create-keyring', keyring, '--gen-key', '-n', 'mon.', '--cap', 'mon', 'allow *']);
    for (const name of ['client.admin', 'client.rgw.a', 'osd.0']) await run('ceph-authtool', [keyring, '--gen-key', '-n', name, ...all]);
    const map = join(folder, 'monmap');
    await run('monmaptool', ['--create', '--fsid', fsid, '--addv', 'a', `[v2:127.0.0.1:${monitor}]`, map]);
    await run('ceph-mon', ['-c', conf, '--mkfs', '-i', 'a', '--monmap', map, '--keyring', keyring]);
    daemon('ceph-mon', '-i', 'a');
    await ceph('auth', 'import', '-i', keyring);
    const osd = crypto.randomUUID();
    await ceph('osd', 'new', osd, '0');
    await run('ceph-osd', ['-c', conf, '-i', '0', '--mkfs', '--osd-uuid', osd]);
    daemon('ceph-osd', '-i', '0');
    daemon('radosgw', '-n', 'client.rgw.a');
    const endpoint = `http://127.0.0.1:${gateway}`;
    await answers(endpoint);
    const keys = ['--access-key', user.accessKeyId, '--secret', user.secretAccessKey];
    await run('radosgw-admin', ['-c', conf, '-n', 'client.rgw.a', 'user', 'create', '--uid=t', '--display-name=t', ...keys]);
    return { endpoint, ...user, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function configuration({ folder, fsid, monitor, gateway }: { folder: string; fsid: string; monitor: number; gateway: number }): string {
  return `[global]
fsid = ${fsid}
mon_host = [v2:127.0.0.1:${monitor}]
keyring = ${folder}/keyring
run_dir = ${folder}/run
log_file = ${folder}/$name.log
admin_socket = ${folder}/run/$name.asok
pid_file = ${folder}/run/$name.pid
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_crush_chooseleaf_type = 0
mon_allow_pool_size_one = true
osd_pool_default_pg_num = 2
osd_pool_default_pgp_num = 2
osd_pool_default_pg_autoscale_mode = off
osd_objectstore = memstore
memstore_device_bytes = 2147483648
ms_bind_ipv6 = false
public_addr = 127.0.0.1
mon_max_pg_per_osd = 1000
auth_allow_insecure_global_id_reclaim = true
[mon.a]
mon_data = ${folder}/mon
[osd.0]
osd_data = ${folder}/osd
[client.rgw.a]
rgw_frontends = beast endpoint=127.0.0.1:${gateway}
rgw_data = ${folder}/run
`;
}

async function answers(url: string): Promise<void> {
  for (let tries = 0; tries < 240; tries += 1) {
    if (
      await fetch(url).then(
        (answer) => answer.ok,
        () => false,
      )
    )
      return;
    await delay(250);
  }
  throw new Error('radosgw did not start');
}
