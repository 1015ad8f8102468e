import { ministackHome } from '../../scripts/ministack/home.ts';
import { installMinistack } from '../../scripts/ministack/install.ts';
import { runWhereInstalled } from '../run-where-installed.ts';

// `npm run test:deploy`: gets ministack where it is absent, then runs test/deploy.
await runWhereInstalled({
  tool: 'ministack',
  install: (say) => installMinistack(ministackHome(process.env), say),
  skipVariable: 'SLACKLINE_SKIP_DEPLOY',
  config: 'vitest.deploy.config.ts',
});
