/**
 * The short name of a provider as a state writes it: `provider["registry.terraform.io/hashicorp/aws"].west`,
 * `provider.aws.west`, `module.a.provider.aws`; from the resource's type where it does not. The beta provider of
 * Google manages the resources of the other.
 */
export function providerOf(provider: unknown, type: string): string {
  const text = typeof provider === 'string' ? provider : ''
  const name = /provider\["[^"]*?([^"/]+)"\]/.exec(text)?.[1] ?? /provider\.\s*([\w-]+)/.exec(text)?.[1]
  return (name ?? type.split('_')[0]!).replace(/-beta$/, '')
}
