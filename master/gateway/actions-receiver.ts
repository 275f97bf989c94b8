// Receives the states of actions. Each new state is also logged, as a permanent record.
import { fault } from '../../src/errors.ts';
import { readActionsBody, type ToldAction } from '../../src/gateway-protocol/actions-body.ts';
import type { Logger } from '../../src/logger.ts';
import type { ActionBoard } from './action-board.ts';
import type { ReceivedRecord, Receiver } from './receiver.ts';

export interface ActionsReceiverOptions {
  readonly cluster: string;
  readonly board: Pick<ActionBoard, 'put'>;
  readonly logger: Pick<Logger, 'info'>;
  /** Called for each new state. */
  readonly onState: (action: ToldAction) => void;
}

/** Maximum characters of one action; actors send less. */
const longest = 256 << 10;

export class ActionsReceiver implements Receiver {
  readonly #options: ActionsReceiverOptions;

  constructor(options: ActionsReceiverOptions) {
    this.#options = options;
  }

  take({ body }: ReceivedRecord): void {
    const { cluster, board, logger, onState } = this.#options;
    const told = readActionsBody(body);
    if (JSON.stringify(told).length > longest)
      throw fault('bad_request', { reason: 'an action is too long to be kept' });
    if (!board.put(cluster, told)) return;
    onState(told);
    const { id, state, action, why } = told;
    const { kind, namespace, name } = action.target;
    const words = `${action.action} of ${kind} ${namespace}/${name}: ${state}${why ? `: ${why.message}` : ''}`;
    logger.info({ cluster, action: id, state }, words);
  }
}
