import type { sendUnaryData, ServerUnaryCall } from '@grpc/grpc-js';
import { refusal } from './admission.js';
import { userConflict } from './errors.js';
import type { NodeState } from './node-state.js';
import { users } from './protocol.js';

/** A user that a client created. The server only keeps it: it checks no rights. */
export interface WireUser {
  readonly login: string;
  readonly password: string;
  readonly groups: readonly string[];
}

/** Creates a user, once. */
export function createUserCall(node: NodeState, created: Map<string, WireUser>) {
  return (
    call: ServerUnaryCall<users.CreateReq, users.CreateResp>,
    answer: sendUnaryData<users.CreateResp>,
  ): void => {
    const options = call.request.getOptions() ?? new users.CreateReq.Options();
    const login = options.getLoginName();
    const refused =
      refusal(node, 'create-user', call) ?? (created.has(login) ? userConflict(login) : undefined);
    if (refused !== undefined) {
      answer(refused);
      return;
    }
    created.set(login, { login, password: options.getPassword(), groups: options.getGroupsList() });
    answer(null, new users.CreateResp());
  };
}
