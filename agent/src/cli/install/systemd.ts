import { posix } from 'node:path';
import type { Program } from '../command.ts';
import { lastingPath, marker, type Recipe } from './recipe.ts';

const name = 'gitprotect-agent.service';

/** A systemd user unit. */
export function systemdUnit(program: Program): Recipe {
  return {
    file: posix.join(program.settingsFolder, 'systemd', 'user', name),
    content: unit(program),
    encoding: 'utf8',
    start: [
      ['systemctl', '--user', 'daemon-reload'],
      ['systemctl', '--user', 'enable', name],
      ['systemctl', '--user', 'restart', name],
    ],
    stop: [['systemctl', '--user', 'disable', '--now', name]],
    forget: [['systemctl', '--user', 'daemon-reload']],
    notes: [
      `how it is: systemctl --user status ${name}; what it says: journalctl --user --unit ${name}`,
      'to keep it running while nobody is logged in: loginctl enable-linger',
    ],
  };
}

/*
 * Only what works in every user manager. Whatever needs a mount namespace or capabilities (ProtectSystem, PrivateTmp, ProtectProc,
 * CapabilityBoundingSet) fails there where unprivileged user namespaces are off; PrivateNetwork and a hidden /proc/net would blind the check
 * of who connects; MemoryDenyWriteExecute ends Node's compiler. AF_UNIX is the session bus of the keychain, AF_NETLINK the resolver's.
 * A wrong passphrase (exit code 12) does not get right by trying again.
 */
function unit(program: Program): string {
  return `# ${marker}; "service remove" deletes it. Changes of yours belong into a drop-in: systemctl --user edit ${name}
[Unit]
Description=GitProtect agent: backups of Bitbucket Data Center
StartLimitIntervalSec=600
StartLimitBurst=10

[Service]
Type=exec
ExecStart=${executable(program.node)} ${argument(program.bin)} start
Environment=${assignment('GITPROTECT_HOME', program.home)}
Environment=${assignment('PATH', lastingPath(program))}
Restart=on-failure
RestartSec=10
RestartPreventExitStatus=12
TimeoutStopSec=30
UMask=0077
LimitCORE=0
NoNewPrivileges=yes
RestrictSUIDSGID=yes
RestrictRealtime=yes
RestrictNamespaces=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
LockPersonality=yes
SystemCallArchitectures=native

[Install]
WantedBy=default.target
`;
}

/** systemd.syntax: in double quotes a backslash escapes; `%` begins a specifier everywhere. */
const quoted = (text: string): string => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%')}"`;

/** systemd.service: no variable is put in for the program itself, so its `$` stays as it is. */
const executable = quoted;

/** systemd.service: `$$` is a dollar sign in what follows the program. */
const argument = (text: string): string => quoted(text.replaceAll('$', '$$$$'));

const assignment = (variable: string, value: string): string => quoted(`${variable}=${value}`);
