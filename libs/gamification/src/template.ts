/** Puts values where a template names them in braces: `You have earned {name}`. Other braces stay. */
export function fill(template: string, values: Readonly<Record<string, string | number | null>>): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? String(values[name] ?? '') : whole,
  );
}
