import { type Asked, judge } from './asked.ts';
import { type Finding, failed, passed } from './finding.ts';

export interface Identity {
  readonly account: string;
  readonly arn: string;
}

/** Who the credentials belong to. Everything else that is asked of AWS needs them. */
export function checkAccount(asked: Asked<Identity>): Finding {
  if (asked.kind === 'refused' && asked.why === 'credentials') {
    return failed('account', asked.reason, 'aws sso login, or: export AWS_PROFILE=<profile>');
  }
  return judge('account', asked, ({ account, arn }) => passed('account', `${account}, as ${arn}`));
}

export const checkRegion = (region: string | null): Finding =>
  region === null
    ? failed('region', 'none is set', 'export AWS_REGION=<region, such as us-east-1>')
    : passed('region', region);

/** AWS refuses a signature whose time is off by more (Signature Version 4). */
const REFUSED_FROM_S = 300;
const TOLD_FROM_S = 60;

/** `skewMs` is AWS's clock less this machine's. */
export const checkClock = (asked: Asked<{ readonly skewMs: number }>): Finding =>
  judge('clock', asked, ({ skewMs }) => {
    const seconds = Math.round(Math.abs(skewMs) / 1000);
    const says = `${seconds} s ${skewMs > 0 ? 'behind' : 'ahead of'} AWS's`;
    if (seconds < TOLD_FROM_S) return passed('clock', seconds === 0 ? "as AWS's" : says);
    const limit = `; AWS refuses requests from ${REFUSED_FROM_S} s on`;
    return failed(
      'clock',
      `${says}${limit}`,
      'sudo timedatectl set-ntp true (macOS: sudo sntp -sS time.apple.com)',
    );
  });

/** What `cdk deploy` of this CDK asks for. */
const MIN_BOOTSTRAP = 6;

export interface Place {
  readonly account: string;
  readonly region: string;
}

/** `version` is that of the bootstrap stack; null where there is none. */
export const checkBootstrap = (asked: Asked<{ readonly version: number | null }>, place: Place): Finding =>
  judge('bootstrap', asked, ({ version }) => {
    const mend = `npm exec -- cdk bootstrap aws://${place.account}/${place.region}`;
    if (version === null) return failed('bootstrap', 'the CDK has no bootstrap stack here', mend);
    if (version < MIN_BOOTSTRAP) {
      return failed('bootstrap', `version ${version}, but ${MIN_BOOTSTRAP} is needed`, mend);
    }
    return passed('bootstrap', `version ${version}`);
  });
