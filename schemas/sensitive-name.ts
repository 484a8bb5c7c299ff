/** Names whose value is a secret, written without separators; a longer name is sensitive if it ends in one of them. */
const secretNames = new Set([
  'accesskey',
  'accesstoken',
  'accountkey',
  'apikey',
  'apitoken',
  'authtoken',
  'clientsecret',
  'connectionstring',
  'credential',
  'credentials',
  'keymaterial',
  'passphrase',
  'passwd',
  'password',
  'passwords',
  'presharedkey',
  'privatekey',
  'privatekeybase64',
  'privatekeydata',
  'privatekeyopenssh',
  'privatekeypem',
  'privatekeypempkcs8',
  'pwd',
  'rawkey',
  'secret',
  'secretaccesskey',
  'secretbinary',
  'secretkey',
  'secretstring',
  'sharedkey',
  'token',
])

/** Words before `token` that make it a bookmark, a lock or the caller's own request id: nobody gains by knowing it. */
const harmlessTokens = new Set(
  'change client continuation creation deduplication idempotency lock next page pagination request result sequence starting'.split(
    ' ',
  ),
)

/**
 * Whether a name, as camelCase, PascalCase, snake_case or SCREAMING_CASE, says that its value is a secret: a whole
 * suffix of its words does (`masterUserPassword`, `auth_token`, `DB_PASSWORD`), while `http_tokens`, `secret_arn`,
 * `minimum_password_length` and `key_name` do not. Holds for string values only: numbers and flags are settings.
 */
export function isSensitiveName(name: string): boolean {
  // Condition keys of policies (aws:RequestTag/Token) and references (Token.$) are not names of values.
  if (/[:$*{}]/.test(name)) return false
  const words = wordsOf(name)
  if (words.at(-1) === 'token' && harmlessTokens.has(words.at(-2) ?? '')) return false
  let suffix = ''
  for (const word of words.reverse()) {
    suffix = word + suffix
    if (secretNames.has(suffix)) return true
  }
  return false
}

/** dBPassword → d, b, password. What is no letter or digit separates. */
function wordsOf(name: string): string[] {
  return name
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z\d]+/)
    .filter((word) => word !== '')
}
