const WIDTH = 110;

/** Says what is not emulated in few lines: resource types gathered by service, then the rest. */
export function describeNotEmulated(names: readonly string[]): string {
  const services = new Map<string, string[]>();
  const others: string[] = [];
  for (const name of names) {
    const [, service, type] = /^AWS::(\w+)::(\w+)$/.exec(name) ?? [];
    if (service === undefined || type === undefined) others.push(name);
    else services.set(service, [...(services.get(service) ?? []), type]);
  }
  const types = [...services].map(([service, list]) => `${service} (${list.join(', ')})`);
  const paragraph = wrap(`Not emulated, of the template: ${types.join(', ')}.`);
  return [paragraph, 'Not emulated either:', ...others.map((other) => wrap(`- ${other}`))].join('\n');
}

function wrap(text: string): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + word.length >= WIDTH) {
      lines.push(line);
      line = ' ';
    }
    line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].join('\n');
}
