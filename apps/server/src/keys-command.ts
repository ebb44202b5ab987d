import { parseArgs } from 'node:util';
import { NestFactory } from '@nestjs/core';
import { GamificationModule } from 'nestjs-gamification';
import {
  type CreatedKey,
  GamificationServerModule,
  keyText,
  PROTOCOLS,
  type Protocol,
  ServerKeys,
} from 'nestjs-gamification-server';
import type { Settings } from './settings.js';

/** The words behind `keys` are wrong. */
export class UsageError extends Error {
  constructor() {
    super(
      [
        'usage: keys create gmfy [--read-only] [--name NAME]',
        '       keys create interakt|playblazer [--name NAME]',
        '       keys create wallet [--base-url URL] [--name NAME]',
        '       keys create gloebit --redirect-uri URI [--redirect-uri URI …] [--name NAME]',
        '       keys list',
        '       keys revoke ID',
      ].join('\n'),
    );
  }
}

/**
 * Makes, lists and revokes keys, also beside a running server.
 *
 * @param words those behind `keys`
 * @returns what is to be printed as JSON
 * @throws UsageError
 * @throws InvalidKeyError
 */
export async function keysCommand(words: readonly string[], settings: Settings): Promise<unknown> {
  const { command, subject, options } = parse(words);
  const app = await NestFactory.createApplicationContext(
    {
      module: KeysModule,
      imports: [
        GamificationModule.forRoot({ isGlobal: true, storage: { url: settings.databaseUrl } }),
        GamificationServerModule.forRoot({ protocols: {} }),
      ],
    },
    { logger: false, abortOnError: false },
  );
  try {
    const keys = app.get(ServerKeys, { strict: false });
    if (command === 'list') return await keys.list();
    if (command === 'revoke') return { revoked: await keys.revoke(subject) };
    const protocol = protocolOf(subject);
    const created = await keys.create(protocol, {
      name: options.name,
      permission: options['read-only'] ? 'read' : 'write',
      redirectUris: options['redirect-uri'],
    });
    return view(protocol, created, options['base-url'] ?? settings.publicUrl);
  } finally {
    await app.close();
  }
}

class KeysModule {}

function parse(words: readonly string[]) {
  try {
    const { positionals, values: options } = parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        name: { type: 'string' },
        'redirect-uri': { type: 'string', multiple: true },
        'read-only': { type: 'boolean' },
        'base-url': { type: 'string' },
      },
    });
    const [command = '', subject = '', ...rest] = positionals;
    const needsSubject = command === 'create' || command === 'revoke';
    const isKnown = needsSubject || command === 'list';
    if (!isKnown || needsSubject !== (subject !== '') || rest.length > 0) throw new UsageError();
    if (command === 'create') protocolOf(subject);
    if (options['read-only'] && subject !== 'gmfy') throw new UsageError();
    if (options['base-url'] !== undefined && subject !== 'wallet') throw new UsageError();
    const uris = options['redirect-uri'] ?? [];
    if ((subject === 'gloebit') !== uris.length > 0) throw new UsageError();
    return { command, subject, options };
  } catch {
    throw new UsageError();
  }
}

function protocolOf(name: string): Protocol {
  const protocol = PROTOCOLS.find((each) => each === name);
  if (!protocol) throw new UsageError();
  return protocol;
}

/** A key as its system's client wants it. */
function view(protocol: Protocol, { key: { id }, secret }: CreatedKey, baseUrl: string): object {
  switch (protocol) {
    case 'gloebit':
      return { clientId: id, clientSecret: secret };
    case 'gmfy':
      return { apiKey: keyText(id, secret) };
    case 'interakt':
      // As Interakt's dashboard shows it.
      return { secretKey: Buffer.from(`${keyText(id, secret)}:`).toString('base64') };
    case 'playblazer':
      return { appId: id, secretKey: secret };
    case 'wallet':
      return {
        config_schema_version: '0.1.0',
        api_base_url: baseUrl.replace(/\/+$/, ''),
        authority_id: id,
        private_key: secret,
      };
  }
}
