import { describe, expect, it } from 'vitest';
import { chooseFiles } from '../../../core/models/choose-files.ts';

const filesOf = (...paths: readonly string[]) =>
  paths.map((path) => ({ path, bytes: 1, digest: { algorithm: 'sha256' as const, hex: '' } }));

const takenOf = (...paths: readonly string[]) => chooseFiles(filesOf(...paths)).taken.map(({ path }) => path);

describe('the files of a repository', () => {
  it.each([
    ['PyTorch', 'pytorch_model-00001-of-00002.bin'],
    ['Flax', 'flax_model.msgpack'],
    ['TensorFlow', 'tf_model.h5'],
    ['llama.cpp', 'model-q4_k_m.gguf'],
    ["the model's author", 'original/consolidated.00.pth'],
    ['Apple', 'metal/model.bin'],
    ['ONNX', 'onnx/model_quantized.onnx'],
    ['an earlier step', 'checkpoint-500/adapter_model.safetensors'],
    ['Mistral', 'consolidated.safetensors'],
  ])('leave out the weights of %s beside safetensors', (_, path) => {
    expect(takenOf('config.json', 'model.safetensors', path)).toEqual(['config.json', 'model.safetensors']);
  });

  it.each([
    [['pytorch_model.bin', 'config.json']],
    [['consolidated.safetensors', 'params.json']],
    [['tokenizer.model', 'vocab.txt', 'merges.txt', 'model.safetensors.index.json', 'model.safetensors']],
    [['model.safetensors', '1_Pooling/config.json', '2_Dense/pytorch_model.bin']],
  ])('keep %j, which are not there in another form', (paths) => {
    expect(takenOf(...paths)).toEqual(paths);
  });

  it('say why each was left out', () => {
    const { leftOut } = chooseFiles(filesOf('.gitattributes', 'model.safetensors', 'model.gguf'));
    expect(leftOut).toEqual([
      { path: '.gitattributes', why: 'only git reads it' },
      { path: 'model.gguf', why: 'the folder has the weights as safetensors' },
    ]);
  });

  it('are all taken on demand, but for the name that says that a folder is whole', () => {
    const paths = ['.gitattributes', 'model.safetensors', 'model.gguf', 'slackline.json'];
    const { taken } = chooseFiles(filesOf(...paths), true);
    expect(taken.map(({ path }) => path)).toEqual(paths.slice(0, 3));
  });
});
