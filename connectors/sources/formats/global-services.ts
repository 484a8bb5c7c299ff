/**
 * Services whose resources have no region. CloudTrail records their calls in one home region of the partition, or
 * in the caller's; S3 is among them because bucket names are global and calls may reach a bucket through any region.
 */
export const globalServices: ReadonlySet<string> = new Set(
  [
    'account',
    'billing',
    'budgets',
    'ce',
    'cloudfront',
    'cloudfront-keyvaluestore',
    'cost-optimization-hub',
    'globalaccelerator',
    'iam',
    'networkmanager',
    'organizations',
    'route53',
    'route53-recovery-control-config',
    'route53-recovery-readiness',
    'route53domains',
    's3',
    'savingsplans',
    'shield',
    'support',
    'waf',
  ].map((service) => `${service}.amazonaws.com`),
)
