/** The names of the claims that the gateway reads beside those of RFC 7519, at the top level of a token. */
export interface ClaimNames {
  /** The domain of the shop. */
  readonly shop: string;
  /** The scopes, separated by spaces as in RFC 9068, or a list of them. */
  readonly scope: string;
  /** The number of an agent of the shop. */
  readonly agent: string;
}

/** Whose tokens the gateway takes, and how it reads them. */
export interface TokenSettings {
  /** Where the issuer publishes its public keys, as a JSON Web Key Set; or the secret that it signs with. */
  readonly signedWith: { readonly keySetUrl: URL } | { readonly secret: string };
  /** What `iss` must be. */
  readonly issuer: string;
  /** What `aud` must be or hold. */
  readonly audience: string;
  readonly claims: ClaimNames;
}

/** The environment variables behind the settings, of which one needs, or excludes, another. */
export interface TokenVariables {
  readonly JWT_JWKS_URL?: string | undefined;
  readonly JWT_SECRET?: string | undefined;
  readonly JWT_ISSUER?: string | undefined;
  readonly JWT_AUDIENCE?: string | undefined;
}

/** Least bytes of a secret: as many as the shortest hash has, as RFC 7518 wants it. */
export const LEAST_SECRET_BYTES = 32;

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/** Whether the keys of an issuer can be trusted that come from there: over TLS, or from this machine. */
export function isKeySetUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  if (username !== '' || password !== '') return false;
  return protocol === 'https:' || (protocol === 'http:' && LOOPBACK.test(hostname));
}

/**
 * What is wrong with the variables taken together, each with the rule that it breaks. Without an issuer and an
 * audience the gateway would take every token that the same keys signed, for whichever other API it was meant.
 */
export function findTokenProblems(variables: TokenVariables): { name: keyof TokenVariables; rule: string }[] {
  const { JWT_JWKS_URL, JWT_SECRET } = variables;
  const isOn = JWT_JWKS_URL !== undefined || JWT_SECRET !== undefined;
  const names = ['JWT_ISSUER', 'JWT_AUDIENCE'] as const;
  const problems: { name: keyof TokenVariables; rule: string }[] = names
    .filter((name) => (variables[name] !== undefined) !== isOn)
    .map((name) => ({ name, rule: `must be set ${isOn ? '' : 'only '}beside JWT_JWKS_URL or JWT_SECRET` }));
  if (JWT_JWKS_URL !== undefined && JWT_SECRET !== undefined) {
    problems.push({ name: 'JWT_SECRET', rule: 'must not be set beside JWT_JWKS_URL' });
  }
  return problems;
}

/** Makes the settings of variables that have no problems; undefined when tokens are not to be taken. */
export function readTokenSettings(
  variables: TokenVariables & {
    readonly JWT_SHOP_CLAIM: string;
    readonly JWT_SCOPE_CLAIM: string;
    readonly JWT_AGENT_CLAIM: string;
  },
): TokenSettings | undefined {
  const { JWT_JWKS_URL, JWT_SECRET, JWT_ISSUER, JWT_AUDIENCE } = variables;
  if (JWT_ISSUER === undefined || JWT_AUDIENCE === undefined) return undefined;
  return {
    signedWith: JWT_SECRET === undefined ? { keySetUrl: new URL(`${JWT_JWKS_URL}`) } : { secret: JWT_SECRET },
    issuer: JWT_ISSUER,
    audience: JWT_AUDIENCE,
    claims: {
      shop: variables.JWT_SHOP_CLAIM,
      scope: variables.JWT_SCOPE_CLAIM,
      agent: variables.JWT_AGENT_CLAIM,
    },
  };
}
