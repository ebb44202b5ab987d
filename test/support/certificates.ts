import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A private authority and a certificate of it for 127.0.0.1, all as PEM. */
export interface Certificates {
  readonly authority: string;
  readonly key: string;
  readonly cert: string;
}

/** Makes certificates that are valid for a day. @throws Error where the program `openssl` is missing */
export function makeCertificates(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), 'certificates-'));
  const at = (name: string) => join(folder, name);
  const openssl = (...args: readonly string[]) =>
    execFileSync('openssl', args, { stdio: 'ignore', cwd: folder });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'];
  try {
    openssl(
      'req',
      '-x509',
      ...newKey,
      '-subj',
      '/CN=Authority of the tests',
      '-keyout',
      'ca.key',
      '-out',
      'ca.pem',
    );
    openssl(
      'req',
      ...newKey.slice(0, -2),
      '-subj',
      '/CN=127.0.0.1',
      '-keyout',
      'key.pem',
      '-out',
      'request.pem',
    );
    writeFileSync(at('names'), 'subjectAltName=IP:127.0.0.1\n');
    const signing = [
      '-CA',
      'ca.pem',
      '-CAkey',
      'ca.key',
      '-CAcreateserial',
      '-days',
      '1',
      '-extfile',
      'names',
    ];
    openssl('x509', '-req', '-in', 'request.pem', ...signing, '-out', 'cert.pem');
    const read = (name: string) => readFileSync(at(name), 'utf8');
    return { authority: read('ca.pem'), key: read('key.pem'), cert: read('cert.pem') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
