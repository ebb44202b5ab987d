/**
 * What users can allow, with what is said to them. `id` and `user` are one thing in two generations, and one page of the
 * documents calls it `identity` ([doc-2014][doc]).
 */
export const SCOPES: Readonly<Record<string, string>> = {
  id: 'know who you are',
  user: 'know who you are',
  identity: 'know who you are',
  balance: 'see what you can spend',
  transact: 'sell you things',
  inventory: 'see and use up what you have bought',
  character: 'keep characters of yours',
};

/** The scopes of a text; nothing where one of them is not known, or there is none. */
export function scopesOf(text: string): readonly string[] | undefined {
  const scopes = [...new Set(text.split(' ').filter((each) => each !== ''))];
  return scopes.length > 0 && scopes.every((each) => Object.hasOwn(SCOPES, each)) ? scopes : undefined;
}

/** Whether two lists of scopes allow the same. Each has none twice. */
export function areSameScopes(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((each) => others.includes(each));
}
