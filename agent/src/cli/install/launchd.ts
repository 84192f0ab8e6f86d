import { posix } from 'node:path';
import type { Program } from '../command.ts';
import { lastingPath, marker, xml, type Recipe } from './recipe.ts';

const label = 'dev.gitprotect.agent';

/** A launch agent of macOS, of the user with the number `uid`. */
export function launchAgent(program: Program, uid: number): Recipe {
  const file = posix.join(program.settingsFolder, 'LaunchAgents', `${label}.plist`);
  return {
    file,
    content: plist(program),
    encoding: 'utf8',
    start: [
      ['launchctl', 'enable', `gui/${uid}/${label}`],
      ['launchctl', 'bootstrap', `gui/${uid}`, file],
    ],
    stop: [['launchctl', 'bootout', `gui/${uid}/${label}`]],
    forget: [],
    notes: [`how it is: launchctl print gui/${uid}/${label}`],
  };
}

/** `Umask` is 077, as a decimal number. */
function plist(program: Program): string {
  const { node, bin, home } = program;
  return `<?xml version="1.0" encoding="UTF-8"?>
<!-- ${marker}; "service remove" deletes it. -->
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>${label}</string>
  <key>ProgramArguments</key>
  <array>
    <string>${xml(node)}</string>
    <string>${xml(bin)}</string>
    <string>start</string>
  </array>
  <key>EnvironmentVariables</key>
  <dict>
    <key>GITPROTECT_HOME</key>
    <string>${xml(home)}</string>
    <key>PATH</key>
    <string>${xml(lastingPath(program))}</string>
  </dict>
  <key>RunAtLoad</key>
  <true/>
  <key>KeepAlive</key>
  <dict>
    <key>SuccessfulExit</key>
    <false/>
  </dict>
  <key>ThrottleInterval</key>
  <integer>30</integer>
  <key>Umask</key>
  <integer>63</integer>
</dict>
</plist>
`;
}
