import { MANIFEST_FILE } from './layout.ts';
import type { RepositoryFile } from './repository-file.ts';

export interface LeftOut {
  readonly path: string;
  readonly why: string;
}
export interface FileChoice {
  readonly taken: readonly RepositoryFile[];
  readonly leftOut: readonly LeftOut[];
}

const SAFETENSORS = /\.safetensors$/;
/** Weights as PyTorch, TensorFlow, Flax, llama.cpp, ONNX and others keep them. */
const OTHER_FORMAT = /\.(bin|pt|pth|ckpt|h5|msgpack|ot|gguf|ggml|onnx|onnx_data|tflite)$/;
/** Folders of the same weights for other programs, or of earlier steps of a training. */
const OTHER_FOLDER = /^(original|metal|onnx|openvino|coreml|checkpoint-\d+)\//;
/** Mistral's own layout beside that of transformers. */
const CONSOLIDATED = /^consolidated.*\.safetensors$/;

/**
 * The files of a repository that an engine loads: where there are safetensors, no second copy of the same weights.
 * `everything` leaves out only what cannot be stored.
 */
export function chooseFiles(files: readonly RepositoryFile[], everything = false): FileChoice {
  const paths = files.map(({ path }) => path);
  const reasons = new Map(paths.map((path) => [path, everything ? taken(path) : whyNot(path, paths)]));
  return {
    taken: files.filter(({ path }) => reasons.get(path) === null),
    leftOut: paths.flatMap((path) => {
      const why = reasons.get(path) ?? null;
      return why === null ? [] : [{ path, why }];
    }),
  };
}

const taken = (path: string): string | null =>
  path === MANIFEST_FILE ? 'Slackline writes a file of that name' : null;

function whyNot(path: string, all: readonly string[]): string | null {
  if (path === '.gitattributes') return 'only git reads it';
  const siblings = all.filter((other) => folderOf(other) === folderOf(path) && SAFETENSORS.test(other));
  if (siblings.length > 0 && OTHER_FORMAT.test(path)) return 'the folder has the weights as safetensors';
  const root = all.filter((other) => folderOf(other) === '' && SAFETENSORS.test(other));
  if (root.length > 0 && OTHER_FOLDER.test(path)) return 'a folder of the same weights for other programs';
  if (CONSOLIDATED.test(path) && root.some((other) => !CONSOLIDATED.test(other))) {
    return "the same weights in Mistral's own layout";
  }
  return taken(path);
}

const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/') + 1);
