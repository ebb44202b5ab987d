/** A key as one text: its id, a dot, its secret. */
export function keyText(id: string, secret: string): string {
  return `${id}.${secret}`;
}

/** The parts of such a text. What is none has parts that no key has. */
export function keyParts(text: string): { readonly id: string; readonly secret: string } {
  const [id = '', ...rest] = text.split('.');
  return { id, secret: rest.join('.') };
}
