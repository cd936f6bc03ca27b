/**
 * The protocol's messages and services, as the real client carries them.
 *
 * They are the client's own generated files, so that server and client cannot disagree on a field.
 * The message files fill their exports at run time, which hides the names from `import { … }` in
 * Node; a default import sees them all.
 */
import gossip from '@eventstore/db-client/generated/gossip_pb.js';
import gossipServices from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import features from '@eventstore/db-client/generated/serverfeatures_pb.js';
import featureServices from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import rpcCode from '@eventstore/db-client/generated/code_pb.js';
import rpcStatus from '@eventstore/db-client/generated/status_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import streamServices from '@eventstore/db-client/generated/streams_grpc_pb.js';
import users from '@eventstore/db-client/generated/users_pb.js';
import userServices from '@eventstore/db-client/generated/users_grpc_pb.js';
import protobufAny from 'google-protobuf/google/protobuf/any_pb.js';
import protobufEmpty from 'google-protobuf/google/protobuf/empty_pb.js';

export {
  features,
  featureServices,
  gossip,
  gossipServices,
  protobufAny,
  protobufEmpty,
  rpcCode,
  rpcStatus,
  shared,
  streams,
  streamServices,
  users,
  userServices,
};
