import { CfnWebACL, CfnWebACLAssociation } from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';

export interface ApiFirewallProps {
  readonly stageArn: string;
  /** From one address. */
  readonly requestsPerFiveMinutes: number;
}

/**
 * Rules of AWS's sets that look into bodies. They count and do not block: a File is larger than 8 KB, and a prompt may
 * hold a script, a path or the text of an attack. AWS ignores names that a set does not have.
 */
const BODY_RULES: Readonly<Record<string, readonly string[]>> = {
  AWSManagedRulesCommonRuleSet: [
    ...['SizeRestrictions_BODY', 'CrossSiteScripting_BODY', 'GenericLFI_BODY', 'GenericRFI_BODY'],
    'EC2MetaDataSSRF_BODY',
  ],
  AWSManagedRulesKnownBadInputsRuleSet: [
    ...['JavaDeserializationRCE_BODY', 'Log4JRCE_BODY', 'ReactJSRCE_BODY'],
  ],
};

/** A web ACL before the API: a limit for each address, and what AWS knows of bad requests. */
export class ApiFirewall extends Construct {
  constructor(scope: Construct, id: string, { stageArn, requestsPerFiveMinutes }: ApiFirewallProps) {
    super(scope, id);
    const acl = new CfnWebACL(this, 'WebAcl', {
      scope: 'REGIONAL',
      defaultAction: { allow: {} },
      visibilityConfig: visibility('Api'),
      rules: [
        {
          name: 'RequestsOfOneAddress',
          priority: 0,
          action: { block: { customResponse: { responseCode: 429 } } },
          statement: { rateBasedStatement: { limit: requestsPerFiveMinutes, aggregateKeyType: 'IP' } },
          visibilityConfig: visibility('RequestsOfOneAddress'),
        },
        ...Object.entries(BODY_RULES).map(([name, counted], i) => managedRules(name, counted, i + 1)),
      ],
    });
    new CfnWebACLAssociation(this, 'Association', { resourceArn: stageArn, webAclArn: acl.attrArn });
  }
}

function managedRules(name: string, counted: readonly string[], priority: number): CfnWebACL.RuleProperty {
  const ruleActionOverrides = counted.map((rule) => ({ name: rule, actionToUse: { count: {} } }));
  return {
    name,
    priority,
    overrideAction: { none: {} },
    statement: { managedRuleGroupStatement: { vendorName: 'AWS', name, ruleActionOverrides } },
    visibilityConfig: visibility(name),
  };
}

/** Without samples: they show headers, and so API keys. */
const visibility = (metricName: string): CfnWebACL.VisibilityConfigProperty => ({
  metricName,
  cloudWatchMetricsEnabled: true,
  sampledRequestsEnabled: false,
});
