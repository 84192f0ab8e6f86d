import { win32 } from 'node:path';
import { AppError } from '@gitprotect/shared/errors';
import type { Program } from '../command.ts';
import { marker, xml, type Recipe } from './recipe.ts';

const name = 'GitProtect agent';

/**
 * A task of Windows' Task Scheduler that starts at logon.
 * @throws AppError `bad-request` for a path that the command line of Windows would change
 */
export function scheduledTask(program: Program): Recipe {
  const file = win32.join(program.home, 'gitprotect-agent-task.xml');
  return {
    file,
    content: task(program),
    encoding: 'utf16le',
    start: [
      ['schtasks', '/Create', '/TN', name, '/XML', file, '/F'],
      ['schtasks', '/Run', '/TN', name],
    ],
    stop: [
      ['schtasks', '/End', '/TN', name],
      ['schtasks', '/Delete', '/TN', name, '/F'],
    ],
    forget: [],
    notes: [`how it is: schtasks /Query /TN "${name}"`],
  };
}

function task(program: Program): string {
  return `\uFEFF<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Description>${xml(marker)}; "service remove" deletes it. Backs up Bitbucket Data Center.</Description>
  </RegistrationInfo>
  <Triggers>
    <LogonTrigger />
  </Triggers>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <RestartOnFailure>
      <Interval>PT1M</Interval>
      <Count>10</Count>
    </RestartOnFailure>
  </Settings>
  <Actions>
    <Exec>
      <Command>cmd.exe</Command>
      <Arguments>${xml(`/d /s /c "${line(program)}"`)}</Arguments>
    </Exec>
  </Actions>
</Task>
`;
}

/** A task has no environment of its own, so `cmd` sets it. It knows no escape for `%` here, and a path holds no quotation mark. */
function line({ node, bin, home }: Program): string {
  for (const path of [node, bin, home]) {
    if (/[%"!^]/.test(path)) {
      throw new AppError('bad-request', `${path} has a character that the command line of Windows gives a meaning`, {
        remedy: 'choose a path without % " ! and ^',
      });
    }
  }
  return `set "GITPROTECT_HOME=${home}"&& "${node}" "${bin}" start`;
}
