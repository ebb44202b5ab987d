/** The protocols that the server speaks. */
export type Protocol = 'gloebit' | 'gmfy' | 'interakt' | 'playblazer' | 'wallet';

export const PROTOCOLS: readonly Protocol[] = ['gloebit', 'gmfy', 'interakt', 'playblazer', 'wallet'];

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
  /** Of an application of Gloebit: where users may be sent back to. */
  readonly redirectUris: readonly string[];
  readonly createdAt: Date;
  readonly revokedAt?: Date;
}
