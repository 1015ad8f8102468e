import { recordReport } from '../../core/protocol/record-report.ts';
import type { Report } from '../../core/protocol/report.ts';
import { simPorts } from './sim-ports.ts';
import type { World } from './world.ts';

/** Deliveries before a message is put aside. */
const MAX_RECEIVES = 4;

/** Sends a report by a queue that may double, delay and lose it; a call that dies gets it again. */
export function postReport(world: World, report: Report): void {
  const { stage, bias } = world;
  const faulty = !stage.isCalm();
  if (faulty && stage.random.chance(bias.messages.lost)) return;
  const copies = faulty && stage.random.chance(bias.messages.doubled) ? 2 : 1;
  for (let i = 0; i < copies; i++) deliver(world, report, 0);
}

function deliver(world: World, report: Report, receives: number): void {
  const { stage, bias } = world;
  const slow = !stage.isCalm() && stage.random.chance(bias.messages.delayed);
  const delayMs = stage.random.int(slow ? 0 : Math.floor(bias.reportMs / 2), slow ? 200_000 : bias.reportMs);
  stage.spawn('queue', (queue) => stage.sleep(queue, delayMs), {
    mortal: false,
    onEnd: () => {
      stage.spawn(
        world.newName('recorder '),
        async (actor) => void (await recordReport(simPorts(world, actor), report)),
        {
          onEnd: (how) => {
            if (how === 'died' && receives + 1 < MAX_RECEIVES) deliver(world, report, receives + 1);
          },
        },
      );
    },
  });
}
