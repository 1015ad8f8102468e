/**
 * What vLLM and what it stands on read: where programs, libraries, caches and certificates are, and their own settings.
 * Everything else stays with the agent: an engine runs models and code from elsewhere.
 */
const SEEN = [
  /^(PATH|HOME|TMPDIR|TZ|LANG|LC_\w+|LD_\w+|XDG_\w+|VIRTUAL_ENV|CC|CXX)$/,
  /^(https?_proxy|no_proxy|all_proxy|ssl_cert_(file|dir)|requests_ca_bundle|curl_ca_bundle)$/i,
  /^(PYTHON|CUDA_|NVIDIA_|NCCL_|GLOO_|UCX_|OMP_|GOMP_|KMP_|MKL_|OPENBLAS_|NUMBA_|MALLOC_)/,
  /^(VLLM_|HF_|TRANSFORMERS_|TOKENIZERS_|SAFETENSORS_|RUNAI_STREAMER_)/,
  /^(TORCH|PYTORCH_|TRITON_|FLASHINFER_|CUTE_|DG_|TVM_|RAY_)/,
];

/** The part of our environment that an engine gets: what is listed here, and its own secrets by their names. */
export function engineEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  secrets: readonly string[] = [],
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) =>
      value !== undefined && (secrets.includes(name) || SEEN.some((pattern) => pattern.test(name)))
        ? [[name, value]]
        : [],
    ),
  );
}
