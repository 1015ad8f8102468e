import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ENGINE_UID } from '../../core/agent/engine-user.ts';
import { synthesized } from './synthesized.ts';

type Part = string | object;

/** What each launch template runs at the first start, with REF for what only AWS knows. */
const userData = Object.values(synthesized('dev').findResources('AWS::EC2::LaunchTemplate')).map(
  ({ Properties }) => {
    const parts = Properties.LaunchTemplateData.UserData['Fn::Base64']['Fn::Join'][1] as readonly Part[];
    return parts.map((part) => (typeof part === 'string' ? part : 'REF')).join('');
  },
);

describe('every instance', () => {
  it('has the barrier before it joins the cluster, and its ECS agent does not start without', () => {
    expect(userData.length).toBeGreaterThan(0);
    for (const text of userData) {
      const [barrier, dropIn, join] = [
        text.indexOf('/usr/local/sbin/slackline-metadata-barrier'),
        text.indexOf(
          `printf '[Service]\\nExecStartPre=%s\\n' /usr/local/sbin/slackline-metadata-barrier > /etc/systemd/system/ecs.service.d/`,
        ),
        text.indexOf('ECS_CLUSTER='),
      ];
      expect(barrier).toBeGreaterThan(0);
      expect(dropIn).toBeGreaterThan(barrier);
      expect(text.indexOf('systemctl daemon-reload')).toBeGreaterThan(dropIn);
      expect(join).toBeGreaterThan(dropIn);
    }
  });
});

describe('the barrier', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'slackline-test-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** Runs the script of the user data on an iptables that only keeps rules, one a line, the newest first. */
  function run(options: { readonly broken?: boolean } = {}): number | null {
    const [, script = ''] = /<<'END'\n([\s\S]*?\n)END\n/.exec(userData[0] ?? '') ?? [];
    writeFileSync(join(folder, 'barrier'), script);
    const fake = `#!/bin/sh
program=\${0##*/}; wait=$1; action=$2; shift 3
if [ "$action" = -C ]; then grep -qxF -- "$program $*" "$RULES" 2>/dev/null; exit; fi
${options.broken ? 'exit 4' : ''}
shift; echo "$program $*" >> "$RULES"
`;
    for (const name of ['iptables', 'ip6tables']) writeFileSync(join(folder, name), fake, { mode: 0o755 });
    const env = { PATH: `${folder}:${process.env['PATH']}`, RULES: join(folder, 'rules') };
    return spawnSync('sh', [join(folder, 'barrier')], { env }).status;
  }
  const rules = (): readonly string[] => readFileSync(join(folder, 'rules'), 'utf8').trimEnd().split('\n');

  it('refuses the engine’s user the metadata of instance and Task, once however often it is put up', () => {
    expect([run(), run()]).toEqual([0, 0]);
    const owner = `-m owner --uid-owner ${ENGINE_UID}`;
    const agentPorts = '-p tcp --dport 51678:51679 -j REJECT';
    expect(rules()).toEqual([
      `iptables ${owner} -m conntrack --ctorigdst 169.254.0.0/16 -j REJECT`,
      `iptables ${owner} ${agentPorts}`,
      ...(existsSync('/proc/net/if_inet6')
        ? [
            `ip6tables ${owner} -m conntrack --ctorigdst fd00:ec2::/32 -j REJECT`,
            `ip6tables ${owner} ${agentPorts}`,
          ]
        : []),
    ]);
  });

  it('fails where a rule cannot be set, so that no Task comes to the instance', () => {
    expect(run({ broken: true })).not.toBe(0);
  });
});
