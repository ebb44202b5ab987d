import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import { createApp } from '../../apps/example/src/create-app.js';

/** A command of the README, and the answer that the README shows for it. */
interface Step {
  readonly command: string;
  readonly answer: string;
}

/** What differs from run to run. In the README it stands for whatever the run has in its place. */
const PLACEHOLDER =
  /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g;

const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
const steps = sessionOf(sectionOf(readme, 'Quick start'));

describe('the quick start of the README', () => {
  /** What stands in the README -> what stands there in this run. */
  const actualOf = new Map<string, string>();
  let directory: string;
  let app: INestApplication;
  let port: number;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'readme-'));
    app = await createApp({ databaseUrl: `file:${join(directory, 'gamification.db')}` });
    await app.listen(0);
    const address: AddressInfo = app.getHttpServer().address();
    port = address.port;
  });

  afterAll(async () => {
    await app?.close();
    await rm(directory, { recursive: true, force: true });
  });

  it('has a session to run', () => {
    expect(steps.length).toBeGreaterThan(5);
    for (const { answer } of steps) expect(answer).not.toBe('');
  });

  // Each command builds on those before it: where one fails, look at the first.
  it.each(steps)('$command', async ({ command, answer }) => {
    const actual = await run(inThisRun(command).replaceAll('localhost:3000', `localhost:${port}`));
    learn(answer, actual);
    expect(actual).toBe(inThisRun(answer));
  });

  /** Learns from an answer what its placeholders stand for, where it is not known yet. */
  function learn(expected: string, actual: string): void {
    const actualPlaceholders = actual.match(PLACEHOLDER) ?? [];
    for (const [index, placeholder] of (expected.match(PLACEHOLDER) ?? []).entries()) {
      const found = actualPlaceholders[index];
      if (found === undefined || actualOf.has(placeholder)) continue;
      // Ids that differ in the README must differ here; times may coincide.
      if (isId(placeholder)) expect([...actualOf.values()]).not.toContain(found);
      actualOf.set(placeholder, found);
    }
  }

  function inThisRun(text: string): string {
    return text.replace(PLACEHOLDER, (placeholder) => actualOf.get(placeholder) ?? placeholder);
  }
});

describe('reading a session', () => {
  it('takes the commands and answers of all console blocks of one section, and nothing else', () => {
    const text = [
      '## Quick start',
      '```sh',
      'npm start',
      '```',
      '```console',
      '$ one \\',
      '  two',
      '{"a":1}',
      '$ three',
      'x',
      'y',
      '```',
      '```console',
      '$ four',
      '```',
      '## Later',
      '```console',
      '$ five',
      '```',
    ].join('\n');
    expect(sessionOf(sectionOf(text, 'Quick start'))).toEqual([
      { command: 'one \\\n  two', answer: '{"a":1}' },
      { command: 'three', answer: 'x\ny' },
      { command: 'four', answer: '' },
    ]);
  });
});

/** The text between a heading and the next one of its level. */
function sectionOf(markdown: string, title: string): string {
  const section = markdown.split(/^## /m).find((each) => each.startsWith(`${title}\n`));
  if (section === undefined) throw new Error(`README.md has no section "${title}"`);
  return section;
}

/** The commands of the console blocks: a line that begins with `$ `, and those that a `\` at its end adds to it. */
function sessionOf(section: string): Step[] {
  const blocks = [...section.matchAll(/^```console\n(.*?)^```$/gms)].map(([, block = '']) => block);
  return blocks.flatMap((block) =>
    block
      .split(/^\$ /m)
      .slice(1)
      .map((text) => {
        const [, command = '', answer = ''] = /^((?:[^\n]*\\\n)*[^\n]*)\n?(.*)$/s.exec(text) ?? [];
        return { command: command.trimEnd(), answer: answer.trimEnd() };
      }),
  );
}

function isId(placeholder: string): boolean {
  return placeholder.length === 36;
}

async function run(command: string): Promise<string> {
  const { stdout } = await promisify(execFile)('bash', ['-c', command]);
  return stdout.trimEnd();
}
