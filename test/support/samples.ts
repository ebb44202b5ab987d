import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

/** A sample of TypeScript in a document. */
export interface Sample {
  /** The document and the line at which the sample begins. */
  readonly place: string;
  readonly code: string;
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Where the samples stand as far as the compiler knows. */
const FOLDER = join(ROOT, 'test');

/** What a sample may use without importing it. */
const PACKAGES = [
  'nestjs-gamification',
  'nestjs-gamification-server',
  'class-transformer',
  'class-validator',
  '@nestjs/common',
] as const;

/** "Cannot find name", in all its forms: a sample may use things of its reader's application, such as an `orderId`. */
const UNKNOWN_NAME: ReadonlySet<number> = new Set([2304, 2503, 2552, 2593, 18004]);

/** The samples of a document, those in a fence `ts`. */
export function samplesOf(path: string, text: string): Sample[] {
  return [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map(({ 1: code = '', index }) => ({
    place: `${path}:${text.slice(0, index).split('\n').length + 1}`,
    code,
  }));
}

/**
 * What the compiler says against samples in the strictest mode, each checked by itself against the library's sources,
 * one line a problem.
 */
export function problemsOfSamples(samples: readonly Sample[]): readonly string[] {
  const compile = compiler();
  const exported = exportsOf(compile);
  const files = new Map(
    samples.map(({ code }, index) => [join(FOLDER, `sample-${index}.ts`), withImports(code, exported)]),
  );
  const program = compile(files);
  return [...files.keys()].flatMap((file, index) => {
    const source = program.getSourceFile(file);
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)]
      .filter(({ code }) => !UNKNOWN_NAME.has(code))
      .map(
        ({ messageText }) => `${samples[index]?.place}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`,
      );
  });
}

/** Compiles files that exist only here, beside those that they import. */
type Compile = (files: ReadonlyMap<string, string>) => ts.Program;

function compiler(): Compile {
  const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.base.json'), ts.sys.readFile);
  const options: ts.CompilerOptions = {
    ...ts.parseJsonConfigFileContent({ ...config, files: [] }, ts.sys, ROOT).options,
    noEmit: true,
    // A sample need not say which of the names that it imports are types.
    isolatedModules: false,
    paths: { 'nestjs-gamification': [join(ROOT, 'libs/gamification/src/index.ts')] },
  };
  const host = ts.createCompilerHost(options);
  const parsed = new Map<string, ts.SourceFile | undefined>();
  return (files) =>
    ts.createProgram([...files.keys()], options, {
      ...host,
      fileExists: (file) => files.has(file) || host.fileExists(file),
      getSourceFile: (file, language) => {
        const text = files.get(file);
        if (text !== undefined) return ts.createSourceFile(file, text, language);
        if (!parsed.has(file)) parsed.set(file, host.getSourceFile(file, language));
        return parsed.get(file);
      },
    });
}

/** The names that packages export, and from which. */
function exportsOf(compile: Compile): ReadonlyMap<string, string> {
  const file = join(FOLDER, 'packages.ts');
  const program = compile(new Map([[file, PACKAGES.map((name) => `import '${name}';`).join('\n')]]));
  const checker = program.getTypeChecker();
  const found = new Map<string, string>();
  program.getSourceFile(file)?.forEachChild((node) => {
    if (!ts.isImportDeclaration(node) || !ts.isStringLiteral(node.moduleSpecifier)) return;
    const module = checker.getSymbolAtLocation(node.moduleSpecifier);
    for (const { name } of module ? checker.getExportsOfModule(module) : []) {
      if (!found.has(name)) found.set(name, node.moduleSpecifier.text);
    }
  });
  return found;
}

/** A sample with imports for those names of packages that it uses and neither imports nor declares. */
function withImports(code: string, exported: ReadonlyMap<string, string>): string {
  const own = code.match(/^import .*?;$|\b(class|const|function|interface) \w+/gms)?.join('\n') ?? '';
  const used = new Set(code.match(/\b[A-Z]\w*|\b[a-z]\w+(?=[(<])/g));
  const lines = [...used]
    .filter((name) => exported.has(name) && !new RegExp(`\\b${name}\\b`).test(own))
    .map((name) => `import { ${name} } from '${exported.get(name)}';`);
  return `${lines.join('\n')}\n${code}\nexport {};\n`;
}
