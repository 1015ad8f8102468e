const SCRIPT = '/usr/local/sbin/slackline-metadata-barrier';
/** A part of the unit that starts the ECS agent, which waits for the end of the user data. */
const DROP_IN = '/etc/systemd/system/ecs.service.d/metadata-barrier.conf';
/** Of the ECS agent on the instance itself: what runs on it, and credentials and metadata of Tasks. */
const AGENT_PORTS = '51678:51679';

/**
 * Commands for an instance that keep one user's processes, in containers on the host's network too, from the metadata
 * of the instance and from the credentials and metadata of Tasks. The ECS agent starts only where the rules stand, at
 * each boot.
 */
export function metadataBarrier(uid: number): readonly string[] {
  return [
    `cat > ${SCRIPT} <<'END'\n${barrierScript(uid)}END`,
    `chmod 0755 ${SCRIPT}`,
    'mkdir -p /etc/systemd/system/ecs.service.d',
    `printf '[Service]\\nExecStartPre=%s\\n' ${SCRIPT} > ${DROP_IN}`,
    'systemctl daemon-reload',
  ];
}

/**
 * `ctorigdst`: the ECS agent rewrites 169.254.170.2 to a port of its own before a rule sees the packet. May run again,
 * because the unit restarts.
 */
function barrierScript(uid: number): string {
  return `#!/bin/sh
set -eu
refuse() {
  program=$1
  shift
  set -- -m owner --uid-owner ${uid} "$@" -j REJECT
  "$program" -w -C OUTPUT "$@" 2>/dev/null || "$program" -w -I OUTPUT 1 "$@"
}
refuse iptables -m conntrack --ctorigdst 169.254.0.0/16
refuse iptables -p tcp --dport ${AGENT_PORTS}
# Where the kernel has no IPv6 there is nothing to refuse.
if [ -e /proc/net/if_inet6 ]; then
  refuse ip6tables -m conntrack --ctorigdst fd00:ec2::/32
  refuse ip6tables -p tcp --dport ${AGENT_PORTS}
fi
`;
}
