import { installTool } from '../pypi/install-tool.ts';

const VERSION = '1.58.0';
/** With all that it needs at run time. */
const PACKAGES = [
  `cfn-lint==${VERSION}`,
  ...['jsonpatch==1.47', 'jsonpointer==3.12', 'mpmath==1.3.0', 'networkx==3.6.1', 'pyyaml==6.0.3'],
  ...['regex==2026.11.15', 'sympy==1.14.0', 'typing_extensions==4.16.0'],
];

/** Gives the folder that python3 finds the linter in: 150 MB. */
export const installCfnLint = (env: Readonly<Record<string, string | undefined>>): string =>
  installTool({ name: `cfn-lint-${VERSION}`, packages: PACKAGES }, env);
