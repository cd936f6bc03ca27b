import { createRequire } from 'node:module';
// Before the newer client: its messages have to be there already.
import '@eventstore/db-client';
import type * as Kurrent from '@kurrent/kurrentdb-client';
import { type EngineSettings, EngineUrlError } from '../engine-url.js';
import type { Driver } from './driver.js';
import { type ClientClass, driverOf } from './eventstore-driver.js';

/**
 * Returns the connection of `@kurrent/kurrentdb-client`, for `kurrentdb://`. The client is loaded
 * with the first one.
 *
 * @param contained learns of what was thrown and went no further
 * @throws EngineUrlError where the client's native part cannot be loaded
 */
export function kurrentDriver(
  settings: EngineSettings,
  contained: (error: unknown) => void,
): Driver {
  const { KurrentDBClient } = loadedClient();
  class WithoutReader extends KurrentDBClient {
    constructor(...[connection, channel, credentials]: ConstructorParameters<ClientClass>) {
      super(noReader, connection as never, channel, credentials);
    }
  }
  const KurrentDriver = driverOf(WithoutReader as unknown as ClientClass, 'streamState');
  return new KurrentDriver(settings, contained);
}

/** The client's native reader, which connects by itself and has deadlines of its own. Not used. */
const noReader: Kurrent.KurrentDBClient['rustClient'] = {
  readStream: () => {
    throw new Error('reads are calls of our own');
  },
  readAll: () => {
    throw new Error('reads are calls of our own');
  },
};

interface MessageNames {
  event_store?: unknown;
}

/**
 * Loads the client. The messages of both clients go by the same global names, and find each other
 * there whenever they are read or written: the later ones would take the place of those that our
 * calls are made of, which have other members (an append's deadline). So the earlier ones keep the
 * names. The messages that the client itself needs, of gossip and features, are the same in both.
 */
function loadedClient(): typeof Kurrent {
  const { proto } = globalThis as unknown as { proto: MessageNames };
  const kept = proto.event_store;
  proto.event_store = undefined;
  try {
    return createRequire(import.meta.url)('@kurrent/kurrentdb-client') as typeof Kurrent;
  } catch (error) {
    throw new EngineUrlError(
      {
        en:
          'the client of kurrentdb:// cannot be loaded here: it has a native part for Linux, ' +
          'macOS and Windows on common processors; reinstall with optional dependencies, ' +
          'or use esdb://',
        zh:
          '此处无法加载 kurrentdb:// 的客户端：其原生部分仅支持常见处理器上的 Linux、macOS 和 ' +
          'Windows；请连同可选依赖重新安装，或使用 esdb://',
      },
      { cause: error },
    );
  } finally {
    proto.event_store = kept;
  }
}
