import { expect, it } from 'vitest';
import { ENVIRONMENT } from '../../core/environment.ts';
import { engineEnvironment } from '../../gpu-task/engines/engine-environment.ts';

it.each([
  ...['PATH', 'HOME', 'TMPDIR', 'LANG', 'LC_ALL', 'LD_LIBRARY_PATH', 'XDG_CACHE_HOME', 'VIRTUAL_ENV'],
  ...['CUDA_HOME', 'NVIDIA_VISIBLE_DEVICES', 'NCCL_DEBUG', 'OMP_NUM_THREADS', 'PYTHONUNBUFFERED'],
  ...[
    'VLLM_USAGE_SOURCE',
    'HF_TOKEN',
    'TRANSFORMERS_OFFLINE',
    'TORCH_CUDA_ARCH_LIST',
    'PYTORCH_CUDA_ALLOC_CONF',
  ],
  ...['TORCHINDUCTOR_CACHE_DIR', 'TRITON_CACHE_DIR', 'https_proxy', 'HTTPS_PROXY', 'SSL_CERT_FILE'],
])('lets an engine see %s', (name) => {
  expect(engineEnvironment({ [name]: 'value' })).toEqual({ [name]: 'value' });
});

it.each([
  ...['AWS_SECRET_ACCESS_KEY', 'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI', 'ECS_CONTAINER_METADATA_URI_V4'],
  ...['ENGINE_API_KEY', 'ENGINE_LAUNCHER', 'OPENAI_API_KEY', 'NPM_TOKEN', 'PATHS', 'MY_VLLM_KEY'],
  ...ENVIRONMENT,
])('withholds %s', (name) => {
  expect(engineEnvironment({ [name]: 'value' })).toEqual({});
});

it('leaves out what is not set', () => {
  expect(engineEnvironment({ PATH: undefined })).toEqual({});
});
