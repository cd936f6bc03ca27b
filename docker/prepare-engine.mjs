// Prepares a secured engine for a ledger, once, as its administrator: creates a user for the ledger
// that may write events and never delete or hide them. Running it again only sets the rights anew.
//
//   ENGINE_URL             esdb://host:2113,… with an administrator's name and password, or without
//   ENGINE_CA_FILE         the authority's certificate; the system's authorities without it
//   ENGINE_ADMIN_PASSWORD  the password of `admin`
//   LEDGER_ESDB_USER       the ledger's user; `ledger` by default
//   LEDGER_ESDB_PASSWORD   its password
//   ENGINE_ATTEMPTS        attempts for each step, two seconds apart; 30 by default
import { Buffer } from 'node:buffer';
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import users from '@eventstore/db-client/generated/users_pb.js';
import userServices from '@eventstore/db-client/generated/users_grpc_pb.js';
import { credentials, Metadata } from '@grpc/grpc-js';

const alreadyExists = 'user-conflict';
const attempts = Number(process.env.ENGINE_ATTEMPTS || 30);

const hosts = given('ENGINE_URL')
  .replace(/^esdb:\/\//, '')
  .replace(/[/?].*$/, '')
  .split(',');
const login = process.env.LEDGER_ESDB_USER || 'ledger';
const caFile = process.env.ENGINE_CA_FILE;
const admin = { username: 'admin', password: given('ENGINE_ADMIN_PASSWORD') };

await patiently('the user', createUser);
await patiently('the rights', setRights);
console.log(
  `The engine is ready: ${login} may read and append, and neither delete streams nor write ` +
    'metadata.',
);

/** Creates the ledger's user in no group. That it exists is fine: its password is left alone. */
async function createUser() {
  const options = new users.CreateReq.Options();
  options
    .setLoginName(login)
    .setFullName('penalty-ledger')
    .setPassword(given('LEDGER_ESDB_PASSWORD'));
  const metadata = new Metadata();
  const basic = Buffer.from(`${admin.username}:${admin.password}`).toString('base64');
  metadata.set('authorization', `Basic ${basic}`);
  const authority = caFile === undefined ? undefined : readFileSync(caFile);
  const client = new userServices.UsersClient(hosts[0], credentials.createSsl(authority));
  try {
    await new Promise((resolve, reject) =>
      client.create(
        new users.CreateReq().setOptions(options),
        metadata,
        { deadline: Date.now() + 10_000 },
        (error) =>
          error === null || error.metadata.get('exception')[0] === alreadyExists
            ? resolve()
            : reject(error),
      ),
    );
  } finally {
    client.close();
  }
}

/**
 * The default rights of all users, and the right of the ledger's user to read the engine's own
 * streams.
 */
async function setRights() {
  const query = caFile === undefined ? '' : `?tlsCAFile=${encodeURIComponent(caFile)}`;
  const user = `${admin.username}:${encodeURIComponent(admin.password)}`;
  const client = EventStoreDBClient.connectionString(`esdb://${user}@${hosts.join(',')}${query}`);
  const both = [login, '$admins'];
  const onlyAdmins = {
    $r: '$admins',
    $w: '$admins',
    $d: '$admins',
    $mr: '$admins',
    $mw: '$admins',
  };
  const data = {
    $userStreamAcl: { $r: both, $w: both, $d: '$admins', $mr: both, $mw: '$admins' },
    $systemStreamAcl: onlyAdmins,
  };
  try {
    await client.appendToStream('$settings', jsonEvent({ type: 'update-default-acl', data }), {
      expectedRevision: 'any',
    });
    // The last two belong to automatic scavenges, and are empty where there are none.
    for (const stream of [
      '$all',
      '$settings',
      '$scavenges',
      '$auto-scavenge-configuration',
      '$auto-scavenges',
    ]) {
      // The engine keeps its scavenge history for this long. It resets its rights at a start that
      // finds another age, or $ops without the right to read.
      const { metadata: { maxAge } = {} } = await client.getStreamMetadata(stream);
      const acl = { readRoles: [...both, '$ops'], writeRoles: '$admins', deleteRoles: '$admins' };
      await client.setStreamMetadata(stream, {
        ...(stream === '$scavenges' && maxAge !== undefined && { maxAge }),
        acl: { ...acl, metaReadRoles: both, metaWriteRoles: '$admins' },
      });
    }
  } finally {
    await client.dispose();
  }
}

/**
 * Tries again while a cluster elects its leader, and until that leader has written its
 * administrator, which looks like a wrong password.
 */
async function patiently(what, work) {
  for (let attempt = 1; ; attempt += 1)
    try {
      return await work();
    } catch (error) {
      const why = error.message || error.type;
      console.error(
        `${what} could not be set on ${hosts.join(', ')}, attempt ${attempt} of ${attempts}: ` +
          `${why}`,
      );
      if (attempt >= attempts) process.exit(1);
      await pause(2_000);
    }
}

function given(name) {
  const value = process.env[name];
  if (value === undefined || value === '') {
    console.error(`${name} is not set: see the head of docker/prepare-engine.mjs.`);
    process.exit(1);
  }
  return value;
}
