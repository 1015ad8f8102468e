import type { ShownBatch } from './watch-batch.ts';

export interface Progress {
  show(batch: ShownBatch): void;
  /** Prints a line of its own, above the bar where there is one. */
  say(text: string): void;
  /** Removes the bar. */
  end(): void;
}

/** The whole line then fits into 80 columns. */
const BAR_CELLS = 16;
const CLEAR_LINE = '\r\u001b[2K';
/** Without a terminal: often enough to show that it moves. */
const PLAIN_EVERY_MS = 3000;

/** A bar that is redrawn on a terminal; elsewhere a plain line every few seconds and at each new stage. */
export function progressOn(out: NodeJS.WriteStream): Progress {
  const isTerminal = out.isTTY === true;
  const rate = throughput();
  let bar = '';
  let shownStage = '';
  let shownAtMs = Number.NEGATIVE_INFINITY;

  function redraw(text: string): void {
    bar = text.slice(0, (out.columns ?? 100) - 1);
    out.write(CLEAR_LINE + bar);
  }
  return {
    show(batch) {
      const text = describe(batch, rate(doneOf(batch)));
      if (isTerminal) return redraw(text);
      const stage = stageOf(batch);
      const nowMs = performance.now();
      if (stage === shownStage && nowMs - shownAtMs < PLAIN_EVERY_MS) return;
      [shownStage, shownAtMs] = [stage, nowMs];
      out.write(`${text}\n`);
    },
    say(text) {
      out.write(isTerminal ? `${CLEAR_LINE}${text}\n${bar}` : `${text}\n`);
    },
    end() {
      if (isTerminal) out.write(CLEAR_LINE);
      bar = '';
    },
  };
}

export function doneOf({ request_counts }: ShownBatch): number {
  return (request_counts?.completed ?? 0) + (request_counts?.failed ?? 0);
}

function describe(batch: ShownBatch, perSecond: number): string {
  const done = doneOf(batch);
  const total = batch.request_counts?.total ?? 0;
  const cells = total === 0 ? 0 : Math.round((done / total) * BAR_CELLS);
  const bar = '█'.repeat(cells) + '░'.repeat(BAR_CELLS - cells);
  const counts = `${String(done).padStart(String(total).length)}/${total}`;
  return `${stageOf(batch).padEnd(12)} ${bar} ${counts}  ${perSecond.toFixed(1)}/s  ${tasksOf(batch)}`;
}

function stageOf({ status, slackline }: ShownBatch): string {
  const { waiting } = slackline;
  return waiting === null || waiting === 'validating' ? status : waiting;
}

function tasksOf({ slackline }: ShownBatch): string {
  const { tasks } = slackline;
  if (tasks === null) return '';
  const side = (counts: { readonly starting: number; readonly running: number }): string =>
    `${counts.running}${counts.starting > 0 ? `+${counts.starting} starting` : ''}`;
  return `spot ${side(tasks.spot)}, on-demand ${side(tasks.on_demand)}`;
}

/** Requests a second over the last ten seconds: checkpoints come in lumps. */
function throughput() {
  const WINDOW_MS = 10_000;
  const looks: { readonly atMs: number; readonly done: number }[] = [];
  return (done: number): number => {
    const atMs = performance.now();
    looks.push({ atMs, done });
    while (looks.length > 2 && (looks[1]?.atMs ?? atMs) <= atMs - WINDOW_MS) looks.shift();
    const [first = { atMs, done }] = looks;
    return atMs === first.atMs ? 0 : ((done - first.done) / (atMs - first.atMs)) * 1000;
  };
}
