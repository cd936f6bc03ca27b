/**
 * The protocol's messages and calls, as the client carries them. The message files fill their
 * exports while they run, which hides the names from `import { … }` in Node; a default import sees
 * them all.
 */
import shared from '@eventstore/db-client/generated/shared_pb.js';
import services from '@eventstore/db-client/generated/streams_grpc_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import empty from 'google-protobuf/google/protobuf/empty_pb.js';
import timestamp from 'google-protobuf/google/protobuf/timestamp_pb.js';

export { empty, services, shared, streams, timestamp };
