import { accessDenied, notLeader, unauthenticated, unavailable, type Failure } from './errors.js';
import type { CallFault, Loss, Operation } from './faults.js';
import type { Caller, NodeState, SeenCall } from './node-state.js';

/**
 * Records a call and returns the reason to refuse it before anything is done: wrong credentials, or
 * a call that requires the leader sent to a follower.
 */
export function refusal(
  node: NodeState,
  method: SeenCall['method'],
  caller: Caller,
): Failure | undefined {
  const { metadata } = caller;
  const [authorization] = metadata.get('authorization');
  const basic = /^Basic (.+)$/u.exec(String(authorization ?? ''))?.[1] ?? '';
  const [user, ...password] = Buffer.from(basic, 'base64').toString('utf8').split(':');
  node.calls.push({
    method,
    user: basic === '' ? undefined : user,
    requiresLeader: requiresLeader(caller),
  });

  const { credentials } = node;
  if (
    credentials !== undefined &&
    (user !== credentials.username || password.join(':') !== credentials.password)
  )
    return unauthenticated();
  const leader = requiresLeader(caller) ? node.leaderElsewhere() : undefined;
  return leader === undefined ? undefined : notLeader(leader);
}

/** Says whether the caller requires the leader to carry out the call. */
export function requiresLeader({ metadata }: Caller): boolean {
  return metadata.get('requires-leader')[0] === 'true';
}

/** Loses a message: the connection breaks, unless it shall hang. */
export function lose(node: NodeState, caller: Caller, connection: Loss = 'break'): void {
  if (connection === 'break') node.connections.break(caller.getPeer());
}

/** Returns the fault that a unary call meets: a failure, silence, or nothing. */
export function meetFault(
  node: NodeState,
  operation: Exclude<Operation, 'append' | 'read' | 'subscribe'>,
  caller: Caller,
): Failure | 'silence' | undefined {
  const fault: CallFault | undefined = node.faults.meet(operation)?.fault;
  switch (fault?.kind) {
    case undefined:
      return undefined;
    case 'lose-request':
      lose(node, caller, fault.connection);
      return 'silence';
    case 'unavailable':
      return unavailable();
    case 'access-denied':
      return accessDenied();
    case 'not-leader':
      return notLeader(fault.leader);
  }
}
