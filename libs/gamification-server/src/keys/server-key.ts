/** The protocols that the server speaks. */
export type Protocol = 'gmfy' | 'interakt' | 'playblazer' | 'wallet';

export const PROTOCOLS: readonly Protocol[] = ['gmfy', 'interakt', 'playblazer', 'wallet'];

/** What may be done with a key. */
export type Permission = 'read' | 'write';

/** A key of an application, without its secret. */
export interface ServerKey {
  /** Stands at the beginning of the key, or is what the protocol calls the application or the authority. */
  readonly id: string;
  readonly protocol: Protocol;
  /** For people. */
  readonly name: string;
  readonly permission: Permission;
  readonly createdAt: Date;
  readonly revokedAt?: Date;
}
